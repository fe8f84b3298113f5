"""How long an executor may still think that nobody else takes it for dead."""

from __future__ import annotations

from typing import Final

_TRUSTED: Final = 2 / 3
"""The part of a lease that its holder counts on: the rest is for the clocks of two machines, which differ."""


class Lease:
    """Known by this executor's beats alone; seconds and moments of the event loop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds * _TRUSTED
        self._since = self._until = float("-inf")

    def renewed(self, asked_at: float, answered_at: float) -> None:
        """A beat that was begun at `asked_at` stood in the database at `answered_at`, if not before."""
        if answered_at > self._until:
            self._since = answered_at
        self._until = asked_at + self._seconds

    def held(self, since: float, moment: float) -> bool:
        """Whether nobody took this executor for late between `since` and now.

        Not that nobody has taken over: who only lost its connection is dead to the others at once, and finds out at its
        next beat. So nothing is proved by it; the fence (`attempt.executor_id`) is what keeps late writes out.
        """
        return self._since <= since and moment <= self._until
