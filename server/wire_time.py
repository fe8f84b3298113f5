"""Instants as they cross the network."""

from __future__ import annotations

from datetime import UTC, datetime


def wire_time(instant: datetime | None) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`; empty for None."""
    if instant is None:
        return ""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
