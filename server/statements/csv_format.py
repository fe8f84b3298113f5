"""Strict reading of the bank's CSV statement (eleven columns, docs/bank.md): all of a file or nothing of it."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final, NamedTuple

from server.statements.parsed import (
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
    plain,
    reference_in,
)
from shared.banks import AccountNumber
from shared.money import AmountProblem, Satang, parse_amount
from shared.thai import BANGKOK, make_date, plain_digits

_COLUMNS: Final = 11
_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_ACCOUNT = re.compile(r"[0-9]{5,16}")
_BANK_REFERENCE = re.compile(r"\bBANKREF[: ]+([A-Za-z0-9]{1,35})(?= |$)", re.IGNORECASE)
_RETURN: Final = "RETURNED BY"
_FEES: Final = ("BANK CHARGE", "BANK FEE", "SERVICE CHARGE", "FEE ", "CHARGE ", "ค่าธรรมเนียม")


class _Row(NamedTuple):
    line_number: int
    account: AccountNumber
    booked_at: datetime
    amount: int
    balance: int
    description: str


def parse_csv(data: bytes, today: date = NO_CLOCK) -> tuple[StatementFile, ...] | Rejected:
    """Read a CSV statement (of one account, or several one after the other), or say why it is refused whole.

    The form states no opening, closing or number: opening is the first balance less the first amount, closing
    the last balance, and the number is the Bangkok time of the last line as YYYYMMDDhhmmss. Every line's
    balance must follow from the one before, so a lost, altered or reordered line is found; lines missing at
    the *end* can't be, which is why the checksum file counts and the next opening must equal this closing. For the same
    reason the last line may lack its end. Empty lines say nothing. No day may lie after `today`, the business day.
    """
    try:
        rows = list(_rows(decode(data), today))
        if not rows:
            raise Refusal(StatementProblem.EMPTY, 1, "a header without lines")
        sha256 = hashlib.sha256(data).hexdigest()
        groups = [list(group) for _, group in groupby(rows, key=lambda row: row.account)]
        if len({group[0].account for group in groups}) != len(groups):
            raise Refusal(StatementProblem.CONTINUITY, 0, "lines of an account do not stand together")
        return tuple(_statement(group, sha256) for group in groups)
    except Refusal as refusal:
        return refusal.rejected


def _rows(text: str, today: date) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text.rstrip("\n"), newline="\n"), strict=True)
    try:
        header = next(reader)
        if len(header) != _COLUMNS or any(character.isdigit() for name in header for character in name):
            raise Refusal(StatementProblem.NOT_A_STATEMENT, 1, "header line")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != _COLUMNS:
                raise Refusal(StatementProblem.FIELD, reader.line_num, f"{len(cells)} columns")
            yield _row(reader.line_num, [cell.strip() for cell in cells], today)
    except csv.Error:
        raise Refusal(StatementProblem.FIELD, reader.line_num, "quoting") from None


def _row(line_number: int, cells: list[str], today: date) -> _Row:
    account, day, time, code, _channel, _cheque, debit, credit, sign, balance, description = cells
    number = plain_digits(account)
    if not _ACCOUNT.fullmatch(number):
        raise Refusal(StatementProblem.FIELD, line_number, "account")
    if sign not in ("+", "-"):
        raise Refusal(StatementProblem.FIELD, line_number, "balance sign")
    amount = _moved(line_number, code.upper(), debit, credit)
    after = _satang(line_number, balance, "balance")
    booked_at = _instant(line_number, day, time)
    check_day(booked_at.astimezone(BANGKOK).date(), today, line_number, "date")
    text = plain(description)
    return _Row(line_number, AccountNumber(number), booked_at, amount, after if sign == "+" else -after, text)


def _moved(line_number: int, code: str, debit: str, credit: str) -> int:
    """Signed satang: X1 fills the credit column, X2 the debit column, and the other one is empty or zero."""
    money, other = (credit, debit) if code == "X1" else (debit, credit)
    if code not in ("X1", "X2") or (other and _satang(line_number, other, "amount") != 0):
        raise Refusal(StatementProblem.FIELD, line_number, "transaction code and amount columns disagree")
    amount = _satang(line_number, money, "credit" if code == "X1" else "debit")
    return amount if code == "X1" else -amount


def _satang(line_number: int, text: str, column: str) -> int:
    amount = parse_amount(text, allow_zero=True)
    if isinstance(amount, AmountProblem):
        raise Refusal(StatementProblem.AMOUNT, line_number, f"{column}: {amount}")
    return amount


def _instant(line_number: int, day: str, time: str) -> datetime:
    """Bangkok day (of either era) and clock time as an aware UTC instant."""
    found, clock = _DATE.fullmatch(day), _TIME.fullmatch(time)
    made = make_date(int(found[3]), int(found[2]), int(found[1])) if found else None
    if clock is None or not isinstance(made, date):
        raise Refusal(StatementProblem.DATE, line_number, "date or time")
    hour, minute, second = (int(part or "0") for part in clock.groups())
    return datetime(made.year, made.month, made.day, hour, minute, second, tzinfo=BANGKOK).astimezone(UTC)


def _statement(rows: list[_Row], sha256: str) -> StatementFile:
    opening = rows[0].balance - rows[0].amount
    _check_running(rows, opening)
    last = rows[-1]
    local = last.booked_at.astimezone(BANGKOK)
    return StatementFile(
        account=last.account,
        number=int(f"{local:%Y%m%d%H%M%S}"),
        opening=Satang(opening),
        closing=Satang(last.balance),
        currency="THB",
        date=local.date(),
        lines=tuple(_line(sequence, row) for sequence, row in enumerate(rows, start=1)),
        sha256=sha256,
    )


def _check_running(rows: list[_Row], opening: int) -> None:
    balance, booked_at = opening, rows[0].booked_at
    for row in rows:
        balance += row.amount
        if balance != row.balance:
            raise Refusal(StatementProblem.BALANCE, row.line_number, "balance does not follow from the line before")
        check_near(row.booked_at.date(), rows[-1].booked_at.date(), row.line_number, "date is far from the last line's")
        if row.booked_at < booked_at:
            raise Refusal(StatementProblem.CONTINUITY, row.line_number, "earlier than the line before")
        booked_at = row.booked_at


def _line(sequence: int, row: _Row) -> StatementLine:
    bank_reference = _BANK_REFERENCE.search(row.description)
    return StatementLine(
        sequence=sequence,
        booked_on=row.booked_at.astimezone(BANGKOK).date(),
        booked_at=row.booked_at,
        amount=Satang(row.amount),
        kind=_kind(row),
        reference=reference_in(row.description),
        bank_reference=bank_reference[1] if bank_reference else "",
        description=row.description,
    )


def _kind(row: _Row) -> LineKind:
    text = row.description.upper()
    if text.startswith(_FEES):
        return LineKind.FEE
    if text.startswith(_RETURN):
        return LineKind.REVERSAL
    return LineKind.DEBIT if row.amount < 0 else LineKind.CREDIT
