"""kill -9 of a real executor process at every step of a payment, then another one: settled, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.database.roles import EXECUTOR, role_url
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.farm import Farm, bank_dir
from tests.waiting import eventually


def _start(farm: Farm, directory: Path, point: str = "") -> subprocess.Popen[bytes]:
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    return subprocess.Popen([sys.executable, "-m", "tests.payments.executor_process", url, str(directory), "15", point])


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()


def _attempt(farm: Farm, intent_id: object) -> str:
    rows = farm.query("select state from sheaf.attempt where intent_id = %s order by ordinal desc", intent_id)
    return str(rows[0][0]) if rows else "none"


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


@pytest.mark.parametrize(
    ("rule", "dies_at", "paid_before"),
    [
        (FaultRule(fault=Fault.SLOW, call="initiate", times=1, seconds=30), "prepared", 0),
        (FaultRule(fault=Fault.TIMEOUT_BEFORE_EXECUTION, call="confirm", times=1, seconds=30), "confirming", 0),
        (FaultRule(fault=Fault.TIMEOUT_AFTER_EXECUTION, times=1, seconds=30), "confirming", 1),
    ],
    ids=["during initiate", "before confirm executes", "after confirm executed"],
)
async def test_killed_and_started_again_it_pays_once(
    farm: Farm, tmp_path: Path, rule: FaultRule, dies_at: str, paid_before: int
) -> None:
    directory = bank_dir(tmp_path)
    async with running_bank(directory) as bank:
        member = await farm.payee()
        bank.books.put_accounts([farm.bank_account_of(member)])
        intent = await farm.submit(member)
        await farm.sign(farm.manager, [intent.id])
        bank.faults.set(rule)
        first = _start(farm, directory)
        try:
            await eventually(lambda: _attempt(farm, intent.id) == dies_at and _paid(bank) == paid_before)
        finally:
            _kill(first)
        assert farm.state(intent.id) == "sent"
        second = _start(farm, directory)
        try:
            assert await farm.reaches(intent.id, "settled", "failed") == "settled"
        finally:
            _kill(second)
        assert _paid(bank) == 1
    assert (await farm.ledger()).balanced


async def _one(farm: Farm, bank: RunningBank) -> UUID:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    return intent.id


@pytest.mark.parametrize(
    ("point", "paid_before"),
    [("commit.note_confirming.before", 0), ("commit.outcomes.before", 1)],
    ids=["before the token is noted", "before it is recorded"],
)
async def test_killed_with_the_banks_answer_in_hand_it_pays_once(
    farm: Farm, tmp_path: Path, point: str, paid_before: int
) -> None:
    """The bank has answered (initiate or confirm), and the answer dies with the process before it is written."""
    directory = bank_dir(tmp_path)
    async with running_bank(directory) as bank:
        intent_id = await _one(farm, bank)
        first = _start(farm, directory, point)
        try:
            await eventually(lambda: first.poll() == -signal.SIGKILL)
        finally:
            _kill(first)
        assert _paid(bank) == paid_before
        assert farm.state(intent_id) == "sent"
        second = _start(farm, directory)
        try:
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
        finally:
            _kill(second)
        assert _paid(bank) == 1
    assert (await farm.ledger()).balanced


async def test_killed_while_it_asks_the_bank_it_pays_once(farm: Farm, tmp_path: Path) -> None:
    directory = bank_dir(tmp_path)
    async with running_bank(directory) as bank:
        intent_id = await _one(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.LOST_ANSWER, times=1))
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="inquiry", times=1, seconds=30))
        first = _start(farm, directory)
        try:
            await farm.reaches(intent_id, "in_doubt")
            await eventually(lambda: not bank.faults.is_on(Fault.SLOW))
        finally:
            _kill(first)
        assert farm.state(intent_id) == "in_doubt"
        second = _start(farm, directory)
        try:
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
        finally:
            _kill(second)
        assert _paid(bank) == 1


async def test_three_processes_share_two_hundred_payments_and_pay_each_once(farm: Farm, tmp_path: Path) -> None:
    directory = bank_dir(tmp_path)
    async with running_bank(directory) as bank:
        member = await farm.payee()
        bank.books.put_accounts([farm.bank_account_of(member)])
        amounts = range(100, 300)
        batch = await farm.batch([farm.line(member, f"{baht}.00") for baht in amounts], f"{sum(amounts)}.00")
        before = farm.query("select coalesce(max(id), 0) from sheaf.executor")[0][0]
        executors = [_start(farm, directory) for _ in range(3)]
        try:
            registered = "select count(*) from sheaf.executor where id > %s"
            await eventually(lambda: farm.query(registered, before) == [(3,)], 60)
            await farm.sign(farm.manager, batch_id=batch.id)
            settled = "select count(*) from sheaf.intent where batch_id = %s and state = 'settled'"
            await eventually(lambda: farm.query(settled, batch.id) == [(200,)], 60)
        finally:
            for process in executors:
                _kill(process)
        assert _paid(bank) == 200
    work = """select a.executor_id, count(*) from sheaf.attempt a join sheaf.intent i on i.id = a.intent_id
              where i.batch_id = %s and a.state = 'accepted' group by a.executor_id"""
    did = farm.query(work, batch.id)
    assert sum(count for _, count in did) == 200
    assert len(did) == 3
    assert (await farm.ledger()).balanced
