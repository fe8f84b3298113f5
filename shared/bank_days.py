"""Days on which the banks of Thailand work, as far as they are known beforehand: what a bank owes us waits for them.

Fixed holidays with their substitutes, and the moving ones of the years that have been announced. A day too many or too
few only moves a reminder by a day: nothing about money hangs on this.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Final

_FIXED: Final = (
    (1, 1),
    (4, 6),
    (4, 13),
    (4, 14),
    (4, 15),
    (5, 1),
    (5, 4),
    (6, 3),
    (7, 28),
    (8, 12),
    (10, 13),
    (10, 23),
    (12, 5),
    (12, 10),
    (12, 31),
)
"""Month and day."""

_MOVING: Final = (
    date(2026, 3, 3),  # Makha Bucha
    date(2026, 5, 31),  # Visakha Bucha
    date(2026, 7, 29),  # Asalha Bucha
    date(2027, 2, 21),
    date(2027, 5, 20),
    date(2027, 7, 18),
)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The holidays of a year; one on a weekend is kept on the next day that is none."""
    given = sorted({date(year, month, day) for month, day in _FIXED} | {day for day in _MOVING if day.year == year})
    kept = set(given)
    for day in given:
        if day.weekday() >= 5:
            substitute = day + timedelta(days=1)
            while substitute.weekday() >= 5 or substitute in kept:
                substitute += timedelta(days=1)
            kept.add(substitute)
    return frozenset(kept)


def is_bank_day(day: date) -> bool:
    """Whether banks work on it."""
    # The last days of a year may be kept in the next one.
    return day.weekday() < 5 and day not in bank_holidays(day.year) and day not in bank_holidays(day.year - 1)


def next_bank_day(day: date) -> date:
    """The first one after a day."""
    day += timedelta(days=1)
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def bank_days_between(after: date, until: date) -> int:
    """How many bank days there are after one day, the last one included."""
    return sum(is_bank_day(after + timedelta(days=back)) for back in range(1, (until - after).days + 1))
