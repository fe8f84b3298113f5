"""Checks what the server asks a person to sign: every digest is computed again from the bytes that are shown. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from uuid import UUID

import msgspec

from shared.canonical import BankChangeSheet, FundingSheet, IntentSheet, Sheet, digest, parse_sheet, set_bytes
from shared.money import Satang, format_amount
from shared.wire.bank_changes import BankChangeSheetReply
from shared.wire.payments import FundingView, OpenSheetReply


@dataclass(frozen=True)
class SignedItem:
    """One payment to be signed, as its bytes say, with what the bank calls the account (0 to 100: how well it fits)."""

    id: UUID
    version: int
    sheet: IntentSheet
    bank_name: str
    match: int


@dataclass(frozen=True)
class Subject:
    """What one signature will cover. `total` is in satang, 0 for a bank change."""

    digest: str
    total: Satang
    items: tuple[SignedItem, ...] = ()
    bank_change: BankChangeSheet | None = None
    funding: FundingSheet | None = None
    version: int = 0


class Mismatch:
    """The bytes and the server's digest, count or total do not agree: nothing of it may be shown or signed."""


def check_set(reply: OpenSheetReply) -> Subject | Mismatch:
    """A set of payments or a whole batch, from its sheets alone."""
    items = []
    pairs = []
    for item in reply.items:
        data, sheet = _parse(item.sheet)
        if not isinstance(sheet, IntentSheet) or sheet.id != item.id:
            return Mismatch()
        items.append(SignedItem(item.id, item.version, sheet, item.bank_name, item.match))
        pairs.append((digest(data), sheet.amount))
    total = Satang(sum(amount for _, amount in pairs))
    computed = digest(set_bytes(pairs))
    if (computed, len(pairs), format_amount(total)) != (reply.digest, reply.count, reply.total) or not items:
        return Mismatch()
    return Subject(digest=computed, total=total, items=tuple(items), version=reply.batch_version)


def check_bank_change(reply: BankChangeSheetReply, case: UUID) -> Subject | Mismatch:
    """A bank change, from its sheet alone."""
    data, sheet = _parse(reply.sheet)
    if not isinstance(sheet, BankChangeSheet) or sheet.id != case or digest(data) != reply.digest:
        return Mismatch()
    return Subject(digest=reply.digest, total=Satang(0), bank_change=sheet, version=reply.version)


def check_funding(view: FundingView) -> Subject | Mismatch:
    """A funding request, from its sheet alone."""
    data, sheet = _parse(view.sheet)
    if not isinstance(sheet, FundingSheet) or sheet.id != view.id or digest(data) != view.digest:
        return Mismatch()
    return Subject(digest=view.digest, total=sheet.amount, funding=sheet, version=view.version)


def _parse(text: str) -> tuple[bytes, Sheet | None]:
    try:
        data = base64.b64decode(text, validate=True)
        return data, parse_sheet(data)
    except (ValueError, msgspec.MsgspecError):
        return b"", None
