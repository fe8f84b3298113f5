"""A bank that is away, hangs or talks nonsense: its channel is left alone and used again, the other one pays on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.payments import verbs
from server.workers.breaker import BreakerSettings
from shared.permissions import Role
from shared.wire.payments import CancelIntentRequest, SubmitIntentRequest
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import Person
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.waiting import eventually

NERVOUS = replace(QUICK, breaker=BreakerSettings(failures=3, rest=0.3, rest_most=0.6), pause_after_stop=0.3)


async def _authorized(farm: Farm, bank: RunningBank, count: int, **line: str) -> list[UUID]:
    ids = []
    for _ in range(count):
        member = await farm.payee()
        bank.books.put_accounts([farm.bank_account_of(member)])
        ids.append((await farm.submit(member, **line)).id)
    await farm.sign(farm.manager, ids)
    return ids


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


def _attempts(farm: Farm, ids: list[UUID]) -> int:
    sent = "select count(*) from sheaf.intent_event where intent_id = any(%s) and state = 'sent'"
    return int(farm.query(sent, ids)[0][0])


def _states(farm: Farm, channel: str) -> list[str]:
    """What the executors say of a channel, the newest executor first."""
    rows = farm.query("select state from sheaf.channel_state where channel = %s order by executor_id desc", channel)
    return [state for (state,) in rows]


class Outage:
    """The bank answers nothing but 503; only the executor's questions get as far as its sign-in."""

    def __init__(self, bank: RunningBank) -> None:
        self._questions = FaultRule(fault=Fault.UNAVAILABLE, call="token", times=1000)
        bank.faults.set(self._questions)
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE))

    async def asked_in_vain(self) -> None:
        """It was asked whether it is there, twice from now, so that one of them surely began after now."""
        left = self._questions.times or 0
        await eventually(lambda: (self._questions.times or 0) <= left - 2)


async def _settled(farm: Farm, ids: list[UUID]) -> None:
    query = "select count(*) from sheaf.intent where id = any(%s) and state = 'settled'"
    await eventually(lambda: farm.query(query, ids) == [(len(ids),)], 40)


async def test_a_bank_in_maintenance_is_left_alone_and_then_pays_each_once(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 8)
        outage = Outage(bank)
        async with farm.executor_at(bank, NERVOUS):
            await eventually(lambda: _states(farm, "scb")[:1] == ["open"])
            # questions find out whether it is back, and no payment
            tried = _attempts(farm, ids)
            await outage.asked_in_vain()
            assert _attempts(farm, ids) == tried
            bank.faults.clear()
            await _settled(farm, ids)
            await eventually(lambda: _states(farm, "scb")[:1] == ["closed"])
        assert _paid(bank) == 8


async def test_a_lane_with_nothing_to_send_finds_out_that_the_bank_is_back(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 3)
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE))
        async with farm.executor_at(bank, NERVOUS):
            await eventually(lambda: _states(farm, "scb")[:1] == ["open"])
            await eventually(lambda: {farm.state(one) for one in ids} == {"authorized"})
            for one in ids:
                version = int(farm.query("select version from sheaf.intent where id = %s", one)[0][0])
                await farm.done(farm.cashier, verbs.cancel_intent, CancelIntentRequest(id=one, version=version), now())
            bank.faults.clear()
            await eventually(lambda: _states(farm, "scb")[:1] == ["closed"])
        assert bank.books.transactions() == []


async def test_an_executor_that_starts_while_the_bank_is_away_sends_nothing_until_it_is_back(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 8)
        outage = Outage(bank)
        async with farm.executor_at(bank, NERVOUS):
            await eventually(lambda: _states(farm, "scb")[:1] == ["open"])
        tried, executors = _attempts(farm, ids), len(_states(farm, "scb"))
        async with farm.executor_at(bank, NERVOUS):
            await eventually(lambda: len(_states(farm, "scb")) > executors)
            assert _states(farm, "scb")[0] == "open"
            await outage.asked_in_vain()
            assert _attempts(farm, ids) == tried
            bank.faults.clear()
            await _settled(farm, ids)
        assert _paid(bank) == 8
        async with farm.executor_at(bank, NERVOUS):
            await eventually(lambda: _states(farm, "scb")[:1] == ["closed"])


