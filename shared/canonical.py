"""The bytes that a person signs: one text form for each thing, the same on the desk, the server and in an audit.

The form is `name=value` lines under a versioned heading, UTF-8, a line feed after each, fields in the order of the
struct. Values are cleaned text (shared.text), so none holds a line break. Golden vectors in tests/contract pin it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from shared.money import Satang, format_amount

INTENT_HEADING = "sheaf-intent-v1"
SET_HEADING = "sheaf-set-v1"
BANK_CHANGE_HEADING = "sheaf-bank-change-v1"
FUNDING_HEADING = "sheaf-funding-v1"
OPERATION_HEADING = "sheaf-operation-v1"
SIGN_OFF_HEADING = "sheaf-sign-off-v1"


class IntentSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for one payment: the payee, the account in full, the amount and what it is for."""

    id: UUID
    number: str
    operation: str
    branch: str
    member_id: UUID
    member_code: str
    payee: str
    bank: str
    account: str
    account_version: int
    amount: Satang
    currency: str
    produce: str
    weigh_ticket: str
    note: str
    documents: tuple[str, ...] = ()


class BankChangeSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for new bank details: old account, new account, reason, and the documents by their SHA-256."""

    id: UUID
    number: str
    branch: str
    member_id: UUID
    member_code: str
    member_name: str
    old_version: int
    old_bank: str
    old_account: str
    new_bank: str
    new_account: str
    new_account_name: str
    reason: str
    documents: tuple[str, ...]


class FundingSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for money moved from the treasury to a branch's funding account."""

    id: UUID
    number: str
    branch: str
    amount: Satang
    currency: str
    reason: str


Sheet = IntentSheet | BankChangeSheet | FundingSheet

_HEADINGS: dict[type, str] = {
    IntentSheet: INTENT_HEADING,
    BankChangeSheet: BANK_CHANGE_HEADING,
    FundingSheet: FUNDING_HEADING,
}
_TYPES: dict[str, type[IntentSheet] | type[BankChangeSheet] | type[FundingSheet]] = {
    INTENT_HEADING: IntentSheet,
    BANK_CHANGE_HEADING: BankChangeSheet,
    FUNDING_HEADING: FundingSheet,
}


def sheet_bytes(sheet: Sheet) -> bytes:
    """The canonical bytes of one sheet; a line break inside a value is a bug of the caller and raises ValueError."""
    lines = [_HEADINGS[type(sheet)]]
    for field in sheet.__struct_fields__:
        value = getattr(sheet, field)
        if field == "amount":
            text = format_amount(value)
        elif field == "documents":
            text = ",".join(value)
        else:
            text = str(value)
        if "\n" in text or "\r" in text:
            raise ValueError(f"line break in {field}")
        lines.append(f"{field}={text}")
    return ("\n".join(lines) + "\n").encode()


def parse_sheet(data: bytes) -> Sheet:
    """Read canonical bytes back, so that a sign-off dialog can be drawn from exactly what will be signed.

    Raises ValueError when the bytes are not the canonical form of what they say (never show such a sheet).
    """
    heading, *lines = data.decode().split("\n")
    kind = _TYPES.get(heading)
    if kind is None:
        raise ValueError("unknown heading")
    values: dict[str, object] = {}
    for line in lines[:-1]:
        name, separator, text = line.partition("=")
        if not separator or name in values:
            raise ValueError("malformed line")
        values[name] = text
    if "amount" in values:
        values["amount"] = _satang(str(values["amount"]))
    if "documents" in values:
        values["documents"] = tuple(part for part in str(values["documents"]).split(",") if part)
    sheet: Sheet = msgspec.convert(values, type=kind, strict=False)
    if sheet_bytes(sheet) != data:
        raise ValueError("not canonical")
    return sheet


def _satang(text: str) -> int:
    baht, _, satang = text.partition(".")
    if not (baht.isascii() and baht.isdigit() and satang.isascii() and satang.isdigit() and len(satang) == 2):
        raise ValueError("malformed amount")
    return int(baht) * 100 + int(satang)


def digest(data: bytes) -> str:
    """SHA-256 as lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def set_bytes(items: Sequence[tuple[str, Satang]]) -> bytes:
    """The canonical bytes of an ordered list of item digests with count and total; items are (digest, amount)."""
    total = Satang(sum(amount for _, amount in items))
    lines = [SET_HEADING, f"count={len(items)}", f"total={format_amount(total)}"]
    lines += [f"item={item}" for item, _ in items]
    return ("\n".join(lines) + "\n").encode()


def sign_off_bytes(decision: str, subject_digest: str, reason: str) -> bytes:
    """What the approver's device key signs: the decision over one subject (a set, a bank change, a funding)."""
    if "\n" in reason or "\r" in reason:
        raise ValueError("line break in reason")
    return f"{SIGN_OFF_HEADING}\ndecision={decision}\ndigest={subject_digest}\nreason={reason}\n".encode()


def operation_bytes(verb: str, resources: Sequence[str], content_digest: str) -> bytes:
    """What the device signs to be given an operation token: one verb on one resource set with one content digest."""
    return f"{OPERATION_HEADING}\nverb={verb}\nresources={','.join(resources)}\ncontent={content_digest}\n".encode()


def device_proof_bytes(method: str, path_and_query: str, time: str, nonce: str, body: bytes) -> bytes:
    """What a desk signs for every call (contract.md, Tokens)."""
    return f"v1\n{method}\n{path_and_query}\n{time}\n{nonce}\n{digest(body)}".encode()
