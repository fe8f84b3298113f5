"""Why PostgreSQL can't be reached: a failed connection has no code, so its words are read here and nowhere else."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Away(StrEnum):
    """What is to be mended. NOBODY stands for all that has no words of its own: nothing listens there."""

    REFUSED = "refused"
    NO_DATABASE = "no_database"
    FULL = "full"
    STARTING = "starting"
    SILENT = "silent"
    NO_NAME = "no_name"
    NOBODY = "nobody"


_SIGNS: Final = (
    (Away.REFUSED, ("password authentication failed", "no pg_hba.conf entry", "authentication")),
    (Away.NO_DATABASE, ("does not exist",)),
    (Away.FULL, ("too many", "remaining connection slots")),
    (Away.STARTING, ("starting up", "recovery", "shutting down", "not yet accepting")),
    (Away.SILENT, ("timeout", "timed out")),
    (Away.NO_NAME, ("Name or service", "name resolution", "translate host")),
)


def why_away(told: str) -> Away:
    """Of what libpq or the server said about a connection that failed; a server that speaks no English is NOBODY."""
    return next((away for away, signs in _SIGNS if any(sign in told for sign in signs)), Away.NOBODY)