async def test_an_inquiry_that_the_bank_answers_ends_the_outage(farm: Farm, tmp_path: Path) -> None:
    """Long before the next question is due: the payment in doubt is asked about anyway."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 3)
        bank.faults.set(FaultRule(fault=Fault.LOST_ANSWER))
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, call="inquiry"))
        resting = replace(NERVOUS, breaker=BreakerSettings(failures=3, rest=3600, rest_most=3600))
        async with farm.executor_at(bank, resting):
            await eventually(lambda: _states(farm, "scb")[:1] == ["open"])
            bank.faults.clear()
            await eventually(lambda: _states(farm, "scb")[:1] == ["closed"])
            await _settled(farm, ids)
        assert _paid(bank) == 3


async def test_a_bank_that_answers_questions_and_takes_no_payment_is_tried_by_one_at_a_time(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 8)
        bank.faults.set(FaultRule(fault=Fault.TLS_RESET, call="initiate"))
        async with farm.executor_at(bank, NERVOUS):
            await eventually(lambda: _states(farm, "scb")[:1] == ["half_open"])
            tried = _attempts(farm, ids)
            await eventually(lambda: _attempts(farm, ids) >= tried + 2)
            under_way = "select count(*) from sheaf.intent where id = any(%s) and state = 'sent'"
            assert int(farm.query(under_way, ids)[0][0]) <= 1
            assert _attempts(farm, ids) <= tried + 4
            bank.faults.clear()
            await _settled(farm, ids)
            await eventually(lambda: _states(farm, "scb")[:1] == ["closed"])
        assert _paid(bank) == 8


async def test_money_left_with_the_company_is_booked_while_the_bank_is_away(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        waiting = await _authorized(farm, bank, 5)
        booked = await _authorized(farm, bank, 3, to="balance")
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE))
        async with farm.executor_at(bank, NERVOUS):
            await _settled(farm, booked)
            await eventually(lambda: _states(farm, "scb")[:1] == ["open"])
            assert {farm.state(one) for one in waiting} <= {"authorized", "sent"}
            bank.faults.clear()
            await _settled(farm, waiting)
        assert _paid(bank) == 5
    assert (await farm.ledger()).balanced


@pytest.mark.parametrize("fault", [Fault.MALFORMED_JSON, Fault.REPLY_CUT, Fault.GATEWAY_TIMEOUT, Fault.LOST_ANSWER])
async def test_an_answer_that_can_not_be_read_is_in_doubt_and_settled_once(
    farm: Farm, tmp_path: Path, fault: Fault
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized(farm, bank, 3)
        bank.faults.set(FaultRule(fault=fault, times=3))
        async with farm.executor_at(bank):
            await _settled(farm, ids)
        assert _paid(bank) == 3
    doubted = (
        "select count(distinct intent_id) from sheaf.intent_event where intent_id = any(%s) and state = 'in_doubt'"
    )
    assert farm.query(doubted, ids) == [(3,)]


async def test_a_bank_that_hangs_holds_only_its_own_places(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        hanging = await _authorized(farm, bank, 4)
        bank.faults.set(FaultRule(fault=Fault.TIMEOUT_BEFORE_EXECUTION, call="initiate", times=4, seconds=30))
        async with farm.executor_at(bank, replace(NERVOUS, concurrency=8)):
            in_hand = "select count(*) from sheaf.attempt where intent_id = any(%s) and state = 'prepared'"
            await eventually(lambda: farm.query(in_hand, hanging) == [(4,)])
            booked = await _authorized(farm, bank, 3, to="balance")
            await _settled(farm, booked)
            assert farm.query(in_hand, hanging) == [(4,)]
            # the channel's own patience is five seconds here
            await _settled(farm, hanging)
        assert _paid(bank) == 4


async def _authorized_elsewhere(farm: Farm, bank: RunningBank, count: int) -> list[UUID]:
    """Payments of a second branch."""
    await farm.fund("KKN", 10_000)
    with psycopg.connect(farm.url) as admin:
        boss = Person(admin, "boss", "KKN", Role.MANAGER)
    ids = []
    for _ in range(count):
        member = await farm.payee(branch="KKN")
        bank.books.put_accounts([farm.bank_account_of(member)])
        request = SubmitIntentRequest(branch="KKN", **farm.line(member))
        ids.append((await farm.done(farm.stranger, verbs.submit_intent, request, now())).id)
    await farm.sign(boss, ids)
    return ids


async def test_a_bank_that_hangs_with_every_place_that_it_can_get_stops_no_other_channel(
    farm: Farm, tmp_path: Path
) -> None:
    """Two branches together could take all places; each alone is held to its part."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        hanging = await _authorized(farm, bank, 8) + await _authorized_elsewhere(farm, bank, 8)
        bank.faults.set(FaultRule(fault=Fault.TIMEOUT_BEFORE_EXECUTION, call="initiate", times=16, seconds=30))
        async with farm.executor_at(bank, replace(NERVOUS, concurrency=8)):
            in_hand = "select count(*) from sheaf.attempt where intent_id = any(%s) and state = 'prepared'"
            await eventually(lambda: farm.query(in_hand, hanging) == [(8,)])
            booked = await _authorized(farm, bank, 3, to="balance")
            await _settled(farm, booked)
            assert farm.query(in_hand, hanging) == [(8,)]
            bank.faults.clear()
            await _settled(farm, hanging)
        assert _paid(bank) == 16
