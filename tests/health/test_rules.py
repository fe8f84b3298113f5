"""When something is well, warns or is bad: bounds, ages and bank days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from server.health.examine import worst, worst_first
from server.health.rules import Heard, graded, graded_down, last_expected_day, life_of, statements_missing
from server.health.table import CHECKS
from shared.bank_days import bank_days_between, bank_holidays, is_bank_day, next_bank_day
from shared.health import Level
from shared.thai import BANGKOK

LATE = timedelta(seconds=7)


def bangkok(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BANGKOK).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (bangkok(24, 11, 59), date(2026, 11, 20)),  # Tuesday before noon: Monday's is not due, Friday's is
        (bangkok(24, 12), date(2026, 11, 23)),
        (bangkok(23, 11, 59), date(2026, 11, 19)),  # Monday before noon: Friday's is due at noon
        (bangkok(23, 12), date(2026, 11, 20)),
        (bangkok(28, 18), date(2026, 11, 26)),  # Saturday: Friday's comes on Monday
        (bangkok(29, 18), date(2026, 11, 26)),
        (bangkok(8, 12, month=12), date(2026, 12, 4)),  # Tuesday after the King's birthday kept on Monday the 7th
        (bangkok(8, 11, 59, month=12), date(2026, 12, 3)),
        (bangkok(1, 12, month=12), date(2026, 11, 30)),
    ],
)
def test_a_statement_is_expected_by_noon_of_the_next_bank_day(now: datetime, expected: date) -> None:
    assert last_expected_day(now) == expected


def test_a_weekend_and_a_long_holiday_hold_no_statement_up() -> None:
    friday = date(2026, 11, 20)
    assert statements_missing(friday, bangkok(22, 23)) == 0
    assert statements_missing(friday, bangkok(24, 11)) == 0
    assert statements_missing(friday, bangkok(24, 12)) == 1
    assert statements_missing(friday, bangkok(25, 12)) == 2
    # Songkran: 13 to 15 April 2026 are Monday to Wednesday
    assert statements_missing(date(2026, 4, 9), bangkok(16, 11, month=4)) == 0
    assert statements_missing(date(2026, 4, 9), bangkok(16, 12, month=4)) == 1


def test_a_statement_of_a_day_to_come_is_not_one_too_many() -> None:
    assert statements_missing(date(2027, 1, 1), bangkok(24, 12)) == 0


def test_a_holiday_on_a_weekend_is_kept_on_the_next_day_that_is_none() -> None:
    assert not is_bank_day(date(2026, 12, 7))  # 5 December is a Saturday
    assert is_bank_day(date(2026, 12, 8))
    assert next_bank_day(date(2026, 12, 4)) == date(2026, 12, 8)
    assert {date(2027, 5, 3), date(2027, 5, 4)} <= bank_holidays(2027)  # 1 May is a Saturday
    assert not is_bank_day(date(2029, 1, 1))
    assert bank_days_between(date(2026, 12, 4), date(2026, 12, 9)) == 2


def test_reaching_a_bound_counts() -> None:
    assert [graded(value, 1, 3) for value in (0, 1, 2, 3, 9)] == [
        Level.WELL,
        Level.WARNS,
        Level.WARNS,
        Level.BAD,
        Level.BAD,
    ]
    assert [graded_down(value, 30, 0) for value in (31, 30, 1, 0, -4)] == [
        Level.WELL,
        Level.WARNS,
        Level.WARNS,
        Level.BAD,
        Level.BAD,
    ]
    assert graded(9, None, None) is Level.WELL


def heard(silent: float, *, stopped: bool = False) -> Heard:
    now = bangkok(24, 12)
    return Heard(
        kind="executor",
        name="executor@house",
        place="",
        host="house",
        pid=1,
        silent=timedelta(seconds=silent),
        heard_at=now,
        started_at=now,
        stopped_at=now if stopped else None,
    )


def test_what_is_silent_does_not_live_whatever_connection_it_keeps() -> None:
    assert life_of(heard(2), LATE) == "lives"
    assert life_of(heard(7), LATE) == "silent"
    assert life_of(heard(0, stopped=True), LATE) == "stopped"
    assert life_of(heard(-1), LATE) == "lives"
    # of a database whose clock was put back: whoever lives has beaten since
    assert life_of(heard(-3600), LATE) == "silent"


def test_unknown_is_worse_than_a_warning_and_nothing_at_all_is_unknown() -> None:
    check = CHECKS[0]
    unknown = check.unknown(check.title)
    well = next(
        one.found(case)
        for one in CHECKS
        for case, kind in one.cases.items()
        if kind.level is Level.WELL and "{" not in kind.says.en
    )
    assert worst([]) is Level.UNKNOWN
    assert worst([well, unknown]) is Level.UNKNOWN
    assert worst_first([well, unknown]) == [unknown, well]


def test_every_check_has_a_name_of_its_own_and_says_its_cases_in_both_languages() -> None:
    names = [check.name for check in CHECKS]
    assert sorted(names) == sorted(set(names))
    for check in CHECKS:
        assert check.measures
        assert any(case.level is not Level.WELL for case in check.cases.values()), check.name
        for name, case in check.cases.items():
            assert case.says.en, (check.name, name)
            assert any("\u0e00" <= letter <= "\u0e7f" for letter in case.says.th), (check.name, name)
            assert bool(case.do.en) == bool(case.do.th) == (case.level is not Level.WELL), (check.name, name)
