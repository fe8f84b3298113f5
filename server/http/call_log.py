"""What was answered: a line of the log for each call, told a moment later for many calls at once."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import msgspec

from server import logs

_LATER_SECONDS: Final = 0.1
_MOST: Final = 500
"""Calls that are kept at most: what a flood has to say is told at once."""


class Called(msgspec.Struct, frozen=True, array_like=True):
    """One call: when it was answered (seconds since 1970), its verb, and how long it took in seconds."""

    at: float
    verb: str
    method: str
    status: int
    seconds: float
    correlation_id: str


class CallLog:
    """One worker's. Whoever is killed takes the last tenth of a second with it; what was done stands in the trail."""

    def __init__(self) -> None:
        self._calls: list[Called] = []
        self._due: asyncio.TimerHandle | None = None

    def note(self, verb: str, method: str, status: int, seconds: float, correlation_id: str) -> None:
        """Remember one call."""
        self._calls.append(Called(time.time(), verb, method, status, seconds, correlation_id))
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(_LATER_SECONDS, self.tell)
        elif len(self._calls) >= _MOST:
            self.tell()

    def tell(self) -> None:
        """Write what is remembered."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        calls, self._calls = self._calls, []
        logs.tell_many("call", map(_event, calls))


def _event(call: Called) -> tuple[float, dict[str, object]]:
    return call.at, {
        "verb": call.verb,
        "method": call.method,
        "status": call.status,
        "milliseconds": round(call.seconds * 1000, 1),
        "correlation_id": logs.without_numbers(call.correlation_id),
    }
