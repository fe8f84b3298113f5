"""Payments that can't leave are told of at once, everywhere alike, with the cause; the telling ends with its cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.health.examine import examine
from server.health.finding import Ground
from server.health.payment_checks import CHECKS
from server.payments import verbs
from server.reports.verbs import get_dashboard
from server.routing.channel_alarms import Lane, LaneState, lanes_of_all, reason_texts
from server.sync.verbs import sync
from server.workers.breaker import BreakerSettings
from shared.health import Level
from shared.wire.common import Nothing
from shared.wire.payments import CancelIntentRequest
from shared.wire.records import ChannelAlarm, SyncRequest
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import Person
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.waiting import eventually, until

PATIENT = replace(QUICK, breaker=BreakerSettings(failures=3, rest=0.2, rest_most=0.4), pause_after_stop=0.2)


async def _authorized(farm: Farm, bank: RunningBank | None = None) -> UUID:
    (member,) = await farm.payees(1)
    if bank is not None:
        bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member, "100.00")
    await farm.sign(farm.manager, [intent.id])
    return intent.id


async def _alarms(farm: Farm, person: Person) -> list[ChannelAlarm]:
    """What the person's home page says, and their bell."""

    async def both() -> tuple[list[ChannelAlarm], list[ChannelAlarm]]:
        said = await farm.done(person, get_dashboard, Nothing(), now())
        return said.alarms, (await farm.done(person, sync, SyncRequest(), now())).alarms

    return (await until(both, lambda found: found[0] == found[1]))[0]


async def _status(farm: Farm) -> tuple[Level, str]:
    """What `sheaf status` says of the channel."""
    checks = [check for check in CHECKS if check.name == "payments.channels"]
    found = await examine(Ground(database=farm.api, now=now()), checks)
    (channel,) = [finding for finding in found if finding.level is not Level.WELL]
    return channel.level, channel.says.en


def _silence(farm: Farm) -> None:
    """Every executor so far was last heard long ago."""
    farm.query("update sheaf.executor set beat_at = %s", now() - timedelta(minutes=10))


async def test_payments_without_a_living_channel_are_an_alarm_at_once(farm: Farm) -> None:
    _silence(farm)
    intent = await _authorized(farm)
    (alarm,) = await _alarms(farm, farm.cashier)
    assert (alarm.channel, alarm.state, alarm.waiting, alarm.total) == ("scb", "silent", 1, "100.00")
    assert (alarm.who_can_fix, bool(alarm.expires_at)) == ("operator", True)
    # an executor lives that does not have this channel
    executor = farm.query("insert into sheaf.executor (started_at, beat_at) values (%s, %s) returning id", now(), now())
    farm.query("insert into sheaf.channel_state values ('internal', %s, 'closed', '', %s)", executor[0][0], now())
    (alarm,) = await _alarms(farm, farm.cashier)
    assert alarm.state == "absent"
    assert "not set up" in alarm.reason_en
    # another branch is told nothing of payments that are not its own
    assert await _alarms(farm, farm.stranger) == []
    async with farm.api.transaction(()) as tx:
        everywhere = {lane.channel: (lane.state, lane.waiting) for lane in await lanes_of_all(tx, now())}
    assert everywhere["scb"] == (LaneState.ABSENT, 1)
    farm.query("insert into sheaf.channel_state values ('scb', %s, 'closed', '', %s)", executor[0][0], now())
    assert await _alarms(farm, farm.cashier) == []
    _silence(farm)
    await farm.done(farm.cashier, verbs.cancel_intent, CancelIntentRequest(id=intent, version=2), now())


async def test_an_empty_account_is_named_with_who_can_fill_it_and_the_alarm_ends_with_it(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.faults.set(FaultRule(fault=Fault.BALANCE_SHORT))
        intent = await _authorized(farm, bank)
        async with farm.executor_at(bank, PATIENT):
            await eventually(lambda: farm.query("select 1 from sheaf.channel_state where reason = '116'") != [])
            (alarm,) = await _alarms(farm, farm.cashier)
            assert (alarm.code, alarm.who_can_fix) == ("116", "treasurer")
            assert "does not hold enough money" in alarm.reason_en
            assert "เงินในบัญชีบริษัท" in alarm.reason_th
            level, text = await _status(farm)
            assert level is Level.BAD
            assert "does not hold enough money" in text
            bank.faults.clear()
            await farm.reaches(intent, "settled")
            await eventually(lambda: farm.query("select 1 from sheaf.channel_state where reason = '116'") == [])
            assert await _alarms(farm, farm.cashier) == []


@pytest.mark.parametrize(
    ("state", "code", "told", "waiting", "alarm", "said", "fixer"),
    [
        (LaneState.CLOSED, "", "", 7, False, "", ""),
        (LaneState.OPEN, "116", "", 0, True, "does not hold enough money (116)", "treasurer"),
        (LaneState.HALF_OPEN, "184", "", 2, True, "outside the bank's hours (184)", "operator"),
        (LaneState.OPEN, "no_answer", "probe: timeout", 2, True, "does not answer (probe: timeout)", "operator"),
        (LaneState.ABSENT, "", "", 0, False, "", ""),
        (LaneState.ABSENT, "", "", 1, True, "not set up here", "operator"),
        (LaneState.SILENT, "", "", 1, True, "no executor runs", "operator"),
    ],
)
def test_an_alarm_says_what_is_and_who_can_mend_it(
    state: LaneState, code: str, told: str, waiting: int, alarm: bool, said: str, fixer: str
) -> None:
    lane = Lane(
        channel="scb",
        state=state,
        code=code,
        told=told,
        since=now(),
        waiting=waiting,
        total=waiting * 100,
        oldest=now() if waiting else None,
        expires=now() + timedelta(hours=71) if waiting else None,
    )
    assert lane.is_alarm is alarm
    if alarm:
        english, _, who = reason_texts(lane)
        assert said in english
        assert who == fixer
