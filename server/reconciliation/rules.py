"""Decides what statement lines prove about payments; the order of the input never changes the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

import msgspec

from server.statements.parsed import LineKind
from shared.lifecycle import AttemptState, IntentState
from shared.money import Satang
from shared.thai import business_date


class Result(StrEnum):
    """What a line or a payment without a line amounts to."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    SETTLEMENT_PENDING = "settlement_pending"
    MISSING_SETTLEMENT = "missing_settlement"
    UNEXPECTED = "unexpected"
    RETURNED = "returned"


class Reason(StrEnum):
    """Why not matched: the criterion that failed."""

    NONE = ""
    AMOUNT = "amount"
    CURRENCY = "currency"
    DUPLICATE = "duplicate"
    NO_REFERENCE = "no_reference"
    UNKNOWN_REFERENCE = "unknown_reference"
    NEVER_ACCEPTED = "never_accepted"
    REVERSED_CREDIT = "reversed_credit"
    AWAITS_BANK_ANSWER = "awaits_bank_answer"
    DAY_NOT_OVER = "day_not_over"
    STATEMENT_NOT_HERE = "statement_not_here"
    NOT_ON_STATEMENT = "not_on_statement"


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """A statement line; `place` orders the lines of all statements, `amount` is signed satang."""

    line_id: UUID
    branch_id: int
    place: tuple[str, int, int]
    name: str
    date: date
    reference: str
    amount: Satang
    currency: str
    kind: LineKind


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt and the intent that it tries; `settled_at` is when the attempt ended."""

    attempt_id: UUID
    intent_id: UUID
    branch_id: int
    reference: str
    amount: Satang
    currency: str
    intent_state: IntentState
    attempt_state: AttemptState
    settled_at: datetime | None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One result: of a line, or of a settled payment that has none (`line` is None)."""

    branch_id: int
    line: Booked | None
    payment: Payment | None
    result: Result
    reason: Reason = Reason.NONE
    reference: str
    date: date

    @property
    def expected(self) -> int:
        """Satang that the payment would book: negative out of the account, positive for a return, 0 if unknown."""
        if self.payment is None:
            return 0
        comes_back = self.line is not None and self.line.amount > 0
        return self.payment.amount if comes_back else -self.payment.amount

    @property
    def found(self) -> int:
        """Satang that the line booked; 0 without a line."""
        return 0 if self.line is None else self.line.amount


class Horizon(msgspec.Struct, frozen=True, kw_only=True):
    """What time it is, and up to when the statements tell everything; `cut_off` is how long a bank may take to book."""

    now: datetime
    covered_until: datetime | None
    cut_off: timedelta


_HAS_SETTLED = frozenset({IntentState.SETTLED, IntentState.RECONCILED, IntentState.RETURNED})
_IS_UNDER_WAY = frozenset({IntentState.SENT, IntentState.IN_DOUBT})
_EXPLAINS = frozenset({Result.MATCHED, Result.MISMATCHED, Result.RETURNED})


def decide(lines: Iterable[Booked], payments: Iterable[Payment], horizon: Horizon) -> list[Finding]:
    """What each line proves, and what is to be said of each settled payment that no line explains.

    `lines` must hold all lines of every reference among them. Ordered by place, then by attempt.
    """
    by_reference = {payment.reference: payment for payment in payments}
    findings: list[Finding] = []
    explained: set[UUID] = set()
    for reference, group in groupby(sorted(lines, key=_reference_and_place), key=_reference):
        payment = by_reference.get(reference) if reference else None
        found = list(_of_reference(payment, list(group)))
        findings += found
        if payment is not None and any(finding.result in _EXPLAINS for finding in found):
            explained.add(payment.intent_id)
    findings.sort(key=_line_place)
    waiting = sorted(by_reference.values(), key=_attempt)
    return findings + [_without_line(payment, horizon) for payment in waiting if _needs_line(payment, explained)]


def _reference(line: Booked) -> str:
    return line.reference


def _reference_and_place(line: Booked) -> tuple[str, tuple[str, int, int]]:
    return line.reference, line.place


