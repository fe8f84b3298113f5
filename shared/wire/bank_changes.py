"""The document-first case that changes where a member is paid, on the wire."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shared.wire.approvals import SignatureView
from shared.wire.common import Cursor, Hex64, Limit, LongText, ShortText, Wire
from shared.wire.members import AccountVerdict


class RequestBankChangeRequest(Wire, frozen=True, kw_only=True):
    """Open a case; `account_version` is the version that the clerk saw (0 when the member has none)."""

    member_id: UUID
    account_version: int
    bank: Annotated[str, Meta(pattern=r"^[0-9]{3}$")]
    account_number: Annotated[str, Meta(max_length=40)]
    account_name: ShortText
    reason: LongText


class AddDocumentRequest(Wire, frozen=True, kw_only=True):
    """One document's bytes (JPEG, PNG or PDF, at most 10 MB), sent raw; the name is only for people."""

    id: UUID
    name: ShortText
    content: bytes


class DocumentView(Wire, frozen=True, kw_only=True):
    """`used_elsewhere`: the same bytes were given for another member, which is a sign of fraud."""

    sha256: str
    name: str
    media_type: str
    size: int
    used_elsewhere: bool = False


class AskedBankView(Wire, frozen=True, kw_only=True):
    """What the bank was asked last about the new account: `state` is requested, done or failed (it gave no answer).

    `bank_name`, `status` and `match` (0 to 100, against the new account's name) are the bank's words when done.
    """

    state: str
    requested_at: str
    checked_at: str = ""
    bank_name: str = ""
    status: str = ""
    match: int = 0
    verdict: AccountVerdict = AccountVerdict()


class BankChangeView(Wire, frozen=True, kw_only=True):
    id: UUID
    number: str
    branch: str
    member_id: UUID
    member_code: str
    member_name: str
    state: str
    old_bank: str
    old_last4: str
    new_bank: str
    new_last4: str
    new_account_name: str
    reason: str
    maker: str
    maker_id: UUID
    documents: list[DocumentView]
    signatures: list[SignatureView]
    needed: list[str]
    created_at: str
    expires_at: str
    version: int
    asked: AskedBankView | None = None


class ListBankChangesRequest(Wire, frozen=True, kw_only=True):
    state: ShortText = ""
    limit: Limit = 100
    cursor: Cursor = ""


class BankChangeList(Wire, frozen=True, kw_only=True):
    bank_changes: list[BankChangeView]
    cursor: str = ""


class GetDocumentRequest(Wire, frozen=True, kw_only=True):
    """A document's bytes by the case and the SHA-256 of its content; the look is audited."""

    id: UUID
    sha256: Hex64


class BankChangeSheetReply(Wire, frozen=True, kw_only=True):
    """The canonical bytes of the case (base64), which hold both accounts in full, and the version they describe."""

    sheet: str
    digest: str
    version: int
