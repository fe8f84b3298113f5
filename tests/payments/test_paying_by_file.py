"""Payments that the routes send by file: sent until the bank's result file names them, then settled or failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from msgspec import structs

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels import open_channels
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.ledger.accounts import Purpose
from server.workers.payments import Executor
from shared.evidence import Evidence
from shared.thai import business_date
from tests.channels.rigs import Rig
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import SERVICES
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.payments.papers import put_statement
from tests.waiting import eventually

ROUTES = """
insert into sheaf.route_table (id, effective_from, reason, state, created_at, changed_at)
  values ('00000000-0000-7000-8000-00000000000f', '2020-01-01Z', 'all by file', 'proposed', '2020-01-01Z',
    '2020-01-01Z');
insert into sheaf.payment_route (table_id, ordinal, operation, bank, amounts, week, channel)
  values ('00000000-0000-7000-8000-00000000000f', 1, 'disbursement', '', '[1,200000000]', '{[0,10080)}', 'scb_file');
-- nobody signs it: as the table that the product ships with
set local session_replication_role = replica;
update sheaf.route_table set state = 'approved' where id = '00000000-0000-7000-8000-00000000000f';
"""


HASTY = replace(QUICK, pause_after_stop=0.5)


@pytest.fixture(scope="module", autouse=True)
def routed(company: str) -> None:
    with psycopg.connect(company) as admin:
        admin.execute(ROUTES)


@asynccontextmanager
async def executor(farm: Farm, bank: RunningBank) -> AsyncIterator[None]:
    """An executor with the file channel, asking often."""
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    database = Database(url, SERVICES, connections=5)
    settings = {**Rig("scb_file", bank).file_settings(), "ask_seconds": 0.2, "confirm_seconds": 5.0}
    channels = open_channels({"scb_file": settings})
    stop = asyncio.Event()
    running = asyncio.create_task(Executor(database, url, SERVICES, channels, HASTY).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        for channel in channels.values():
            await channel.close()
        await database.close()


async def test_payments_by_file_are_sent_until_the_result_names_them(farm: Farm, tmp_path: Path) -> None:
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


async def test_a_file_without_an_end_is_in_doubt_from_the_next_business_day_until_the_statement_says_more(
    farm: Farm, tmp_path: Path
) -> None:
    member = await farm.payee()
    intent = await farm.submit(member, "100.00")
    assert intent.channel == "scb_file"
    await farm.sign(farm.manager, [intent.id])
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(member)])
        bank.faults.set(FaultRule(fault=Fault.RESULT_MISSING))
        async with executor(farm, bank):
            taken = "select taken_at is not null from sheaf.attempt where intent_id = %s"
            await eventually(lambda: farm.query(taken, intent.id) == [(True,)])
            assert farm.state(intent.id) == "sent"
            begun = now() - timedelta(days=30)
            farm.query(
                "update sheaf.attempt set prepared_at = %s, confirming_at = %s where intent_id = %s",
                begun,
                begun,
                intent.id,
            )
            assert await farm.reaches(intent.id, "settled", "failed", "in_doubt") == "in_doubt"
            reference, evidence, flagged = farm.query(
                "select bank_reference, evidence, flagged_at is not null from sheaf.attempt where intent_id = %s",
                intent.id,
            )[0]
            assert (evidence, flagged) == (Evidence.TAKEN_LATE, True)
            told = "select count(*) from sheaf.audit_entry where tag = 'intent_flagged' and subject = %s"
            assert farm.query(told, reference) == [(1,)]
            # The bank clears its folders, and its statements so far are without it: still no proof.
            payer = SERVICES.vault.digest(bank.description.company_account)
            for days in (-1, 10):
                put_statement(farm, payer, business_date(begun) + timedelta(days=days))
            for file in (tmp_path / "bank" / "sftp" / "inbox" / "done").iterdir():
                file.unlink()
            gone = "select evidence from sheaf.attempt where intent_id = %s"
            await eventually(lambda: farm.query(gone, intent.id) == [(Evidence.FILE_GONE,)])
            assert farm.state(intent.id) == "in_doubt"
            put_statement(farm, payer, business_date(now()), reference)
            assert await farm.reaches(intent.id, "settled", "failed") == "settled"


async def test_files_wait_too_while_the_companys_account_is_empty_and_one_payment_tries_it(
    farm: Farm, tmp_path: Path
) -> None:
    members = await farm.payees(6)
    ids = [(await farm.submit(member, "100.00")).id for member in members]
    await farm.sign(farm.manager, ids)
    settled = "select count(*) from sheaf.intent where id = any(%s) and state = 'settled'"
    failed = "select count(*) from sheaf.intent_event where intent_id = any(%s) and state = 'failed'"
    lane = "select state, reason from sheaf.channel_state where channel = 'scb_file' order by executor_id desc limit 1"
    async with running_bank(bank_dir(tmp_path), opening_balance=50_00) as bank:
        bank.books.put_accounts([farm.bank_account_of(member) for member in members])
        async with executor(farm, bank):
            await eventually(lambda: farm.query(lane) == [("open", "116")])
            uploads = len(_uploads(tmp_path))
            bank.books.deposit(600_00, bank.clock.now())
            await eventually(lambda: farm.query(settled, ids) == [(6,)], 40)
        assert uploads <= 3
        assert len([line for line in bank.books.lines(None) if line.kind == "payment"]) == 6
    assert farm.query(failed, ids) == [(0,)]


def _uploads(folder: Path) -> list[Path]:
    return list((folder / "bank" / "sftp" / "inbox" / "done").iterdir())
