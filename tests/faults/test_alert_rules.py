"""Prometheus tells of every row of the table: Debian's own promtool reads the rules and lives through each of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.health.alert_rules import FILE, alert_of
from server.health.table import CHECKS
from shared.health import Level

ROOT = Path(__file__).parents[2]
PROMTOOL = shutil.which("promtool") or str(ROOT / ".venv" / "debian" / "usr" / "bin" / "promtool")
LEVELS = {Level.BAD: (3, "15s", "critical"), Level.UNKNOWN: (2, "5m", "warning"), Level.WARNS: (1, "30m", "warning")}
needs_promtool = pytest.mark.skipif(not Path(PROMTOOL).exists(), reason="Debian's prometheus is not here")


def promtool(*words: str) -> str:
    done = subprocess.run([PROMTOOL, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_promtool_accepts_them() -> None:
    assert "SUCCESS" in promtool("check", "rules", str(FILE))


def levels_of(name: str) -> set[Level]:
    check = next(one for one in CHECKS if one.name == name)
    return {Level.UNKNOWN} | {case.level for case in check.cases.values() if case.level is not Level.WELL}


def life(level: Level, unwell: Sequence[str]) -> dict[str, object]:
    """Checks that are well for ten minutes and then not; another subject of each stays well, and so do all others."""
    value, patience, _ = LEVELS[level]
    seconds = int(patience[:-1]) * (60 if patience.endswith("m") else 1)
    series, alerts = [], []
    for check in CHECKS:
        values = f"0x39 {value}x200" if check.name in unwell else "0x240"
        # of two APIs that see the same, one alert is told
        for labels in ('subject="it",instance="a"', 'subject="it",instance="b"', 'subject="other",instance="a"'):
            said = "0x240" if "other" in labels else values
            series.append({"series": f'sheaf_health{{check="{check.name}",{labels}}}', "values": said})
        told = [_told(check.name, level)] if check.name in unwell and level in levels_of(check.name) else []
        for moment, expected in ((-15, []), (seconds - 15, []), (seconds + 15, told)):
            time = f"{10 * 60 + moment}s"
            alerts.append({"eval_time": time, "alertname": alert_of(check), "exp_alerts": expected})
    alerts.append({"eval_time": f"{10 * 60 + seconds + 15}s", "alertname": "SheafGone", "exp_alerts": []})
    return {"interval": "15s", "input_series": series, "alert_rule_test": alerts}


def _told(name: str, level: Level) -> dict[str, object]:
    labels = {"severity": LEVELS[level][2], "level": level.value, "check": name, "subject": "it"}
    return {"exp_labels": labels, "exp_annotations": _said(name, level)}


def _said(name: str, level: Level) -> dict[str, str]:
    check = next(one for one in CHECKS if one.name == name)
    state = {Level.BAD: "bad", Level.UNKNOWN: "not known", Level.WARNS: "to be looked at"}[level]
    return {
        "summary": f"{check.title.en} is {state}: it",
        "summary_th": f"{check.title.th}: it",
        "description": f"{check.name}, {check.measures}. What to do: sheaf doctor",
    }


GONE = {
    "interval": "15s",
    "input_series": [{"series": 'sheaf_health{check="alarms",subject=""}', "values": "0x40 stale _x100"}],
    "alert_rule_test": [
        {"eval_time": "9m", "alertname": "SheafGone", "exp_alerts": []},
        {
            "eval_time": "12m",
            "alertname": "SheafGone",
            "exp_alerts": [
                {
                    "exp_labels": {"severity": "critical", "level": "bad"},
                    "exp_annotations": {
                        "summary": "Nothing is heard of Sheaf: no API can be scraped",
                        "summary_th": "ไม่ได้รับข้อมูลจาก Sheaf เลย",
                        "description": "The machine, its network or every API is away. Look there: sheaf doctor",
                    },
                }
            ],
        },
    ],
}


@needs_promtool
def test_each_row_fires_in_its_time_and_no_other_does(tmp_path: Path) -> None:
    every = [check.name for check in CHECKS]
    lives = [*(life(level, every) for level in LEVELS), life(Level.BAD, every[::3]), life(Level.UNKNOWN, every[1:2])]
    file = tmp_path / "lives.yml"
    # a JSON text is a YAML text
    file.write_text(json.dumps({"rule_files": [str(FILE)], "evaluation_interval": "15s", "tests": [*lives, GONE]}))
    assert "SUCCESS" in promtool("test", "rules", str(file))
