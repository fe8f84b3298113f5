"""Days of a branch in virtual time: clean, the same again for one number, not clean when the server is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from lab.simulation import runs
from lab.simulation.ground import copy, ground
from lab.simulation.restored import RestoredSchedule
from lab.simulation.schedule import Schedule, quiet
from server import failpoints

# A task that dies before its first step leaves the coroutine that it was given.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
SILENT = Console(quiet=True)


@pytest.fixture(scope="module")
def company() -> Iterator[str]:
    """One server with the company for all tests."""
    quiet()
    with ground() as url:
        yield url


@pytest.mark.timeout(600)
def test_three_hundred_days_are_clean(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "simulate", "--schedules", "300", "--seed", "1", "--jobs", "2",
         "--json", str(report)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text())
    assert found["schedules"] == 300
    assert found["broken"] == {}
    assert found["states"]["reconciled"] > 300
    assert min(found["states"][state] for state in ("settled", "returned", "failed", "cancelled")) > 0
    assert min(found["faults"][fault] for fault in ("killed", "stalled", "lost_after", "late", "reply_lost")) > 0


def test_a_day_is_lived_again_exactly(company: str) -> None:
    numbers = range(7_000_000, 7_000_006)
    with copy(company, "first") as cabinet:
        first = [Schedule(number, cabinet).live() for number in numbers]
    with copy(company, "again") as cabinet:
        again = [Schedule(number, cabinet).live() for number in reversed(numbers)]
    assert [one.trace for one in first] == [one.trace for one in reversed(again)]
    assert len({one.trace for one in first}) == len(first)


def test_nothing_is_paid_again_and_nothing_hidden_when_an_old_copy_is_put_back(company: str) -> None:
    """Yesterday's copy, and copies in the middle of things; also of what no executor had looked at yet."""
    # the last: a try had ended as rejected in the copy, and had gone to the bank again since
    numbers = [*range(7_000_000, 7_000_008), 51_000_031]
    days = list(runs.live(company, "restored", numbers, kind=RestoredSchedule))
    assert [one.broken for one in days] == [[]] * len(days)
    assert sum(one.faults["agreed"] for one in days) >= 2
    assert sum(one.faults["lost nothing"] for one in days) > 0


def test_there_are_many_places_to_die_and_days_come_to_all_of_them(company: str) -> None:
    reached: set[str] = set()
    for lived in runs.live(company, "reached", range(1_000_000, 1_000_160)):
        reached |= set(lived.points)
        if reached >= set(failpoints.points()):
            break
    assert len(failpoints.points()) >= 60
    assert set(failpoints.points()) - reached == set()


def test_dying_anywhere_under_any_outcome_breaks_nothing() -> None:
    points = ["commit.claim.after", "attempt.confirm.before", "outcomes.money.after", "submission.write.after"]
    assert runs.matrix(3, None, SILENT, points)
