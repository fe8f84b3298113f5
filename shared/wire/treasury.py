"""Money paid into the company's account, and the treasury beside the bank's own balance, on the wire."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from shared.wire.approvals import SignatureView
from shared.wire.bank_changes import DocumentView
from shared.wire.common import AmountText, DayText, LongText, ShortText, Wire


class RecordDepositRequest(Wire, frozen=True, kw_only=True):
    """Money that the bank has: evidence is a credit line of a statement, or a document (base64, at most 10 MB).

    `received_on` is the day in Bangkok (YYYY-MM-DD) on which it came in; of a line it may be left empty. `reference` is
    the bank's own number on the slip. `duplicate_reason` says why it is other money than what looks the same.
    """

    amount: AmountText
    payer: ShortText
    reason: LongText
    received_on: DayText = ""
    reference: ShortText = ""
    duplicate_reason: LongText = ""
    statement_line_id: UUID | None = None
    document_name: ShortText = ""
    document: bytes = b""


class DepositView(Wire, frozen=True, kw_only=True):
    """One record; `statement_line` names the line that is its evidence or proved it, empty without one."""

    id: UUID
    number: str
    amount: str
    received_on: str
    payer: str
    reference: str
    reason: str
    duplicate_reason: str
    statement_line: str
    documents: list[DocumentView]
    state: str
    maker: str
    maker_id: UUID
    signatures: list[SignatureView]
    created_at: str
    expires_at: str
    version: int
    sheet: str
    digest: str


class DepositList(Wire, frozen=True, kw_only=True):
    deposits: list[DepositView]


class CancelDepositRequest(Wire, frozen=True, kw_only=True):
    id: UUID
    version: int


class CreditLine(Wire, frozen=True, kw_only=True):
    """Money on a statement of ours that no payment explains and nobody has recorded."""

    id: UUID
    booked_on: str
    amount: str
    reference: str
    description: str
    statement: str


class DifferencePart(Wire, frozen=True, kw_only=True):
    """One reason why the bank's balance is not the books': `amount` (baht, signed) is bank less books.

    `before`: the first statement's opening balance less what was recorded as there before. `credits`, `debits`: lines
    that the books do not know. `unproved`: recorded, and not on a statement yet.
    """

    kind: Literal["before", "credits", "debits", "unproved"]
    count: int
    amount: str


class TreasuryReply(Wire, frozen=True, kw_only=True):
    """The books beside the bank. `books` is all that the bank must have: what is ours and members', and in transit.

    `bank_balance` and `bank_date` are of the newest statement, empty before the first; `difference` is bank less books,
    `unexplained` what no part explains: anything but 0.00 there is an alarm.
    """

    treasury: str
    branches: str
    members: str
    others: str
    transit: str
    books: str
    bank_balance: str
    bank_date: str
    difference: str
    parts: list[DifferencePart]
    unexplained: str
    credits: list[CreditLine]
