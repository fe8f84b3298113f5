"""An older copy of a database, paid from by an executor that has its own file: real PostgreSQL, bank and file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from lab.sandbox_bank.bank import RunningBank
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.payments.verbs import cancel_intent, get_intent
from server.restore import report, store
from server.restore.journal import read_folder
from server.restore.verbs import propose_restore, sign_restore
from server.restore.watch import Watch
from server.workers.payments import Executor
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.wire.approvals import SignCaseRequest
from shared.wire.common import ById
from shared.wire.payments import CancelIntentRequest
from shared.wire.restores import ProposeRestoreRequest
from tests.conftest import ROLE_SECRET, FreshDatabase
from tests.faults.test_forgotten_lives import api, living, paid, signed
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import CODES, SERVICES, Person, found_company
from tests.payments.farm import Farm, bank_dir, now
from tests.payments.test_paying_by_file import HASTY
from tests.support.copies import copied
from tests.waiting import eventually

STANDS = "select kind from sheaf.restore_witness where restore_id is null"


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_company(url)
        with psycopg.connect(url) as admin:
            admin.execute("select set_config('sheaf.branches', '{0}', true)")
            admin.execute("select sheaf.append_audit(0, %s, 'test', null, 'company_initialised', 'HQ', '{}')", [now()])
        yield url


@asynccontextmanager
async def watched(farm: Farm, bank: RunningBank, folder: Path) -> AsyncIterator[None]:
    """An executor that keeps its own file."""
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    database, stop, channels = Database(url, SERVICES, connections=5), asyncio.Event(), api(bank)
    running = asyncio.create_task(Executor(database, url, SERVICES, channels, HASTY, Watch(folder)).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        for channel in channels.values():
            await channel.close()
        await database.close()


async def agree(farm: Farm, folder: Path) -> report.Report:
    """What `sheaf restore compare` does, and two people's consent."""
    with psycopg.connect(farm.url) as admin:
        administrator = Person(admin, "administrator", "HQ", Role.ADMINISTRATOR)
    files, damaged = await asyncio.to_thread(lambda: read_folder(folder, with_sent=True))
    async with farm.owner.transaction(tuple(CODES.values())) as tx:
        made = await report.compare(tx, files, damaged, now())
        digest = report.digest_of(made.encoded())
        await store.keep_report(tx, digest, made.encoded(), now())
    case = await farm.done(administrator, propose_restore, ProposeRestoreRequest(report=digest, reason="disk"), now())
    decision = SignCaseRequest(
        id=case.id,
        version=case.version,
        decision="approve",
        digest=case.digest,
        signature=farm.treasurer.sign("approve", case.digest, ""),
    )
    await farm.done(farm.treasurer, sign_restore, decision, now())
    return made


async def test_an_older_copy_stands_still_until_two_people_agreed_and_pays_nothing_again(
    town: str, tmp_path: Path
) -> None:
    folder = tmp_path / "positions"
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with living(town) as farm:
            intents, maker = await signed(farm, bank, 8), farm.cashier
        with copied(town) as older:
            async with living(town) as farm, watched(farm, bank, folder):
                await eventually(lambda: all(farm.state(one) == "settled" for one in intents), 60)
            before = paid(bank)
            async with living(older) as farm, watched(farm, bank, folder):
                await eventually(lambda: farm.query(STANDS) != [], 30)
                assert {farm.state(one) for one in intents} == {"authorized"}
                # typed anew it would be another payment to the bank
                view = (await farm.done(maker, get_intent, ById(id=intents[0]), now())).intent
                cancel = CancelIntentRequest(id=view.id, version=view.version, reason="not paid, says the screen")
                assert await farm.refused(maker, cancel_intent, cancel, now()) is R.RESTORE_BEHIND
                made = await agree(farm, folder)
                assert {item.here for item in made.items} == {report.Here.UNSENT}
                assert {item.reference for item in made.items} == set(before)
                await eventually(lambda: all(farm.state(one) == "settled" for one in intents), 60)
                assert (await farm.ledger()).balanced
            assert paid(bank) == before
            assert set(before.values()) == {1}


async def test_a_copy_that_lost_nothing_goes_on_by_itself(town: str, tmp_path: Path) -> None:
    folder = tmp_path / "positions"
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with living(town) as farm, watched(farm, bank, folder):
            first = await signed(farm, bank, 2)
            await eventually(lambda: all(farm.state(one) == "settled" for one in first), 60)
        with copied(town) as moved:
            async with living(moved) as farm, watched(farm, bank, folder):
                second = await signed(farm, bank, 2)
                await eventually(lambda: all(farm.state(one) == "settled" for one in second), 60)
                assert farm.query(STANDS) == []
