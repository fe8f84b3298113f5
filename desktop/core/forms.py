"""What the outbox keeps of each kind of event: the form as typed, and the request once it is complete."""

from __future__ import annotations

import msgspec

from shared.wire.bank_changes import RequestBankChangeRequest
from shared.wire.payments import IntentLine, LineResult, RequestFundingRequest, SubmitIntentRequest


class PaymentForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a new payment as typed; `request` exists from submission on."""

    member_id: str = ""
    account_version: int = 0
    amount: str = ""
    amount_again: str = ""
    produce: str = ""
    weigh_ticket: str = ""
    note: str = ""
    duplicate_reason: str = ""
    way: str = "bank"
    to_member: str = ""
    replaces: str = ""
    """The id of the payment that is mended and sent again by this one."""
    request: SubmitIntentRequest | None = None


class KeptDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A scan in the outbox's own store."""

    sha256: str
    name: str
    size: int


class BankChangeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a bank change as typed."""

    member_id: str = ""
    account_version: int = 0
    bank: str = ""
    account: str = ""
    account_again: str = ""
    account_name: str = ""
    reason: str = ""
    documents: tuple[KeptDocument, ...] = ()
    request: RequestBankChangeRequest | None = None


class BankChangeProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What the server has confirmed of a bank change."""

    case_id: str = ""
    uploaded: tuple[str, ...] = ()


class BatchForm(msgspec.Struct, frozen=True, kw_only=True):
    """A batch file as read, the control total as typed; `lines` exist from submission on."""

    file_name: str = ""
    file_sha256: str = ""
    content: bytes = b""
    control_total: str = ""
    note: str = ""
    left_out: tuple[int, ...] = ()
    branch: str = ""
    total: str = ""
    lines: tuple[IntentLine, ...] = ()


class BatchProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What the server has confirmed of a batch, and the lines that it refused.

    `attempt` counts the batches that were opened and let go of: each is another one at the server. `let_go`: the server
    has said no to this one, and it must be taken back there before anything else.
    """

    batch_id: str = ""
    sent: int = 0
    refused: tuple[LineResult, ...] = ()
    attempt: int = 0
    let_go: bool = False


class FundingForm(msgspec.Struct, frozen=True, kw_only=True):
    """A funding request as typed."""

    branch: str = ""
    amount: str = ""
    amount_again: str = ""
    reason: str = ""
    request: RequestFundingRequest | None = None
