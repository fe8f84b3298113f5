"""Payment intents, batches, sign-offs and funding on the wire."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.limits import AT_ONCE, BATCH_LINES
from shared.wire.approvals import SignatureView
from shared.wire.common import AmountText, Base64, Code, Cursor, Hex64, ItemRefused, Limit, LongText, ShortText, Wire
from shared.wire.members import AccountVerdict


class IntentLine(Wire, frozen=True, kw_only=True):
    """One request to move money; `account_version` is the account that the person saw, looked at when the bank pays.

    `to` is where a disbursement goes: the member's bank, or the balance that the member has with the company.
    `to_member` is the code of the member that a transfer goes to. `duplicate_reason` is why something like it may be
    paid again; it asks for one more approver.
    """

    operation: Code = "disbursement"
    member_id: UUID
    account_version: int
    amount: AmountText
    currency: Code = "THB"
    produce: ShortText = ""
    weigh_ticket: ShortText = ""
    note: ShortText = ""
    documents: Annotated[list[Hex64], Meta(max_length=20)] = []
    to: Literal["bank", "balance"] = "bank"
    to_member: ShortText = ""
    duplicate_reason: LongText = ""


class SubmitIntentRequest(IntentLine, frozen=True, kw_only=True):
    """`pays_again` is the payment that this one pays again: one that did not happen, or that the bank returned."""

    branch: Code
    pays_again: UUID | None = None


class PaidAccount(Wire, frozen=True, kw_only=True):
    """The account that an intent is bound to, by bank and last digits; empty where no bank is involved."""

    bank: str
    last4: str
    name: str


class Approvals(Wire, frozen=True, kw_only=True):
    needed: int
    given: int
    roles: list[str] = []


class IntentView(Wire, frozen=True, kw_only=True):
    id: UUID
    number: str
    state: str
    operation: str
    branch: str
    member_id: UUID
    member_code: str
    member_name: str
    account: PaidAccount
    account_version: int
    amount: str
    fee: str
    post_fee: str = "0.00"
    advance: str = "0.00"
    payout: str = ""
    destination: str = "bank"
    counterparty_code: str = ""
    counterparty_name: str = ""
    duplicate_reason: str = ""
    currency: str
    channel: str
    produce: str
    weigh_ticket: str
    note: str
    maker: str
    maker_id: UUID
    approvals: Approvals
    batch_id: UUID | None
    line: int
    failure_code: str
    failure_text: str
    created_at: str
    expires_at: str
    changed_at: str
    version: int
    pays_again: UUID | None = None
    """The payment that this one pays again, and its number."""
    pays_again_number: str = ""
    paid_again_number: str = ""
    """The payment that pays this one again, while that lives."""


class IntentPreview(Wire, frozen=True, kw_only=True):
    """What a request would become if it were sent now; whether there is money and room in limits is seen only then.

    `fee` is paid by the company on top, `payout` is what the payee gets; `roles` are who must sign.
    """

    amount: str
    fee: str
    post_fee: str
    advance: str
    payout: str
    channel: str
    roles: list[str]


class TimelineEvent(Wire, frozen=True, kw_only=True):
    """One step in an intent's life: state reached, by whom, when, with the evidence that led to it."""

    state: str
    at: str
    actor: str
    evidence: str


class IntentDetail(Wire, frozen=True, kw_only=True):
    intent: IntentView
    timeline: list[TimelineEvent]
    signatures: list[SignatureView]
    bank_reference: str


class ListIntentsRequest(Wire, frozen=True, kw_only=True):
    state: ShortText = ""
    branch: ShortText = ""
    batch_id: UUID | None = None
    member_id: UUID | None = None
    limit: Limit = 100
    cursor: Cursor = ""


class IntentList(Wire, frozen=True, kw_only=True):
    intents: list[IntentView]
    cursor: str = ""


class CancelIntentRequest(Wire, frozen=True, kw_only=True):
    id: UUID
    version: int
    reason: LongText = ""


class OpenBatchRequest(Wire, frozen=True, kw_only=True):
    """Declare a batch before its lines: how many, how much, and the file's SHA-256 when there was one."""

    branch: Code
    count: Annotated[int, Meta(ge=1, le=BATCH_LINES)]
    total: AmountText
    file_sha256: Annotated[str, Meta(max_length=64)] = ""
    note: ShortText = ""


