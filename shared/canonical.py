"""The bytes that a person signs: one text form for each thing, the same on the desk, the server and in an audit.

The form is `name=value` lines under a versioned heading, UTF-8, a line feed after each, fields in the order of the
struct. Values are cleaned text (shared.text), so none holds a line break. Golden vectors in tests/contract pin it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from shared.money import Satang, format_amount

INTENT_HEADING = "sheaf-intent-v2"
SET_HEADING = "sheaf-set-v1"
BANK_CHANGE_HEADING = "sheaf-bank-change-v1"
FUNDING_HEADING = "sheaf-funding-v1"
RULE_HEADING = "sheaf-rule-v1"
ROUTES_HEADING = "sheaf-routes-v1"
ADVANCE_HEADING = "sheaf-advance-v1"
DEPOSIT_HEADING = "sheaf-deposit-v1"
SET_ASIDE_HEADING = "sheaf-set-aside-v1"
RESTORE_HEADING = "sheaf-restore-v1"
OPERATION_HEADING = "sheaf-operation-v1"
SIGN_OFF_HEADING = "sheaf-sign-off-v1"


class IntentSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for one payment: the payee, the account in full, the money in all its parts and what it is for.

    `amount` is what is approved; `fee` the company pays on top; `post_fee` and `advance` are kept back from the payee;
    `payout` is what arrives: in the payee's `bank`, or in the `balance` that the payee has with us. `source` is the
    branch's `funding` or the member's `balance`; `counterparty` is the code of the member that a transfer goes to, and
    then the payee. `duplicate_reason` is why something that looks like it may be paid again.
    """

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
    source: str = "funding"
    destination: str = "bank"
    counterparty: str = ""
    amount: Satang
    fee: Satang = Satang(0)
    post_fee: Satang = Satang(0)
    advance: Satang = Satang(0)
    payout: Satang
    currency: str
    produce: str
    weigh_ticket: str
    note: str
    duplicate_reason: str = ""
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


class DepositSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for money paid into the company's account: by whom, when, and by which evidence.

    `received_on` is a day in Asia/Bangkok; `statement_line` is the bank's line (7/2026-11-21/3) and its id, or empty;
    `documents` are SHA-256. `duplicate_reason` is why this is other money than what looks the same.
    """

    id: UUID
    number: str
    amount: Satang
    currency: str
    received_on: str
    payer: str
    reference: str
    reason: str
    duplicate_reason: str = ""
    statement_line: str = ""
    documents: tuple[str, ...] = ()


class SetAsideSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed to `set_aside` a wrongly taken statement, or to `take_again` one that was set aside.

    `account` is the last four digits of the one it names, `file` the SHA-256 of its original; amounts as text, in baht.
    """

    id: UUID
    action: str
    statement_id: UUID
    account: str
    statement: str
    date: str
    opening: str
    closing: str
    lines: int
    file: str
    reason: str


class RestoreSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed to let payments go on after a restore: a report by its SHA-256, and what it comes to.

    `payments` may have been made and are missing or unpaid here, `exceptions` of them no machine can put right; `total`
    is the sum of all as text, in baht. `found_by` names who stops the payments.
    """

    id: UUID
    report: str
    made_at: str
    found_by: str
    payments: int
    total: str
    exceptions: int
    reason: str


class RuleSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for one revision of a company rule: whom it concerns, the expression, the caps and since when.

    A cap that is not set is empty. `effective_from` is a day in Asia/Bangkok; `enabled` false retires the rule.
    """

    id: UUID
    code: str
    revision: int
    kind: str
    scope: str
    name_th: str
    name_en: str
    expression: str
    single_amount: Satang | None
    day_amount: Satang | None
    day_count: int | None
    month_amount: Satang | None
    month_count: int | None
    enabled: bool
    effective_from: str
    reason: str


class RoutesSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for a whole table of routes: since when it holds, and each route in its place.

    A route is `operation:bank:lowest-highest:week:channel`: amounts in baht, both included; the week in parts
    `begin-until` of minutes since Monday 00:00 in Asia/Bangkok, joined by `+`. `effective_from` is an instant in UTC.
    """

    id: UUID
    effective_from: str
    reason: str
    routes: tuple[str, ...]


class AdvanceSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for an advance: what a member has received, by which document, and how it will be repaid.

    Of each payment `basis_points` (hundredths of a percent) are kept back, at least `least` and at most `most`; a
    `most` that is not set is empty.
    """

    id: UUID
    number: str
    branch: str
    member_id: UUID
    member_code: str
    member_name: str
    document: str
    note: str
    amount: Satang
    currency: str
    basis_points: int
    least: Satang
    most: Satang | None


