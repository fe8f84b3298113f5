"""A database that has forgotten what it paid: the bank knows its references, and nothing is paid again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels import open_channels
from server.channels.base import Announcement, Channel, PaymentOrder, refusal
from server.channels.scb import ScbChannel
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.workers.payments import Executor
from shared.ids import bank_reference
from tests.channels.rigs import Rig
from tests.conftest import ROLE_SECRET, FreshDatabase
from tests.lab.sandbox_bank.fixtures import running_bank, scb_settings
from tests.members.world import SERVICES, found_company
from tests.payments.farm import Farm, bank_dir
from tests.payments.test_paying_by_file import HASTY, ROUTES
from tests.support.copies import copied
from tests.waiting import eventually

LEFT = "select count(*) from pg_stat_activity where datname = current_database() and usename like '%%executor'"
ENDED = ("settled", "failed", "in_doubt", "cancelled", "expired")


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_company(url)
        yield url


@asynccontextmanager
async def living(url: str) -> AsyncIterator[Farm]:
    """A life of the company in this database; nobody is connected to it afterwards."""
    farm = Farm(url)
    try:
        if not farm.query("select 1 from sheaf.ledger_account"):
            await farm.open_money()
            await farm.fund("NSN", 10_000_000)
        yield farm
    finally:
        await farm.close()


@asynccontextmanager
async def executor(farm: Farm, channels: dict[str, Channel]) -> AsyncIterator[None]:
    """An executor that pays by these channels."""
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    database, stop = Database(url, SERVICES, connections=5), asyncio.Event()
    running = asyncio.create_task(Executor(database, url, SERVICES, channels, HASTY).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        for channel in channels.values():
            await channel.close()
        await database.close()


async def signed(farm: Farm, bank: RunningBank, count: int) -> list[UUID]:
    """So many payments that may be sent."""
    members = await farm.payees(count)
    bank.books.put_accounts([farm.bank_account_of(member) for member in members])
    intents = [(await farm.submit(member, f"{100 + place}.00")).id for place, member in enumerate(members)]
    await farm.sign(farm.manager, intents)
    return intents


async def all_paid(farm: Farm, intents: Sequence[UUID], channels: dict[str, Channel]) -> list[tuple[str, int, str]]:
    """Live until everything has ended, which must be well; the accepted attempts."""
    async with executor(farm, channels):
        await eventually(lambda: all(farm.state(one) in ENDED for one in intents), 60)
    assert {farm.state(one) for one in intents} == {"settled"}
    assert (await farm.ledger()).balanced
    rows = farm.query(
        """select intent_id::text, ordinal, bank_reference from sheaf.attempt
           where state = 'accepted' and intent_id = any(%s) order by 1""",
        list(intents),
    )
    return [(str(intent), int(ordinal), str(reference)) for intent, ordinal, reference in rows]


def killed_at(point: str, url: str, directory: Path) -> subprocess.CompletedProcess[bytes]:
    """An executor process that has killed itself at a point."""
    command = [sys.executable, "-m", "tests.payments.executor_process", role_url(url, EXECUTOR, ROLE_SECRET)]
    return subprocess.run([*command, str(directory), "15", point], timeout=60, check=False)


def paid(bank: RunningBank) -> dict[str, int]:
    """How often the bank has paid under each reference."""
    counts: dict[str, int] = {}
    for line in bank.books.lines(None):
        counts[line.reference] = counts.get(line.reference, 0) + 1
    return counts


def api(bank: RunningBank) -> dict[str, Channel]:
    return open_channels({"scb": scb_settings(bank.description)})


async def test_an_older_copy_pays_nothing_again(town: str, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with living(town) as farm:
            intents = await signed(farm, bank, 12)
        with copied(town) as older:
            async with living(town) as farm:
                newer = await all_paid(farm, intents, api(bank))
            balance = bank.books.fact("balance")
            async with living(older) as farm:
                assert await all_paid(farm, intents, api(bank)) == newer
        assert paid(bank) == {reference: 1 for _, _, reference in newer}
        assert bank.books.fact("balance") == balance
        assert [(ordinal, reference) for _, ordinal, reference in newer] == [
            (1, bank_reference(UUID(intent), 1)) for intent, _, _ in newer
        ]


@pytest.mark.parametrize(
    "point",
    ["commit.claim.after", "commit.note_confirming.after", "attempt.confirm.before", "commit.outcomes.before"],
)
async def test_a_copy_of_the_middle_of_a_batch_pays_nothing_again(point: str, town: str, tmp_path: Path) -> None:
    """Killed at a point, copied there; another executor goes on, and then one in the copy."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with living(town) as farm:
            intents = await signed(farm, bank, 8)
            dying = await asyncio.to_thread(killed_at, point, town, bank_dir(tmp_path))
            assert dying.returncode == -signal.SIGKILL
            await eventually(lambda: farm.query(LEFT)[0][0] == 0)
        with copied(town) as older:
            async with living(town) as farm:
                newer = await all_paid(farm, intents, api(bank))
            async with living(older) as farm:
                assert await all_paid(farm, intents, api(bank)) == newer
        assert paid(bank) == {reference: 1 for _, _, reference in newer}