class AddBatchLinesRequest(Wire, frozen=True, kw_only=True):
    """Lines `first`, `first`+1 ... (from 1); sending the same lines again is harmless."""

    id: UUID
    first: Annotated[int, Meta(ge=1)]
    lines: Annotated[list[IntentLine], Meta(min_length=1, max_length=AT_ONCE)]


class LineResult(Wire, frozen=True, kw_only=True):
    line: int
    intent_id: UUID | None = None
    refused: ItemRefused | None = None


class AddBatchLinesReply(Wire, frozen=True, kw_only=True):
    """Per-line results; when any is refused, no line of this call was written."""

    results: list[LineResult]


class CloseBatchRequest(Wire, frozen=True, kw_only=True):
    """Submit the whole batch or nothing: count and total must match what was declared and what was added."""

    id: UUID
    count: int
    total: AmountText


class CancelBatchRequest(Wire, frozen=True, kw_only=True):
    id: UUID
    version: int
    reason: LongText = ""


class BatchView(Wire, frozen=True, kw_only=True):
    id: UUID
    number: str
    branch: str
    state: str
    count: int
    total: str
    note: str
    file_sha256: str
    maker: str
    maker_id: UUID
    approvals: Approvals
    states: dict[str, int]
    created_at: str
    expires_at: str
    version: int


class BatchDetail(Wire, frozen=True, kw_only=True):
    batch: BatchView
    signatures: list[SignatureView]


class ListBatchesRequest(Wire, frozen=True, kw_only=True):
    state: ShortText = ""
    limit: Limit = 100
    cursor: Cursor = ""


class BatchList(Wire, frozen=True, kw_only=True):
    batches: list[BatchView]
    cursor: str = ""


class OpenSheetRequest(Wire, frozen=True, kw_only=True):
    """Ask for the canonical bytes of what will be signed: a set of intents, or of a batch a page. The look is audited.

    A page is up to `limit` lines after line `after`; follow `next` of each reply to the end.
    """

    intents: Annotated[list[UUID], Meta(max_length=AT_ONCE)] = []
    batch_id: UUID | None = None
    after: Annotated[int, Meta(ge=0, le=BATCH_LINES)] = 0
    limit: Annotated[int, Meta(ge=1, le=AT_ONCE)] = 500


class SheetItem(Wire, frozen=True, kw_only=True):
    """One item in order; `sheet` is base64 of `shared.canonical.sheet_bytes`."""

    id: UUID
    version: int
    sheet: str
    bank_name: str
    match: int
    verdict: AccountVerdict = AccountVerdict()


class OpenSheetReply(Wire, frozen=True, kw_only=True):
    """Items in order. `count` and `total` are of the whole set or batch, `digest` is over these items alone.

    What is signed is `shared.canonical.set_bytes` over all items: the desk computes it from the sheets it was shown.
    `next` is the `after` of the next page, 0 at the end.
    """

    items: list[SheetItem]
    count: int
    total: str
    digest: str
    batch_version: int = 0
    next: int = 0


class SignItem(Wire, frozen=True, kw_only=True):
    id: UUID
    version: int


class SignOffRequest(Wire, frozen=True, kw_only=True):
    """Approve or reject a set or a batch; `signature` is over `sign_off_bytes(decision, digest of the set, reason)`."""

    decision: Literal["approve", "reject"]
    items: Annotated[list[SignItem], Meta(max_length=AT_ONCE)] = []
    batch_id: UUID | None = None
    batch_version: int = 0
    reason: LongText = ""
    digest: Hex64
    signature: Base64


class SignOffResult(Wire, frozen=True, kw_only=True):
    id: UUID
    state: str = ""
    version: int = 0
    refused: ItemRefused | None = None


class SignOffReply(Wire, frozen=True, kw_only=True):
    """Per-item results; a batch is one item. The digest is over all: when one is refused, none is signed."""

    results: list[SignOffResult]


class RequestFundingRequest(Wire, frozen=True, kw_only=True):
    branch: Code
    amount: AmountText
    reason: LongText


class FundingView(Wire, frozen=True, kw_only=True):
    id: UUID
    number: str
    branch: str
    amount: str
    reason: str
    state: str
    maker: str
    maker_id: UUID
    signatures: list[SignatureView]
    created_at: str
    expires_at: str
    version: int
    sheet: str
    digest: str


class FundingList(Wire, frozen=True, kw_only=True):
    funding: list[FundingView]
