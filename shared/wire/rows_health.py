"""Rows of the verb table: what must be well."""

from __future__ import annotations

from shared.permissions import Permission
from shared.wire import common, health
from shared.wire.verb import Runs, Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="get_health",
        method="GET",
        path="/health",
        request=common.Nothing,
        reply=health.HealthReply,
        summary="What must be well: every check's finding, the worst first, and what to do about it.",
        permission=Permission.READ_HEALTH,
        runs=Runs.WORKER,
    ),
)
