"""The desk against the real API on a socket and a real database: proofs, tokens, funding requested and signed off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop.core.answers import Problem
from desktop.core.clock import ServerClock, utc_now
from desktop.core.desk import Desk
from desktop.core.device_key import DeviceKey
from desktop.core.guard import GuardKind
from desktop.core.operations import devices, payments
from desktop.core.outcomes import By
from desktop.core.screens.inbox import Inbox, What
from desktop.core.screens.liquidity import Liquidity
from desktop.core.screens.sign_off import SignOff
from desktop.core.session import Session
from desktop.core.settings import Settings
from desktop.core.signing import Kind
from desktop.core.store.outbox import EventState
from desktop.core.sync import Pill, SyncStatus
from server import bootstrap
from shared.money import Satang
from shared.wire.auth import DeviceView
from shared.wire.payments import FundingList, FundingView, SubmitIntentRequest
from tests.conftest import FreshDatabase
from tests.desktop.core.fake_server import uid
from tests.support.api import RunningApi, running_api
from tests.support.world import PASSWORD, Company, found_now


@pytest.fixture(scope="module")
def api(fresh_database: FreshDatabase) -> Iterator[RunningApi]:
    with fresh_database() as url:
        company = found_now(url)
        asyncio.run(fill_treasury(company))
        with running_api(company) as running:
            yield running


async def fill_treasury(company: Company) -> None:
    async with company.administration() as database, database.transaction(()) as tx:
        actor = await bootstrap.see_everything(tx, "tests")
        await bootstrap.open_treasury(tx, actor, Satang(100_000_000), company.clock())


@asynccontextmanager
async def desk_of(api: RunningApi, name: str, directory: Path, wrong_by: timedelta) -> AsyncIterator[Desk]:
    """A person's own desk, whose clock may be wrong."""
    person = api.company.people[name]
    private = Ed25519PrivateKey.from_private_bytes(person.key.private_bytes_raw())
    key = DeviceKey(guarded_by=GuardKind.PIN_FILE, store_key=bytes(32), _private=private)
    settings = Settings(server=api.base_url, device_id=str(person.device_id), undo_seconds=0)
    desk = Desk(directory / name, key, settings, clock=ServerClock(lambda: utc_now() + wrong_by))
    desk.sync.start = lambda: None  # type: ignore[method-assign]
    try:
        assert isinstance(await desk.sign_in(name, PASSWORD), Session)
        # The pull is proved elsewhere; here only what people do online matters.
        desk.sync.status = SyncStatus(pill=Pill.ONLINE, pulled_at=desk.now())
        yield desk
    finally:
        await desk.close()


async def test_a_desk_whose_clock_is_a_day_wrong_signs_in(api: RunningApi, tmp_path: Path) -> None:
    async with desk_of(api, "cashier.nsn", tmp_path, timedelta(days=-1)) as desk:
        assert abs(desk.now() - api.company.clock()) < timedelta(seconds=5)


async def test_a_refusal_of_the_real_server_is_a_value(api: RunningApi, tmp_path: Path) -> None:
    async with desk_of(api, "cashier.nsn", tmp_path, timedelta(0)) as desk:
        request = SubmitIntentRequest(branch="NSN", member_id=uid(1), account_version=1, amount="48250.00")
        answer = await payments.submit_intent(desk.client, request, "key-of-the-test")
        assert isinstance(answer, Problem)
        assert (answer.code, bool(answer.detail_th)) == ("member.unknown", True)


async def test_a_new_desk_enrols_with_a_code_and_waits(api: RunningApi, tmp_path: Path) -> None:
    async with desk_of(api, "administrator", tmp_path, timedelta(0)) as office:
        made = await devices.create_enrolment_code(office.client, "NSN")
        assert not isinstance(made, Problem)
        private = Ed25519PrivateKey.generate()
        key = DeviceKey(guarded_by=GuardKind.PIN_FILE, store_key=bytes(32), _private=private)
        fresh = Desk(tmp_path / "fresh", key, Settings(server=api.base_url))
        try:
            view = await devices.enrol_device(fresh.client, getattr(made, "code", ""), "window 2")
        finally:
            await fresh.close()
        assert isinstance(view, DeviceView)
        assert (view.state, view.fingerprint) == ("pending", key.fingerprint)


