"""What is unwell is told after a while, told again with rising pauses, and told to be over, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alarms.rules import PAUSES, REMEMBERED, Key, Stage, Standing, Telling, plan, unwell
from server.health.finding import Finding, Text
from shared.health import Level
from shared.refusals import Fixer

BEGIN = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def finding(level: Level, name: str = "executor", subject: str = "", says: str = "it is so") -> Finding:
    return Finding(
        name=name,
        case=level.value,
        subject=subject,
        level=level,
        since=None,
        says=Text(says, "เป็นเช่นนั้น"),
        do=Text("do it", "ทำ"),
        who=Fixer.OPERATOR,
        value=None,
        unit="",
    )


BAD, WARNS, WELL, UNKNOWN = (finding(level) for level in (Level.BAD, Level.WARNS, Level.WELL, Level.UNKNOWN))


class Day:
    """One way of telling, from look to look; what was told, with the second."""

    def __init__(self) -> None:
        self.known: dict[Key, Standing] = {}
        self.now = 0.0
        self.told: list[tuple[float, Telling]] = []
        self.fails = False

    def look(self, found: Sequence[Finding]) -> None:
        planned = plan(self.known, found, BEGIN + timedelta(seconds=self.now))
        for key in planned.forget:
            del self.known[key]
        self.known.update({one.key: one for one in planned.keep})
        if not self.fails:
            self.known.update({one.after.key: one.after for one in planned.tellings})
            self.told += [(self.now, one) for one in planned.tellings]

    def lives(self, seconds: float, *found: Finding, every: float = 5) -> Day:
        until = self.now + seconds
        while self.now < until:
            self.look(found)
            self.now += every
        return self

    @property
    def heard(self) -> list[tuple[float, str, str]]:
        return [(at, one.stage.value, one.level.value) for at, one in self.told]


def test_what_is_bad_is_told_once_and_its_end_too_with_one_number() -> None:
    day = Day().lives(300, WELL).lives(300, BAD).lives(300, WELL)
    assert day.heard == [(315, "bad", "bad"), (660, "over", "well")]
    assert len({one.after.id for _, one in day.told}) == 1
    assert len({one.once for _, one in day.told}) == 2


def test_a_restart_is_no_alarm() -> None:
    day = Day().lives(60, WELL).lives(10, BAD).lives(3600, WELL)
    assert day.told == []
    assert day.known == {}


def test_what_stays_bad_is_told_again_with_rising_pauses_and_never_ends() -> None:
    day = Day().lives(5 * 86_400, BAD, every=60)
    pauses = [int(b - a) // 60 for (a, *_), (b, *_) in pairwise(day.heard)]
    assert pauses == [15, 60, 240, 720, 1440, 1440, 1440, 1440]
    assert {stage for _, stage, _ in day.heard[1:]} == {"still"}


def test_a_warning_is_told_late_and_seldom_and_at_once_when_it_becomes_bad() -> None:
    day = Day().lives(1795, WARNS)
    assert day.told == []
    day.lives(300, WARNS)
    assert day.heard == [(1800, "bad", "warns")]
    worse = day.now
    day.lives(60, BAD)
    assert day.heard[1:] == [(worse + 15, "bad", "bad")]
    day.lives(3600, WARNS)
    assert [one[1:] for one in day.heard[2:]] == [("over", "warns")]
    day.lives(3600, WELL)
    assert [one[1:] for one in day.heard[3:]] == [("over", "well")]


@pytest.mark.parametrize(("ahead", "told_then"), [(10, 0), (300, 1)])
def test_a_clock_that_was_years_ahead_silences_nothing(ahead: int, told_then: int) -> None:
    day = Day()
    day.now = 3650 * 86_400
    day.lives(ahead, BAD)
    assert len(day.told) == told_then
    day.now = 0
    day.lives(3600, BAD)
    assert [stage for _, stage, _ in day.heard[told_then:]][:1] == ["still" if told_then else "bad"]
    day.lives(300, WELL)
    assert day.heard[-1][1:] == ("over", "well")
    day.lives(REMEMBERED.total_seconds() + 60, WELL)
    assert day.known == {}


def test_what_comes_and_goes_is_told_with_rising_pauses_too() -> None:
    day = Day()
    for _ in range(60):
        day.lives(120, BAD).lives(120, WELL)
    # four hours: it would be 120 tellings
    assert len(day.told) <= 12
    stages = [stage for _, stage, _ in day.heard]
    assert stages[:2] == ["bad", "over"]
    assert "still" not in stages
    # and no end is told of what was not told to begin
    assert all(a != b for a, b in pairwise(stages))


def test_what_comes_and_goes_faster_than_anybody_looks_is_one_alarm() -> None:
    day = Day()
    for _ in range(60):
        day.lives(20, BAD).lives(20, WELL)
    assert [one[1:] for one in day.heard] == [("bad", "bad"), ("still", "bad")]


def test_nothing_is_over_because_nobody_could_look() -> None:
    day = Day().lives(60, finding(Level.BAD, subject="executor@a")).lives(3000, UNKNOWN)
    assert [one[1:] for one in day.heard] == [("bad", "bad"), ("bad", "unknown"), ("still", "bad")]
    day = Day().lives(60, BAD).lives(700, UNKNOWN)
    assert [one[1:] for one in day.heard] == [("bad", "bad")]
    # it goes on being told as what it was
    day.lives(600, UNKNOWN)
    assert [one[1:] for one in day.heard] == [("bad", "bad"), ("still", "bad")]


def test_a_subject_that_is_no_more_is_over() -> None:
    day = Day().lives(60, finding(Level.BAD, subject="executor@a")).lives(120, finding(Level.WELL, subject="b"))
    assert [one[1:] for one in day.heard] == [("bad", "bad"), ("over", "well")]


def test_a_way_that_fails_is_told_with_the_same_number_when_it_works_again() -> None:
    day = Day()
    day.fails = True
    day.lives(600, BAD)
    number = day.known["executor", ""].id
    day.fails = False
    day.lives(60, BAD)
    assert [(one.after.id, one.after.count, one.stage) for _, one in day.told] == [(number, 1, Stage.BAD)]
    day.fails = True
    day.lives(600, WELL)
    day.fails = False
    day.lives(10, WELL)
    assert [one.stage for _, one in day.told] == [Stage.BAD, Stage.OVER]


def test_what_was_over_is_forgotten_after_a_while() -> None:
    day = Day().lives(60, BAD).lives(REMEMBERED.total_seconds() + 200, WELL)
    assert day.known == {}
    day.lives(60, BAD)
    assert [one[1:] for one in day.heard][-1:] == [("bad", "bad")]


def test_the_worst_of_several_findings_of_one_subject_counts_and_the_worst_is_told_first() -> None:
    day = Day().lives(60, WELL, BAD, finding(Level.BAD, "a"), finding(Level.BAD, "z"))
    assert [one.after.name for _, one in day.told] == ["a", "executor", "z"]


def test_who_wants_only_what_is_bad_hears_of_no_warning() -> None:
    found = [BAD, finding(Level.WARNS, "w"), finding(Level.UNKNOWN, "u"), finding(Level.WELL, "g")]
    assert [one.level for one in unwell(found, Level.BAD)] == [Level.BAD, Level.WELL, Level.UNKNOWN, Level.WELL]
    assert unwell(found, Level.WARNS) == found


@given(st.lists(st.tuples(st.sampled_from([BAD, WARNS, WELL, UNKNOWN]), st.integers(1, 4000)), max_size=12))
def test_whatever_happens_each_end_has_its_beginning_and_nothing_is_told_twice(
    life: list[tuple[Finding, int]],
) -> None:
    day = Day()
    for one, seconds in life:
        day.lives(seconds, one, every=30)
    told = [one.once for _, one in day.told]
    assert len(told) == len(set(told))
    standing = False
    for _, one in day.told:
        if one.stage is Stage.OVER:
            assert standing
            standing = one.level is not Level.WELL
        else:
            standing = True
    # well for long: nothing is left
    day.lives(REMEMBERED.total_seconds() + 300, WELL, every=30)
    assert day.known == {}


@pytest.mark.parametrize("level", list(PAUSES))
def test_pauses_rise(level: Level) -> None:
    assert list(PAUSES[level].again) == sorted(PAUSES[level].again)
