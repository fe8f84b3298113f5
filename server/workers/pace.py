"""Back-pressure: how many payments of long queues may be under way before everybody's transactions become slow."""

from __future__ import annotations

from typing import Final

_DOWN: Final = 0.3
_UP: Final = 0.002
_RECENT: Final = 0.25
_SLOWER: Final = 2.0
_NOISE: Final = 0.003


class Pace:
    """Told how long one small transaction takes again and again; seconds.

    What it takes when there is little to do is learned: quickly when it gets faster, slowly when it gets slower. More
    than twice as much means that the database or this process has more than it can do, whoever it is that works there:
    then long queues get fewer places, and get them back one by one.
    """

    def __init__(self, most: int, least: int = 16) -> None:
        self._most, self._least = float(most), float(min(least, most))
        self._places = self._most
        self._usual: float | None = None
        self._now = 0.0

    @property
    def places(self) -> int:
        """How many payments may be under way."""
        return int(self._places)

    def took(self, seconds: float) -> None:
        """One more small transaction was done."""
        if self._usual is None:
            self._usual = self._now = seconds
        self._usual += (seconds - self._usual) * (_DOWN if seconds < self._usual else _UP)
        self._now += (seconds - self._now) * _RECENT
        if self._now > _SLOWER * self._usual + _NOISE:
            self._places = max(self._least, self._places * 0.9)
        else:
            self._places = min(self._most, self._places + 1)
