"""Writes the statement files of docs/bank.md: CSV with 11 columns and MT940, each with its SHA-256."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Final, Literal

from lab.sandbox_bank.books import Line, Statement
from lab.sandbox_bank.clock import bangkok, bangkok_date
from shared.money import Satang, format_amount

CSV_HEADER: Final = (
    "Account Number", "Date", "Time", "Transaction Code", "Channel", "Cheque Number", "Debit Amount",
    "Credit Amount", "Balance Sign", "Balance Amount", "Description",
)  # fmt: skip
_TEXT: Final = {"payment": "TRANSFER TO", "return": "RETURNED BY", "extra": "BANK CHARGE"}
_TYPE: Final = {"payment": "NTRF", "return": "NRTI", "extra": "NCHG"}


def csv_file(account: str, statement: Statement, lines: list[Line]) -> bytes:
    """The CSV form: debits are code X2, credits X1, dates are Bangkok's as DD/MM/YYYY, amounts without separators."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADER)
    balances = list(accumulate((line.amount for line in lines), initial=statement.opening))[1:]
    if lines:
        balances[-1] = statement.closing
    for line, balance in zip(lines, balances, strict=True):
        at = bangkok(line.booked_at)
        amount, debit = _plain(line.amount), line.amount < 0
        when = (f"{at:%d/%m/%Y}", f"{at:%H:%M:%S}")
        money = (amount, "") if debit else ("", amount)
        total = ("-" if balance < 0 else "+", _plain(balance))
        writer.writerow((account, *when, "X2" if debit else "X1", "ENET", "", *money, *total, _description(line)))
    return text.getvalue().encode("utf-8")


def mt940_file(account: str, statement: Statement, lines: list[Line], return_mark: Literal["C", "RD"]) -> bytes:
    """The MT940 form: one page, `:61:` carries the partner's reference and after `//` the bank's."""
    cut = bangkok_date(statement.cut_at)
    rows = [
        f":20:ST{cut:%y%m%d}{statement.number:05d}",
        f":25:{account}",
        f":28C:{statement.number:05d}/001",
        f":60F:{_balance(statement.opening, cut)}",
    ]
    for line in lines:
        day = bangkok_date(line.booked_at)
        mark = "D" if line.amount < 0 else (return_mark if line.kind == "return" else "C")
        entry = f":61:{day:%y%m%d}{day:%m%d}{mark}{_comma(line.amount)}{_type(line)}"
        rows.append(f"{entry}{line.reference[:16]}//{line.bank_reference}")
        rows.append(f":86:{_description(line)}")
    closing = _balance(statement.closing, cut)
    rows += [f":62F:{closing}", f":64:{closing}"]
    return "".join(row + "\r\n" for row in rows).encode("ascii")


def publish(directory: Path, name: str, content: bytes, proof_of: bytes | None = None) -> None:
    """Put a file and then its `.sha256` in place, each written as `.tmp` and renamed, so no reader sees half a file.

    With `proof_of` the checksum is of that, and does not fit.
    """
    directory.mkdir(parents=True, exist_ok=True)
    digest = f"{hashlib.sha256(content if proof_of is None else proof_of).hexdigest()}  {name}\n".encode("ascii")
    for target, data in ((name, content), (f"{name}.sha256", digest)):
        temporary = directory / f"{target}.tmp"
        temporary.write_bytes(data)
        temporary.replace(directory / target)


def _description(line: Line) -> str:
    return f"{_text(line)} {line.counterparty} REF {line.reference} BANKREF {line.bank_reference}"


def _text(line: Line) -> str:
    """What the bank takes besides payments is a charge, what it brings is somebody's deposit."""
    return "DEPOSIT BY" if line.kind == "extra" and line.amount > 0 else _TEXT[line.kind]


def _type(line: Line) -> str:
    return "NMSC" if line.kind == "extra" and line.amount > 0 else _TYPE[line.kind]


def _plain(amount: int) -> str:
    return format_amount(Satang(abs(amount)))


def _comma(amount: int) -> str:
    return _plain(amount).replace(".", ",")


def _balance(amount: int, day: date) -> str:
    return f"{'D' if amount < 0 else 'C'}{day:%y%m%d}THB{_comma(amount)}"
