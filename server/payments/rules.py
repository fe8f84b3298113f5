"""Decides whether one requested line may become an intent: pure, from facts that were given."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from server.context import Policy
from server.members.rules import Payee, payee_refusal
from shared.money import AmountProblem, Satang, display_amount, parse_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.text import TextProblem, clean_text
from shared.wire.payments import IntentLine


class CheckedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that may become an intent: cleaned texts, an amount in satang, and the account it is bound to."""

    member_id: UUID
    bank_account_id: UUID
    account_version: int
    operation: str
    amount: Satang
    currency: str
    channel: str
    produce: str
    weigh_ticket: str
    note: str
    documents: tuple[str, ...]


_TEXTS = (("produce", 60), ("weigh_ticket", 40), ("note", 120))


def check_line(line: IntentLine, payee: Payee | None, policy: Policy, now: datetime) -> CheckedLine | Refused:
    """The line as it will be stored, or why not; weigh tickets and money are looked at by the caller."""
    if line.operation != "disbursement":
        return Refused(R.OPERATION_UNKNOWN, field="operation")
    if line.currency != "THB":
        return Refused(R.CURRENCY, field="currency")
    amount = check_amount(line.amount, policy.single_limit)
    if isinstance(amount, Refused):
        return amount
    texts = _clean_texts(line)
    if isinstance(texts, Refused):
        return texts
    refusal = payee_refusal(payee, line.account_version, policy, now)
    if payee is None or payee.account is None or refusal is not None:
        return refusal or Refused(R.MEMBER_UNKNOWN, field="member_id")
    return CheckedLine(
        member_id=line.member_id,
        bank_account_id=payee.account.id,
        account_version=line.account_version,
        operation=line.operation,
        amount=amount,
        currency=line.currency,
        channel=route(line.operation),
        produce=texts["produce"],
        weigh_ticket=texts["weigh_ticket"].upper(),
        note=texts["note"],
        documents=tuple(sorted(set(line.documents))),
    )


def check_amount(text: str, limit: Satang | None = None) -> Satang | Refused:
    """The amount in satang; MONEY_INVALID, or MONEY_OVER_LIMIT above `limit` (the bank's, for one payment)."""
    amount = parse_amount(text)
    if isinstance(amount, AmountProblem):
        return Refused(R.MONEY_INVALID, field="amount", params={"problem": amount.value})
    if limit is not None and amount > limit:
        return Refused(R.MONEY_OVER_LIMIT, field="amount", params={"limit": display_amount(limit)})
    return amount


def clean_reason(text: str, field: str = "reason") -> str | Refused:
    """A cleaned free text of up to 500 characters, perhaps empty; INVALID when it holds what no text may."""
    cleaned = clean_text(text, 500, required=False)
    if isinstance(cleaned, TextProblem):
        return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
    return cleaned


def _clean_texts(line: IntentLine) -> dict[str, str] | Refused:
    texts: dict[str, str] = {}
    for field, length in _TEXTS:
        cleaned = clean_text(getattr(line, field), length, required=False)
        if isinstance(cleaned, TextProblem):
            return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
        texts[field] = cleaned
    return texts


def route(operation: str) -> str:
    """The channel for an operation; one for now."""
    return {"disbursement": "scb"}[operation]
