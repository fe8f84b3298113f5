"""The truth table of reconciliation, and that no order of the input changes a result."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.reconciliation.rules import Booked, Finding, Horizon, Payment, Reason, Result, decide
from server.statements.parsed import LineKind
from shared.lifecycle import AttemptState as A
from shared.lifecycle import IntentState as I
from shared.money import Satang

MORNING = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NEXT_DAY = MORNING + timedelta(days=1, hours=2)
DAY = date(2026, 11, 21)
BRANCH = 3


def payment(n: int, intent: I = I.SETTLED, attempt: A = A.ACCEPTED, amount: int = 48_250_00) -> Payment:
    return Payment(
        attempt_id=UUID(int=n),
        intent_id=UUID(int=n + 10_000_000),
        branch_id=BRANCH,
        reference=f"S{n:015d}",
        amount=Satang(amount),
        currency="THB",
        intent_state=intent,
        attempt_state=attempt,
        settled_at=MORNING if attempt is A.ACCEPTED else None,
    )


def line(n: int, amount: int = -48_250_00, kind: LineKind = LineKind.DEBIT, sequence: int = 1) -> Booked:
    return Booked(
        line_id=UUID(int=n * 100 + sequence),
        branch_id=0,
        place=("account", 1, n * 100 + sequence),
        name=f"statement 1 line {n * 100 + sequence}",
        date=DAY,
        reference=f"S{n:015d}" if n else "",
        amount=Satang(amount),
        currency="THB",
        kind=kind,
    )


def back(n: int, amount: int = 48_250_00, sequence: int = 5) -> Booked:
    return line(n, amount, LineKind.REVERSAL, sequence)


SAME_DAY = Horizon(now=EVENING, covered_until=EVENING, cut_off=timedelta(hours=4))
DAY_OVER = Horizon(now=NEXT_DAY, covered_until=NEXT_DAY, cut_off=timedelta(hours=4))


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.result.value, finding.reason.value) for finding in findings]


@pytest.mark.parametrize(
    ("lines", "payments", "horizon", "expected"),
    [
        ([line(1)], [payment(1)], SAME_DAY, [("matched", "")]),
        ([line(1)], [payment(1, I.RECONCILED)], SAME_DAY, [("matched", "")]),
        ([line(1, -48_250_01)], [payment(1)], SAME_DAY, [("mismatched", "amount")]),
        ([replace(line(1), currency="USD")], [payment(1)], SAME_DAY, [("mismatched", "currency")]),
        ([], [payment(1)], SAME_DAY, [("settlement_pending", "day_not_over")]),
        ([], [payment(1)], DAY_OVER, [("missing_settlement", "not_on_statement")]),
        ([], [payment(1)], replace(DAY_OVER, covered_until=None), [("settlement_pending", "statement_not_here")]),
        ([], [payment(1)], replace(DAY_OVER, covered_until=MORNING), [("settlement_pending", "statement_not_here")]),
        (
            [],
            [payment(1)],
            replace(DAY_OVER, cut_off=timedelta(days=2)),
            [("settlement_pending", "day_not_over")],
        ),
        ([], [payment(1, I.SENT, A.CONFIRMING)], DAY_OVER, []),
        # All its lines were of statements that do not count any more.
        ([], [payment(1, I.RECONCILED)], DAY_OVER, [("missing_settlement", "not_on_statement")]),
        ([], [replace(payment(1, I.RETURNED), taken=True)], DAY_OVER, [("unexpected", "owed_unproven")]),
        ([line(0)], [payment(1, I.FAILED, A.REJECTED)], SAME_DAY, [("unexpected", "no_reference")]),
        ([line(2)], [payment(1, I.FAILED, A.REJECTED)], SAME_DAY, [("unexpected", "unknown_reference")]),
        ([line(1)], [payment(1, I.FAILED, A.REJECTED)], SAME_DAY, [("unexpected", "never_accepted")]),
        ([line(1)], [payment(1, I.AUTHORIZED, A.REJECTED)], SAME_DAY, [("unexpected", "never_accepted")]),
        # The bank paid an attempt that it had rejected, and another attempt of the intent, too.
        ([line(1)], [payment(1, I.SETTLED, A.REJECTED)], SAME_DAY, [("unexpected", "never_accepted")]),
        ([line(1)], [payment(1, I.SENT, A.CONFIRMING)], SAME_DAY, [("settlement_pending", "awaits_bank_answer")]),
        ([line(1)], [payment(1, I.IN_DOUBT, A.UNKNOWN)], SAME_DAY, [("settlement_pending", "awaits_bank_answer")]),
        ([line(1)], [payment(1, I.SETTLED, A.UNKNOWN)], SAME_DAY, [("settlement_pending", "awaits_bank_answer")]),
        ([line(1, -1)], [payment(1, I.IN_DOUBT, A.UNKNOWN)], SAME_DAY, [("mismatched", "amount")]),
        ([back(1)], [payment(1)], SAME_DAY, [("unexpected", "unpaid_credit"), ("settlement_pending", "day_not_over")]),
        ([line(1), back(1)], [payment(1, I.RECONCILED)], SAME_DAY, [("matched", ""), ("returned", "")]),
        ([line(1), back(1)], [payment(1)], SAME_DAY, [("matched", ""), ("returned", "")]),
        (
            [line(1), line(1, 48_250_00, LineKind.CREDIT, 2)],
            [payment(1)],
            SAME_DAY,
            [("matched", ""), ("returned", "")],
        ),
        ([line(1), back(1, 1)], [payment(1, I.RECONCILED)], SAME_DAY, [("matched", ""), ("mismatched", "amount")]),
        (
            [line(1), back(1), back(1, sequence=6)],
            [payment(1, I.RECONCILED)],
            SAME_DAY,
            [("matched", ""), ("returned", ""), ("unexpected", "duplicate")],
        ),
        (
            [line(1, -48_250_00, LineKind.REVERSAL)],
            [payment(1)],
            SAME_DAY,
            [("unexpected", "reversed_credit"), ("settlement_pending", "day_not_over")],
        ),
        # The return itself is taken back: the payment has left after all.
        (
            [line(1), line(1, 48_250_00, LineKind.CREDIT, 2), line(1, -48_250_00, LineKind.REVERSAL, 3)],
            [payment(1, I.RETURNED)],
            SAME_DAY,
            [("matched", ""), ("matched", "undone"), ("matched", "undone")],
        ),
        # A fee under the payment's reference, and one that the bank gives back.
        ([line(1), line(1, -35_00, LineKind.FEE, 2)], [payment(1)], SAME_DAY, [("matched", ""), ("fee", "")]),
        (
            [line(1, 35_00, LineKind.FEE)],
            [payment(1)],
            SAME_DAY,
            [("fee", ""), ("settlement_pending", "day_not_over")],
        ),
        ([line(0, -35_00, LineKind.FEE)], [], SAME_DAY, [("fee", "")]),
        # What the bank rejected, booked and took back.
        (
            [line(1), back(1)],
            [payment(1, I.FAILED, A.REJECTED)],
            SAME_DAY,
            [("matched", "undone"), ("matched", "undone")],
        ),
        (
            [line(1), line(1, -35_00, LineKind.FEE, 2)],
            [payment(1, I.FAILED, A.REJECTED)],
            SAME_DAY,
            [("unexpected", "never_accepted"), ("fee", "")],
        ),
        # Paid after all, when the member has what came back already, or only the debit's statement counts any more.
        (
            [line(1), back(1), line(1, sequence=6)],
            [replace(payment(1, I.RETURNED), taken=True)],
            SAME_DAY,
            [("matched", ""), ("returned", ""), ("unexpected", "paid_besides_owed")],
        ),
        (
            [line(1)],
            [replace(payment(1, I.RETURNED), taken=True)],
            SAME_DAY,
            [("unexpected", "paid_besides_owed")],
        ),
        ([line(1), line(1, sequence=2)], [payment(1)], SAME_DAY, [("matched", ""), ("unexpected", "duplicate")]),
        ([line(1, -1), line(1, sequence=2)], [payment(1)], SAME_DAY, [("mismatched", "amount"), ("matched", "")]),
        (
            [line(1, -1), line(1, -2, sequence=2)],
            [payment(1)],
            SAME_DAY,
            [("mismatched", "amount"), ("mismatched", "amount")],
        ),
    ],
)  # fmt: skip
def test_truth_table(
    lines: list[Booked], payments: list[Payment], horizon: Horizon, expected: list[tuple[str, str]]
) -> None:
    found = decide(lines, payments, horizon)
    assert told(found) == expected
    by_reference = {one.reference: one for one in payments}
    for one in found:
        assert one.payment == by_reference.get(one.reference)
        assert one.branch_id == (BRANCH if one.payment else 0)
        assert one.date == (DAY if one.reason is not Reason.OWED_UNPROVEN else DAY + timedelta(days=1))


def test_a_finding_says_what_was_expected_and_what_was_found() -> None:
    lines = [line(1, -1), line(2), back(2), line(3)]
    short, _, came_back, unknown = decide(lines, [payment(1), payment(2)], SAME_DAY)
    assert (short.expected, short.found) == (-48_250_00, -1)
    assert (came_back.expected, came_back.found) == (48_250_00, 48_250_00)
    assert (unknown.expected, unknown.found) == (0, -48_250_00)
    (missing,) = decide([], [payment(1)], DAY_OVER)
    assert (missing.expected, missing.found, missing.branch_id) == (-48_250_00, 0, BRANCH)


Plant = Callable[[int], tuple[list[Booked], list[Payment], list[tuple[Result, Reason]]]]
PLANTS: dict[str, Plant] = {
    "matched": lambda n: ([line(n)], [payment(n)], [(Result.MATCHED, Reason.NONE)]),
    "wrong amount": lambda n: ([line(n, -7)], [payment(n)], [(Result.MISMATCHED, Reason.AMOUNT)]),
    "twice": lambda n: (
        [line(n), line(n, sequence=2)],
        [payment(n)],
        [(Result.MATCHED, Reason.NONE), (Result.UNEXPECTED, Reason.DUPLICATE)],
    ),
    "returned": lambda n: (
        [line(n), back(n)],
        [payment(n)],
        [(Result.MATCHED, Reason.NONE), (Result.RETURNED, Reason.NONE)],
    ),
    "missing": lambda n: ([], [payment(n)], [(Result.MISSING_SETTLEMENT, Reason.NOT_ON_STATEMENT)]),
    "in doubt": lambda n: (
        [line(n)],
        [payment(n, I.IN_DOUBT, A.UNKNOWN)],
        [(Result.SETTLEMENT_PENDING, Reason.AWAITS_BANK_ANSWER)],
    ),
    "rejected": lambda n: (
        [line(n)],
        [payment(n, I.FAILED, A.REJECTED)],
        [(Result.UNEXPECTED, Reason.NEVER_ACCEPTED)],
    ),
    "unknown": lambda n: ([line(n)], [], [(Result.UNEXPECTED, Reason.UNKNOWN_REFERENCE)]),
    "failed": lambda n: ([], [payment(n, I.FAILED, A.REJECTED)], []),
}


@given(st.lists(st.sampled_from(sorted(PLANTS)), min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_planted_truth_is_found_whatever_the_order(kinds: list[str], shuffler: object) -> None:
    lines: list[Booked] = []
    payments: list[Payment] = []
    truth: list[tuple[str, Result, Reason]] = []
    for n, kind in enumerate(kinds, start=1):
        planted_lines, planted_payments, results = PLANTS[kind](n)
        lines += planted_lines
        payments += planted_payments
        truth += [(f"S{n:015d}", *result) for result in results]
    in_order = decide(lines, payments, DAY_OVER)
    assert sorted((finding.reference, finding.result, finding.reason) for finding in in_order) == sorted(truth)
    shuffler.shuffle(lines)  # type: ignore[attr-defined]  # hypothesis gives a random.Random, which is banned by name
    shuffler.shuffle(payments)  # type: ignore[attr-defined]  # as above
    assert decide(lines, payments, DAY_OVER) == in_order


def test_ten_thousand_lines_are_judged_exactly() -> None:
    numbers = list(range(1, 10_001))
    secrets.SystemRandom().shuffle(numbers)
    findings = decide([line(n) for n in numbers], [payment(n) for n in reversed(numbers)], DAY_OVER)
    assert len(findings) == 10_000
    assert {finding.result for finding in findings} == {Result.MATCHED}
    assert [finding.line and finding.line.place for finding in findings] == sorted(line(n).place for n in numbers)
