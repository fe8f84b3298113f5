"""The net of a reference and its parts, line by line, without statements or a database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from server.reconciliation.net import Booked, Part, Standing, as_if, net_of
from server.reconciliation.rules import Horizon, Reason, decide, judge
from server.statements.parsed import LineKind
from shared.lifecycle import AttemptState, IntentState
from shared.money import Satang
from tests.reconciliation.test_net import FEE, MOST, PART_BACK, PAYMENT, PRICE, RC, RD, REST, C, D, Kind, booked
from tests.support.books import MORNING

NOTHING = (LineKind.DEBIT, 0)
NEXT_DAY = MORNING + timedelta(days=1, hours=2)
TAKEN = replace(PAYMENT, intent_state=IntentState.RETURNED, taken=True)


def parts(lines: list[Booked]) -> tuple[str, bool, list[str]]:
    net = net_of(lines, Satang(PRICE), "THB")
    assert [line for line, _ in net.parts] == sorted(lines, key=lambda line: line.place)
    return net.standing.value, net.exact, [part.value for _, part in net.parts]


@pytest.mark.parametrize(
    ("kinds", "standing", "exact", "expected"),
    [
        ([D], "paid", True, "paid"),
        ([D, RD], "returned", True, "paid returned"),
        ([RD, D], "returned", True, "returned paid"),
        ([D, RD, D], "paid", True, "paid undone undone"),
        ([RC, D, C], "paid", True, "undone paid undone"),
        ([NOTHING], "unseen", False, "undone"),
        ([NOTHING, MOST], "unseen", False, "undone other_amount"),
        # As often back as out, and something else beside: the money is not shown to have left.
        ([D, RD, MOST], "returned", False, "paid returned other_amount"),
        ([D, RD, RD], "returned", False, "paid returned twice"),
        ([D, D], "paid", False, "paid twice"),
        ([D, D, RD, PART_BACK], "paid", False, "paid undone undone other_amount"),
        ([D, D, D, RD], "paid", False, "paid undone twice undone"),
        ([D, RD, RD, RD, D], "returned", False, "paid returned undone twice undone"),
        ([RC], "unseen", False, "reversed_credit"),
        ([C, RC, PART_BACK], "unseen", False, "unpaid_credit reversed_credit other_amount"),
        ([D, FEE], "paid", True, "paid fee"),
        # The line of exactly the amount is the one that stands, wherever it is.
        ([MOST, REST, D, RD], "paid", True, "undone undone paid undone"),
        ([D, PART_BACK, RD, REST], "returned", True, "paid undone returned undone"),
        # Without such a line the first that moved something, were it a satang.
        ([D, NOTHING, PART_BACK, (LineKind.REVERSAL, PRICE - 50_00)], "returned", True, "paid undone returned undone"),
        ([D, (LineKind.REVERSAL, 1), (LineKind.REVERSAL, PRICE - 1)], "returned", True, "paid returned undone"),
    ],
)
def test_each_line_has_its_part(kinds: list[Kind], standing: str, exact: bool, expected: str) -> None:
    assert parts(booked(kinds)) == (standing, exact, expected.split())


def test_another_currency_is_no_part_of_the_sum() -> None:
    lines = [*booked([D]), replace(booked([D, D])[1], currency="USD")]
    assert parts(lines) == ("paid", True, ["paid", "other_currency"])


def test_told_as_if_it_had_stayed_returned_fees_and_other_currencies_keep_their_part() -> None:
    lines = booked([D, RD, D, FEE, FEE])
    lines.append(replace(booked([D] * 6)[5], currency="USD"))
    lines[4] = replace(lines[4], currency="USD")
    net = net_of(lines, Satang(PRICE), "THB")
    told = as_if(net, Standing.RETURNED, Satang(PRICE), "THB")
    assert (told.standing, told.exact, told.satang) == (Standing.RETURNED, False, -PRICE)
    assert [part for _, part in told.parts] == [
        Part.PAID, Part.RETURNED, Part.TWICE, Part.FEE, Part.FEE, Part.OTHER_CURRENCY,
    ]  # fmt: skip


def test_told_as_if_returned_without_a_credit_every_debit_is_one_too_many() -> None:
    told = as_if(net_of(booked([D, D]), Satang(PRICE), "THB"), Standing.RETURNED, Satang(PRICE), "THB")
    assert [part for _, part in told.parts] == [Part.TWICE, Part.TWICE]


@pytest.mark.parametrize("payer", ["account", "other", ""])
def test_a_statement_covers_its_own_account_up_to_its_end(payer: str) -> None:
    waits = replace(PAYMENT, payer=payer)
    covered = {"account": NEXT_DAY}
    horizon = Horizon(now=NEXT_DAY, covered_until=None, cut_off=timedelta(hours=4), covered=covered)
    (told,) = decide([], [waits], horizon)
    assert told.reason is (Reason.NOT_ON_STATEMENT if payer == "account" else Reason.STATEMENT_NOT_HERE)
    (told,) = decide([], [waits], replace(horizon, covered_until=NEXT_DAY, covered={}))
    assert told.reason is (Reason.STATEMENT_NOT_HERE if payer else Reason.NOT_ON_STATEMENT)


def test_the_day_is_over_when_more_than_the_banks_time_has_gone() -> None:
    horizon = Horizon(now=NEXT_DAY, covered_until=NEXT_DAY, cut_off=NEXT_DAY - MORNING)
    (exactly,) = decide([], [PAYMENT], horizon)
    (after,) = decide([], [PAYMENT], replace(horizon, cut_off=NEXT_DAY - MORNING - timedelta(microseconds=1)))
    assert (exactly.reason, after.reason) == (Reason.DAY_NOT_OVER, Reason.NOT_ON_STATEMENT)


def test_a_line_of_another_account_says_nothing_but_that_it_is_strange() -> None:
    paying = replace(PAYMENT, payer="ours")
    own = replace(booked([D])[0], place=("ours", 1, 7))
    horizon = Horizon(now=NEXT_DAY, covered_until=None, cut_off=timedelta(0))
    told = judge([*booked([D, RD]), own], [paying], horizon)
    assert [(one.result.value, one.reason.value, one.payment) for one in told.findings] == [
        ("unexpected", "other_account", paying), ("unexpected", "other_account", paying), ("matched", "", paying),
    ]  # fmt: skip
    assert [(step.target, step.evidence) for step in told.steps] == [(IntentState.RECONCILED, own.name)]
    # One with nothing but lines of another account does not hide the next.
    later = replace(PAYMENT, attempt_id=UUID(int=8), intent_id=UUID(int=9), reference="S9", payer="ours")
    told = judge([*booked([D]), replace(own, reference="S9")], [paying, later], horizon)
    assert [step.payment for step in told.steps] == [later]


@pytest.mark.parametrize(
    ("kinds", "state", "target", "evidence"),
    [
        ([RD, D], IntentState.SETTLED, IntentState.RETURNED, "line 0"),
        ([RC, D, C], IntentState.SETTLED, IntentState.RECONCILED, "line 1"),
        # Nothing stands: the last line is what took it back.
        ([MOST, PART_BACK], IntentState.RECONCILED, IntentState.SETTLED, "line 1"),
        ([], IntentState.RECONCILED, IntentState.SETTLED, "on no accepted statement"),
    ],
)
def test_a_step_names_the_line_that_decided(
    kinds: list[Kind], state: IntentState, target: IntentState, evidence: str
) -> None:
    horizon = Horizon(now=NEXT_DAY, covered_until=None, cut_off=timedelta(hours=4))
    told = judge(booked(kinds), [replace(PAYMENT, intent_state=state)], horizon)
    assert [(step.target, step.evidence) for step in told.steps] == [(target, evidence)]


def test_what_was_given_out_again_and_is_on_no_statement_is_told_for_today() -> None:
    horizon = Horizon(now=NEXT_DAY, covered_until=None, cut_off=timedelta(hours=4))
    (told,) = decide([], [TAKEN], horizon)
    assert (told.reason, told.branch_id, told.reference) == (Reason.OWED_UNPROVEN, 1, PAYMENT.reference)
    assert (told.line, told.payment, told.date.isoformat()) == (None, TAKEN, "2026-11-22")


def test_findings_come_by_place_and_then_by_attempt_and_steps_by_attempt() -> None:
    horizon = Horizon(now=NEXT_DAY, covered_until=NEXT_DAY, cut_off=timedelta(hours=4))
    payments = [
        replace(PAYMENT, attempt_id=UUID(int=n), intent_id=UUID(int=10 + n), reference=f"S{9 - n}")
        for n in (3, 1, 2, 4)
    ]
    lines = [
        replace(line, reference=reference, place=("account", 1, place))
        for line, reference, place in zip(booked([D, D]), ("S8", "S6"), (1, 2), strict=True)
    ]
    told = judge(lines, payments, horizon)
    assert [one.reference for one in told.findings] == ["S8", "S6", "S7", "S5"]
    assert [step.payment.reference for step in told.steps] == ["S8", "S6"]
    rejected = [replace(one, attempt_state=AttemptState.REJECTED, settled_at=None) for one in payments]
    assert judge([], rejected, horizon).findings == []
