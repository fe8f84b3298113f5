"""What keeps payments from leaving: channels that are not there, not served, or told to wait, and by whom it is mended.

One reading for everybody: the desk's home page and its bell, `sheaf status` and the figures for machines. An alarm has
no row of its own; it is what is true now, so it ends with its cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from server.database.transaction import Row, Transaction
from server.wire_time import wire_time
from shared.bank_codes import bank_code
from shared.money import Satang, format_amount
from shared.wire.records import ChannelAlarm

LATE: Final = timedelta(seconds=60)
"""An executor that was not heard for so long serves nothing; several of its leases."""


class LaneState(StrEnum):
    """absent: no living executor has this channel. silent: no executor lives. behind: the database was restored, and
    nothing leaves it before people have agreed to what is missing."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    ABSENT = "absent"
    SILENT = "silent"
    BEHIND = "behind"


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One channel with what waits for it: payments, satang, the oldest one's and the first expiring one's instant."""

    channel: str
    state: LaneState
    code: str
    told: str
    since: datetime | None
    waiting: int
    total: int
    oldest: datetime | None
    expires: datetime | None

    @property
    def is_alarm(self) -> bool:
        """Whether somebody must act: it stands, or something waits for what nobody serves."""
        if self.state in (LaneState.ABSENT, LaneState.SILENT, LaneState.HALF_OPEN):
            # Half open, the bank answers again: without a payment nothing is left to find out.
            return self.waiting > 0
        return self.state is not LaneState.CLOSED


async def lanes(tx: Transaction, now: datetime) -> list[Lane]:
    """Every channel that a living executor serves or a signed payment waits for, as far as the transaction sees."""
    rows = await tx.rows(
        """
        select channel, count(*) waiting, sum(amount)::bigint total, min(changed_at) oldest, min(expires_at) expires
        from sheaf.intent where state = 'authorized' group by channel order by channel
        """
    )
    return await _lanes(tx, rows, now)


async def lanes_of_all(tx: Transaction, now: datetime) -> list[Lane]:
    """The same over all branches, for machines: it tells numbers and nobody's payment."""
    return await _lanes(tx, await tx.rows("select * from sheaf.waiting_by_channel()"), now)


async def served(tx: Transaction, now: datetime) -> frozenset[str] | None:
    """The channels that living executors serve; None when none has told, so that nothing is known."""
    told = await _told(tx, now)
    return frozenset(row["channel"] for row in told) or None


async def _told(tx: Transaction, now: datetime) -> list[Row]:
    """What living executors say of each channel, the worst word first."""
    return await tx.rows(
        """
        select distinct on (c.channel) c.channel, c.state, c.reason, c.told, c.since
        from sheaf.channel_state c join sheaf.executor e on e.id = c.executor_id
        where e.beat_at > %(late)s order by c.channel, c.state = 'closed', c.since
        """,
        late=now - LATE,
    )


async def _lanes(tx: Transaction, waiting: Sequence[Row], now: datetime) -> list[Lane]:
    told = {row["channel"]: row for row in await _told(tx, now)}
    queues = {row["channel"]: row for row in waiting}
    missing = LaneState.ABSENT if told else LaneState.SILENT
    behind = await tx.value("select exists (select from sheaf.restore_witness where restore_id is null)")
    found = []
    for channel in sorted({*told, *queues}):
        word, queue = told.get(channel), queues.get(channel)
        found.append(
            Lane(
                channel=channel,
                state=LaneState.BEHIND if behind else LaneState(word["state"]) if word else missing,
                code=word["reason"] if word else "",
                told=word["told"] if word else "",
                since=word["since"] if word else None,
                waiting=queue["waiting"] if queue else 0,
                total=queue["total"] if queue else 0,
                oldest=queue["oldest"] if queue else None,
                expires=queue["expires"] if queue else None,
            )
        )
    return found


_MISSING: Final = {
    LaneState.ABSENT: (
        "this channel is not set up here, or no executor was started with it",
        "ช่องทางนี้ยังไม่ได้ตั้งค่าที่นี่ หรือไม่มีตัวส่งเงินที่เปิดใช้ช่องทางนี้",
    ),
    LaneState.BEHIND: (
        "the database was restored and is older than what was paid (sheaf restore compare)",
        "ฐานข้อมูลถูกกู้คืนและเก่ากว่าที่จ่ายไปแล้ว (sheaf restore compare)",
    ),
    LaneState.SILENT: ("no executor runs (sheaf worker payments)", "ไม่มีตัวส่งเงินทำงานอยู่ (sheaf worker payments)"),
}


def reason_texts(lane: Lane) -> tuple[str, str, str]:
    """Why nothing leaves, in English and Thai, and who can put it right."""
    if lane.state in _MISSING:
        return (*_MISSING[lane.state], "operator")
    row, told = bank_code(lane.code), lane.told or lane.code
    return f"{row.english} ({told})", f"{row.thai} ({told})", row.fixer


def alarm_of(lane: Lane) -> ChannelAlarm:
    """The alarm as the desk gets it."""
    english, thai, fixer = reason_texts(lane)
    return ChannelAlarm(
        channel=lane.channel,
        state=lane.state.value,
        code=lane.code,
        reason_en=english,
        reason_th=thai,
        who_can_fix=fixer,
        waiting=lane.waiting,
        total=format_amount(Satang(lane.total)),
        since=wire_time(lane.since or lane.oldest),
        expires_at=wire_time(lane.expires),
    )


async def alarms(tx: Transaction, now: datetime) -> list[ChannelAlarm]:
    """What is wrong now, in the sight of whoever asks."""
    return [alarm_of(lane) for lane in await lanes(tx, now) if lane.is_alarm]
