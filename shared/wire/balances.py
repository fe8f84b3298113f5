"""Members' balances, what they owe, and advances, on the wire."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shared.wire.approvals import SignatureView
from shared.wire.common import AmountText, Cursor, Limit, ShortText, Wire


class MemberBalance(Wire, frozen=True, kw_only=True):
    """What a member has with the company, in baht: all of it, what payments under way hold, what is free, and what
    the member owes for advances."""

    member_id: UUID
    member_code: str
    member_name: str
    branch: str
    balance: str
    held: str
    available: str
    owed: str
    as_of: str


class ListEntriesRequest(Wire, frozen=True, kw_only=True):
    id: UUID
    limit: Limit = 50
    cursor: Cursor = ""


class EntryView(Wire, frozen=True, kw_only=True):
    """One movement of a member's balance: signed amount, the balance after it, and the voucher that caused it."""

    id: UUID
    at: str
    amount: str
    balance: str
    kind: str
    voucher: str
    operation: str
    intent_id: UUID | None


class EntryList(Wire, frozen=True, kw_only=True):
    entries: list[EntryView]
    cursor: str = ""


class FindRecipientRequest(Wire, frozen=True, kw_only=True):
    """A member of any branch by the whole code; nothing is found by a part of it."""

    code: ShortText


class RecipientView(Wire, frozen=True, kw_only=True):
    code: str
    name: str
    branch: str
    status: str


class RequestAdvanceRequest(Wire, frozen=True, kw_only=True):
    """Seed or fertiliser that was delivered: `document` is the number of the delivery note.

    Of each payment `basis_points` (hundredths of a percent) are kept back, at least `least` and at most `most` baht;
    left out, the company's default applies.
    """

    member_id: UUID
    document: ShortText
    amount: AmountText
    note: ShortText = ""
    basis_points: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    least: AmountText = ""
    most: AmountText = ""


class AdvanceView(Wire, frozen=True, kw_only=True):
    """`owed` is what is still to be repaid; `reserved` of it is promised by payments under way."""

    id: UUID
    number: str
    branch: str
    member_id: UUID
    member_code: str
    member_name: str
    document: str
    note: str
    amount: str
    basis_points: int
    least: str
    most: str
    state: str
    deducted: str
    reserved: str
    owed: str
    maker: str
    maker_id: UUID
    roles: list[str]
    signatures: list[SignatureView]
    created_at: str
    expires_at: str
    version: int
    sheet: str
    digest: str


class ListAdvancesRequest(Wire, frozen=True, kw_only=True):
    member_id: UUID | None = None
    state: ShortText = ""
    branch: ShortText = ""
    limit: Limit = 100
    cursor: Cursor = ""


class AdvanceList(Wire, frozen=True, kw_only=True):
    advances: list[AdvanceView]
    cursor: str = ""
