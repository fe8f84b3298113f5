"""Prometheus rules from the table of what must be well: `python -m server.health.alert_rules` writes them anew.

One alert for each check and level, with the same patience as alarms by mail have; who mends it reads `sheaf doctor`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from server.health.finding import Check
from server.health.table import CHECKS
from shared.health import Level, severity

FILE: Final = Path(__file__).parents[2] / "installers" / "prometheus" / "sheaf.rules.yml"
_PATIENCE: Final[Mapping[Level, tuple[str, str]]] = {
    Level.BAD: ("critical", "15s"),
    Level.UNKNOWN: ("warning", "5m"),
    Level.WARNS: ("warning", "30m"),
}
"""The severity that Alertmanager routes by, and how long it must be so."""
_STATES: Final = {Level.BAD: "bad", Level.UNKNOWN: "not known", Level.WARNS: "to be looked at"}

_HEAD: Final = """\
# Made from the table of what must be well (server/health/table.py) by: python -m server.health.alert_rules
# Load it by rule_files in prometheus.yml. Scrape /metrics of one API at least, every 15 s, from another machine: what
# SheafGone tells, nobody on this one can.
groups:
  - name: sheaf
    rules:
"""


def alert_of(check: Check) -> str:
    """The alert's name: `statements.last` is SheafStatementsLast."""
    return "Sheaf" + "".join(word.capitalize() for word in re.split(r"[._]", check.name))


def rules_text(checks: Sequence[Check] = CHECKS) -> str:
    """The file."""
    blocks = [*(block for check in checks for block in _of(check)), *_GENERAL]
    return _HEAD + "".join(blocks)


def _of(check: Check) -> Iterator[str]:
    for level, (grade, patience) in _PATIENCE.items():
        if level is not Level.UNKNOWN and not any(case.level is level for case in check.cases.values()):
            continue
        yield _rule(
            alert_of(check),
            f'max by (check, subject) (sheaf_health{{check="{check.name}"}}) == {severity(level)}',
            patience,
            {"severity": grade, "level": level.value},
            {
                "summary": f"{check.title.en} is {_STATES[level]}: {{{{ $labels.subject }}}}",
                "summary_th": f"{check.title.th}: {{{{ $labels.subject }}}}",
                "description": f"{check.name}, {check.measures}. What to do: sheaf doctor",
            },
        )


def _rule(alert: str, expression: str, patience: str, labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    lines = [f"      - alert: {alert}", f"        expr: {json.dumps(expression)}", f"        for: {patience}"]
    for head, values in (("labels", labels), ("annotations", annotations)):
        lines.append(f"        {head}:")
        # a JSON text is a YAML text
        lines += [f"          {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


_GENERAL: Final = (
    _rule(
        "SheafGone",
        "absent(sheaf_health)",
        "1m",
        {"severity": "critical", "level": "bad"},
        {
            "summary": "Nothing is heard of Sheaf: no API can be scraped",
            "summary_th": "ไม่ได้รับข้อมูลจาก Sheaf เลย",
            "description": "The machine, its network or every API is away. Look there: sheaf doctor",
        },
    ),
    _rule(
        "SheafCallsFail",
        'sum(rate(sheaf_http_requests_total{status=~"5.."}[5m])) > 0.01 * sum(rate(sheaf_http_requests_total[5m]))',
        "5m",
        {"severity": "warning", "level": "warns"},
        {
            "summary": "More than one in a hundred calls of desks fails by a fault of the server",
            "summary_th": "คำขอจากโต๊ะทำงานล้มเหลวเกินหนึ่งในร้อย",
            "description": "See the log of sheaf serve for lines with status 5xx. What to do: sheaf doctor",
        },
    ),
)


def main() -> None:
    """Write the file."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(rules_text(), "utf-8")


if __name__ == "__main__":
    main()
