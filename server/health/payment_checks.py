"""Money that does not leave, of which nobody knows whether it has left, or that fails in crowds."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from server.channels import manifests
from server.health import store
from server.health.finding import Check, Finding, Ground, baht
from server.health.payment_cases import CHANNELS, DOUBT, ENDINGS, LANES, MISMATCHED, QUEUES, UNDER_WAY
from server.health.rules import endings_of, graded, in_crowds
from server.routing import channel_alarms
from server.routing.channel_alarms import Lane
from shared.health import Level
from shared.thai import BANGKOK

_WINDOW: Final = timedelta(hours=1)


async def _channels(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        lanes = await channel_alarms.lanes_of_all(tx, ground.now)
    return [_channel(check, lane) for lane in lanes] or [check.found("untold")]


def _channel(check: Check, lane: Lane) -> Finding:
    english, thai, _ = channel_alarms.reason_texts(lane) if lane.is_alarm else ("", "", "")
    return check.found(
        lane.state.value if lane.is_alarm else "well",
        lane.channel,
        since=(lane.since or lane.oldest) if lane.is_alarm else None,
        value=lane.waiting,
        waiting=lane.waiting,
        why_en=english,
        why_th=thai,
    )


async def _lanes(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.waiting_by_lane(tx)
    known, hour = manifests(), ground.now.astimezone(BANGKOK).time()
    found = []
    for row in rows:
        manifest = known.get(row["channel"])
        age = ground.now - row["oldest"]
        value = int(age.total_seconds())
        level = graded(value, check.warns, check.bad)
        case = {Level.WELL: "moves", Level.WARNS: "slow", Level.BAD: "stuck"}[level]
        if manifest is not None and not manifest.is_open(hour):
            case = "closed"
        since = row["oldest"] if case in ("slow", "stuck") else None
        subject = f"{row['branch']}/{row['channel']}"
        found.append(check.found(case, subject, since=since, value=value, waiting=row["waiting"], age=age))
    return found or [check.found("empty", value=0)]


async def _doubt(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.doubts(tx)
    found = []
    for row in rows:
        age = ground.now - (row["oldest"] or ground.now)
        many = graded(row["doubts"], None, check.bad)
        case = "told" if row["flagged"] else "many" if many is Level.BAD else "asked"
        found.append(
            check.found(
                case,
                row["channel"],
                since=row["oldest"],
                value=row["doubts"],
                count=row["doubts"],
                total=baht(row["total"]),
                age=age,
            )
        )
    return found or [check.found("none", value=0)]


async def _mismatched(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.mismatches(tx)
    found = [
        check.found(
            "other",
            row["channel"],
            since=row["oldest"],
            value=row["payments"],
            count=row["payments"],
            total=baht(row["total"]),
        )
        for row in rows
    ]
    return found or [check.found("none", value=0)]


async def _under_way(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.under_way(tx)
        served = await channel_alarms.served(tx, ground.now) or frozenset()
    found = []
    for row in rows:
        overdue = max(0, int((ground.now - (row["overdue"] or ground.now)).total_seconds()))
        case = "unasked" if graded(overdue, check.warns, check.bad) is not Level.WELL else "well"
        if row["channel"] not in served:
            case = "untended"
        since = row["overdue"] if case != "well" else None
        found.append(check.found(case, row["channel"], since=since, value=overdue, count=row["payments"]))
    return found or [check.found("none", value=0)]


async def _endings(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.endings(tx, ground.now - _WINDOW)
    found = []
    for channel, ended in sorted(endings_of(rows).items()):
        crowd = in_crowds(ended)
        found.append(
            check.found(
                {Level.WELL: "well", Level.WARNS: "some"}.get(crowd, "crowd"),
                channel,
                since=None if crowd is Level.WELL else ended.first,
                value=ended.bad,
                failed=ended.failed,
                cancelled=ended.cancelled,
                expired=ended.expired,
                good=ended.good,
            )
        )
    return found or [check.found("none", value=0)]


async def _queues(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.executor_queues(tx, ground.now)
    found = []
    for row in rows:
        age = timedelta(0) if row["oldest"] is None else ground.now - row["oldest"]
        value = int(age.total_seconds())
        waits = graded(value, check.warns, check.bad) is not Level.WELL
        found.append(
            check.found(
                row["queue"] if waits else "well",
                row["queue"],
                since=row["oldest"] if waits else None,
                value=value,
                count=row["waiting"],
                age=age,
            )
        )
    return found


CHECKS: Final = (
    Check(
        name="payments.channels",
        title=CHANNELS.title,
        measures="signed payments that wait for a channel that can't be used",
        unit="payments",
        cases=CHANNELS.cases,
        read=_channels,
    ),
    Check(
        name="payments.lanes",
        title=LANES.title,
        measures="seconds that the oldest signed payment of a branch and channel waits to be sent",
        unit="s",
        warns=120,
        bad=600,
        cases=LANES.cases,
        read=_lanes,
    ),
    Check(
        name="payments.doubt",
        title=DOUBT.title,
        measures="payments of a channel whose outcome is unknown",
        unit="payments",
        warns=1,
        bad=10,
        cases=DOUBT.cases,
        read=_doubt,
    ),
    Check(
        name="payments.mismatched",
        title=MISMATCHED.title,
        measures="payments of a channel under whose reference the bank has another amount or payee",
        unit="payments",
        bad=1,
        cases=MISMATCHED.cases,
        read=_mismatched,
    ),
    Check(
        name="payments.under_way",
        title=UNDER_WAY.title,
        measures="seconds since a payment under way should have been asked about",
        unit="s",
        warns=60,
        bad=60,
        cases=UNDER_WAY.cases,
        read=_under_way,
    ),
    Check(
        name="payments.endings",
        title=ENDINGS.title,
        measures="signed payments of the last hour that failed, were cancelled by a machine, or ran out",
        unit="payments",
        warns=5,
        bad=10,
        cases=ENDINGS.cases,
        read=_endings,
    ),
    Check(
        name="executor.queues",
        title=QUEUES.title,
        measures="seconds that the oldest piece of work waits that only executors do",
        unit="s",
        warns=60,
        bad=60,
        cases=QUEUES.cases,
        read=_queues,
    ),
)
