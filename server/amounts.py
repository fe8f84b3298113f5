"""Amounts as requests name them."""

from __future__ import annotations

from shared.money import AmountProblem, Satang, parse_amount
from shared.refusals import RefusalCode, Refused


def check_amount(text: str) -> Satang | Refused:
    """The amount in satang, or MONEY_INVALID."""
    amount = parse_amount(text)
    if isinstance(amount, AmountProblem):
        return Refused(RefusalCode.MONEY_INVALID, field="amount", params={"problem": amount.value})
    return amount
