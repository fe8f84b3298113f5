"""A channel that does not answer is left alone, asked a question that moves nothing, and used again when it answers."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from server.workers.breaker import Breaker, BreakerSettings, BreakerState, Cause
from server.workers.probing import is_provable
from shared.bank_codes import NO_ANSWER

SETTINGS = BreakerSettings(failures=3, within=10.0, rest=5.0, rest_most=12.0, first=2, trial_most=60.0)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(SETTINGS)
    for _ in range(3):
        breaker.unanswered(uuid4(), at, Cause(NO_ANSWER, "no answer"))
    assert breaker.state is BreakerState.OPEN
    return breaker


def refused(at: float = 0.0, code: str = "116") -> Breaker:
    """Told by the bank that every payment would fare alike, which no question proves."""
    breaker = Breaker(SETTINGS)
    breaker.refused(at, Cause(code), 5.0, provable=is_provable(code))
    assert breaker.state is BreakerState.OPEN
    return breaker


def begun(breaker: Breaker, moment: float) -> UUID:
    payment = uuid4()
    assert breaker.may_begin(moment) != 0
    breaker.began(payment, moment)
    return payment


def test_it_opens_after_several_in_a_row_and_no_payment_finds_out_about_the_end() -> None:
    breaker = Breaker(SETTINGS)
    breaker.unanswered(uuid4(), 0.0, Cause(NO_ANSWER, "a"))
    breaker.unanswered(uuid4(), 1.0, Cause(NO_ANSWER, "b"))
    assert breaker.may_begin(1.0) is None
    breaker.unanswered(uuid4(), 2.0, Cause(NO_ANSWER, "c"))
    assert (breaker.state, breaker.cause) == (BreakerState.OPEN, Cause(NO_ANSWER, "c"))
    assert [breaker.is_due(moment) for moment in (2.0, 6.9, 7.0, 1e6)] == [False, False, True, True]
    assert [breaker.may_begin(moment) for moment in (2.0, 7.0, 1e6)] == [0, 0, 0]


def test_an_answer_in_between_and_time_make_a_new_row() -> None:
    breaker = Breaker(SETTINGS)
    for moment in (0.0, 1.0):
        breaker.unanswered(uuid4(), moment, Cause(NO_ANSWER, "-"))
    breaker.answered(uuid4())
    for moment in (2.0, 3.0, 13.5):
        breaker.unanswered(uuid4(), moment, Cause(NO_ANSWER, "-"))
    assert breaker.state is BreakerState.CLOSED
    breaker.unanswered(uuid4(), 13.6, Cause(NO_ANSWER, "-"))
    assert breaker.state is BreakerState.CLOSED
    breaker.unanswered(uuid4(), 13.7, Cause(NO_ANSWER, "-"))
    assert breaker.state is BreakerState.OPEN


def test_an_answered_question_closes_it_without_any_payment() -> None:
    breaker = opened()
    assert breaker.heard(5.0, 5.1)
    assert (breaker.state, breaker.cause, breaker.is_due(100.0)) == (BreakerState.CLOSED, Cause(), False)


def test_an_inquiry_that_is_answered_closes_it_before_its_rest_is_over() -> None:
    breaker = opened(10.0)
    assert not breaker.heard(9.9, 11.0)  # asked before the outage began
    assert breaker.state is BreakerState.OPEN
    assert breaker.heard(10.5, 11.0)
    assert breaker.state is BreakerState.CLOSED


def test_few_payments_go_first_until_one_of_them_is_answered() -> None:
    breaker = opened()
    breaker.heard(5.0, 5.0)
    first = begun(breaker, 5.0)
    assert breaker.may_begin(5.0) == 1
    begun(breaker, 5.0)
    assert breaker.may_begin(5.0) == 0
    breaker.answered(uuid4())  # an answer of before the outage is no proof
    assert breaker.may_begin(5.0) == 0
    breaker.answered(first)
    assert breaker.may_begin(5.0) is None


def test_each_silence_doubles_the_rest_up_to_its_most_and_an_answered_payment_restores_it() -> None:
    breaker, moment = opened(), 0.0
    for rest in (5.0, 10.0, 12.0, 12.0):
        assert not breaker.is_due(moment + rest - 0.1)
        moment += rest
        assert breaker.is_due(moment)
        breaker.unheard(moment, Cause(NO_ANSWER, "still not"))
        assert breaker.cause.told == "still not"
    breaker.heard(moment, moment)
    breaker.answered(begun(breaker, moment))
    for _ in range(3):
        breaker.unanswered(uuid4(), moment, Cause(NO_ANSWER, "-"))
    assert breaker.is_due(moment + 5.0)


def test_a_bank_that_answers_questions_and_takes_no_payment_is_tried_by_one_payment_at_a_time() -> None:
    breaker, moment = opened(), 5.0
    breaker.heard(moment, moment)
    breaker.unanswered(begun(breaker, moment), moment, Cause(NO_ANSWER, "initiate"))
    assert breaker.state is BreakerState.OPEN
    # its rest is longer, and it is not taken for well at the next answer, or alarms would come and go
    assert not breaker.is_due(moment + 9.9)
    moment += 10
    assert breaker.heard(moment, moment)
    assert (breaker.state, breaker.cause.told) == (BreakerState.HALF_OPEN, "initiate")
    trial = begun(breaker, moment)
    assert breaker.may_begin(moment) == 0
    breaker.answered(trial)
    assert (breaker.state, breaker.may_begin(moment)) == (BreakerState.CLOSED, None)


def test_what_was_under_way_when_it_opened_changes_nothing() -> None:
    breaker = opened()
    breaker.heard(5.0, 5.0)
    payment = begun(breaker, 5.0)
    breaker.unanswered(uuid4(), 5.0, Cause(NO_ANSWER, "late"))
    assert breaker.state is BreakerState.CLOSED
    assert breaker.is_trial(payment)
    breaker.answered(payment)
    assert breaker.may_begin(5.0) is None


def test_a_trial_that_ended_on_our_side_gives_its_place_to_another() -> None:
    breaker = refused()
    breaker.heard(5.0, 5.0)
    trial = begun(breaker, 5.0)
    assert breaker.may_begin(6.0) == 0
    breaker.interrupted(trial)
    assert (breaker.state, breaker.may_begin(6.0)) == (BreakerState.HALF_OPEN, 1)


def test_nobody_waits_for_ever_for_the_end_of_a_trial() -> None:
    breaker = refused()
    breaker.heard(5.0, 5.0)
    begun(breaker, 5.0)
    assert [breaker.may_begin(moment) for moment in (64.9, 65.0)] == [0, 1]


def test_a_payment_that_is_only_announced_waits_unless_it_is_a_trial() -> None:
    breaker = Breaker(SETTINGS)
    assert breaker.may_confirm(uuid4())
    breaker = refused()
    assert not breaker.may_confirm(uuid4())
    breaker.heard(5.0, 5.0)
    payment = begun(breaker, 5.0)
    assert breaker.may_confirm(payment)
    assert not breaker.may_confirm(uuid4())


def test_a_bank_that_refuses_us_rests_for_as_long_as_it_was_told() -> None:
    breaker = Breaker(SETTINGS)
    breaker.refused(0.0, Cause("not_sent", "our client certificate"), 30.0, provable=True)
    assert [breaker.is_due(moment) for moment in (0.0, 29.9, 30.0)] == [False, False, True]
    # an inquiry that gets through says nothing about the payment's right, so the rest is kept
    assert not breaker.heard(1.0, 1.0)
    assert breaker.heard(30.0, 30.0)
    assert breaker.state is BreakerState.CLOSED


def test_an_answered_question_does_not_say_that_an_empty_account_was_filled() -> None:
    breaker = refused()
    breaker.heard(5.0, 5.0)
    assert (breaker.state, breaker.cause.code, breaker.may_begin(5.0)) == (BreakerState.HALF_OPEN, "116", 1)
    payment = begun(breaker, 5.0)
    breaker.taken(payment)  # a file that was taken says nothing about the account
    assert (breaker.is_trial(payment), breaker.may_begin(6.0)) == (True, 0)
    breaker.refused(6.0, Cause("116"), 5.0, payment)
    assert breaker.state is BreakerState.OPEN
    assert [breaker.is_due(moment) for moment in (15.9, 16.0)] == [False, True]
    # silent now too: the account is what a person must look at
    breaker.unheard(16.0, Cause(NO_ANSWER, "probe: timeout"))
    assert breaker.cause.code == "116"


def test_a_refusal_of_what_was_under_way_does_not_lengthen_the_rest() -> None:
    breaker = refused()
    for _ in range(50):
        breaker.refused(4.0, Cause("116"), 5.0, uuid4())
    assert breaker.is_due(5.0)


def test_who_starts_anew_asks_first_and_sends_nothing() -> None:
    breaker = Breaker(SETTINGS)
    breaker.remember(100.0, Cause(NO_ANSWER, "probe: timeout"), 30.0, provable=True)
    assert (breaker.state, breaker.may_begin(100.0), breaker.is_due(100.0)) == (BreakerState.OPEN, 0, True)
    breaker = Breaker(SETTINGS)
    breaker.remember(100.0, Cause("116"), 30.0, provable=False)
    assert [breaker.is_due(moment) for moment in (129.9, 130.0)] == [False, True]
    breaker.heard(130.0, 130.0)
    assert breaker.state is BreakerState.HALF_OPEN


def test_a_channel_without_a_question_is_tried_by_one_payment() -> None:
    breaker = opened()
    breaker.heard(5.0, 5.0, proof=False)
    assert (breaker.state, breaker.may_begin(5.0)) == (BreakerState.HALF_OPEN, 1)


@pytest.mark.parametrize(
    ("code", "provable"),
    [
        (NO_ANSWER, True),
        ("9500", True),
        ("9503", True),
        ("CANCELED", True),
        ("not_sent", True),
        ("116", False),
        ("H116", False),
        ("165", False),
        ("184", False),
        ("1102", False),
        ("file.refused", False),
        ("999", False),
        ("H999", False),
        ("XX1234", False),
    ],
)
def test_which_causes_a_question_meets_too(code: str, provable: bool) -> None:
    assert is_provable(code) is provable
