"""Prometheus tells of every row of the table; tests/faults lives through each with Debian's own promtool."""

from __future__ import annotations

from server.health.alert_rules import FILE, alert_of, rules_text
from server.health.table import CHECKS


def test_the_rules_are_those_of_the_table() -> None:
    assert FILE.read_text("utf-8") == rules_text(), "run: python -m server.health.alert_rules"
    assert len({alert_of(check) for check in CHECKS}) == len(CHECKS)