Sheet = (
    IntentSheet
    | BankChangeSheet
    | FundingSheet
    | RuleSheet
    | RoutesSheet
    | AdvanceSheet
    | DepositSheet
    | SetAsideSheet
    | RestoreSheet
)

_HEADINGS: dict[type, str] = {
    IntentSheet: INTENT_HEADING,
    BankChangeSheet: BANK_CHANGE_HEADING,
    FundingSheet: FUNDING_HEADING,
    RuleSheet: RULE_HEADING,
    RoutesSheet: ROUTES_HEADING,
    AdvanceSheet: ADVANCE_HEADING,
    DepositSheet: DEPOSIT_HEADING,
    SetAsideSheet: SET_ASIDE_HEADING,
    RestoreSheet: RESTORE_HEADING,
}
_TYPES: dict[str, type[Sheet]] = {
    INTENT_HEADING: IntentSheet,
    BANK_CHANGE_HEADING: BankChangeSheet,
    FUNDING_HEADING: FundingSheet,
    RULE_HEADING: RuleSheet,
    ROUTES_HEADING: RoutesSheet,
    ADVANCE_HEADING: AdvanceSheet,
    DEPOSIT_HEADING: DepositSheet,
    SET_ASIDE_HEADING: SetAsideSheet,
    RESTORE_HEADING: RestoreSheet,
}
_MONEY = frozenset(
    {"amount", "fee", "post_fee", "advance", "payout", "single_amount", "day_amount", "month_amount", "least", "most"}
)
_COUNTS = frozenset({"day_count", "month_count"})
_NOTHING = hashlib.sha256(b"").hexdigest()
_LISTS = frozenset({"documents", "routes"})


def sheet_bytes(sheet: Sheet) -> bytes:
    """The canonical bytes of one sheet; a line break inside a value is a bug of the caller and raises ValueError."""
    lines = [_HEADINGS[type(sheet)]]
    for field in sheet.__struct_fields__:
        text = _text(field, getattr(sheet, field))
        if "\n" in text or "\r" in text:
            raise ValueError(f"line break in {field}")
        lines.append(f"{field}={text}")
    return ("\n".join(lines) + "\n").encode()


def _text(field: str, value: Any) -> str:
    if value is None:
        return ""
    if field in _MONEY:
        return format_amount(value)
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


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
        values[name] = _value(name, text)
    sheet: Sheet = msgspec.convert(values, type=kind, strict=False)
    if sheet_bytes(sheet) != data:
        raise ValueError("not canonical")
    if isinstance(sheet, IntentSheet) and sheet.payout != sheet.amount - sheet.post_fee - sheet.advance:
        raise ValueError("the payout is not what remains of the amount")
    return sheet


def _value(field: str, text: str) -> object:
    if field in _MONEY:
        return _satang(text) if text else None
    if field in _COUNTS:
        return text or None
    return tuple(part for part in text.split(",") if part) if field in _LISTS else text


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
    return set_head(len(items), total) + b"".join(set_line(item) for item, _ in items)


def set_head(count: int, total: Satang) -> bytes:
    """How the bytes of a set begin: a set too long to be held is hashed as this and then a line for each item."""
    return f"{SET_HEADING}\ncount={count}\ntotal={format_amount(total)}\n".encode()


def set_line(item: str) -> bytes:
    """What the bytes of a set say of one item, by its digest."""
    return f"item={item}\n".encode()


def sign_off_bytes(decision: str, subject_digest: str, reason: str) -> bytes:
    """What the approver's device key signs: the decision over one subject (a set, a bank change, a funding)."""
    if "\n" in reason or "\r" in reason:
        raise ValueError("line break in reason")
    return f"{SIGN_OFF_HEADING}\ndecision={decision}\ndigest={subject_digest}\nreason={reason}\n".encode()


def operation_bytes(verb: str, resources: Sequence[str], content_digest: str) -> bytes:
    """What the device signs to be given an operation token: one verb on one resource set with one content digest."""
    return f"{OPERATION_HEADING}\nverb={verb}\nresources={','.join(resources)}\ncontent={content_digest}\n".encode()


def device_proof_bytes(method: str, path_and_query: str, time: str, nonce: str, body: bytes) -> bytes:
    """What a desk signs for every call, or proves by its session's key (docs/architecture.md, Who proves what)."""
    return f"v1\n{method}\n{path_and_query}\n{time}\n{nonce}\n{digest(body) if body else _NOTHING}".encode()


def session_proof(key: bytes, proved: bytes) -> bytes:
    """HMAC-SHA256 of a call's proof bytes under the key that its session was given."""
    return hmac.digest(key, proved, "sha256")