@pytest.mark.parametrize("code", ["116", "184", "030"])
async def test_a_copy_of_before_a_refusal_comes_to_the_same_reference(code: str, town: str, tmp_path: Path) -> None:
    """What the bank ended unpaid was paid under the next reference; the copy is told both."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with living(town) as farm:
            intents = await signed(farm, bank, 3)
        bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, call="confirm", times=1, code=code))
        with copied(town) as older:
            async with living(town) as farm, executor(farm, api(bank)):
                await eventually(lambda: all(farm.state(one) in ENDED for one in intents), 60)
                newer = [farm.state(one) for one in intents]
            async with living(older) as farm, executor(farm, api(bank)):
                await eventually(lambda: all(farm.state(one) in ENDED for one in intents), 60)
                assert [farm.state(one) for one in intents] == newer
        doubtful = int(code == "030")
        assert sorted(newer) == ["in_doubt"] * doubtful + ["settled"] * (3 - doubtful)
        assert sorted(paid(bank).values()) == [1] * (3 - doubtful)
        ours = {bank_reference(one, ordinal) for one in intents for ordinal in (1, 2)}
        assert {one.reference for one in bank.books.transactions()} <= ours


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.TLS_RESET, Fault.TOKEN_EXPIRED, Fault.CUT_OFF])
async def test_a_copy_of_before_tries_that_the_bank_never_noted_comes_to_the_same_reference(
    fault: Fault, town: str, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with living(town) as farm:
            intents = await signed(farm, bank, 3)
        bank.faults.set(FaultRule(fault=fault, call="initiate", times=4))
        with copied(town) as older:
            async with living(town) as farm:
                newer = await all_paid(farm, intents, api(bank))
            async with living(older) as farm:
                assert await all_paid(farm, intents, api(bank)) == newer
        assert paid(bank) == {bank_reference(one, 1): 1 for one in intents}


async def test_a_copy_that_pays_by_file_pays_nothing_again(town: str, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:

        def by_file() -> dict[str, Channel]:
            return open_channels({"scb_file": {**Rig("scb_file", bank).file_settings(), "ask_seconds": 0.2}})

        async with living(town) as farm:
            farm.query(ROUTES)
            intents = await signed(farm, bank, 6)
        with copied(town) as older:
            async with living(town) as farm:
                newer = await all_paid(farm, intents, by_file())
            async with living(older) as farm:
                assert await all_paid(farm, intents, by_file()) == newer
        assert paid(bank) == {reference: 1 for _, _, reference in newer}


class _Fussy(ScbChannel):
    """A bank that looks at the account before it looks at the reference."""

    async def initiate(self, order: PaymentOrder, now: object) -> Announcement:
        return refusal("182", "account closed")


async def test_what_was_paid_is_not_failed_because_its_account_is_closed_by_now(town: str, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with living(town) as farm:
            intents = await signed(farm, bank, 2)
        with copied(town) as older:
            async with living(town) as farm:
                newer = await all_paid(farm, intents, api(bank))
            async with living(older) as farm:
                assert await all_paid(farm, intents, {"scb": _Fussy(scb_settings(bank.description))}) == newer
                fresh = await signed(farm, bank, 1)
                async with executor(farm, {"scb": _Fussy(scb_settings(bank.description))}):
                    assert await farm.reaches(fresh[0], *ENDED) == "failed"


async def test_two_lives_at_once_pay_once(town: str, tmp_path: Path) -> None:
    """A copy that was started beside the database that it is a copy of."""
    async with running_bank(bank_dir(tmp_path), latency_seconds=0.02) as bank:
        async with living(town) as farm:
            intents = await signed(farm, bank, 20)
        with copied(town) as older:
            async with living(town) as one, living(older) as other:
                both = await asyncio.gather(all_paid(one, intents, api(bank)), all_paid(other, intents, api(bank)))
        assert both[0] == both[1]
        assert paid(bank) == {reference: 1 for _, _, reference in both[0]}
