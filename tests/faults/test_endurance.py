"""Real processes under load, killed, stopped, cut off and reloaded by chance: the bank's own books agree with ours."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from lab.endurance.books import Verdict
from lab.endurance.run import survived
from lab.endurance.soak import per_hour
from server.database.embedded import EmbeddedPostgres

EVENTS = 12
"""A slice of `make proof`, which has 300."""


@pytest.fixture
def database_server() -> Iterator[str]:
    """A PostgreSQL of this test's own: its processes are killed too."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK | os.X_OK) else Path("/tmp")
    cluster = EmbeddedPostgres(Path(mkdtemp(prefix="sheaf-tests-", dir=place)), unsafe_for_tests=True)
    try:
        yield cluster.start()
    finally:
        cluster.destroy()


@pytest.mark.timeout(900)
def test_whatever_happens_to_the_processes_each_payment_is_paid_once(database_server: str, tmp_path: Path) -> None:
    events, verdict = asyncio.run(survived(database_server, tmp_path, EVENTS, 3.0, 20, print))
    assert len(events) == EVENTS
    assert verdict.acknowledged > 0
    assert verdict.is_clean, verdict


@pytest.mark.parametrize("wrong", ["lost", "twice", "in_doubt", "unpaid", "other_amount", "unknown"])
def test_one_wrong_payment_is_enough(wrong: str) -> None:
    clean: dict[str, list[str]] = {
        "lost": [],
        "twice": [],
        "in_doubt": [],
        "unpaid": [],
        "other_amount": [],
        "unknown": [],
    }
    states = {"settled": 2}
    assert Verdict(acknowledged=2, paid=2, states=states, **clean).is_clean
    assert not Verdict(acknowledged=2, paid=1, states=states, **clean).is_clean
    assert not Verdict(acknowledged=2, paid=2, states=states, **{**clean, wrong: ["one"]}).is_clean


def test_a_slope_is_told_for_an_hour() -> None:
    assert per_hour([0, 10, 20, 30], [5.0, 6.0, 7.0, 8.0]) == pytest.approx(360.0)
