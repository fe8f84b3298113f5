"""How well something is: the one scale for everything that Sheaf tells of itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """well: a fact says so. warns: a person should act in time. bad: a person must act now. unknown: nobody could say.

    What is unknown is never shown as well.
    """

    WELL = "well"
    WARNS = "warns"
    BAD = "bad"
    UNKNOWN = "unknown"


WORST_FIRST: Final = (Level.BAD, Level.UNKNOWN, Level.WARNS, Level.WELL)


def severity(level: Level) -> int:
    """0 for what is well, more for what is worse; unknown is worse than a warning and better than bad."""
    return len(WORST_FIRST) - 1 - WORST_FIRST.index(level)
