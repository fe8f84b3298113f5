"""The bank's own clock, which can be moved ahead so that the next day comes when a test or a demo wants it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from shared.thai import BANGKOK

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RETURN_HOUR: Final = 9


class BankClock:
    """Real time plus an offset; moments are milliseconds since 1970, which is what the books store."""

    def __init__(self, offset_seconds: int = 0) -> None:
        self.offset_seconds = offset_seconds

    def now(self) -> int:
        """The bank's present moment."""
        real = datetime.now(tz=UTC) - _EPOCH
        return real // timedelta(milliseconds=1) + self.offset_seconds * 1000


def bangkok(moment: int) -> datetime:
    """A moment as Bangkok time."""
    return (_EPOCH + timedelta(milliseconds=moment)).astimezone(BANGKOK)


def bangkok_date(moment: int) -> date:
    """The Bangkok day of a moment."""
    return bangkok(moment).date()


def bank_time(moment: int) -> str:
    """A moment as the bank writes it: `2026-09-30T09:01:00.000+07:00`."""
    return bangkok(moment).isoformat(timespec="milliseconds")


def next_morning(moment: int) -> int:
    """Nine o'clock of the next Bangkok day: when returned payments are booked."""
    morning = bangkok(moment).replace(hour=_RETURN_HOUR, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (morning - _EPOCH) // timedelta(milliseconds=1)
