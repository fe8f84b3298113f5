"""Who said why a payment, a batch, a bank change or a funding request ended as it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.lifecycle import BankChangeState, FundingState, IntentState
from shared.wire.approvals import SignatureView
from shared.wire.bank_changes import BankChangeView
from shared.wire.payments import FundingView, IntentView


class By(StrEnum):
    """Whose word it is."""

    BANK = "bank"
    APPROVER = "approver"
    MAKER = "maker"
    COMPANY = "company"


@dataclass(frozen=True)
class Said:
    """One reason: `code` is the bank's or ours, `text` what was written, `who` the person where it is known."""

    by: By
    code: str = ""
    text: str = ""
    who: str = ""

    @property
    def empty(self) -> bool:
        """Nobody gave a reason."""
        return not (self.code or self.text)


_BY_STATE = {IntentState.REJECTED: By.APPROVER, IntentState.CANCELLED: By.MAKER, IntentState.EXPIRED: By.COMPANY}


def said_of_payment(view: IntentView) -> Said:
    """The state says whose word `failure_text` is: an approver's, the maker's, ours (codes with a dot), the bank's."""
    own = By.COMPANY if "." in view.failure_code else By.BANK
    by = own if was_stopped(view) else _BY_STATE.get(IntentState(view.state), own)
    return Said(by, view.failure_code, view.failure_text)


def was_stopped(view: IntentView) -> bool:
    """It was signed, and did not hold any more when it was to be sent; what its maker takes back has no code."""
    return view.state == IntentState.CANCELLED and bool(view.failure_code)


def said_of_case(view: BankChangeView) -> Said | None:
    """The rejecter's reason; None while nobody rejected it."""
    return _rejection(view.signatures) if view.state == BankChangeState.REJECTED else None


def said_of_funding(view: FundingView) -> Said | None:
    """The same for a funding request."""
    return _rejection(view.signatures) if view.state == FundingState.REJECTED else None


def _rejection(signatures: Sequence[SignatureView]) -> Said | None:
    found = next((one for one in reversed(signatures) if one.decision == "reject"), None)
    return Said(By.APPROVER, text=found.reason, who=found.user) if found is not None else None
