"""Decides what statement lines prove about payments; the order of the input never changes the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

import msgspec

from server.reconciliation.net import Booked, Net, Part, Standing, as_if, net_of
from server.statements.parsed import LineKind
from shared.lifecycle import AttemptState, IntentState
from shared.money import Satang
from shared.thai import business_date


class Result(StrEnum):
    """What a line or a payment without a line amounts to.

    fee: the bank's own charge. set_aside: its statement does not count any more.
    """

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    SETTLEMENT_PENDING = "settlement_pending"
    MISSING_SETTLEMENT = "missing_settlement"
    UNEXPECTED = "unexpected"
    RETURNED = "returned"
    FEE = "fee"
    SET_ASIDE = "set_aside"


class Reason(StrEnum):
    """Why not matched: the criterion that failed. undone: another line of the payment took it back.

    paid_besides_owed: the bank has paid what came back and was given out again, or promised, meanwhile. owed_unproven:
    the statement that said so was set aside, and what is owed since has been given out. Both are for people alone.
    not_booked: the books did not take what follows from it; each run tries anew.
    """

    NONE = ""
    UNDONE = "undone"
    UNPAID_CREDIT = "unpaid_credit"
    PAID_BESIDES_OWED = "paid_besides_owed"
    OWED_UNPROVEN = "owed_unproven"
    NOT_BOOKED = "not_booked"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DUPLICATE = "duplicate"
    NO_REFERENCE = "no_reference"
    UNKNOWN_REFERENCE = "unknown_reference"
    NEVER_ACCEPTED = "never_accepted"
    REVERSED_CREDIT = "reversed_credit"
    OTHER_ACCOUNT = "other_account"
    AWAITS_BANK_ANSWER = "awaits_bank_answer"
    DAY_NOT_OVER = "day_not_over"
    STATEMENT_NOT_HERE = "statement_not_here"
    NOT_ON_STATEMENT = "not_on_statement"


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt and the intent that it tries; `settled_at` is when the attempt ended.

    `taken`: the payment was returned, and its member no longer has all of what is owed since, or was paid again.
    `payer` is the account that it pays from, as `Booked.account` says it; empty when that was never written down.
    """

    attempt_id: UUID
    intent_id: UUID
    branch_id: int
    reference: str
    amount: Satang
    currency: str
    intent_state: IntentState
    attempt_state: AttemptState
    settled_at: datetime | None
    taken: bool = False
    payer: str = ""


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
        if self.payment is None or self.result is Result.FEE:
            return 0
        comes_back = self.line is not None and self.line.amount > 0
        return self.payment.amount if comes_back else -self.payment.amount

    @property
    def found(self) -> int:
        """Satang that the line booked; 0 without a line."""
        return 0 if self.line is None else self.line.amount


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Where the statements want a settled payment's intent: in any direction, with the line that decided it."""

    payment: Payment
    target: IntentState
    evidence: str


class Judgement(msgspec.Struct, frozen=True):
    """What one run found, and the steps that follow from it; applied together or not at all."""

    findings: list[Finding]
    steps: list[Step]


class Horizon(msgspec.Struct, frozen=True, kw_only=True):
    """What time it is, and up to when the statements tell everything; `cut_off` is how long a bank may take to book.

    `covered` is that for each account of ours; `covered_until` for all of them, None while one has no statement.
    """

    now: datetime
    covered_until: datetime | None
    cut_off: timedelta
    covered: Mapping[str, datetime] = msgspec.field(default_factory=dict)

    def of(self, payer: str) -> datetime | None:
        """Up to when the statements tell what left an account; of all accounts when nobody knows which one pays."""
        return self.covered.get(payer) if payer else self.covered_until


_HAS_SETTLED = frozenset({IntentState.SETTLED, IntentState.RECONCILED, IntentState.RETURNED})
_IS_UNDER_WAY = frozenset({IntentState.SENT, IntentState.IN_DOUBT})
_TELLS = frozenset({Result.MATCHED, Result.MISMATCHED, Result.RETURNED})
"""A payment with one of these waits for no line."""
_TARGETS = {
    Standing.UNSEEN: IntentState.SETTLED,
    Standing.PAID: IntentState.RECONCILED,
    Standing.RETURNED: IntentState.RETURNED,
}
_FOUND: dict[Part, tuple[Result, Reason]] = {
    Part.PAID: (Result.MATCHED, Reason.NONE),
    Part.RETURNED: (Result.RETURNED, Reason.NONE),
    Part.UNDONE: (Result.MATCHED, Reason.UNDONE),
    Part.FEE: (Result.FEE, Reason.NONE),
    Part.TWICE: (Result.UNEXPECTED, Reason.DUPLICATE),
    Part.OTHER_AMOUNT: (Result.MISMATCHED, Reason.AMOUNT),
    Part.OTHER_CURRENCY: (Result.MISMATCHED, Reason.CURRENCY),
    Part.UNPAID_CREDIT: (Result.UNEXPECTED, Reason.UNPAID_CREDIT),
    Part.REVERSED_CREDIT: (Result.UNEXPECTED, Reason.REVERSED_CREDIT),
}


