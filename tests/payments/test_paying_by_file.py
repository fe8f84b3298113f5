"""Payments that the routes send by file: sent until the bank's result file names them, then settled or failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from msgspec import structs

from server.channels import open_channels
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.ledger.accounts import Purpose
from server.sandbox_bank.bank import RunningBank
from server.sandbox_bank.faults import Fault, FaultRule
from server.workers.payments import Executor
from tests.channels.rigs import Rig
from tests.conftest import ROLE_SECRET
from tests.members.world import SERVICES
from tests.payments.farm import QUICK, Farm, bank_dir
from tests.sandbox_bank.fixtures import running_bank
from tests.waiting import eventually

ROUTES = """
insert into sheaf.route_table (id, effective_from, reason, digest, created_at)
  values ('00000000-0000-7000-8000-00000000000f', '2020-01-01Z', 'all by file', '', '2020-01-01Z');
insert into sheaf.payment_route (table_id, ordinal, operation, bank, amounts, week, channel)
  values ('00000000-0000-7000-8000-00000000000f', 1, 'disbursement', '', '[1,200000000]', '{[0,10080)}', 'scb_file');
update sheaf.route_table set approved_at = '2020-01-01Z' where id = '00000000-0000-7000-8000-00000000000f';
"""


@asynccontextmanager
async def executor(farm: Farm, bank: RunningBank) -> AsyncIterator[None]:
    """An executor with the file channel, asking often."""
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    database = Database(url, SERVICES, connections=5)
    settings = {**Rig("scb_file", bank).file_settings(), "ask_seconds": 0.2, "confirm_seconds": 5.0}
    channels = open_channels({"scb_file": settings})
    stop = asyncio.Event()
    running = asyncio.create_task(Executor(database, url, SERVICES, channels, QUICK).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        for channel in channels.values():
            await channel.close()
        await database.close()


async def test_payments_by_file_are_sent_until_the_result_names_them(farm: Farm, tmp_path: Path) -> None:
    with psycopg.connect(farm.url) as admin:
        admin.execute(ROUTES)
    members = [await farm.payee() for _ in range(6)]
    before = farm.balance("NSN", Purpose.FUNDING)[0]
    intents = [await farm.submit(member, "100.00") for member in members]
    assert {one.channel for one in intents} == {"scb_file"}
    await farm.sign(farm.manager, [one.id for one in intents])
    async with running_bank(bank_dir(tmp_path)) as bank:
        accounts = [farm.bank_account_of(member) for member in members]
        bank.books.put_accounts([*accounts[:-1], structs.replace(accounts[-1], status="CLOSED")])
        bank.faults.set(FaultRule(fault=Fault.RESULT_LATE, seconds=3600))
        async with executor(farm, bank):
            for one in intents:
                await farm.reaches(one.id, "sent")
            await eventually(lambda: len(bank.books.lines(None)) == 5)
            assert {farm.state(one.id) for one in intents} == {"sent"}
            bank.move_clock(3601)
            for one in intents[:-1]:
                assert await farm.reaches(one.id, "settled", "failed", "in_doubt") == "settled"
            assert await farm.reaches(intents[-1].id, "settled", "failed", "in_doubt") == "failed"
        uploads = list((tmp_path / "bank" / "sftp" / "inbox" / "done").iterdir())
        assert 1 <= len(uploads) <= 3
        assert len(bank.books.lines(None)) == 5
    assert farm.balance("NSN", Purpose.FUNDING) == (before - 50000, 0)
    assert (await farm.ledger()).balanced
