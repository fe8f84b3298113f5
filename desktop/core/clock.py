"""The server's time on a machine whose own clock may be wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_COARSE: Final = timedelta(seconds=2)  # the Date header has whole seconds and the way back takes time


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class ServerClock:
    """Now, as the server sees it: the local clock plus an offset learned from its answers."""

    def __init__(self, local: Callable[[], datetime] = utc_now) -> None:
        self._local = local
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The server's time (aware, UTC), as well as it is known."""
        return self._local() + self.offset

    def learn(self, server_time: datetime) -> bool:
        """Take the time an answer carried; whether it moved the clock by more than a Date header's coarseness."""
        error = server_time - self.now()
        if abs(error) <= _COARSE:
            return False
        self.offset += error
        return True

    def learn_header(self, date: str) -> bool:
        """The same from a `Date` header; one that cannot be read teaches nothing."""
        try:
            return self.learn(parsedate_to_datetime(date).astimezone(UTC))
        except ValueError:
            return False

    def learn_text(self, server_time: str) -> bool:
        """The same from a `server_time` field (ISO 8601)."""
        return self.learn(parse_instant(server_time))


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant of the wire as aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def wire_time(instant: datetime) -> str:
    """An instant as the wire writes it, so that texts order as instants do."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
