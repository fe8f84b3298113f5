"""Under which reference a payment is tried, and what follows when the bank has had that reference before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.books import Account
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels import open_channels
from server.channels.scb_line import Timeouts
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.executing import doubt_verbs
from server.ledger.accounts import Purpose
from server.workers.payments import Executor
from shared.evidence import Evidence
from shared.ids import bank_reference
from shared.thai import business_date
from shared.wire.doubt import ListInDoubtRequest
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import running_bank, scb_settings
from tests.members.world import SERVICES
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.payments.papers import put_statement
from tests.waiting import eventually

_ACCOUNTS = count(1_112_220_001)
HASTY = replace(QUICK, pause_after_stop=0.3, breaker=replace(QUICK.breaker, rest=0.2))


@asynccontextmanager
async def executor(farm: Farm, bank: RunningBank, **changes: Any) -> AsyncIterator[None]:
    """An executor whose channel has these settings."""
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    database, stop = Database(url, SERVICES, connections=5), asyncio.Event()
    channels = open_channels({"scb": scb_settings(bank.description, **changes)})
    running = asyncio.create_task(Executor(database, url, SERVICES, channels, HASTY).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        await channels["scb"].close()
        await database.close()


async def signed(farm: Farm, bank: RunningBank) -> tuple[UUID, Account]:
    """A payment of 100 baht that may be sent, and its payee as the bank knows them."""
    member = await farm.payee()
    payee = farm.bank_account_of(member)
    bank.books.put_accounts([payee])
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    return intent.id, payee


def attempts(farm: Farm, intent: UUID) -> list[tuple[Any, ...]]:
    """Ordinal, reference and state of each."""
    sql = "select ordinal, bank_reference, state from sheaf.attempt where intent_id = %s order by ordinal"
    return farm.query(sql, intent)


def paid(bank: RunningBank) -> list[str]:
    return [line.reference for line in bank.books.lines(None)]


def clock(bank: RunningBank) -> int:
    return int(now().timestamp() * 1000)


async def test_an_initiate_that_arrives_late_or_never_is_tried_under_the_same_reference(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, _ = await signed(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="initiate", times=1, seconds=1.0))
        async with executor(farm, bank, timeouts=Timeouts(initiate=0.3)):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "settled"
        assert attempts(farm, intent) == [(1, bank_reference(intent, 1), "accepted")]
        await eventually(lambda: bank.api.calls["initiate"] >= 2)
        assert paid(bank) == [bank_reference(intent, 1)]


async def test_what_was_announced_by_a_call_that_nobody_remembers_is_confirmed_by_its_token(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, payee = await signed(farm, bank)
        made = bank.books.initiate(bank_reference(intent, 1), payee, 100_00, clock(bank))
        assert made is not None
        async with executor(farm, bank):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "settled"
        token, name = farm.query("select token, payee_name from sheaf.attempt where intent_id = %s", intent)[0]
        assert token == made.token
        assert name
        assert len(bank.books.transactions()) == 1


async def test_another_name_is_found_in_what_was_announced_before_too(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, payee = await signed(farm, bank)
        other = msgspec.structs.replace(payee, name="นาง อื่น คนละคน")
        assert bank.books.initiate(bank_reference(intent, 1), other, 100_00, clock(bank))
        async with executor(farm, bank):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "failed"
        assert paid(bank) == []


@pytest.mark.parametrize("code", ["116", "184"])
async def test_another_reference_is_tried_only_when_the_bank_has_ended_this_one(
    code: str, farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, _ = await signed(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, call="confirm", times=1, code=code))
        async with executor(farm, bank):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "settled"
        first, second = (bank_reference(intent, ordinal) for ordinal in (1, 2))
        assert attempts(farm, intent) == [(1, first, "rejected"), (2, second, "accepted")]
        assert paid(bank) == [second]


async def test_what_lapsed_at_the_bank_is_announced_anew(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, payee = await signed(farm, bank)
        assert bank.books.initiate(bank_reference(intent, 1), payee, 100_00, clock(bank))
        bank.move_clock(901)
        async with executor(farm, bank):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "settled"
        assert paid(bank) == [bank_reference(intent, 2)]


@pytest.mark.parametrize("executed", [False, True], ids=["announced", "paid"])
@pytest.mark.parametrize("what", ["amount", "payee"])
async def test_another_payment_under_our_reference_is_for_people(
    what: str, executed: bool, farm: Farm, tmp_path: Path
) -> None:
    """Not settled, not failed, not sent again, whatever a statement says; the money stays held."""
    held = farm.balance("NSN", Purpose.FUNDING)[1]
    async with running_bank(bank_dir(tmp_path), company_account=str(next(_ACCOUNTS))) as bank:
        intent, payee = await signed(farm, bank)
        account = SERVICES.vault.digest(bank.description.company_account)
        other = farm.bank_account_of(await farm.payee())
        had = (other, 100_00) if what == "payee" else (payee, 100_01)
        made = bank.books.initiate(bank_reference(intent, 1), *had, clock(bank))
        assert made is not None
        if executed:
            bank.books.execute(made.token, clock(bank))
        async with executor(farm, bank):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "in_doubt"
            put_statement(farm, account, business_date(now()), bank_reference(intent, 1))
            asked = "select inquiries from sheaf.attempt where intent_id = %s"
            before = farm.query(asked, intent)[0][0]
            await eventually(lambda: farm.query(asked, intent)[0][0] > before + 1)
            assert farm.state(intent) == "in_doubt"
        assert len(bank.books.transactions()) == 1
        assert len(paid(bank)) == int(executed)
    listed = await farm.done(farm.treasurer, doubt_verbs.list_in_doubt, ListInDoubtRequest(limit=500), now())
    shown = next(one for one in listed.payments if one.intent.id == intent)
    assert shown.flagged
    assert shown.attempts[0].evidence is Evidence.MISMATCHED
    assert farm.balance("NSN", Purpose.FUNDING)[1] == held + 100_00


@pytest.mark.parametrize("on_statement", [True, False])
async def test_a_bank_that_is_not_asked_by_reference_leaves_it_to_the_statement(
    on_statement: bool, farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path), company_account=str(next(_ACCOUNTS))) as bank:
        intent, payee = await signed(farm, bank)
        made = bank.books.initiate(bank_reference(intent, 1), payee, 100_00, clock(bank))
        assert made is not None
        if on_statement:
            bank.books.execute(made.token, clock(bank))
        async with executor(farm, bank, inquiry_by_reference=False):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "in_doubt"
            payer = "select payer_digest from sheaf.attempt where intent_id = %s"
            account = bytes(farm.query(payer, intent)[0][0])
            today = business_date(now())
            if on_statement:
                put_statement(farm, account, today, bank_reference(intent, 1))
            else:
                put_statement(farm, account, today - timedelta(days=9))
                assert farm.state(intent) == "in_doubt"
                put_statement(farm, account, today + timedelta(days=9))
            assert await farm.reaches(intent, "settled", "failed") == "settled"
        assert paid(bank) == [bank_reference(intent, 1 if on_statement else 2)]


async def test_a_bank_that_can_not_be_asked_by_reference_still_refuses(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path), finds_references=False) as bank:
        intent, payee = await signed(farm, bank)
        bank.books.put_accounts([msgspec.structs.replace(payee, status="CLOSED")])
        async with executor(farm, bank):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "failed"


async def test_a_reference_that_another_payment_has_is_not_sent_and_keeps_nobody_back(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        (taken, _), (free, _) = await signed(farm, bank), await signed(farm, bank)
        holder = await farm.submit(await farm.payee())
        farm.query("insert into sheaf.executor (started_at) values (now())")
        farm.query(
            """insert into sheaf.attempt (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id,
                 prepared_at) select gen_random_uuid(), branch_id, id, 1, %s, 'prepared', 1, now()
               from sheaf.intent where id = %s""",
            bank_reference(taken, 1),
            holder.id,
        )
        farm.query("update sheaf.attempt set state = 'rejected' where intent_id = %s", holder.id)
        async with executor(farm, bank):
            await farm.reaches(free, "settled")
            assert farm.state(taken) == "authorized"
        assert paid(bank) == [bank_reference(free, 1)]


def test_an_attempt_that_was_rejected_is_only_taken_over_by_the_next_try(company: str) -> None:
    """And never where the bank has ended its reference."""
    with psycopg.connect(company, options="-c sheaf.branches={0,1,2}") as admin:
        row = admin.execute(
            "select a.id from sheaf.attempt a where a.state = 'rejected' and a.spent limit 1"
        ).fetchone()
        assert row is not None
        for change in ("evidence = 'x'", "state = 'prepared', id = gen_random_uuid()", "spent = false"):
            with pytest.raises(psycopg.Error, match="has ended"), admin.transaction():
                admin.execute(f"update sheaf.attempt set {change} where id = %s".encode(), row)