def _line_place(finding: Finding) -> tuple[str, int, int]:
    return finding.line.place if finding.line else ("", 0, 0)


def _attempt(payment: Payment) -> UUID:
    return payment.attempt_id


def _needs_line(payment: Payment, explained: set[UUID]) -> bool:
    accepted = payment.attempt_state is AttemptState.ACCEPTED and payment.intent_state is IntentState.SETTLED
    return accepted and payment.intent_id not in explained


def _of_reference(payment: Payment | None, lines: Sequence[Booked]) -> Iterator[Finding]:
    if payment is None:
        for line in lines:
            yield _finding(line, None, Reason.UNKNOWN_REFERENCE if line.reference else Reason.NO_REFERENCE)
        return
    yield from _judged(payment, [line for line in lines if line.amount < 0 and line.kind is LineKind.DEBIT])
    yield from _judged(payment, [line for line in lines if line.amount > 0])
    for line in lines:
        if line.amount < 0 and line.kind is not LineKind.DEBIT:
            yield _finding(line, payment, Reason.REVERSED_CREDIT)


def _judged(payment: Payment, lines: Sequence[Booked]) -> Iterator[Finding]:
    """Lines of one direction: the first that fits is the one (or, if none does, the first); others are too many."""
    if not lines:
        return
    chosen = next((line for line in lines if _difference(payment, line) is Reason.NONE), lines[0])
    for line in lines:
        if not _was_or_may_be_accepted(payment):
            yield _finding(line, payment, Reason.NEVER_ACCEPTED)
        elif line is not chosen:
            yield _finding(line, payment, Reason.DUPLICATE)
        else:
            yield _compared(payment, line)


def _compared(payment: Payment, line: Booked) -> Finding:
    difference = _difference(payment, line)
    if difference is not Reason.NONE:
        return _finding(line, payment, difference, Result.MISMATCHED)
    if not _has_settled(payment):
        return _finding(line, payment, Reason.AWAITS_BANK_ANSWER, Result.SETTLEMENT_PENDING)
    return _finding(line, payment, Reason.NONE, Result.MATCHED if line.amount < 0 else Result.RETURNED)


def _difference(payment: Payment, line: Booked) -> Reason:
    if line.currency != payment.currency:
        return Reason.CURRENCY
    return Reason.NONE if abs(line.amount) == payment.amount else Reason.AMOUNT


def _has_settled(payment: Payment) -> bool:
    return payment.attempt_state is AttemptState.ACCEPTED and payment.intent_state in _HAS_SETTLED


def _was_or_may_be_accepted(payment: Payment) -> bool:
    """A rejected attempt has moved nothing, so a line of it is an alarm; one that is under way may yet be accepted."""
    if payment.attempt_state is AttemptState.REJECTED:
        return False
    return payment.intent_state in _HAS_SETTLED or payment.intent_state in _IS_UNDER_WAY


def _finding(line: Booked, payment: Payment | None, reason: Reason, result: Result = Result.UNEXPECTED) -> Finding:
    return Finding(
        branch_id=payment.branch_id if payment else line.branch_id,
        line=line,
        payment=payment,
        result=result,
        reason=reason,
        reference=line.reference,
        date=line.date,
    )


def _without_line(payment: Payment, horizon: Horizon) -> Finding:
    settled_at = payment.settled_at or horizon.now
    day_over = business_date(horizon.now) > business_date(settled_at) and horizon.now - settled_at > horizon.cut_off
    covered = horizon.covered_until is not None and settled_at < horizon.covered_until
    if day_over and covered:
        result, reason = Result.MISSING_SETTLEMENT, Reason.NOT_ON_STATEMENT
    else:
        result = Result.SETTLEMENT_PENDING
        reason = Reason.STATEMENT_NOT_HERE if day_over else Reason.DAY_NOT_OVER
    return Finding(
        branch_id=payment.branch_id,
        line=None,
        payment=payment,
        result=result,
        reason=reason,
        reference=payment.reference,
        date=business_date(settled_at),
    )
