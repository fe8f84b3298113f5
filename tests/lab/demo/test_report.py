"""The day's report: figures computed rightly, and every kind of wrong day told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lab.demo import report
from lab.demo.report import ApproveToSettled, Audit, DeskStep, Ledger, Payments, Spread


def payments(**changed: int) -> Payments:
    right = {"submitted": 240, "settled": 240, "reconciled": 240, "in_doubt": 0, "failed": 0}
    return Payments(**{**right, **changed})


QUICK = ApproveToSettled(0.8, 1.2, batch=Spread(2.0, 4.0))


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 95, 0.0), ([3.0], 50, 3.0), ([4.0, 1.0, 3.0, 2.0], 50, 2.0), (list(map(float, range(1, 101))), 95, 95.0)],
)
def test_percentiles_are_of_the_nearest_rank(values: list[float], percent: int, expected: float) -> None:
    assert report.percentile(values, percent) == expected


def test_quantiles_of_a_histogram_are_linear_within_a_bucket() -> None:
    counts = [(0.001, 0.0), (0.002, 50.0), (0.004, 100.0), (float("inf"), 100.0)]
    assert report._quantile(counts, 0.5) == pytest.approx(0.002)
    assert report._quantile(counts, 0.75) == pytest.approx(0.003)
    assert report._quantile([(0.001, 0.0), (float("inf"), 5.0)], 0.5) == pytest.approx(0.001)


def test_a_right_day_has_no_problems() -> None:
    assert report._payment_problems(payments(), QUICK) == []
    assert report._record_problems(Ledger(True, 0), Audit(True, 9)) == []
    assert report._step_problems([DeskStep("sign in", True, 0.1)]) == []


@pytest.mark.parametrize(
    ("paid", "speed"),
    [
        (payments(settled=239), QUICK),
        (payments(reconciled=239), QUICK),
        (payments(submitted=239, settled=239, reconciled=239), QUICK),
        (payments(in_doubt=1), QUICK),
        (payments(failed=1), QUICK),
        (payments(), ApproveToSettled(1.0, 3.1, batch=Spread(2.0, 4.0))),
        (payments(), ApproveToSettled(1.0, 2.0, batch=Spread(2.0, 6.1))),
    ],
)
def test_one_thing_wrong_with_the_payments_is_told(paid: Payments, speed: ApproveToSettled) -> None:
    assert len(report._payment_problems(paid, speed)) == 1


def test_wrong_books_and_failed_steps_are_told() -> None:
    assert len(report._record_problems(Ledger(False, 1), Audit(False, 9))) == 3
    assert report._step_problems([DeskStep("sign in", False, 0.1, "no window")]) == ["step sign in failed: no window"]


def test_a_desk_that_left_no_report_is_a_problem(tmp_path: Path) -> None:
    assert report._step_problems(report._steps(tmp_path / "desk.json")) == ["the desk left no report of its steps"]


def test_the_desks_own_fields_are_passed_over(tmp_path: Path) -> None:
    file = report.empty_report(tmp_path / "new")
    step = {"name": "sign in", "ok": True, "seconds": 0.5, "detail": "cashier", "more": 1}
    file.write_bytes(msgspec.json.encode({"seconds": 1.0, "steps": [step]}))
    assert report._steps(file) == [DeskStep("sign in", True, 0.5, "cashier")]
