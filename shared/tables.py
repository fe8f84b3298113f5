"""A table out of a file that a person made: every row is there, with what the file says of it; or why there is none.

Of a workbook the first visible sheet that has rows is read; other sheets with rows, hidden rows and columns, and cells
that hold an error instead of a value are told. Pure: a workbook comes as an open file in memory.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook

from shared.normal import heading_key
from shared.workbook import BadWorkbook, Sheet, survey

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"
ZIP_MAGIC: Final = b"PK\x03\x04"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_DELIMITERS: Final = ",;\t|"
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))

Cell = str | bool | time | date | datetime | timedelta


class Number(str):
    """A number of a spreadsheet in its shortest decimal form: ``1000.0``, ``48250.1``, ``1e+16``."""

    __slots__ = ()


class CellError(str):
    """What stands in a cell instead of a value: ``#N/A``, ``#REF!``, or a formula that was never calculated."""

    __slots__ = ()


class TableProblem(StrEnum):
    """Why a file is no table."""

    TOO_LARGE = "too_large"
    ENCODING = "not_utf8"
    PASSWORD = "password"
    OLD_SPREADSHEET = "old_spreadsheet"
    OTHER_FORMAT = "other_format"
    NOT_A_TABLE = "not_a_table"
    OPEN_QUOTE = "open_quote"
    LINES_IN_A_CELL = "lines_in_a_cell"


@dataclass(frozen=True)
class BadFile:
    """Why, and in which line of a text file (0 where it is the whole file)."""

    problem: TableProblem
    line: int = 0


@dataclass(frozen=True)
class Line:
    """One row; `number` is the spreadsheet's own."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False

    @property
    def empty(self) -> bool:
        """Whether no cell of it says anything."""
        return all(is_blank(cell) for cell in self.cells)

    def beyond(self, headings: Sequence[str]) -> bool:
        """Whether it has a cell to which no heading belongs."""
        named = {at for at, heading in enumerate(headings) if heading}
        return any(not is_blank(cell) for at, cell in enumerate(self.cells) if at not in named)


@dataclass(frozen=True)
class OtherSheet:
    """A sheet that is not read, and how many rows it has."""

    name: str
    rows: int
    hidden: bool


@dataclass(frozen=True)
class Table:
    """All rows, blank ones too, and what the file holds besides."""

    lines: tuple[Line, ...]
    hidden_columns: frozenset[int] = frozenset()
    others: tuple[OtherSheet, ...] = ()


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, or only of spaces and hidden characters."""
    return (
        isinstance(cell, str) and not isinstance(cell, CellError) and not heading_key(cell) and not cell.strip(_NOTHING)
    )


_NOTHING: Final = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff\u3000"


def headings(line: Line) -> list[str]:
    """The keys of a row's cells as headings."""
    return [heading_key(str(cell)) for cell in line.cells]


def kind_of(content: bytes) -> TableProblem | None:
    """What a file is that is neither a workbook (.xlsx) nor text, by its first bytes."""
    if content.startswith(OLE_MAGIC):
        return TableProblem.PASSWORD if _ENCRYPTED in content else TableProblem.OLD_SPREADSHEET
    start = content[:512].lstrip().lower()
    if start.startswith(
        (b"%pdf", b"<html", b"<!doctype", b"<?xml", b"<table", b"{\\rtf", b"\x1f\x8b", b"rar!", b"\x89png")
    ):
        return TableProblem.OTHER_FORMAT
    return None


def read_workbook(content: bytes, file: BinaryIO) -> Table | BadFile:
    """A workbook (.xlsx); `file` is the same content, open."""
    other = kind_of(content)
    if other is not None:
        return BadFile(other)
    try:
        sheets = survey(file)
        chosen = next((sheet for sheet in sheets if sheet.visible and sheet.rows), None)
        cells = _cells(file, chosen.name) if chosen is not None else []
    except BadWorkbook as bad:
        return BadFile(TableProblem(bad.problem))
    except (CalamineError, OSError, ValueError, IndexError):
        return BadFile(TableProblem.NOT_A_TABLE)
    others = tuple(OtherSheet(s.name, s.rows, not s.visible) for s in sheets if s is not chosen and s.rows)
    if chosen is None:
        return Table((), others=others)
    lines = tuple(_line(number, row, chosen) for number, row in enumerate(cells, 1))
    return Table(lines, frozenset(chosen.hidden_columns), others)


def _cells(file: BinaryIO, name: str) -> list[list[Cell]]:
    file.seek(0)
    rows = CalamineWorkbook.from_filelike(file).get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [[cell if isinstance(cell, Cell) else Number(repr(cell)) for cell in row] for row in rows]


def _line(number: int, row: list[Cell], sheet: Sheet) -> Line:
    for column, said in sheet.errors.get(number, ()):
        row += [""] * (column + 1 - len(row))
        row[column] = CellError(said)
    return Line(number, tuple(row), number in sheet.hidden_rows)


def read_text(content: bytes, *, thai_windows: bool) -> Table | BadFile:
    """A text file of cells between commas, semicolons, tabs or bars; UTF-8, UTF-16 with its mark, perhaps Thai Windows.

    All ends of lines are read. A quote that is never closed, or closed so late that it swallows rows, refuses the file.
    """
    other = kind_of(content)
    if other is not None:
        return BadFile(other)
    text = _decoded(content, thai_windows=thai_windows)
    if text is None:
        return BadFile(TableProblem.ENCODING)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    if len(lines) > 1 and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        delimiter, lines = lines[0][4], ["", *lines[1:]]
    while lines and not lines[-1]:
        lines.pop()
    found: list[Line] = []
    for cells, begun in _records([line + "\n" for line in lines], delimiter):
        if cells is None:
            return BadFile(TableProblem.OPEN_QUOTE, begun)
        if _swallows(cells, delimiter, first.count(delimiter)):
            return BadFile(TableProblem.LINES_IN_A_CELL, begun)
        found.append(Line(len(found) + 1, tuple(cells)))
    return Table(tuple(found))


def _records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[list[str] | None, int]]:
    """Each record and the line that it begins in; None for its cells where a quote in it goes wrong."""
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    while True:
        begun = reader.line_num + 1
        try:
            yield next(reader), begun
        except StopIteration:
            return
        except csv.Error:
            yield None, begun
            return


def _swallows(cells: Sequence[str], delimiter: str, usual: int) -> bool:
    """Whether a cell of several lines holds what looks like a row: then the quote was not meant to be open so long."""
    least = max(1, usual - 1)
    return any(line.count(delimiter) >= least for cell in cells if "\n" in cell for line in cell.split("\n")[1:])


def _decoded(content: bytes, *, thai_windows: bool) -> str | None:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp874") if thai_windows else ("utf-8",):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None
