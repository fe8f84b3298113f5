"""Reads what SCB's replies say about a payment: lenient about what decorates, strict about what decides."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from server.channels.base import (
    Accepted,
    AccountStatus,
    Initiated,
    InitiateLost,
    OpenStatus,
    Rejected,
    StillOpen,
    Unknown,
    is_duplicate,
    refusal,
)
from server.channels.scb_codes import Verdict
from server.channels.scb_line import NoReply, Reply
from shared.evidence import Evidence
from shared.money import AmountProblem, Satang, parse_amount
from shared.text import mask_account

_LONG_NUMBER: Final = re.compile(r"[0-9](?:[ -]?[0-9]){5,}")
_TEXT_MOST: Final = 200
_MASKS: Final = frozenset("xX*#")
_TOKEN: Final = re.compile(r"[!-~]{1,200}")
_DETAIL: Final = re.compile(r"(VF|BU|LB|LG)[0-9]{4}")
_T = TypeVar("_T")


class _Name(msgspec.Struct, frozen=True, rename="camel"):
    account_name: str | None = None


class _Amount(msgspec.Struct, frozen=True):
    amount: msgspec.Raw = msgspec.Raw(b"0")
    currency: str = "THB"


class _InitiateData(msgspec.Struct, rename="camel"):
    tokenizer_id: str
    payee: _Name = _Name()
    fee: _Amount = _Amount()


class ConfirmData(msgspec.Struct, rename="camel"):
    """Data of a confirm reply."""

    tokenizer_id: str
    channel_date_time: str | None = None


class InquiryData(msgspec.Struct, rename="camel"):
    """Data of an inquiry reply."""

    tokenizer_id: str
    status: str
    tran_amount: _Amount
    channel_date_time: str | None = None
    code: str | None = None
    description: str | None = None


class _Payee(msgspec.Struct, rename="camel"):
    account_name: str | None = None
    account_info: AccountInfo | None = None


class AccountInfo(msgspec.Struct, rename="camel"):
    """An account as a reply names it."""

    account_no: str
    bank_code: str


class FoundData(InquiryData, rename="camel", kw_only=True):
    """Data of the reply to an inquiry by our reference."""

    partner_transaction: str = msgspec.field(name="partnerTransactionID")
    payee: _Payee = msgspec.field(default_factory=_Payee)


class VerifyData(msgspec.Struct, rename="camel"):
    """Data of a verify reply."""

    account_name: str
    account_status: AccountStatus


class TokenData(msgspec.Struct, rename="camel"):
    """Data of a token reply; `expires_in` is seconds and must be obeyed."""

    access_token: str
    expires_in: int


class _Refusal(msgspec.Struct):
    code: str | None = None
    description: str | None = None


def told_text(text: str) -> str:
    """What the bank wrote, fit to be kept: printable (PostgreSQL takes no NUL), short, and without whole numbers."""
    printable = "".join(character if character.isprintable() else " " for character in text[:_TEXT_MOST])
    return _LONG_NUMBER.sub(lambda found: mask_account(found.group()), printable)


def is_token(text: str) -> bool:
    """Whether a text can be one of the bank's tokens."""
    return _TOKEN.fullmatch(text) is not None


def initiated(reply: Reply) -> Initiated | InitiateLost:
    """The token of a good initiate reply; without one that can be read the initiate is lost."""
    data = decode(reply, _InitiateData)
    fee = None if data is None else satang(data.fee.amount)
    if data is None or fee is None or not is_token(data.tokenizer_id):
        return InitiateLost(Evidence.NO_TOKEN)
    name = data.payee.account_name
    return Initiated(data.tokenizer_id, None if name is None else told_text(name), fee)


def standing(data: InquiryData) -> StillOpen | Accepted | Rejected | Unknown:
    """Decided by `status` alone: one row of SCB's table is CONFIRM_FAILED with legacy code 000 "Success"."""
    match data.status:
        case "CONFIRM_COMPLETED":
            return Accepted(bank_moment(data.channel_date_time))
        case "CONFIRM_PROCESSING":
            return StillOpen(OpenStatus.PROCESSING)
        case "INITIATE_COMPLETED":
            return StillOpen(OpenStatus.AWAITING_CONFIRM)
        case "CANCELED":
            return refusal("CANCELED", told_text(data.description or ""), spent=True)
        case "CONFIRM_FAILED":
            return ended_unpaid(told_text(data.code or data.status), told_text(data.description or ""))
        case other:
            return Unknown(Evidence.UNEXPLAINED, told_text(other[:35]))


def ended_unpaid(code: str, text: str) -> Rejected | Unknown:
    """The end of a reference that the bank holds; for a duplicate it proves nothing: of what, the bank does not say."""
    return Unknown(Evidence.NO_PROOF, code, code) if is_duplicate(code) else refusal(code, text, spent=True)


def is_ours(told: str, ours: str) -> bool:
    """Whether an account number as the bank writes it can be ours: hyphens don't count, nor zeros in front, and a
    masked digit fits any."""
    theirs = told.replace("-", "").replace(" ", "")
    size = max(len(theirs), len(ours))
    filler = "x" if _MASKS & set(theirs) else "0"
    pairs = zip(theirs.rjust(size, filler), ours.rjust(size, "0"), strict=True)
    return bool(theirs) and all(one == other or one in _MASKS for one, other in pairs)


def rejected(found: Verdict, reply: Reply) -> Rejected | None:
    """The proof in an answer that nothing moved, if it holds one."""
    match found:
        case Verdict.FAULTY:
            return refusal(detail(reply) or str(reply.code), told_text(reply.description))
        case Verdict.BUSINESS:
            told = decode(reply, _Refusal) or _Refusal()
            return refusal(told_text(told.code or str(reply.code)), told_text(told.description or reply.description))
        case Verdict.STOP | Verdict.NEW_TOKEN:
            return refusal(str(reply.code), told_text(reply.description))
        case _:
            return None


def detail(reply: Reply) -> str | None:
    """The inner code (legacy, VF, BU, LB, LG) that a reply carries in its data or in its description."""
    told = decode(reply, _Refusal)
    if told is not None and told.code:
        return told_text(told.code)
    found = _DETAIL.search(reply.description)
    return found.group() if found else None


def reason(reply: Reply) -> str:
    """The codes of a reply for logs and evidence, without its text."""
    return f"{reply.http}/{reply.code} {detail(reply) or ''}".rstrip()


def unexplained(reply: Reply) -> Unknown:
    """An answer from which nothing follows, with the inner code that it gives."""
    return Unknown(Evidence.UNEXPLAINED, reason(reply), detail(reply) or "")


def no_answer(reply: NoReply | Rejected) -> Unknown:
    """Nothing that can be read came back, or the call never left."""
    return Unknown(Evidence.NO_ANSWER, reply.reason if isinstance(reply, NoReply) else reply.code)


def decode(reply: Reply, kind: type[_T]) -> _T | None:
    """The data of a reply, or None when it does not have this shape."""
    try:
        return msgspec.json.decode(reply.data, type=kind)
    except msgspec.MsgspecError:
        return None


def satang(number: msgspec.Raw) -> Satang | None:
    """A JSON number (or string) of baht as satang; None when it is not one with at most two decimals."""
    amount = parse_amount(bytes(number).decode("ascii", "replace").strip('"'), allow_zero=True)
    return None if isinstance(amount, AmountProblem) else amount


def bank_moment(text: str | None) -> datetime | None:
    """A time the bank wrote, or None where it wrote none that names its offset."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
