"""Shares of what is free, and what a channel may take."""

from __future__ import annotations

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from server.executing.sending import Lane
from server.workers.breaker import BreakerSettings, Cause
from server.workers.lanes import ChannelLimits, Gate, shares

LONG, SHORT, OTHER = Lane(1, "scb"), Lane(2, "scb"), Lane(1, "internal")
ROOMS = {"scb": 100, "internal": 100}
LANES = st.builds(Lane, st.integers(0, 9), st.sampled_from(["scb", "internal"]))
MOST = {"scb": 90, "internal": 90}


def test_a_long_queue_leaves_a_short_one_all_that_it_asks_for() -> None:
    given_ = shares({LONG: 50_000, SHORT: 3}, {}, ROOMS, lane_most=MOST, own={}, free=16, turn=0)
    assert given_ == {LONG: 13, SHORT: 3}


def test_who_has_least_under_way_is_next() -> None:
    given_ = shares({LONG: 50, SHORT: 50}, {LONG: 10}, ROOMS, lane_most=MOST, own={}, free=6, turn=0)
    assert given_ == {SHORT: 6}


def test_no_lane_holds_every_place_of_its_channel() -> None:
    assert shares({LONG: 500}, {LONG: 60}, ROOMS, lane_most=MOST, own={}, free=100, turn=0) == {LONG: 30}
    assert shares({LONG: 500}, {LONG: 90}, ROOMS, lane_most=MOST, own={}, free=100, turn=0) == {}


def test_a_channel_without_room_keeps_no_other_back() -> None:
    given_ = shares({LONG: 9, OTHER: 9}, {}, {"scb": 0, "internal": 4}, lane_most=MOST, own={}, free=20, turn=0)
    assert given_ == {OTHER: 4}


def test_the_turn_rotates_who_is_first_among_equals() -> None:
    lanes = {Lane(branch, "scb"): 1 for branch in range(5)}
    first = [next(iter(shares(lanes, {}, ROOMS, lane_most=MOST, own={}, free=1, turn=turn))) for turn in range(5)]
    assert sorted(first) == list(lanes)


@given(
    waiting=st.dictionaries(
        st.builds(Lane, st.integers(0, 9), st.sampled_from(["scb", "internal"])), st.integers(0, 60)
    ),
    rooms=st.fixed_dictionaries({"scb": st.integers(0, 40), "internal": st.integers(0, 40)}),
    free=st.integers(0, 60),
    turn=st.integers(0, 1000),
)
def test_never_more_than_waits_fits_or_is_free_and_no_place_is_left_that_somebody_wants(
    waiting: dict[Lane, int], rooms: dict[str, int], free: int, turn: int
) -> None:
    given_ = shares(waiting, {}, rooms, lane_most=MOST, own={}, free=free, turn=turn)
    assert all(0 < count <= waiting[lane] for lane, count in given_.items())
    by_channel = {name: sum(n for lane, n in given_.items() if lane.channel == name) for name in rooms}
    assert all(by_channel[name] <= rooms[name] for name in rooms)
    wanted = {name: sum(n for lane, n in waiting.items() if lane.channel == name) for name in rooms}
    assert sum(given_.values()) == min(free, sum(min(rooms[name], wanted[name]) for name in rooms))
    # nobody gets two more than another who still waits on the same channel
    for lane in waiting:
        if given_.get(lane, 0) < waiting[lane] and by_channel[lane.channel] == rooms[lane.channel] > 0:
            most = max(n for one, n in given_.items() if one.channel == lane.channel)
            assert most <= given_.get(lane, 0) + 1


def test_the_banks_quota_is_shared_by_all_executors_and_hardly_saved_up() -> None:
    gate = Gate(ChannelLimits(at_once=50, starts_per_second=10), BreakerSettings())
    gate.executors = 2
    began = 0
    for tenth in range(101):
        for _ in range(gate.room(tenth / 10, 0, 0)):
            gate.began(uuid4(), tenth / 10)
            began += 1
    assert 50 <= began <= 53
    assert gate.room(1000.0, 0, 0) <= 2


def test_what_is_only_being_claimed_counts_against_trial_and_quota() -> None:
    gate = Gate(ChannelLimits(at_once=10), BreakerSettings(failures=1, rest=1.0, first=2))
    gate.breaker.unanswered(uuid4(), 0.0, Cause())
    assert gate.room(1.0, 0, 0) == 0
    gate.breaker.heard(1.0, 1.0)
    assert (gate.room(1.0, 0, 0), gate.room(1.0, 1, 1), gate.room(1.0, 2, 2)) == (2, 1, 0)


def test_a_channel_that_holds_every_common_place_leaves_another_its_own() -> None:
    given_ = shares(
        {LONG: 9, OTHER: 9}, {LONG: 24}, ROOMS, lane_most=MOST, own={"scb": 0, "internal": 4}, free=0, turn=0
    )
    assert given_ == {OTHER: 4}


def test_own_places_come_before_common_ones() -> None:
    given_ = shares({LONG: 9, OTHER: 2}, {}, ROOMS, lane_most=MOST, own={"scb": 2, "internal": 2}, free=3, turn=0)
    assert given_ == {LONG: 5, OTHER: 2}
