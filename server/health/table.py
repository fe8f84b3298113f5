"""The table of what must be well. What can be unwell has its row here, and nowhere else is it asked."""

from __future__ import annotations

from typing import Final

from server.health import (
    alarm_checks,
    backup_checks,
    bank_checks,
    database_checks,
    job_checks,
    payment_checks,
    process_checks,
    record_checks,
    refusal_checks,
    restore_checks,
    statement_checks,
)
from server.health.finding import Check

CHECKS: Final[tuple[Check, ...]] = (
    *database_checks.CHECKS,
    *restore_checks.CHECKS,
    *process_checks.CHECKS,
    *refusal_checks.CHECKS,
    *bank_checks.CHECKS,
    *payment_checks.CHECKS,
    *statement_checks.CHECKS,
    *record_checks.CHECKS,
    *alarm_checks.CHECKS,
    *backup_checks.CHECKS,
    *job_checks.CHECKS,
)
"""In the order in which equally bad findings are shown."""
