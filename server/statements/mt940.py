"""Strict MT940: a file is read whole, proved against its own balances, or refused whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from server.statements.parsed import (
    LineKind,
    Refusal,
    Rejected,
    StatementFile,
    StatementLine,
    StatementProblem,
    decode,
)
from shared.banks import AccountNumber
from shared.money import MAX_DIGITS, Satang

_TAG = re.compile(r":([0-9]{2}[A-Z]?):(.*)")
_ACCOUNT = re.compile(r"(?:[A-Z0-9]{2,11}/)?([0-9]{5,16})(?:THB)?")
_NUMBER = re.compile(r"([0-9]{1,5})(?:/([0-9]{1,5}))?")
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})(\S+)")
_ENTRY = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>RC|RD|C|D)[A-Z]?(?P<amount>[0-9.,]+)"
    r"(?P<type>[NFS][A-Z0-9]{3})(?P<reference>(?:(?!//)[^\n]){0,16})(?://(?P<bank>[^\n]{1,16}))?(?:\n[^\n]{0,34})?"
)
_AMOUNT = re.compile(r"([0-9]{1,13}),([0-9]{0,2})")
_NO_REFERENCE: Final = "NONREF"
_RETURNED_ITEM: Final = "RTI"
_FEES: Final = ("CHG", "COM")

_FOLLOWERS: Final[dict[str, set[str]]] = {
    "": {"20"},
    "20": {"21", "25"},
    "21": {"25"},
    "25": {"28C"},
    "28C": {"60F", "60M"},
    "60F": {"61", "62F", "62M"},
    "60M": {"61", "62F", "62M"},
    "61": {"61", "86", "62F", "62M"},
    "86": {"61", "62F", "62M"},
    "62F": {"64", "65", "20"},
    "62M": {"64", "65", "20"},
    "64": {"65", "20"},
    "65": {"65", "20"},
}
_MAY_END: Final = {"62F", "62M", "64", "65"}
_KNOWN_TAGS: Final = set(_FOLLOWERS) - {""}


class _Field(NamedTuple):
    line_number: int
    tag: str
    text: str


class _Balance(NamedTuple):
    amount: Satang
    day: date


class _Page:
    """One message of a statement; a statement longer than one message goes on in pages 2, 3, ..."""

    def __init__(self, fields: list[_Field]) -> None:
        one = {field.tag: field for field in fields}
        self.line_number = fields[0].line_number
        self.account = AccountNumber(_match(_ACCOUNT, one["25"])[1])
        number, page = _match(_NUMBER, one["28C"]).groups()
        self.number, self.page = int(number), int(page or "1")
        self.first, self.last = "60F" in one, "62F" in one
        self.opening = _balance(one["60F"] if self.first else one["60M"])
        self.closing = _balance(one["62F"] if self.last else one["62M"])
        for field in fields:
            if field.tag in ("64", "65"):
                _balance(field)
        self.entries = [field for field in fields if field.tag in ("61", "86")]


def parse_mt940(data: bytes) -> tuple[StatementFile, ...] | Rejected:
    """Read every statement of an MT940 file, or say why nothing of the file may be used.

    Checked: encoding, tags and their order, forms of amounts and dates, currency THB, page and statement
    numbers that follow each other, balances that carry over, and opening + lines = closing. Reversed
    credits (RC) take money out, reversed debits (RD) bring it back. Repeated files are the importer's
    business: it knows the account, number and `sha256` it already has.
    """
    try:
        pages = [_Page(message) for message in _messages(_fields(decode(data)))]
        return _statements(pages, hashlib.sha256(data).hexdigest())
    except Refusal as refusal:
        return refusal.rejected


def _fields(text: str) -> Iterator[_Field]:
    """Tags with their text; lines without a tag continue the field above, a line of one dash ends a message."""
    current: _Field | None = None
    for line_number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
        if found := _TAG.fullmatch(line):
            if current is not None:
                yield current
            current = _Field(line_number, found[1], found[2])
        elif current is None:
            raise Refusal(StatementProblem.NOT_A_STATEMENT, line_number, "text before the first tag")
        elif line != "-":
            current = current._replace(text=f"{current.text}\n{line}")
    if current is not None:
        yield current


def _messages(fields: Iterator[_Field]) -> list[list[_Field]]:
    messages: list[list[_Field]] = []
    previous = _Field(0, "", "")
    for field in fields:
        _check_follows(previous, field)
        if field.tag == "20":
            messages.append([])
        messages[-1].append(field)
        previous = field
    if previous.tag not in _MAY_END:
        raise Refusal(StatementProblem.TRUNCATED, previous.line_number, f"ends after :{previous.tag}:")
    return messages


def _check_follows(previous: _Field, field: _Field) -> None:
    if field.tag not in _KNOWN_TAGS:
        raise Refusal(StatementProblem.UNKNOWN_TAG, field.line_number, f":{field.tag}:")
    if field.tag not in _FOLLOWERS[previous.tag]:
        problem = StatementProblem.TRUNCATED if field.tag == "20" else StatementProblem.TAG_ORDER
        raise Refusal(problem, field.line_number, f":{field.tag}: after :{previous.tag}:")


def _match(pattern: re.Pattern[str], field: _Field) -> re.Match[str]:
    found = pattern.fullmatch(field.text)
    if found is None:
        raise Refusal(StatementProblem.FIELD, field.line_number, f":{field.tag}:")
    return found


def _balance(field: _Field) -> _Balance:
    mark, day, currency, amount = _match(_BALANCE, field).groups()
    if currency != "THB":
        raise Refusal(StatementProblem.CURRENCY, field.line_number, f":{field.tag}:")
    satang = _amount(amount, field)
    return _Balance(Satang(satang if mark == "C" else -satang), _day(day, field))


def _amount(text: str, field: _Field) -> int:
    found = _AMOUNT.fullmatch(text)
    if found is None or len(found[1]) + 2 > MAX_DIGITS:
        raise Refusal(StatementProblem.AMOUNT, field.line_number, f":{field.tag}:")
    return int(found[1]) * 100 + int(found[2].ljust(2, "0"))


def _day(text: str, field: _Field) -> date:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise Refusal(StatementProblem.DATE, field.line_number, f":{field.tag}:") from None


def _statements(pages: list[_Page], sha256: str) -> tuple[StatementFile, ...]:
    statements: list[StatementFile] = []
    open_pages: list[_Page] = []
    for page in pages:
        _check_page(open_pages, page)
        open_pages.append(page)
        if page.last:
            statement = _statement(open_pages, sha256)
            _check_after(statements, statement, open_pages[0].line_number)
            statements.append(statement)
            open_pages = []
    if open_pages:
        raise Refusal(StatementProblem.TRUNCATED, open_pages[-1].line_number, "last page is missing")
    return tuple(statements)


def _check_page(before: list[_Page], page: _Page) -> None:
    """Page 1 opens with 60F; page n + 1 goes on from page n of the same account and statement with 60M."""
    follows = page.first and page.page == 1
    if before:
        last = before[-1]
        expected = (last.account, last.number, last.page + 1, last.closing.amount)
        follows = not page.first and (page.account, page.number, page.page, page.opening.amount) == expected
    if not follows:
        raise Refusal(StatementProblem.CONTINUITY, page.line_number, ":28C: pages do not follow each other")


def _check_after(done: list[StatementFile], statement: StatementFile, line_number: int) -> None:
    earlier = [other for other in done if other.account == statement.account]
    if any((other.number, other.date.year) == (statement.number, statement.date.year) for other in earlier):
        raise Refusal(StatementProblem.DUPLICATE, line_number, ":28C: statement stands twice in the file")
    if not earlier:
        return
    last = earlier[-1]
    new_year = statement.number == 1 and statement.date.year == last.date.year + 1
    if not (statement.number == last.number + 1 or new_year) or statement.opening != last.closing:
        raise Refusal(StatementProblem.CONTINUITY, line_number, ":28C: statements do not follow each other")


def _statement(pages: list[_Page], sha256: str) -> StatementFile:
    first, last = pages[0], pages[-1]
    lines: list[StatementLine] = []
    balance = first.opening.amount
    for page in pages:
        added = list(_lines(page.entries, len(lines) + 1))
        balance = Satang(balance + sum(line.amount for line in added))
        if balance != page.closing.amount:
            raise Refusal(StatementProblem.BALANCE, page.line_number, "opening and lines do not make closing")
        lines += added
    return StatementFile(
        account=first.account,
        number=first.number,
        opening=first.opening.amount,
        closing=balance,
        currency="THB",
        date=last.closing.day,
        lines=tuple(lines),
        sha256=sha256,
    )


def _lines(entries: list[_Field], sequence: int) -> Iterator[StatementLine]:
    for position, field in enumerate(entries):
        if field.tag == "61":
            after = entries[position + 1] if position + 1 < len(entries) else None
            description = after.text if after is not None and after.tag == "86" else ""
            yield _line(field, " ".join(description.split()), sequence)
            sequence += 1


def _line(field: _Field, description: str, sequence: int) -> StatementLine:
    found = _match(_ENTRY, field)
    mark = found["mark"]
    amount = _amount(found["amount"], field)
    if amount == 0:
        raise Refusal(StatementProblem.AMOUNT, field.line_number, ":61: nothing was moved")
    value_day = _day(found["value"], field)
    reference = found["reference"].strip()
    return StatementLine(
        sequence=sequence,
        booked_on=_entry_day(value_day, found["entry"], field),
        booked_at=None,
        amount=Satang(amount if mark in ("C", "RD") else -amount),
        kind=_kind(mark, found["type"]),
        reference="" if reference == _NO_REFERENCE else reference,
        bank_reference=(found["bank"] or "").strip(),
        description=description,
    )


def _kind(mark: str, transaction_type: str) -> LineKind:
    """Banks that avoid the reversal marks write a returned payment as a plain credit of type RTI.

    A charge or commission is a fee in both directions, also under a payment's reference.
    """
    if transaction_type.endswith(_FEES):
        return LineKind.FEE
    if mark[0] == "R" or transaction_type.endswith(_RETURNED_ITEM):
        return LineKind.REVERSAL
    return LineKind.CREDIT if mark == "C" else LineKind.DEBIT


def _entry_day(value_day: date, entry: str | None, field: _Field) -> date:
    """The booking day; it is written without a year and may lie across New Year from the value day."""
    if entry is None:
        return value_day
    years = (value_day.year - 1, value_day.year, value_day.year + 1)
    valid = [day for year in years if (day := _maybe_day(year, entry)) is not None]
    if not valid:
        raise Refusal(StatementProblem.DATE, field.line_number, ":61: entry date")
    return min(valid, key=lambda day: abs(day - value_day))


def _maybe_day(year: int, entry: str) -> date | None:
    try:
        return date(year, int(entry[:2]), int(entry[2:]))
    except ValueError:
        return None
