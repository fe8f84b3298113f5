"""What the company's rules make of one payment: its fees as charges, and the limits that it must find room in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.company_rules import rules as company
from server.company_rules.programs import Facts, Payment
from server.company_rules.rules import Claim, Kind, Rule, Subjects
from server.ledger.accounts import Purpose, account_id
from shared.money import Satang
from shared.refusals import Refused


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One row of sheaf.intent_charge: what an intent is charged beside its amount, in satang."""

    ordinal: int
    kind: str
    amount: Satang
    account_id: UUID
    rule_id: UUID | None = None
    advance_id: UUID | None = None


class Rated(msgspec.Struct, frozen=True, kw_only=True):
    """`fee` is paid by the company on top, `post_fee` kept back from the payee."""

    fee: Satang = Satang(0)
    post_fee: Satang = Satang(0)
    charges: tuple[Charge, ...] = ()
    claims: tuple[Claim, ...] = ()


class IntentClaim(Claim, frozen=True, kw_only=True):
    """A claim of a certain intent: one element of what `sheaf.take_limits` is given."""

    intent_id: UUID


def rate(rules: Sequence[Rule], facts: Facts, subjects: Subjects, branch_code: str, now: datetime) -> Rated | Refused:
    """Fees and limits of a payment under the rules in force; it is refused when a rule can't be worked out.

    FEE_RULE_ERROR, FEE_OVER_AMOUNT, LIMIT_RULE_ERROR or LIMIT_SINGLE; whether a limit has room is looked at when the
    payment is written.
    """
    if not rules:
        return Rated()
    payment = Payment(facts)
    charged = company.charges(rules, payment, facts.amount)
    if isinstance(charged, Refused):
        return charged
    claims = company.claims(rules, payment, facts.amount, subjects, now)
    if isinstance(claims, Refused):
        return claims
    fees = account_id(branch_code, Purpose.FEES)
    return Rated(
        fee=company.total(charged, Kind.PRE_FEE),
        post_fee=company.total(charged, Kind.POST_FEE),
        charges=tuple(
            Charge(ordinal=place, kind=one.kind.value, amount=one.amount, account_id=fees, rule_id=one.rule_id)
            for place, one in enumerate(charged, 1)
        ),
        claims=claims,
    )


def of_intent(intent_id: UUID, claims: Sequence[Claim]) -> tuple[IntentClaim, ...]:
    """The claims as this intent's."""
    return tuple(IntentClaim(**_fields(claim), intent_id=intent_id) for claim in claims)


def _fields(claim: Claim) -> dict[str, Any]:
    return msgspec.structs.asdict(claim)
