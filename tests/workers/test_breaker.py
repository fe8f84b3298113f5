"""A channel that does not answer is left alone, tried with one payment, and used again when it answers."""

from __future__ import annotations

from uuid import UUID, uuid4

from server.workers.breaker import Breaker, BreakerSettings, BreakerState

SETTINGS = BreakerSettings(failures=3, within=10.0, rest=5.0, rest_most=12.0)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(SETTINGS)
    for _ in range(3):
        breaker.unanswered(uuid4(), at, "no answer")
    assert breaker.state is BreakerState.OPEN
    return breaker


def trial(breaker: Breaker) -> UUID:
    payment = uuid4()
    breaker.began(payment)
    assert breaker.state is BreakerState.HALF_OPEN
    return payment


def test_three_in_a_row_open_it_and_nothing_begins_while_it_rests() -> None:
    breaker = Breaker(SETTINGS)
    breaker.unanswered(uuid4(), 0.0, "a")
    breaker.unanswered(uuid4(), 1.0, "b")
    assert breaker.may_begin(1.0) is None
    breaker.unanswered(uuid4(), 2.0, "c")
    assert (breaker.state, breaker.reason) == (BreakerState.OPEN, "c")
    assert [breaker.may_begin(moment) for moment in (2.0, 6.9, 7.0)] == [0, 0, 1]


def test_an_answer_between_them_or_too_long_a_time_keeps_it_closed() -> None:
    breaker = Breaker(SETTINGS)
    for moment in (0.0, 1.0):
        breaker.unanswered(uuid4(), moment, "-")
    breaker.answered(uuid4())
    for moment in (2.0, 3.0, 13.5):
        breaker.unanswered(uuid4(), moment, "-")
    assert breaker.state is BreakerState.CLOSED
    breaker.unanswered(uuid4(), 13.6, "-")
    assert breaker.state is BreakerState.CLOSED
    breaker.unanswered(uuid4(), 13.7, "-")
    assert breaker.state is BreakerState.OPEN


def test_one_payment_tries_it_and_its_answer_closes_it() -> None:
    breaker = opened()
    first = trial(breaker)
    assert breaker.may_begin(100.0) == 0
    breaker.answered(uuid4())  # an answer of before the outage is no proof
    assert breaker.state is BreakerState.HALF_OPEN
    breaker.answered(first)
    assert breaker.may_begin(100.0) is None


def test_each_trial_that_fails_makes_the_rest_longer_up_to_its_most() -> None:
    breaker, moment = opened(), 0.0
    for rest in (5.0, 10.0, 12.0, 12.0):
        assert breaker.may_begin(moment + rest - 0.1) == 0
        moment += rest
        assert breaker.may_begin(moment) == 1
        breaker.unanswered(trial(breaker), moment, "still not")
    breaker = opened(moment)
    breaker.answered(trial(breaker))
    for _ in range(3):
        breaker.unanswered(uuid4(), moment, "-")
    assert breaker.may_begin(moment + 5.0) == 1


def test_late_failures_of_payments_from_before_do_not_count_against_the_trial() -> None:
    breaker = opened()
    payment = trial(breaker)
    for _ in range(10):
        breaker.unanswered(uuid4(), 5.0, "late")
    assert breaker.state is BreakerState.HALF_OPEN
    breaker.answered(payment)
    assert breaker.state is BreakerState.CLOSED


def test_a_trial_that_ends_on_our_side_proves_nothing_and_another_may_try_at_once() -> None:
    breaker = opened()
    breaker.interrupted(trial(breaker), 6.0)
    assert (breaker.state, breaker.may_begin(6.0)) == (BreakerState.OPEN, 1)


def test_while_open_only_the_trial_is_confirmed() -> None:
    breaker = Breaker(SETTINGS)
    assert breaker.may_confirm(uuid4())
    breaker = opened()
    assert not breaker.may_confirm(uuid4())
    payment = trial(breaker)
    assert breaker.may_confirm(payment)
    assert not breaker.may_confirm(uuid4())


def test_a_refusal_that_concerns_every_payment_opens_it_at_once_for_as_long_as_it_is_told() -> None:
    breaker = Breaker(SETTINGS)
    breaker.refused(0.0, "certificate", 30.0)
    assert [breaker.may_begin(moment) for moment in (0.0, 29.9, 30.0)] == [0, 0, 1]


def test_after_a_refusal_a_trial_that_is_only_taken_keeps_the_others_waiting() -> None:
    breaker = Breaker(SETTINGS)
    breaker.refused(0.0, "116", 5.0)
    payment = trial(breaker)
    breaker.taken(payment)
    assert breaker.is_trial(payment)
    assert breaker.may_begin(99.0) == 0
    breaker.answered(payment)
    assert (breaker.state, breaker.reason) == (BreakerState.CLOSED, "")
    breaker = opened()
    breaker.taken(trial(breaker))
    assert breaker.state is BreakerState.CLOSED


def test_refusals_of_those_under_way_before_do_not_end_the_trial_and_its_own_makes_the_rest_longer() -> None:
    breaker = Breaker(SETTINGS)
    breaker.refused(0.0, "116", 5.0, uuid4())
    breaker.refused(4.0, "116", 5.0, uuid4())
    assert breaker.may_begin(5.0) == 1
    payment = trial(breaker)
    breaker.refused(5.0, "116", 5.0, uuid4())
    assert breaker.is_trial(payment)
    breaker.refused(6.0, "184", 5.0, payment)
    assert (breaker.reason, breaker.may_begin(15.9), breaker.may_begin(16.0)) == ("184", 0, 1)
