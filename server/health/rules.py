"""Decides how well something is from facts: bounds, ages, bank days. What follows from it is said elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from shared.bank_days import bank_days_between, next_bank_day
from shared.health import Level
from shared.thai import BANGKOK, business_date

DELIVERED_BY: Final = time(12, 0)
"""By this hour of the next bank day (Bangkok) the statement of a day is expected to be here."""

APART: Final = timedelta(minutes=5)
"""So far two clocks may differ. What is dated further ahead was written by a wrong one: it proves nothing of now."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One process as the database knows it; `silent` is how long ago it was heard, by the database's clock.

    `apart` is how far its own clock is before the database's.
    """

    kind: str
    name: str
    place: str
    host: str
    pid: int
    silent: timedelta
    apart: timedelta = timedelta(0)
    heard_at: datetime
    stopped_at: datetime | None
    started_at: datetime
    facts: dict[str, object] = {}


def lives(process: Heard, late: timedelta) -> bool:
    """Whether it was heard lately and has not said goodbye. Both moments are the database's: one of its future was
    written before its clock was put right, and whoever lives has beaten since."""
    return process.stopped_at is None and abs(process.silent) < late


def life_of(process: Heard, late: timedelta) -> str:
    """The case of one process: lives, stopped or silent."""
    if process.stopped_at is not None:
        return "stopped"
    return "lives" if lives(process, late) else "silent"


def last_expected_day(now: datetime) -> date:
    """The newest bank day whose statement should be here by now."""
    today = business_date(now)
    day = today - timedelta(days=14)
    newest = day
    while day < today:
        if datetime.combine(next_bank_day(day), DELIVERED_BY, BANGKOK) <= now:
            newest = day
        day = next_bank_day(day)
    return newest


def statements_missing(last: date, now: datetime) -> int:
    """How many bank days after the account's last statement have none, though theirs is due."""
    return max(0, bank_days_between(last, last_expected_day(now)))


def graded(value: int, warns: int | None, bad: int | None) -> Level:
    """A value that gets worse as it grows, against its bounds; reaching one counts."""
    if bad is not None and value >= bad:
        return Level.BAD
    return Level.WARNS if warns is not None and value >= warns else Level.WELL


def graded_down(value: int, warns: int | None, bad: int | None) -> Level:
    """A value that gets worse as it falls, such as the days that are left."""
    if bad is not None and value <= bad:
        return Level.BAD
    return Level.WARNS if warns is not None and value <= warns else Level.WELL


def oldest(instants: Sequence[datetime | None]) -> datetime | None:
    """The first of those that are known."""
    return min((one for one in instants if one is not None), default=None)


class Endings(msgspec.Struct, frozen=True, kw_only=True):
    """How many signed payments of a channel ended how in a while; `first` is when the first bad one did."""

    good: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    first: datetime | None = None

    @property
    def bad(self) -> int:
        """Those that were signed and not paid, by nobody's wish."""
        return self.failed + self.cancelled + self.expired


def endings_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Endings]:
    """By channel, from rows of channel, state, actor, payments and first. What people cancel is their wish."""
    by_channel: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = by_channel.setdefault(row["channel"], {"first": []})
        state = "good" if row["state"] in ("settled", "reconciled") else row["state"]
        if state == "cancelled" and row["actor"] == "person":
            continue
        one[state] = one.get(state, 0) + row["payments"]
        if state != "good":
            one["first"].append(row["first"])
    return {channel: Endings(**{**counts, "first": oldest(counts["first"])}) for channel, counts in by_channel.items()}


_SOME, _CROWD = 5, 10


def in_crowds(ended: Endings) -> Level:
    """Bad when ten or more went wrong and they are half of all or more; a warning from five that are a fifth of all."""
    every = ended.bad + ended.good
    if ended.bad >= _CROWD and 2 * ended.bad >= every:
        return Level.BAD
    return Level.WARNS if ended.bad >= _SOME and 5 * ended.bad >= every else Level.WELL
