"""Strict MT940: a file is read whole, proved against its own balances, or refused whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from server.statements.mt940_fields import Field, messages
from server.statements.parsed import (
    HALF_A_YEAR,
    NO_CLOCK,
    LineKind,
    Refusal,
    Rejected,
    StatementFile,
    StatementLine,
    StatementProblem,
    check_day,
    check_near,
    decode,
    is_ours,
    our_form,
    plain,
    reference_in,
)
from shared.banks import AccountNumber
from shared.money import MAX_DIGITS, Satang

_ANY_CASE: Final = re.IGNORECASE | re.ASCII
_ACCOUNT = re.compile(r"(?:[A-Z0-9]{2,11}/)?([0-9]{5,16})(?:THB)?(?:\n[A-Z0-9]{8}(?:[A-Z0-9]{3})?)?", _ANY_CASE)
_NUMBER = re.compile(r"([0-9]{1,5})(?:/([0-9]{1,5}))?")
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})(\S+)", _ANY_CASE)
_ENTRY = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>RC|RD|C|D)[A-Z]?(?P<amount>[0-9.,]+)"
    r"(?P<type>[NFS][A-Z0-9]{3})(?P<reference>(?:(?!//)[^\n]){0,16})(?://(?P<bank>[^\n]{1,16}))?(?:\n[^\n]{0,34})?",
    _ANY_CASE,
)
_AMOUNT = re.compile(r"([0-9]{1,13}),([0-9]{0,2})")
_TOLD: Final = ("61", "86")
_NO_REFERENCE: Final = "NONREF"
_RETURNED_ITEM: Final = "RTI"
_FEES: Final = ("CHG", "COM", "FEE")


class _Balance(NamedTuple):
    amount: Satang
    day: date


class _Page:
    """One message of a statement; a statement longer than one message goes on in pages 2, 3, ..."""

    def __init__(self, fields: list[Field]) -> None:
        one = {field.tag: field for field in fields}
        self.line_number = fields[0].line_number
        self.closed_at = (one.get("62F") or one["62M"]).line_number
        self.account = AccountNumber(_match(_ACCOUNT, one["25"])[1])
        number, page = _match(_NUMBER, one["28C"]).groups()
        self.number, self.page = int(number), int(page or "1")
        self.first, self.last = "60F" in one, "62F" in one
        self.opening = _balance(one["60F"] if self.first else one["60M"])
        self.closing = _balance(one["62F"] if self.last else one["62M"])
        for field in fields:
            if field.tag in ("64", "65"):
                _balance(field)
        self.entries = [field for field in fields if field.tag == "61"]
        self.texts = {
            before.line_number: field.text for before, field in pairwise(fields) if (before.tag, field.tag) == _TOLD
        }
        self.opened_at = (one.get("60F") or one["60M"]).line_number


def parse_mt940(data: bytes, today: date = NO_CLOCK) -> tuple[StatementFile, ...] | Rejected:
    """Read every statement of an MT940 file, or say why nothing of the file may be used.

    Checked: encoding, tags and their order, forms of amounts and dates, currency THB, page and statement
    numbers that follow each other, balances that carry over, and opening + lines = closing. Reversed
    credits (RC) take money out, reversed debits (RD) bring it back. Repeated files are the importer's
    business: it knows the account, number and `sha256` it already has. No day may lie after `today`, the business
    day, but a value day; every year is written with two digits of the common era, so that a Buddhist one has not come.
    """
    try:
        pages = [_Page(message) for message in messages(decode(data))]
        return _statements(pages, hashlib.sha256(data).hexdigest(), today)
    except Refusal as refusal:
        return refusal.rejected


def _match(pattern: re.Pattern[str], field: Field) -> re.Match[str]:
    found = pattern.fullmatch(field.text.strip())
    if found is None:
        raise Refusal(StatementProblem.FIELD, field.line_number, f":{field.tag}:")
    return found


def _balance(field: Field) -> _Balance:
    mark, day, currency, amount = _match(_BALANCE, field).groups()
    if currency.upper() != "THB":
        raise Refusal(StatementProblem.CURRENCY, field.line_number, f":{field.tag}:")
    satang = _amount(amount, field)
    return _Balance(Satang(satang if mark.upper() == "C" else -satang), _day(day, field))


def _amount(text: str, field: Field) -> int:
    found = _AMOUNT.fullmatch(text)
    if found is None or len(found[1]) + 2 > MAX_DIGITS:
        raise Refusal(StatementProblem.AMOUNT, field.line_number, f":{field.tag}:")
    return int(found[1]) * 100 + int(found[2].ljust(2, "0"))


def _day(text: str, field: Field) -> date:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise Refusal(StatementProblem.DATE, field.line_number, f":{field.tag}:") from None


def _statements(pages: list[_Page], sha256: str, today: date) -> tuple[StatementFile, ...]:
    statements: list[StatementFile] = []
    open_pages: list[_Page] = []
    for page in pages:
        _check_page(open_pages, page)
        open_pages.append(page)
        if page.last:
            statement = _statement(open_pages, sha256, today)
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


def _statement(pages: list[_Page], sha256: str, today: date) -> StatementFile:
    first, last = pages[0], pages[-1]
    lines: list[StatementLine] = []
    balance = first.opening.amount
    for page in pages:
        _check_days(page, last.closing.day)
        added = [
            _line(field, page.texts.get(field.line_number, ""), sequence, last.closing.day)
            for sequence, field in enumerate(page.entries, start=len(lines) + 1)
        ]
        balances = list(accumulate((line.amount for line in added), initial=balance))
        if max(map(abs, balances)) >= 10**MAX_DIGITS:
            raise Refusal(StatementProblem.AMOUNT, page.line_number, "no account has ever held what the lines make")
        balance = Satang(balances[-1])
        if balance != page.closing.amount:
            raise Refusal(StatementProblem.BALANCE, page.line_number, "opening and lines do not make closing")
        _check_clock(page, added, today)
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


def _check_days(page: _Page, closing: date) -> None:
    """A statement opens and closes on days near each other, and does not close before it opens."""
    check_near(page.opening.day, closing, page.opened_at, ":60: is far from the closing day")
    if not page.opening.day <= page.closing.day <= closing:
        raise Refusal(StatementProblem.DATE, page.closed_at, ":62: before :60:")


def _check_clock(page: _Page, lines: Sequence[StatementLine], today: date) -> None:
    """Nothing was opened, booked or closed on a day that has not come; a value day may be one."""
    check_day(page.opening.day, today, page.opened_at, ":60:")
    for field, line in zip(page.entries, lines, strict=True):
        check_day(line.booked_on, today, field.line_number, ":61: entry day")
    check_day(page.closing.day, today, page.closed_at, ":62:")


def _line(field: Field, text: str, sequence: int, closing: date) -> StatementLine:
    found = _match(_ENTRY, field)
    mark = found["mark"].upper()
    amount = _amount(found["amount"], field)
    value_day = _day(found["value"], field)
    check_near(value_day, closing, field.line_number, ":61: value day is far from the closing day")
    booked_on = _entry_day(value_day, found["entry"], field) if found["entry"] else min(value_day, closing)
    description = plain(text)
    return StatementLine(
        sequence=sequence,
        booked_on=booked_on,
        booked_at=None,
        amount=Satang(amount if mark in ("C", "RD") else -amount),
        kind=_kind(mark, found["type"].upper()),
        reference=_reference(found["reference"].strip(), description),
        bank_reference=(found["bank"] or "").strip(),
        description=description,
    )


def _reference(field: str, description: str) -> str:
    """The field's, or, where a bank leaves it empty, one of our form that its text names."""
    if field and field.upper() != _NO_REFERENCE:
        return our_form(field)
    told = reference_in(description)
    return told if is_ours(told) else ""


def _kind(mark: str, transaction_type: str) -> LineKind:
    """Banks that avoid the reversal marks write a returned payment as a plain credit of type RTI."""
    if transaction_type.endswith(_FEES):
        return LineKind.FEE
    if mark[0] == "R" or transaction_type.endswith(_RETURNED_ITEM):
        return LineKind.REVERSAL
    return LineKind.CREDIT if mark == "C" else LineKind.DEBIT


def _entry_day(value_day: date, entry: str, field: Field) -> date:
    """The booking day; it is written without a year, lies near the value day, and maybe across New Year from it."""
    years = (value_day.year - 1, value_day.year, value_day.year + 1)
    near = [
        day
        for year in years
        if (day := _maybe_day(year, entry)) is not None and abs((day - value_day).days) <= HALF_A_YEAR
    ]
    if not near:
        raise Refusal(StatementProblem.DATE, field.line_number, ":61: entry date")
    return min(near, key=lambda day: abs(day - value_day))


def _maybe_day(year: int, entry: str) -> date | None:
    try:
        return date(year, int(entry[:2]), int(entry[2:]))
    except ValueError:
        return None