def judge(lines: Iterable[Booked], payments: Iterable[Payment], horizon: Horizon) -> Judgement:
    """What each line proves, what is to be said of each settled payment that no line explains, and which intents move.

    `lines` must hold all lines of every reference among them and of every payment's, from all accepted statements.
    Findings are ordered by place, then by attempt; steps by attempt.
    """
    by_reference = {payment.reference: payment for payment in payments}
    found: list[Finding] = []
    steps: list[Step] = []
    told: set[UUID] = set()
    unseen = set(by_reference)
    for reference, group in groupby(sorted(lines, key=_reference_and_place), key=_reference):
        payment = by_reference.get(reference) if reference else None
        if payment is None:
            found += [_strange(line) for line in group]
            continue
        spoken, foreign = _by_account(payment, group)
        found += [_finding(line, payment, Result.UNEXPECTED, Reason.OTHER_ACCOUNT) for line in foreign]
        if not spoken:
            continue
        unseen.discard(reference)
        own, step = _of_payment(payment, spoken)
        found += own
        steps += step
        told |= {payment.intent_id} if _tells(payment, own) else set()
    for reference in unseen:
        steps += _step(by_reference[reference], Standing.UNSEEN, None)
    found.sort(key=_line_place)
    steps.sort(key=_moved)
    left = {step.payment.intent_id for step in steps if step.target is IntentState.SETTLED}
    waiting = [payment for payment in sorted(by_reference.values(), key=_attempt) if payment.intent_id not in told]
    lineless = [_without_line(payment, horizon) for payment in waiting if _needs_line(payment, left)]
    lineless += [_unproven(payment, horizon) for payment in waiting if payment.taken]
    return Judgement(found + lineless, steps)


def decide(lines: Iterable[Booked], payments: Iterable[Payment], horizon: Horizon) -> list[Finding]:
    """The findings alone."""
    return judge(lines, payments, horizon).findings


def not_booked(findings: Sequence[Finding], stuck: Set[UUID]) -> list[Finding]:
    """The same findings, of intents that did not move as exceptions: an alarm, and judged again."""
    return [
        msgspec.structs.replace(one, result=Result.UNEXPECTED, reason=Reason.NOT_BOOKED)
        if one.payment is not None and one.payment.intent_id in stuck and one.result in _TELLS
        else one
        for one in findings
    ]


def _reference(line: Booked) -> str:
    return line.reference


def _reference_and_place(line: Booked) -> tuple[str, tuple[str, int, int]]:
    return line.reference, line.place


def _line_place(finding: Finding) -> tuple[str, int, int]:
    return finding.line.place if finding.line else ("", 0, 0)


def _attempt(payment: Payment) -> UUID:
    return payment.attempt_id


def _moved(step: Step) -> UUID:
    return step.payment.attempt_id


def _tells(payment: Payment, found: Sequence[Finding]) -> bool:
    """Whether these lines end the wait of the intent; a rejected attempt's say nothing of the one that was accepted."""
    enough = _TELLS | {Result.UNEXPECTED} if payment.taken else _TELLS
    return payment.attempt_state is not AttemptState.REJECTED and any(one.result in enough for one in found)


def _needs_line(payment: Payment, left: set[UUID]) -> bool:
    """Settled, or about to be again."""
    is_settled = payment.intent_state is IntentState.SETTLED or payment.intent_id in left
    return payment.attempt_state is AttemptState.ACCEPTED and is_settled


def _strange(line: Booked) -> Finding:
    """A line that no payment of ours has the reference of."""
    if line.kind is LineKind.FEE:
        return _finding(line, None, Result.FEE)
    reason = Reason.UNKNOWN_REFERENCE if line.reference else Reason.NO_REFERENCE
    return _finding(line, None, Result.UNEXPECTED, reason)


