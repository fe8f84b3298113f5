"""Refusals that a verb gives although its row does not declare them: they are answered all the same, and counted.

Whoever is refused must read why, so nothing is made of it here; that the table is wrong is told by the log, by the
figures and by what must be well (`api.refusals`).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import structlog

from shared.refusals import Refused
from shared.wire.verb import Verb

UNDECLARED: Final[Counter[str]] = Counter()
"""`verb code` -> how often since this process began."""

_log = structlog.get_logger(__name__)


def note(verb: Verb, refused: Refused) -> None:
    """Count what the row does not declare."""
    for one in (refused, *refused.others):
        if not verb.declares(one.code):
            UNDECLARED[f"{verb.name} {one.code}"] += 1
            _log.error("a refusal that is not declared", verb=verb.name, code=one.code.value)


def told() -> dict[str, object]:
    """What a worker's beats tell of it."""
    return {"undeclared_refusals": UNDECLARED.total(), "undeclared": ", ".join(sorted(UNDECLARED)[:5])}
