"""What is wrong with the payer, the channel or us makes the lane wait; only what is wrong with a payment fails it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.ledger.accounts import Purpose
from server.workers.breaker import BreakerSettings
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.farm import QUICK, Farm, bank_dir
from tests.waiting import eventually

PATIENT = replace(QUICK, breaker=BreakerSettings(failures=5, rest=0.2, rest_most=0.4), pause_after_stop=0.2)


async def _authorized(farm: Farm, bank: RunningBank, count: int, baht: str = "100.00") -> list[UUID]:
    ids = []
    for member in await farm.payees(count):
        bank.books.put_accounts([farm.bank_account_of(member)])
        ids.append((await farm.submit(member, baht)).id)
    await farm.sign(farm.manager, ids)
    return ids


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


def _states(farm: Farm, ids: list[UUID]) -> dict[str, int]:
    rows = farm.query("select state, count(*) from sheaf.intent where id = any(%s) group by state", ids)
    return {str(state): int(count) for state, count in rows}


def _lane(farm: Farm) -> tuple[str, str]:
    """State and reason of the bank's lane, as the newest executor has it."""
    query = "select state, reason from sheaf.channel_state where channel = 'scb' order by executor_id desc limit 1"
    rows = farm.query(query)
    return (str(rows[0][0]), str(rows[0][1])) if rows else ("", "")


def _steps(farm: Farm, ids: list[UUID], state: str) -> int:
    query = "select count(*) from sheaf.intent_event where intent_id = any(%s) and state = %s"
    return int(farm.query(query, ids, state)[0][0])


async def test_twenty_payments_outlive_an_empty_account_and_each_is_paid_once(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path), opening_balance=50_00) as bank:
        ids = await _authorized(farm, bank, 20)
        async with farm.executor_at(bank, PATIENT):
            await eventually(lambda: _lane(farm) == ("open", "116"))
            announced = len(bank.books.transactions())
            # one payment tries the account after each rest, and not twenty
            await eventually(lambda: len(bank.books.transactions()) >= announced + 2)
            assert len(bank.books.transactions()) <= announced + 4
            assert set(_states(farm, ids)) <= {"authorized", "sent"}
            bank.books.deposit(20 * 100_00, bank.clock.now())
            await eventually(lambda: _states(farm, ids) == {"settled": 20}, 40)
            await eventually(lambda: _lane(farm) == ("closed", ""))
        assert _paid(bank) == 20
        assert _steps(farm, ids, "failed") == 0
    assert (await farm.ledger()).balanced


@pytest.mark.parametrize(
    ("code", "call"), [("184", "confirm"), ("117", "initiate"), ("165", "confirm"), ("999", "initiate")]
)
async def test_a_lane_waits_for_what_is_not_the_payments_fault(
    farm: Farm, tmp_path: Path, code: str, call: str
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 3)
        bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, call=call, code=code))
        async with farm.executor_at(bank, PATIENT):
            await eventually(lambda: _lane(farm) == ("open", code))
            assert set(_states(farm, ids)) <= {"authorized", "sent"}
            bank.faults.clear()
            await eventually(lambda: _states(farm, ids) == {"settled": 3}, 40)
        assert _paid(bank) == 3


@pytest.mark.parametrize(("code", "call"), [("112", "confirm"), ("182", "initiate"), ("114", "confirm")])
async def test_what_is_wrong_with_one_payment_fails_it_alone(farm: Farm, tmp_path: Path, code: str, call: str) -> None:
    held = farm.balance("NSN", Purpose.FUNDING)
    async with running_bank(bank_dir(tmp_path)) as bank:
        (bad,) = await _authorized(farm, bank, 1, "77.00")
        good = await _authorized(farm, bank, 3)
        bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, call=call, code=code, amount=77_00))
        async with farm.executor_at(bank, PATIENT):
            await eventually(lambda: _states(farm, good) == {"settled": 3}, 40)
            assert await farm.reaches(bad, "failed") == "failed"
        assert _paid(bank) == 3
    assert farm.balance("NSN", Purpose.FUNDING) == (held[0] - 300_00, held[1])


async def test_a_payment_that_meets_it_again_while_others_get_through_is_at_fault_itself(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        (bad,) = await _authorized(farm, bank, 1, "77.00")
        good = await _authorized(farm, bank, 3)
        bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, call="initiate", code="131", amount=77_00))
        async with farm.executor_at(bank, PATIENT):
            await eventually(lambda: _states(farm, good) == {"settled": 3}, 40)
            assert await farm.reaches(bad, "failed") == "failed"
        assert _paid(bank) == 3


async def test_a_refused_confirm_that_nothing_proves_is_in_doubt_and_not_sent_again(farm: Farm, tmp_path: Path) -> None:
    """The bank says at confirm that the account is empty, and does not answer what became of the payment."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 1)
        bank.faults.set(FaultRule(fault=Fault.BALANCE_SHORT, times=1))
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, call="inquiry"))
        async with farm.executor_at(bank, PATIENT):
            await eventually(lambda: _states(farm, ids) == {"in_doubt": 1})
            assert len(bank.books.transactions()) == 1
            bank.faults.clear()
            # now it is proven: the bank did not pay, so it goes out again and is paid
            await eventually(lambda: _states(farm, ids) == {"settled": 1}, 40)
        assert _paid(bank) == 1


async def test_what_the_bank_pays_after_all_is_settled_and_not_sent_again(farm: Farm, tmp_path: Path) -> None:
    """A refusal of the confirm that the inquiry contradicts: the money has moved."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 1)
        bank.faults.set(FaultRule(fault=Fault.PENDING, times=1, seconds=0.5))
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, call="inquiry", times=1))
        async with farm.executor_at(bank, PATIENT):
            await eventually(lambda: _states(farm, ids) == {"settled": 1}, 40)
        assert _paid(bank) == 1
