"""kill -9 of a real executor process at every step of a payment, then another one: settled, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.database.roles import EXECUTOR, role_url
from server.sandbox_bank.bank import RunningBank
from server.sandbox_bank.faults import Fault, FaultRule
from tests.conftest import ROLE_SECRET
from tests.payments.farm import Farm, bank_dir
from tests.sandbox_bank.fixtures import running_bank
from tests.waiting import eventually


def _start(farm: Farm, directory: Path) -> subprocess.Popen[bytes]:
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    return subprocess.Popen([sys.executable, "-m", "tests.payments.executor_process", url, str(directory)])


def _kill(process: subprocess.Popen[bytes]) -> None:
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
