"""Reads a register of members from CSV or a spreadsheet, as texts: nothing is guessed, repaired or passed over."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final

from shared.normal import heading_key
from shared.tables import ZIP_MAGIC, BadFile, CellError, Line, headings, read_text, read_workbook

MAX_BYTES: Final = 50 * 1024 * 1024


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
    """What is wrong with one cell; row 0 is the file itself, an empty column the whole row. `more` are the others."""

    row: int
    column: str
    problem: str
    more: tuple[ImportProblem, ...] = ()


def read_members(content: bytes, *, one_sheet: bool = False) -> list[RawMember] | ImportProblem:
    """Rows of a register with the headings of `COLUMNS` in any order; other columns and empty rows are passed over.

    Refuses the file with: too_large, what `TableProblem` says, no_rows, missing_column or column_twice (which `column`
    names), other_sheet (names it; `one_sheet` leaves the others unread); and all rows that are hidden_row,
    longer_than_heading or have an error_cell.
    """
    if len(content) > MAX_BYTES:
        return _problem("too_large")
    table = (
        read_workbook(content, io.BytesIO(content))
        if content.startswith(ZIP_MAGIC)
        else read_text(content, thai_windows=False)
    )
    if isinstance(table, BadFile):
        return _problem(table.problem.value, row=table.line)
    if table.others and not one_sheet:
        return _problem("other_sheet", table.others[0].name)
    keys = headings(table.lines[0]) if table.lines else []
    places = _places(keys)
    if isinstance(places, ImportProblem):
        return places
    lines = [line for line in table.lines[1:] if not line.empty]
    wrong = [problem for line in lines for problem in _wrong(line, keys, places)]
    if wrong:
        return replace(wrong[0], more=tuple(wrong[1:]))
    return [_member(line, places) for line in lines] or _problem("no_rows")


def _places(keys: Sequence[str]) -> dict[str, int] | ImportProblem:
    places = {}
    for column in COLUMNS:
        found = [at for at, key in enumerate(keys) if key == heading_key(column)]
        if len(found) != 1:
            return _problem("column_twice" if found else "missing_column", column)
        places[column] = found[0]
    return places


def _wrong(line: Line, keys: Sequence[str], places: Mapping[str, int]) -> Iterator[ImportProblem]:
    if line.hidden:
        yield _problem("hidden_row", row=line.number)
    if line.beyond(keys):
        yield _problem("longer_than_heading", row=line.number)
    for column, at in places.items():
        if at < len(line.cells) and isinstance(line.cells[at], CellError):
            yield _problem("error_cell", column, row=line.number)


def _member(line: Line, places: Mapping[str, int]) -> RawMember:
    # A number stays visible as one (`1234567890.0`), so that the rules can refuse what may have lost its zeros.
    texts = {name: str(line.cells[at]).strip() if at < len(line.cells) else "" for name, at in places.items()}
    return RawMember(row=line.number, **texts)


def _problem(problem: str, column: str = "", *, row: int = 0) -> ImportProblem:
    return ImportProblem(row=row, column=column, problem=problem)
