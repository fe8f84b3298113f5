"""THE table of verbs: routes, the desk's client, OpenAPI and the authorization tests are all built from it."""

from __future__ import annotations

from shared.wire import (
    rows_balances,
    rows_doubt,
    rows_health,
    rows_identity,
    rows_payments,
    rows_records,
    rows_registry,
    rows_restores,
    rows_routes,
    rows_rules,
    rows_statements,
    rows_treasury,
)
from shared.wire.verb import COMMON, Auth, Challenge, Verb

__all__ = ["BY_NAME", "COMMON", "EVENTS_PATH", "PREFIX", "VERBS", "Auth", "Challenge", "Verb"]

PREFIX = "/api/v1"

VERBS: tuple[Verb, ...] = (
    *rows_identity.ROWS,
    *rows_registry.ROWS,
    *rows_payments.ROWS,
    *rows_treasury.ROWS,
    *rows_statements.ROWS,
    *rows_restores.ROWS,
    *rows_balances.ROWS,
    *rows_doubt.ROWS,
    *rows_rules.ROWS,
    *rows_routes.ROWS,
    *rows_records.ROWS,
    *rows_health.ROWS,
)

BY_NAME: dict[str, Verb] = {verb.name: verb for verb in VERBS}
EVENTS_PATH = PREFIX + "/events"
"""Server-sent events: `event: news` with `data: {}` means "sync now"; nothing else feeds the desk."""
