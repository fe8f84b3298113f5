"""The ways in which money goes to or from a member, as the payment form offers them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class Way(StrEnum):
    """bank: pay into the member's account. keep: the member leaves it with the company. withdraw: out of what was left,
    to the bank. transfer: out of what was left, to another member."""

    BANK = "bank"
    KEEP = "keep"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"

    @property
    def operation(self) -> str:
        """What the server calls it."""
        return {Way.WITHDRAW: "withdrawal", Way.TRANSFER: "transfer"}.get(self, "disbursement")

    @property
    def to(self) -> Literal["bank", "balance"]:
        """Where a disbursement goes."""
        return "balance" if self is Way.KEEP else "bank"

    @classmethod
    def of(cls, operation: str, destination: str) -> Way:
        """The way that a payment of the server went."""
        by_operation = {"withdrawal": cls.WITHDRAW, "transfer": cls.TRANSFER}
        return by_operation.get(operation, cls.KEEP if destination == "balance" else cls.BANK)

    @property
    def needs_account(self) -> bool:
        """Whether a bank pays it out."""
        return self in (Way.BANK, Way.WITHDRAW)

    @property
    def pays_produce(self) -> bool:
        """Whether produce is paid for: with a weigh ticket, and watched for payments made twice."""
        return self in (Way.BANK, Way.KEEP)
