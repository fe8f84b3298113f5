"""When the bank is asked again about a payment that it has not spoken of, and when a person is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from shared.thai import business_date, start_of_day

_MINUTE = 60.0
INQUIRIES: tuple[float, ...] = (
    2.0,
    _MINUTE,
    2 * _MINUTE,
    5 * _MINUTE,
    10 * _MINUTE,
    20 * _MINUTE,
    45 * _MINUTE,
    60 * _MINUTE,
)
"""Seconds from one inquiry to the next (docs/bank.md, Today's dialect); the last repeats."""


def next_inquiry(schedule: Sequence[float], asked: int, now: datetime) -> datetime:
    """When to ask again after `asked` inquiries."""
    return now + timedelta(seconds=schedule[min(asked, len(schedule) - 1)])


def next_business_day(moment: datetime) -> date:
    """The Bangkok business day after this moment's day: Monday after a Friday."""
    day = business_date(moment) + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def flag_from(begun: datetime) -> datetime:
    """From when on a person must look: the beginning of the next business day."""
    return start_of_day(next_business_day(begun))
