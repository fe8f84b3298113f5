"""The life of a working process: when it has to end and how, and what it tells whoever keeps it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol


class StartRefused(Exception):
    """A process will not work like this, and trying again would not help; the text says why and what to do."""


class Unusable(OSError):
    """Something that the work needs besides the database can't be used now; the text says what, and why."""


class Told(Protocol):
    """Whoever keeps the process and hears how it is."""

    def ready(self) -> None:
        """It works."""

    def waiting(self, why: str) -> None:
        """It is there, and waits for something that is away, such as the database."""


class Nobody:
    """Nobody is told."""

    def ready(self) -> None:
        """Nothing."""

    def waiting(self, why: str) -> None:
        """Nothing."""


@dataclass
class Life:
    """`stop` is set when nothing new may be begun: what is under way is finished, then the process ends.

    `last`: nobody goes on in its place, so who is connected need not be told gently. `at_once`: it may begin before it
    is ready, as nobody else is there to answer meanwhile.
    """

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    last: bool = True
    at_once: bool = True
    told: Told = field(default_factory=Nobody)

    def end(self, *, last: bool) -> None:
        """Let it end; harmless when it was told before, but that nobody goes on in its place is then learned."""
        self.last = last if not self.stop.is_set() else self.last or last
        self.stop.set()
