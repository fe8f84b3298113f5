"""Every failpoint under every outcome of the bank: a process dies there, and the day must end well all the same."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lab.simulation.bank import Mood
from lab.simulation.connections import Cabinet
from lab.simulation.desks import Weather
from lab.simulation.killed import Killed
from lab.simulation.schedule import Lived, Schedule

OUTCOMES: dict[str, Mood] = {
    "ok": Mood(),
    "reject": Mood(refused=0.7),
    "lost": Mood(lost_before=0.4, lost_after=0.6),
    "late": Mood(late=0.5, processing=0.6),
    "duplicate": Mood(callback=1.0, callback_lies=0.3),
}
_TAKING_OVER = ("sending.adopt", "commit.adopt", "liveness.release", "attempt.resolve", "attempt.confirm_again")
"""Points that are come to once an executor has died."""
KILLED = "kill -9"
"""The column of real processes."""
_TRIES, _REAL_TRIES = 12, 3
"""Days that are tried until one comes to the point: some are rare."""


class Cell(msgspec.Struct, frozen=True):
    """One point under one outcome: how often a process died there, and the laws that broke."""

    point: str
    outcome: str
    deaths: int
    broken: list[str]
    schedule: int

    @property
    def verdict(self) -> str:
        """`ok`, `BROKEN`, or that no day came to the point."""
        if self.broken:
            return "BROKEN"
        return "ok" if self.deaths else "not reached"


def aimed(number: int, cabinet: Cabinet, point: str, outcome: str) -> Schedule:
    """A busy day on which the first two processes that come to the point die there."""
    schedule = Schedule(number, cabinet)
    schedule.intents, schedule.length = 8, 120.0
    schedule.mood = OUTCOMES[outcome]
    schedule.weather = Weather(doubled=0.3 if outcome == "duplicate" else 0.0)
    schedule.executors, schedule.apis = 2, 2
    schedule.deaths.aims = way_to(point) if len(way_to(point)) > 1 else [point, point]
    schedule.deaths.chance, schedule.deaths.stall = 0.0, 0.0
    return schedule


def way_to(point: str) -> list[str]:
    """Where processes must die, one after the other, for somebody to come to the point and die there."""
    return ["attempt.confirm.before", point] if point.startswith(_TAKING_OVER) else [point]


def killed(point: str, lives: Callable[[], Killed]) -> Cell:
    """The same with real processes, which the kernel kills."""
    for _ in range(_REAL_TRIES):
        lived = lives()
        if lived.broken or lived.deaths:
            return Cell(point, KILLED, lived.deaths, lived.broken, lived.number)
    return Cell(point, KILLED, 0, [], 0)


def cell(point: str, outcome: str, lives: Callable[[], Lived]) -> Cell:
    """Live days until a process has died at the point."""
    for _ in range(_TRIES):
        lived = lives()
        died = lived.deaths[point]
        if lived.broken or died:
            return Cell(point, outcome, died, lived.broken, lived.number)
    return Cell(point, outcome, 0, [], 0)
