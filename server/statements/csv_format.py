"""Strict reading of the bank's CSV statement (eleven columns, bank.md §3.4): all of a file or nothing of it."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby
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
from shared.money import AmountProblem, Satang, parse_amount
from shared.thai import BANGKOK, make_date, plain_digits

_COLUMNS: Final = 11
_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_ACCOUNT = re.compile(r"[0-9]{5,16}")
_REFERENCE = re.compile(r"\bREF[: ]([A-Za-z0-9]{1,16})(?= |$)")
_BANK_REFERENCE = re.compile(r"\bBANKREF[: ]([A-Za-z0-9]{1,35})(?= |$)")
_RETURN: Final = "RETURNED BY"
_FEES: Final = ("BANK CHARGE", "SERVICE CHARGE", "FEE ", "ค่าธรรมเนียม")


class _Row(NamedTuple):
    line_number: int
    account: AccountNumber
    booked_at: datetime
    amount: int
    balance: int
    description: str


def parse_csv(data: bytes) -> tuple[StatementFile, ...] | Rejected:
    """Read a CSV statement (of one account, or several one after the other), or say why it is refused whole.

    The form states no opening, closing or number: opening is the first balance less the first amount, closing
    the last balance, and the number is the Bangkok time of the last line as YYYYMMDDhhmmss. Every line's
    balance must follow from the one before, so a lost, altered or reordered line is found; lines missing at
    the *end* can't be, which is why the checksum file counts and the next opening must equal this closing.
    """
    try:
        rows = list(_rows(decode(data)))
        if not rows:
            raise Refusal(StatementProblem.EMPTY, 1, "a header without lines")
        sha256 = hashlib.sha256(data).hexdigest()
        groups = [list(group) for _, group in groupby(rows, key=lambda row: row.account)]
        if len({group[0].account for group in groups}) != len(groups):
            raise Refusal(StatementProblem.CONTINUITY, 0, "lines of an account do not stand together")
        return tuple(_statement(group, sha256) for group in groups)
    except Refusal as refusal:
        return refusal.rejected


def _rows(text: str) -> Iterator[_Row]:
    if not text.endswith("\n"):
        raise Refusal(StatementProblem.TRUNCATED, text.count("\n") + 1, "the last line has no end")
    reader = csv.reader(text[:-1].split("\n"), strict=True)
    try:
        header = next(reader)
        if len(header) != _COLUMNS or any(character.isdigit() for name in header for character in name):
            raise Refusal(StatementProblem.NOT_A_STATEMENT, 1, "header line")
        for cells in reader:
            if len(cells) != _COLUMNS:
                raise Refusal(StatementProblem.FIELD, reader.line_num, f"{len(cells)} columns")
            yield _row(reader.line_num, [cell.strip() for cell in cells])
    except csv.Error:
        raise Refusal(StatementProblem.FIELD, reader.line_num, "quoting") from None


def _row(line_number: int, cells: list[str]) -> _Row:
    account, day, time, code, _channel, _cheque, debit, credit, sign, balance, description = cells
    number = plain_digits(account)
    if not _ACCOUNT.fullmatch(number):
        raise Refusal(StatementProblem.FIELD, line_number, "account")
    if sign not in ("+", "-"):
        raise Refusal(StatementProblem.FIELD, line_number, "balance sign")
    amount = _moved(line_number, code, debit, credit)
    after = _satang(line_number, balance, "balance", allow_zero=True)
    booked_at = _instant(line_number, day, time)
    return _Row(line_number, AccountNumber(number), booked_at, amount, after if sign == "+" else -after, description)


def _moved(line_number: int, code: str, debit: str, credit: str) -> int:
    """Signed satang: X1 fills the credit column, X2 the debit column, and the other one stays empty."""
    if code == "X1" and not debit:
        return _satang(line_number, credit, "credit")
    if code == "X2" and not credit:
        return -_satang(line_number, debit, "debit")
    raise Refusal(StatementProblem.FIELD, line_number, "transaction code and amount columns disagree")


def _satang(line_number: int, text: str, column: str, *, allow_zero: bool = False) -> int:
    amount = parse_amount(text, allow_zero=allow_zero)
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
        if row.booked_at < booked_at:
            raise Refusal(StatementProblem.CONTINUITY, row.line_number, "earlier than the line before")
        booked_at = row.booked_at


def _line(sequence: int, row: _Row) -> StatementLine:
    reference, bank_reference = _REFERENCE.search(row.description), _BANK_REFERENCE.search(row.description)
    return StatementLine(
        sequence=sequence,
        booked_on=row.booked_at.astimezone(BANGKOK).date(),
        booked_at=row.booked_at,
        amount=Satang(row.amount),
        kind=_kind(row),
        reference=reference[1] if reference else "",
        bank_reference=bank_reference[1] if bank_reference else "",
        description=" ".join(row.description.split()),
    )


def _kind(row: _Row) -> LineKind:
    """This form has no codes of its own; the description begins with what was done."""
    said = row.description.upper()
    if said.startswith(_FEES):
        return LineKind.FEE
    if said.startswith(_RETURN):
        return LineKind.REVERSAL
    return LineKind.CREDIT if row.amount > 0 else LineKind.DEBIT
