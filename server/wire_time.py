"""Instants as they cross the network."""

from __future__ import annotations

from datetime import UTC, date, datetime

_YEARS = range(2000, 2100)


def wire_time(instant: datetime | None) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`; empty for None."""
    if instant is None:
        return ""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def read_instant(text: str) -> datetime | None:
    """An instant with its offset, from 2000 to 2099: what lies beyond breaks calendars. None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year in _YEARS else None


def read_day(text: str) -> date | None:
    """A day from 2000 to 2099, or None."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None
