"""Caps hold under a crowd, count by days and months of Bangkok, and get back exactly what was not paid."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.company_rules.programs import Facts, Payment
from server.company_rules.rules import Claim, Kind, Rule, Scope, Subjects, claims
from server.database.roles import API, role_url
from server.database.transaction import Database
from server.ledger.accounts import Purpose
from server.payments import verbs
from server.sign_offs.verbs import sign_off
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire import payments as wire
from shared.wire.rules import Caps
from tests.company_rules.rulers import Rulers
from tests.conftest import ROLE_SECRET
from tests.members.world import SERVICES, Person
from tests.payments.farm import now
from tests.support.calls import call

CAP = 20_000_00


@pytest.mark.timeout(110)
@pytest.mark.parametrize(("scope", "times"), [("company", None), ("maker", 150)])
async def test_a_thousand_at_once_around_a_cap_fill_it_and_never_pass_it(
    farm: Rulers, scope: str, times: int | None
) -> None:
    await farm.cap(scope, day_amount="20000.00", day_count=times)
    members = [await farm.payee() for _ in range(20)]
    random = Random(3)
    amounts = random.sample(range(1, 100_00), 1_000)
    crowd = Database(role_url(farm.url, API, ROLE_SECRET), SERVICES, connections=12)
    gate = asyncio.Semaphore(12)
    codes = set()

    async def submit(place: int) -> int:
        amount = amounts[place]
        line = farm.line(members[place % 20], f"{amount // 100}.{amount % 100:02d}")
        request = wire.SubmitIntentRequest(branch="NSN", **line)
        async with gate:
            reply = await call(crowd, farm.cashier.actor, verbs.submit_intent, request, now())
        if isinstance(reply, Refused):
            codes.add(reply.code)
            return 0
        return amount

    taken = await asyncio.gather(*(submit(place) for place in range(1_000)))
    await crowd.close()
    written = farm.query("select coalesce(sum(amount), 0), count(*) from sheaf.intent")[0]
    assert (int(written[0]), int(written[1])) == (sum(taken), sum(1 for amount in taken if amount))
    assert codes == {R.LIMIT_REACHED}
    assert sum(taken) <= CAP
    if times is None:
        assert sum(taken) > CAP - max(amounts)
    else:
        assert int(written[1]) == times
    assert list(farm.used().values()) == [(sum(taken), int(written[1]))]


async def test_a_limit_that_is_full_says_what_is_left_and_writes_nothing(farm: Rulers) -> None:
    await farm.cap("member", day_amount="150.00", month_count=2)
    member, other = await farm.payee(), await farm.payee()
    await farm.submit(member, "100.00")
    request = wire.SubmitIntentRequest(branch="NSN", **farm.line(member, "50.01"))
    refused = await farm.ask(farm.cashier, verbs.submit_intent, request, now())
    assert isinstance(refused, Refused)
    assert (refused.code, refused.params["left"], refused.params["rule"]) == (R.LIMIT_REACHED, "50.00", "cap-member")
    await farm.submit(other, "150.00")
    await farm.submit(member, "50.00")
    assert farm.query("select count(*) from sheaf.intent") == [(3,)]
    request = wire.SubmitIntentRequest(branch="NSN", **farm.line(other, "0.01"))
    assert await farm.refused(farm.cashier, verbs.submit_intent, request, now()) is R.LIMIT_REACHED


async def test_what_ends_without_a_payment_gives_its_room_back_once(farm: Rulers) -> None:
    await farm.cap("branch", day_amount="1000.00", month_amount="1000.00")
    members = [await farm.payee() for _ in range(5)]
    cancelled, rejected, expired, failed, settled = [await farm.submit(member, "100.00") for member in members]
    assert set(farm.used().values()) == {(500_00, 5)}
    await farm.done(farm.cashier, verbs.cancel_intent, wire.CancelIntentRequest(id=cancelled.id, version=1), now())
    assert set(farm.used().values()) == {(400_00, 4)}
    await farm.reject(farm.manager, "ไม่ถูกต้อง", [rejected.id])
    await farm.sign(farm.manager, [failed.id])
    await farm.sign(farm.manager, [settled.id])
    with psycopg.connect(farm.url, options="-c sheaf.branches={1}") as anyone:
        # as the executor would, many in one statement
        for state, ids in (("sent", [failed.id, settled.id]), ("expired", [expired.id]), ("failed", [failed.id])):
            anyone.execute("update sheaf.intent set state = %s, version = version + 1 where id = any(%s)", [state, ids])
        anyone.execute("update sheaf.intent set state = 'settled', version = version + 1 where id = %s", [settled.id])
    assert set(farm.used().values()) == {(100_00, 1)}
    again = wire.CancelIntentRequest(id=cancelled.id, version=2)
    assert await farm.refused(farm.cashier, verbs.cancel_intent, again, now()) is R.STATE
    assert set(farm.used().values()) == {(100_00, 1)}


@pytest.mark.timeout(110)
async def test_room_given_back_in_a_crowd_is_given_back_once(farm: Rulers) -> None:
    """Makers cancel and managers reject the same payments while others submit: no deadlock, and one of the two wins."""
    await farm.cap("branch", day_amount="1000000.00", month_count=100_000)
    members = [await farm.payee() for _ in range(40)]
    gate, won = asyncio.Semaphore(4), []

    async def attempt(person: Person, verb: Any, request: Any, intent: UUID) -> None:
        async with gate:
            if not isinstance(await farm.ask(person, verb, request, now()), Refused):
                won.append(intent)

    async def one(place: int) -> int:
        async with gate:
            view = await farm.submit(members[place], f"{place + 1}.00")
        if place % 4 == 0:
            return (place + 1) * 100
        async with gate:
            rejection = await farm.signed_request(farm.manager, [view.id], decision="reject", reason="ไม่ถูกต้อง")
        cancel = wire.CancelIntentRequest(id=view.id, version=1)
        await asyncio.gather(
            attempt(farm.cashier, verbs.cancel_intent, cancel, view.id),
            attempt(farm.manager, sign_off, rejection, view.id),
        )
        return 0

    kept = await asyncio.gather(*(one(place) for place in range(40)))
    assert len(won) == len(set(won)) == 30
    assert set(farm.used().values()) == {(sum(kept), 10)}
    assert farm.balance("NSN", Purpose.FUNDING)[1] == sum(kept)


async def test_an_approvers_limit_counts_when_they_sign(farm: Rulers) -> None:
    await farm.cap("approver", day_amount="150.00")
    first, second = [await farm.submit(await farm.payee(), "100.00") for _ in range(2)]
    assert farm.used() == {}
    await farm.sign(farm.manager, [first.id])
    request = await farm.signed_request(farm.manager, [second.id])
    assert await farm.refused(farm.manager, sign_off, request, now()) is R.LIMIT_REACHED
    assert farm.state(second.id) == "validated"
    await farm.sign(farm.second_manager, [second.id])
    assert sorted(farm.used().values()) == [(200_00, 2)]


async def test_another_revision_goes_on_counting_and_a_retired_rule_binds_nobody(farm: Rulers) -> None:
    await farm.cap("company", day_amount="100.00")
    member = await farm.payee()
    await farm.submit(member, "60.00")
    await farm.cap("company", day_amount="120.00")
    request = wire.SubmitIntentRequest(branch="NSN", **farm.line(member, "60.01"))
    assert await farm.refused(farm.cashier, verbs.submit_intent, request, now()) is R.LIMIT_REACHED
    await farm.submit(await farm.payee(), "60.00")
    caps = Caps(day_amount="120.00")
    await farm.enact(code="cap-company", kind="limit", scope="company", expression="true", caps=caps, enabled=False)
    await farm.submit(member, "5000.00")


async def test_a_limit_that_concerns_others_only_takes_nothing(farm: Rulers) -> None:
    await farm.cap("company", 'branch == "KKN" || "vip" in tags', single_amount="0.00")
    member = await farm.payee()
    await farm.submit(member, "100.00")
    farm.query("update sheaf.member set tags = '{vip}' where id = %s", member)
    request = wire.SubmitIntentRequest(branch="NSN", **farm.line(member, "0.01"))
    assert await farm.refused(farm.cashier, verbs.submit_intent, request, now()) is R.LIMIT_SINGLE


async def test_a_batch_takes_its_room_as_a_whole_or_not_at_all(farm: Rulers) -> None:
    await farm.cap("company", day_amount="1000.00")
    members = [await farm.payee() for _ in range(3)]
    batch = await farm.batch([farm.line(member, "300.00") for member in members], "900.00")
    assert list(farm.used().values()) == [(900_00, 3)]
    request = wire.SubmitIntentRequest(branch="NSN", **farm.line(members[0], "100.01"))
    assert await farm.refused(farm.cashier, verbs.submit_intent, request, now()) is R.LIMIT_REACHED
    await farm.reject(farm.manager, "ไม่ถูกต้อง", batch_id=batch.id)
    assert list(farm.used().values()) == [(0, 0)]


FACTS = Facts(
    operation="disbursement",
    channel="scb",
    branch="NSN",
    bank="034",
    produce="",
    member="M1",
    amount=Satang(100),
    batch=False,
)
LIMIT = Rule(
    id=UUID(int=1),
    code="cap",
    revision=1,
    kind=Kind.LIMIT,
    scope=Scope.BRANCH,
    name_th="เพดาน",
    name_en="Cap",
    expression="true",
    day_count=3,
    month_amount=Satang(500),
)


@pytest.mark.parametrize(
    ("moment", "day", "month"),
    [
        (datetime(2026, 11, 21, 16, 59, 59, 999_999, UTC), "2026-11-21", "2026-11"),
        (datetime(2026, 11, 21, 17, 0, 0, 0, UTC), "2026-11-22", "2026-11"),
        (datetime(2026, 11, 30, 16, 59, 59, 999_999, UTC), "2026-11-30", "2026-11"),
        (datetime(2026, 11, 30, 17, 0, 0, 0, UTC), "2026-12-01", "2026-12"),
        (datetime(2026, 12, 31, 17, 0, 0, 0, UTC), "2027-01-01", "2027-01"),
        (datetime(2028, 2, 28, 17, 0, 0, 0, UTC), "2028-02-29", "2028-02"),
        (datetime(2028, 2, 29, 17, 0, 0, 0, UTC), "2028-03-01", "2028-03"),
    ],
)
def test_days_and_months_begin_at_midnight_in_bangkok(moment: datetime, day: str, month: str) -> None:
    assert claims([LIMIT], Payment(FACTS), Satang(100), Subjects(branch=1), moment) == (
        Claim("cap", "branch:1", day, Satang(100), None, 3),
        Claim("cap", "branch:1", month, Satang(100), Satang(500), None),
    )
