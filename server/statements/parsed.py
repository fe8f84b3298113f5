"""What a bank statement says once it has been read and proved, and the ways in which reading can fail."""

from __future__ import annotations

import codecs
import re
import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from shared.banks import AccountNumber
from shared.money import Satang
from shared.normal import is_invisible
from shared.text import TextProblem, clean_text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FRAME: Final = "\x01\x03\x1a\n "
"""What transmissions set around a text: start and end marks, the end of file of old systems, empty lines."""

_REFERENCE = re.compile(r"\bREF(?: NO\b\.?)?[:.# ]+(?!BANKREF\b)([A-Za-z0-9]{1,16})(?= |$)", re.IGNORECASE)
_OURS = re.compile(r"S[0-9A-Z]{15}")

NO_CLOCK: Final = date.max
"""For who reads without judging days against a clock."""

HALF_A_YEAR: Final = 183
"""Days; a day of a line that is further from its statement than this is of another year."""


class StatementProblem(StrEnum):
    """Why a statement file is refused as a whole."""

    EMPTY = "empty"
    NOT_TEXT = "not_text"
    NOT_A_STATEMENT = "not_a_statement"
    UNKNOWN_TAG = "unknown_tag"
    TAG_ORDER = "tag_order"
    TRUNCATED = "truncated"
    FIELD = "field"
    AMOUNT = "amount"
    DATE = "date"
    DAY_NOT_COME = "day_not_come"
    CURRENCY = "currency"
    BALANCE = "balance"
    CONTINUITY = "continuity"
    DUPLICATE = "duplicate"
    NOT_STORED = "not_stored"


class LineKind(StrEnum):
    """What a line did; a reversal undoes an earlier line and its sign says in which direction.

    A fee is what the bank takes for its work, or gives back of it: never a payment, whatever reference it carries.
    """

    DEBIT = "debit"
    CREDIT = "credit"
    REVERSAL = "reversal"
    FEE = "fee"


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One booking; `amount` is signed satang (money into the account is positive; 0 says something and moves nothing).

    `sequence` counts from 1 within the statement. `booked_at` is aware UTC where the format carries a time.
    `reference` is the partner's own reference or empty.
    """

    sequence: int
    booked_on: date
    booked_at: datetime | None
    amount: Satang
    kind: LineKind
    reference: str
    bank_reference: str
    description: str


class StatementFile(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of one account, proved: `opening` plus all line amounts is `closing`.

    `number` is unique per account and year (MT940's 28C) or overall (CSV: the last day as YYYYMMDD).
    `sha256` is that of the whole file, so statements from one file share it.
    """

    account: AccountNumber
    number: int
    opening: Satang
    closing: Satang
    currency: str
    date: date
    lines: tuple[StatementLine, ...]
    sha256: str


class Rejected(msgspec.Struct, frozen=True):
    """A whole file refused: nothing of it may be used. `line_number` counts from 1; 0 means the file itself.

    `detail` names tags and columns, never account numbers or names.
    """

    problem: StatementProblem
    line_number: int
    detail: str = ""


class Refusal(Exception):
    """Carries a `Rejected` out of nested parsing; never leaves the parser's module."""

    def __init__(self, problem: StatementProblem, line_number: int, detail: str = "") -> None:
        super().__init__(problem, line_number, detail)
        self.rejected = Rejected(problem, line_number, detail)


def decode(data: bytes) -> str:
    """UTF-8, UTF-16 with a mark, or TIS-620 as text with LF line ends; raises `Refusal` for anything else.

    Marks of transmission around the text and invisible format characters (bidi overrides, zero-width, tags) go: they
    say nothing, and may make a reader see another text. Other control characters are no text.
    """
    if not data.strip():
        raise Refusal(StatementProblem.EMPTY, 0)
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    shown = text if text.isascii() else "".join(one for one in text if unicodedata.category(one) != "Cf")
    ended = "\n" if shown.endswith("\n") else ""
    framed = shown.strip(_FRAME) + ended if shown[:1] in _FRAME or shown[-1:] in _FRAME else shown
    if _CONTROL.search(framed):
        raise Refusal(StatementProblem.NOT_TEXT, 0, "control character")
    return framed


def plain(text: str) -> str:
    """A description in the form in which text is stored: composed, on one line, and nothing that shows nothing."""
    shown = text if text.isascii() else "".join(one for one in text if one.isspace() or not is_invisible(one))
    cleaned = clean_text(shown, len(shown) + 1, required=False)
    return cleaned if not isinstance(cleaned, TextProblem) else ""


def our_form(reference: str) -> str:
    """A reference as we give them, whatever the case in which a bank writes it; any other stays as it is."""
    return reference.upper() if _OURS.fullmatch(reference.upper()) else reference


def is_ours(reference: str) -> bool:
    """Whether it has the form of the references that we give (shared.ids.bank_reference)."""
    return _OURS.fullmatch(reference) is not None


def reference_in(text: str) -> str:
    """What stands after REF in a description; where several do, the one of our form counts, else the first."""
    found = [our_form(one[1]) for one in _REFERENCE.finditer(text)]
    return next(iter([*filter(is_ours, found), *found]), "")


def check_day(day: date, today: date, line_number: int, place: str) -> None:
    """Raise `Refusal` for a day that has not come: `today` is the business day in Bangkok."""
    if day > today:
        raise Refusal(StatementProblem.DAY_NOT_COME, line_number, place)


def check_near(day: date, other: date, line_number: int, place: str) -> None:
    """Raise `Refusal` for a day of a line that belongs to another year than its statement."""
    if abs((day - other).days) > HALF_A_YEAR:
        raise Refusal(StatementProblem.DATE, line_number, place)


def _decoded(data: bytes) -> str:
    encodings = ["utf-8-sig", "cp874"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal(StatementProblem.NOT_TEXT, 0, "encoding")
