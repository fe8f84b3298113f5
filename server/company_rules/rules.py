"""What the rules in force make of a payment: its fees, and the limits that it counts in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec

from server.company_rules.programs import Broken, Facts, Payment
from shared.money import MAX_DIGITS, Satang, display_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date

_LARGEST_FEE: Final = 10**MAX_DIGITS - 1


class Kind(StrEnum):
    """pre_fee: the company pays it on top. post_fee: kept back from the payee. limit: caps on whom it concerns."""

    PRE_FEE = "pre_fee"
    POST_FEE = "post_fee"
    LIMIT = "limit"


class Scope(StrEnum):
    """Whose payments a limit counts together."""

    MEMBER = "member"
    BRANCH = "branch"
    MAKER = "maker"
    APPROVER = "approver"
    COMPANY = "company"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of a rule. A fee's expression gives satang; a limit's says whom it concerns, and the caps are here.

    A cap that is None is no rule; 0 lets nothing through. Usage belongs to the rule's code, so that another revision
    goes on counting where the one before it stopped.
    """

    id: UUID
    code: str
    revision: int
    kind: Kind
    scope: Scope | None = None
    name_th: str
    name_en: str
    expression: str
    single_amount: Satang | None = None
    day_amount: Satang | None = None
    day_count: int | None = None
    month_amount: Satang | None = None
    month_count: int | None = None


class Charge(msgspec.Struct, frozen=True):
    """Money beside the amount that one rule asks for: a leg of its own when the payment settles."""

    kind: Kind
    amount: Satang
    rule_id: UUID


class Claim(msgspec.Struct, frozen=True):
    """What a payment wants of one counter, and the caps that stand against it (None: none)."""

    rule: str
    subject: str
    period: str
    amount: Satang
    most: Satang | None
    times: int | None


class Subjects(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands behind a payment: at submission without `approver`, at a sign-off with the approver alone."""

    member: UUID | None = None
    branch: int | None = None
    maker: UUID | None = None
    approver: UUID | None = None

    def key(self, scope: Scope) -> str | None:
        """The counter's subject, such as `member:<id>`; None when the limit does not count at this point."""
        if scope is Scope.COMPANY:
            return None if self.branch is None else "company"
        who = getattr(self, scope.value)
        return None if who is None else f"{scope.value}:{who}"


def rules_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rows of `sheaf.effective_rules`, from SQL or from its JSON."""
    return tuple(
        msgspec.convert({**row, "scope": row["scope"] or None}, type=Rule, strict=False, builtin_types=(UUID,))
        for row in rows
    )


def charges(rules: Sequence[Rule], payment: Payment, amount: Satang) -> tuple[Charge, ...] | Refused:
    """The fees of a payment, in the order of the rules' codes; a fee of 0 is none.

    FEE_RULE_ERROR when a rule gives no answer or a fee below 0, FEE_OVER_AMOUNT when the payee would get nothing.
    """
    found = []
    for rule in rules:
        if rule.kind is Kind.LIMIT:
            continue
        fee = fee_of(rule, payment)
        if fee is None:
            return _named(R.FEE_RULE_ERROR, rule)
        if fee:
            found.append(Charge(rule.kind, fee, rule.id))
    kept_back = total(found, Kind.POST_FEE)
    if kept_back >= amount:
        return Refused(R.FEE_OVER_AMOUNT, field="amount", params={"fee": display_amount(kept_back)})
    if total(found, Kind.PRE_FEE) > _LARGEST_FEE:
        return Refused(R.FEE_RULE_ERROR, field="amount")
    return tuple(found)


def fee_of(rule: Rule, payment: Payment) -> Satang | None:
    """What one fee rule asks for; None when it gives no answer, or one that is below 0 or more than any amount."""
    fee = payment.integer(rule.expression)
    return Satang(fee) if not isinstance(fee, Broken) and 0 <= fee <= _LARGEST_FEE else None


def total(found: Sequence[Charge], kind: Kind) -> Satang:
    """The sum of the charges of one kind."""
    return Satang(sum(charge.amount for charge in found if charge.kind is kind))


def claims(
    rules: Sequence[Rule], payment: Payment, amount: Satang, subjects: Subjects, now: datetime
) -> tuple[Claim, ...] | Refused:
    """The counters that this payment must find room in, by the day and the month of `now` in Asia/Bangkok.

    LIMIT_RULE_ERROR when a rule gives no answer, LIMIT_SINGLE when the payment alone is above a cap. `amount` is what
    is approved, without the fees that the company pays on top.
    """
    found: list[Claim] = []
    for rule in rules:
        subject = None if rule.scope is None else subjects.key(rule.scope)
        if subject is None:
            continue
        concerned = payment.truth(rule.expression)
        if isinstance(concerned, Broken):
            return _named(R.LIMIT_RULE_ERROR, rule)
        if not concerned:
            continue
        if rule.single_amount is not None and amount > rule.single_amount:
            return _named(R.LIMIT_SINGLE, rule, limit=display_amount(rule.single_amount))
        found += _counted(rule, subject, amount, now)
    return tuple(found)


def _counted(rule: Rule, subject: str, amount: Satang, now: datetime) -> list[Claim]:
    day = business_date(now).isoformat()
    caps = ((day, rule.day_amount, rule.day_count), (day[:7], rule.month_amount, rule.month_count))
    return [
        Claim(rule.code, subject, period, amount, most, times)
        for period, most, times in caps
        if most is not None or times is not None
    ]


def over_limit(
    rules: Sequence[Rule], code: str, period: str, left_amount: int | None, left_count: int | None
) -> Refused:
    """LIMIT_REACHED as SQL found it: by which rule, for the day or the month, and what is left."""
    rule = next(rule for rule in rules if rule.code == code)
    amounts = "-" if left_amount is None else display_amount(Satang(max(left_amount, 0)))
    counts = "-" if left_count is None else str(max(left_count, 0))
    return _named(R.LIMIT_REACHED, rule, period=period, left=amounts, count=counts)


def _named(code: R, rule: Rule, **params: str) -> Refused:
    names = {"rule": rule.code, "problem": rule.name_en, "problem_th": rule.name_th}
    return Refused(code, field="amount", params={**names, **params})


def facts_of(row: Mapping[str, Any]) -> Facts:
    """Facts of a stored payment: a row with branch, bank and member as codes."""
    return Facts(
        operation=row["operation"],
        channel=row["channel"],
        branch=row["branch"],
        bank=row["bank"],
        produce=row["produce"],
        member=row["member_code"],
        amount=Satang(row["amount"]),
        batch=row["batch_id"] is not None,
        tags=tuple(row["tags"]),
    )
