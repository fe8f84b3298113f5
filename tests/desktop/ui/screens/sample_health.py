"""What a server says of itself on a bad morning, out of the table itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from server.health.examine import worst, worst_first
from server.health.finding import Check, Finding
from server.health.table import CHECKS
from server.health.views import view_of
from shared.wire.health import HealthReply

NOW = datetime(2026, 11, 21, 3, 42, tzinfo=UTC)


def check(name: str) -> Check:
    return next(one for one in CHECKS if one.name == name)


def findings() -> list[Finding]:
    """One of each level, among them the longest sentences that there are."""
    stopped = check("statements.last").found(
        "stopped",
        "*3338",
        since=NOW - timedelta(days=4),
        value=3,
        day=(NOW - timedelta(days=5)).date(),
        expected=NOW.date(),
        missing=3,
        age=timedelta(days=5),
    )
    ago = timedelta(seconds=40)
    silent = check("processes.executors").found(
        "silent", "executor@office", since=NOW - ago, age=ago, pid=4711, host="office"
    )
    return [
        stopped,
        silent,
        check("bank.answers").found("untold"),
        check("bank.certificate").found("soon", "scb", value=20, at=NOW + timedelta(days=20), days=20),
        check("records.audit").found("never"),
        check("payments.lanes").found("empty", value=0),
        check("statements.files").found("well", value=0),
        check("database.writes").found("well", value=12, took=12),
    ]


def reply(*chosen: Finding) -> HealthReply:
    """The reply of the verb over these, or all."""
    told = worst_first(chosen or findings())
    return HealthReply(
        level=worst(told).value, findings=[view_of(one) for one in told], as_of="2026-11-21T03:42:05.000Z"
    )
