"""The day by keyboard alone, through the window system in both layouts: each key does something, no focus is lost.

Two branches play at once, each on a screen of its own, against one installation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from lab.demo.installation import wipe
from lab.demo.seed import all_members
from server.database.embedded import EmbeddedPostgresError
from tests.desktop.keyboard.x11 import missing, screen, set_layout
from tests.end_to_end.running_demo import MEMBERS, RunningDemo

MOST_KEYS: Final = 70
"""To the first farmer paid: both passwords of 19 letters, the member, the amount twice, the code. It was 133."""
FIRST_LINE: Final = "รหัสสมาชิก,ชื่อ,จำนวนเงิน,ใบชั่ง"
PAYEES, LINES = slice(0, 3), slice(3, 5)

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())} (make setup does it)")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    folder = tmp_path_factory.mktemp("keyboard") / "data"
    demo = RunningDemo(folder)
    yield demo
    demo.end()
    with suppress(EmbeddedPostgresError):
        wipe(folder)


def desk(display: str, demo: Path, folder: Path, *words: str) -> dict[str, Any]:
    """One desk's part; its report."""
    root = str(Path(__file__).resolve().parents[3])
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QT_")},
        "DISPLAY": display,
        "QT_SCALE_FACTOR": "1",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": root,
    }
    command = [sys.executable, "-m", "tests.desktop.keyboard.player", *words, "--demo", str(demo)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, cwd=folder, env=environment
    )
    assert done.stdout.strip(), done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def play(demo: Path, layout: str, branch: str, folder: Path) -> dict[str, dict[str, Any]]:
    """A cashier's and then a manager's part of the day in one layout."""
    people = [one for one in all_members(MEMBERS)[branch] if one.check == "fresh" and one.status == "active"]
    lines = [f"{one.code},{one.name},50.01,{branch}-{place}" for place, one in enumerate(people[LINES])]
    folder.mkdir()
    (folder / "batch.csv").write_text("\n".join([FIRST_LINE, *lines, ""]), encoding="utf-8-sig")
    codes = [one.code[-5:] for one in people[PAYEES]]
    with screen() as display:
        set_layout(display, layout)
        town = branch.lower()
        return {
            "cashier": desk(
                display, demo, folder, "cashier", "--user", f"cashier.{town}", "--total", "100.02", "--codes", *codes
            ),
            "manager": desk(display, demo, folder, "manager", "--user", f"manager.{town}"),
        }


@pytest.mark.timeout(300)
def test_a_day_by_keyboard_alone_in_both_layouts(running: RunningDemo, tmp_path: Path) -> None:
    demo = running.data / "demo.json"
    with ThreadPoolExecutor(2) as both:
        playing = {
            layout: both.submit(play, demo, layout, branch, tmp_path / layout)
            for layout, branch in (("us", "NSN"), ("th", "KKN"))
        }
        reports = {layout: one.result() for layout, one in playing.items()}
    for layout, report in reports.items():
        first = sum(part["first"] for part in report.values())
        sys.stdout.write(f"{layout}: {first} keys to the first farmer paid; by page {report}\n")
        assert [part["problem"] for part in report.values()] == ["", ""], layout
        assert first <= MOST_KEYS
    assert reports["us"]["cashier"]["keys"] == reports["th"]["cashier"]["keys"]
