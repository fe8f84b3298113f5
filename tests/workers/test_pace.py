"""Long queues get fewer places while small transactions are slow, and get them back."""

from __future__ import annotations

from server.workers.pace import Pace


def told(pace: Pace, seconds: float, times: int) -> int:
    for _ in range(times):
        pace.took(seconds)
    return pace.places


def test_an_idle_database_gives_every_place() -> None:
    assert told(Pace(100), 0.004, 50) == 100


def test_a_slow_one_takes_places_away_down_to_a_few_and_never_all() -> None:
    pace = Pace(100)
    told(pace, 0.004, 50)
    assert told(pace, 0.030, 8) < 60
    assert told(pace, 0.030, 60) == 16


def test_places_come_back_when_it_is_quick_again() -> None:
    pace = Pace(100)
    told(pace, 0.004, 50)
    told(pace, 0.030, 60)
    assert told(pace, 0.004, 100) == 100


def test_one_slow_transaction_changes_little() -> None:
    pace = Pace(100)
    told(pace, 0.004, 50)
    pace.took(0.200)
    assert told(pace, 0.004, 40) >= 80


def test_a_machine_that_stays_slower_is_taken_as_it_is() -> None:
    pace = Pace(100)
    told(pace, 0.004, 50)
    assert told(pace, 0.010, 2_000) == 100


def test_a_small_executor_is_never_held_back() -> None:
    pace = Pace(8)
    told(pace, 0.004, 10)
    assert told(pace, 1.0, 100) == 8
