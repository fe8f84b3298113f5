"""What may be recorded as money paid in, which line proves it, and why the bank's balance is not the books'."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from server.amounts import check_amount
from server.bank_changes.documents import MediaType, inspect
from server.wire_time import read_day
from shared.limits import LONG_TEXT, SHORT_TEXT
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.text import TextProblem, clean_text
from shared.wire.treasury import RecordDepositRequest

NEAR: Final = 5
"""Days between the day that a person names and the day under which the bank books the same money."""

_TEXTS: Final = (
    ("payer", SHORT_TEXT, True),
    ("reason", LONG_TEXT, True),
    ("reference", 60, False),
    ("duplicate_reason", LONG_TEXT, False),
    ("document_name", SHORT_TEXT, False),
)


class LineProblem(StrEnum):
    """Why a statement line is no evidence for money that was paid in."""

    NO_CREDIT = "no_credit"
    EXPLAINED = "explained"
    CHANGED = "changed"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is sound in itself; `received_on` is None where only the line says it."""

    amount: Satang
    received_on: date | None
    payer: str
    reason: str
    reference: str
    duplicate_reason: str
    document_name: str
    media_type: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A statement line as evidence; `open` while no payment explains it and nobody has recorded it."""

    amount: int
    booked_on: date
    credit: bool
    open: bool


class Recorded(msgspec.Struct, frozen=True):
    """A recorded deposit that no line has proved yet."""

    id: UUID
    amount: int
    received_on: date


class Credit(msgspec.Struct, frozen=True):
    """An unexplained credit line."""

    line_id: UUID
    amount: int
    booked_on: date


def read_terms(request: RecordDepositRequest, today: date) -> Terms | Refused:
    """MONEY_INVALID, INVALID (a text or the day), DOCUMENT_INVALID, DOCUMENTS_NEEDED without any evidence."""
    amount = check_amount(request.amount)
    if isinstance(amount, Refused):
        return amount
    texts = _texts(request)
    if isinstance(texts, Refused):
        return texts
    day = _day(request.received_on, today)
    if isinstance(day, Refused):
        return day
    kind = _document(request, texts)
    if isinstance(kind, Refused):
        return kind
    if request.statement_line_id is None and not kind:
        return Refused(R.DOCUMENTS_NEEDED, field="document")
    if request.statement_line_id is None and day is None:
        return Refused(R.INVALID, field="received_on", params={"problem": "needed"})
    return Terms(amount=amount, received_on=day, media_type=kind, **texts)


def _texts(request: RecordDepositRequest) -> dict[str, str] | Refused:
    found = {}
    for field, length, needed in _TEXTS:
        cleaned = clean_text(getattr(request, field), length, required=needed)
        if isinstance(cleaned, TextProblem):
            return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
        found[field] = cleaned
    return found


def _day(text: str, today: date) -> date | Refused | None:
    if not text:
        return None
    day = read_day(text)
    if day is None:
        return Refused(R.INVALID, field="received_on", params={"problem": "not_a_day"})
    if day > today:
        return Refused(R.INVALID, field="received_on", params={"problem": "future_day"})
    return day


def _document(request: RecordDepositRequest, texts: dict[str, str]) -> str | Refused:
    """The document's media type, empty without one."""
    if not request.document:
        return ""
    kind = inspect(request.document)
    if not isinstance(kind, MediaType):
        return Refused(R.DOCUMENT_INVALID, field="document", params={"problem": kind.value})
    if not texts["document_name"]:
        return Refused(R.INVALID, field="document_name", params={"problem": "needed"})
    return kind.value


def line_refusal(line: Line | None, terms: Terms) -> Refused | None:
    """Why a line is no evidence for this: NOT_FOUND, DEPOSIT_LINE, or INVALID for what it says otherwise."""
    field = "statement_line_id"
    if line is None:
        return Refused(R.NOT_FOUND, field=field)
    if not line.credit:
        return Refused(R.DEPOSIT_LINE, field=field, params={"problem": LineProblem.NO_CREDIT.value})
    if not line.open:
        return Refused(R.DEPOSIT_LINE, field=field, params={"problem": LineProblem.EXPLAINED.value})
    if line.amount != terms.amount:
        return Refused(R.INVALID, field="amount", params={"problem": "other_than_line"})
    if terms.received_on not in (None, line.booked_on):
        return Refused(R.INVALID, field="received_on", params={"problem": "other_than_line"})
    return None


def pairs(recorded: Iterable[Recorded], credits: Iterable[Credit]) -> list[tuple[UUID, UUID]]:
    """(deposit, line): the same amount, at most NEAR days apart, nearest first, each once; the order never matters."""
    lines = list(credits)
    near = sorted(
        (abs((line.booked_on - one.received_on).days), one.id, line.line_id)
        for one in recorded
        for line in lines
        if line.amount == one.amount and abs((line.booked_on - one.received_on).days) <= NEAR
    )
    found: dict[UUID, UUID] = {}
    for _, deposit, line_id in near:
        if deposit not in found and line_id not in found.values():
            found[deposit] = line_id
    return list(found.items())


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """Satang on each kind of account; `transit` is with the bank still, as far as its statements say."""

    treasury: int
    branches: int
    members: int
    others: int
    transit: int
    outside: int
    """What has come from outside, above zero."""

    @property
    def total(self) -> int:
        """All that the bank must have."""
        return self.treasury + self.branches + self.members + self.others + self.transit


class Bank(msgspec.Struct, frozen=True, kw_only=True):
    """What statements say: balances of the newest and of the first, and lines that the books do not know."""

    opening: int
    closing: int
    credits: tuple[int, int]
    debits: tuple[int, int]
    """(count, satang); debits are below zero."""


class Unproved(msgspec.Struct, frozen=True, kw_only=True):
    """Deposits that no line has proved: those since the first statement, and all that was proved by lines."""

    count: int
    since: int
    proved: int


def difference(books: Books, bank: Bank, unproved: Unproved) -> list[tuple[str, int, int]]:
    """(kind, count, satang) of each reason why the bank's balance is not the books'; none that is 0."""
    recorded_before = books.outside - unproved.proved - unproved.since
    parts = [
        ("before", 1, bank.opening - recorded_before),
        ("credits", *bank.credits),
        ("debits", *bank.debits),
        ("unproved", unproved.count, -unproved.since),
    ]
    return [part for part in parts if part[2]]