async def test_funding_is_requested_at_one_desk_and_signed_at_another(api: RunningApi, tmp_path: Path) -> None:
    async with desk_of(api, "manager.nsn", tmp_path, timedelta(0)) as branch:
        screen = Liquidity(branch)
        screen.edit(branch="NSN", amount="5,000", amount_again="5000.00", reason="เก็บเกี่ยว")
        event_id = await screen.request()
        assert event_id is not None
        assert await branch.sender.push(str(api.company.people["manager.nsn"].user_id)) is None
        event = await branch.outbox.get(event_id)
        assert event is not None
        assert event.state is EventState.DONE
    async with desk_of(api, "treasurer", tmp_path, timedelta(0)) as office:
        listed = await payments.list_funding(office.client)
        assert isinstance(listed, FundingList)
        (asked,) = listed.funding
        dialog = SignOff(office)
        await dialog.open(Kind.FUNDING, [asked.id])
        assert dialog.subject is not None
        assert dialog.subject.total == 500_000
        assert not await dialog.decide("approve", "000000")
        assert dialog.wrong_code
        assert dialog.failure_text is not None
        assert "4 tries left" in dialog.failure_text.en
        code = api.company.people["treasurer"].totp(api.company.clock)
        assert await dialog.decide("approve", code), dialog.failure
        after = await payments.list_funding(office.client)
        assert isinstance(after, FundingList)
        assert isinstance(after.funding[0], FundingView)
        assert after.funding[0].state == "effective"


async def asked_for(branch: Desk, api: RunningApi, amount: str) -> FundingView:
    """A request for funding that has reached the server, as the treasurer's list shows it."""
    screen = Liquidity(branch)
    screen.edit(branch="NSN", amount=amount, amount_again=amount, reason="เก็บเกี่ยว")
    event_id = await screen.request()
    assert event_id is not None
    assert await branch.sender.push(str(api.company.people["manager.nsn"].user_id)) is None
    event = await branch.outbox.get(event_id)
    assert event is not None
    assert event.state is EventState.DONE
    view = await branch.cache.get("funding", msgspec.json.decode(event.answer)["id"])
    assert isinstance(view, FundingView)
    return view


async def test_a_rejection_and_its_reason_reach_who_asked(api: RunningApi, tmp_path: Path) -> None:
    why = "ขอซ้ำกับเมื่อวาน"
    async with desk_of(api, "manager.nsn", tmp_path, timedelta(0)) as branch:
        asked = await asked_for(branch, api, "4,000")
        async with desk_of(api, "treasurer", tmp_path, timedelta(0)) as office:
            dialog = SignOff(office)
            await dialog.open(Kind.FUNDING, [asked.id])
            code = api.company.people["treasurer"].totp(api.company.clock)
            assert await dialog.decide("reject", code, why), dialog.failure
            assert dialog.decided == "reject"
        assert await branch.sync.once() is None
        inbox = Inbox(branch)
        await inbox.load()
        [entry] = [one for one in inbox.entries if one.row_id == str(asked.id)]
        assert (entry.what, entry.seen) == (What.REJECTED, False)
        assert entry.said is not None
        assert (entry.said.by, entry.said.text) == (By.APPROVER, why)
        assert entry.said.who
        await inbox.see()
        await inbox.deal_with(entry.subject)
        assert all(one.row_id != str(asked.id) for one in inbox.entries)
        inbox.close()


async def test_an_unknown_member_is_told_of_in_whole_sentences(api: RunningApi, tmp_path: Path) -> None:
    async with desk_of(api, "cashier.nsn", tmp_path, timedelta(0)) as desk:
        request = SubmitIntentRequest(branch="NSN", member_id=uid(1), account_version=1, amount="48250.00")
        answer = await payments.submit_intent(desk.client, request, "another-key-of-the-test")
        assert isinstance(answer, Problem)
        assert answer.detail_en == "There is no such member. Look the member up again."
        assert "-" not in answer.detail_th