def _by_account(payment: Payment, lines: Iterable[Booked]) -> tuple[list[Booked], list[Booked]]:
    """Lines of the account that pays, and others': a statement speaks only for its own account."""
    ours: list[Booked] = []
    others: list[Booked] = []
    for line in lines:
        (ours if payment.payer in ("", line.account) else others).append(line)
    return ours, others


def _of_payment(payment: Payment, lines: Sequence[Booked]) -> tuple[list[Finding], list[Step]]:
    net = net_of(lines, payment.amount, payment.currency)
    if not _was_or_may_be_accepted(payment):
        return list(_never_accepted(payment, net)), []
    if not _has_settled(payment):
        return list(_awaiting(payment, net)), []
    over = Reason.DUPLICATE
    if payment.taken and net.standing is not Standing.RETURNED:
        # The member has it, or is being paid it: nothing is taken from anybody, and nothing is paid; people decide.
        net, over = as_if(net, Standing.RETURNED, payment.amount, payment.currency), Reason.PAID_BESIDES_OWED
    found = [
        _finding(line, payment, *(_FOUND[part] if part is not Part.TWICE else (Result.UNEXPECTED, over)))
        for line, part in net.parts
    ]
    return found, _step(payment, net.standing, net)


def _never_accepted(payment: Payment, net: Net) -> Iterator[Finding]:
    """The bank says that it did not pay: lines that undo each other agree with that, all others are an alarm."""
    agrees = net.exact and net.standing is Standing.RETURNED
    for line, part in net.parts:
        if part is Part.FEE:
            yield _finding(line, payment, Result.FEE)
        elif agrees:
            yield _finding(line, payment, Result.MATCHED, Reason.UNDONE)
        else:
            yield _finding(line, payment, Result.UNEXPECTED, Reason.NEVER_ACCEPTED)


def _awaiting(payment: Payment, net: Net) -> Iterator[Finding]:
    """Its lines wait for the bank's own answer; the exceptions among them are told at once."""
    for line, part in net.parts:
        result, reason = _FOUND[part]
        if part in (Part.PAID, Part.RETURNED, Part.UNDONE):
            result, reason = Result.SETTLEMENT_PENDING, Reason.AWAITS_BANK_ANSWER
        yield _finding(line, payment, result, reason)


def _step(payment: Payment, standing: Standing, net: Net | None) -> list[Step]:
    """None when it stands there already, is not settled yet, or when what it would take back is not there any more."""
    target = _TARGETS[standing]
    if not _has_settled(payment) or payment.intent_state is target or payment.taken:
        return []
    return [Step(payment=payment, target=target, evidence=_evidence(net))]


def _evidence(net: Net | None) -> str:
    """The line that decided: the one that stands, else the last one."""
    if net is None:
        return "on no accepted statement"
    telling = {Standing.PAID: Part.PAID, Standing.RETURNED: Part.RETURNED}.get(net.standing)
    line = next((line for line, part in net.parts if part is telling), net.parts[-1][0])
    return line.name


def _has_settled(payment: Payment) -> bool:
    return payment.attempt_state is AttemptState.ACCEPTED and payment.intent_state in _HAS_SETTLED


def _was_or_may_be_accepted(payment: Payment) -> bool:
    """A rejected attempt has moved nothing, so a line of it is an alarm; one that is under way may yet be accepted."""
    if payment.attempt_state is AttemptState.REJECTED:
        return False
    return payment.intent_state in _HAS_SETTLED or payment.intent_state in _IS_UNDER_WAY


def _finding(line: Booked, payment: Payment | None, result: Result, reason: Reason = Reason.NONE) -> Finding:
    return Finding(
        branch_id=payment.branch_id if payment else line.branch_id,
        line=line,
        payment=payment,
        result=result,
        reason=reason,
        reference=line.reference,
        date=line.date,
    )


def _unproven(payment: Payment, horizon: Horizon) -> Finding:
    return Finding(
        branch_id=payment.branch_id,
        line=None,
        payment=payment,
        result=Result.UNEXPECTED,
        reason=Reason.OWED_UNPROVEN,
        reference=payment.reference,
        date=business_date(horizon.now),
    )


def _without_line(payment: Payment, horizon: Horizon) -> Finding:
    settled_at = payment.settled_at or horizon.now
    day_over = business_date(horizon.now) > business_date(settled_at) and horizon.now - settled_at > horizon.cut_off
    until = horizon.of(payment.payer)
    covered = until is not None and settled_at < until
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
