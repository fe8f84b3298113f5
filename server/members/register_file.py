"""Reads a register of members from CSV (UTF-8) or a spreadsheet, as texts: nothing is guessed, nothing is repaired."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

MAX_BYTES: Final = 50 * 1024 * 1024
_SPREADSHEET_MAGIC: Final = b"PK\x03\x04"


@dataclass(frozen=True, kw_only=True)
class RawMember:
    """One row as written; `row` is what the spreadsheet shows beside it (the heading is row 1)."""

    row: int
    code: str
    name: str = field(repr=False)
    national_id: str = field(repr=False)
    phone: str = field(repr=False)
    bank: str
    account_number: str = field(repr=False)
    account_name: str = field(repr=False)


COLUMNS: Final = tuple(column.name for column in fields(RawMember) if column.name != "row")


@dataclass(frozen=True, kw_only=True)
class ImportProblem:
    """What is wrong with one cell; row 0 is the file itself, an empty column the whole row."""

    row: int
    column: str
    problem: str


def read_members(content: bytes) -> list[RawMember] | ImportProblem:
    """Rows of a register with the headings of `COLUMNS` in any order; other columns and empty rows are passed over.

    Refuses the file with: too_large, not_utf8, not_a_table, no_rows, or missing_column (which `column` names).
    """
    if len(content) > MAX_BYTES:
        return _file_problem("too_large")
    table = _spreadsheet(content) if content.startswith(_SPREADSHEET_MAGIC) else _csv(content)
    if isinstance(table, ImportProblem):
        return table
    lines = iter(table)
    heading = [cell.strip().lower() for cell in next(lines, [])]
    for column in COLUMNS:
        if column not in heading:
            return _file_problem("missing_column", column)
    members = list(_members(heading, lines))
    return members or _file_problem("no_rows")


def _members(heading: Sequence[str], lines: Iterator[list[str]]) -> Iterator[RawMember]:
    places = {column: heading.index(column) for column in COLUMNS}
    for row, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            yield RawMember(
                row=row, **{name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
            )


def _csv(content: bytes) -> list[list[str]] | ImportProblem:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _file_problem("not_utf8")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return _file_problem("not_a_table")


def _spreadsheet(content: bytes) -> list[list[str]] | ImportProblem:
    try:
        rows = (
            CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except CalamineError:
        return _file_problem("not_a_table")
    # A number stays visible as one (`1234567890.0`), so that the rules can refuse what may have lost its zeros.
    return [[str(cell) for cell in row] for row in rows]


def _file_problem(problem: str, column: str = "") -> ImportProblem:
    return ImportProblem(row=0, column=column, problem=problem)
