"""What a workbook (.xlsx) says beside its values: sheets, hidden rows and columns, cells that hold an error.

Its XML is read with expat: a document type, which could name entities, refuses the file; sizes are bounded, so that a
small file cannot unpack into a large one, nor one far cell into a sheet of billions.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

MAX_UNPACKED: Final = 256 * 1024 * 1024
MAX_PARTS: Final = 2_000
MAX_CELLS: Final = 20_000_000
MAX_COLUMN: Final = 1_000
_CHUNK: Final = 1 << 16
_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LOW = re.compile(r"0*(?:[.,]|$)")
"""A height or a width below one: what nobody sees."""

NOT_CALCULATED: Final = "#CALC?"

Start = Callable[[str, Mapping[str, str]], None]


class BadWorkbook(Exception):
    """`problem` is one of shared.tables.TableProblem."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass
class Sheet:
    """One sheet of cells. `errors`: row -> its columns (from 0) with an error and what it says."""

    name: str
    visible: bool
    rows: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[int, list[tuple[int, str]]] = field(default_factory=dict)


def survey(file: BinaryIO) -> list[Sheet]:
    """All sheets in their order; raises BadWorkbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            _guard(archive)
            return _sheets(archive)
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, NotImplementedError, OSError, RuntimeError) as broken:
        raise BadWorkbook("not_a_table") from broken


def _guard(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if _WORKBOOK not in names:
        raise BadWorkbook("other_format" if "mimetype" in names or "xl/workbook.bin" in names else "not_a_table")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadWorkbook("too_large")
    # Of two parts of one name another reader may take the other one.
    if len(set(names)) != len(names):
        raise BadWorkbook("not_a_table")
    if any(part.flag_bits & 1 for part in parts):
        raise BadWorkbook("password")
    for part in parts:  # a size that lies is found by reading: what is longer than said fails its checksum
        with archive.open(part) as opened:
            while opened.read(_CHUNK):
                pass


def _sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    listed: list[tuple[str, str, str]] = []
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            relation = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            listed.append((attributes.get("name", ""), attributes.get("state", "visible"), relation))

    def relation(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = posixpath.normpath(
                target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            )

    _parse(archive, _WORKBOOK, sheet)
    _parse(archive, _RELATIONS, relation)
    return [
        _Cells(Sheet(name, state == "visible")).read(archive, targets[relation])
        for name, state, relation in listed
        if relation in targets
    ]


class _Cells:
    """Reads one sheet's XML: where there is something, and what is hidden or an error."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._begun = False
        self._row = 0
        self._column = -1
        self._type = ""
        self._formula = self._inside = False
        self._text: list[str] = []
        self._counted = 0
        self._widest = 0

    def read(self, archive: zipfile.ZipFile, part: str) -> Sheet:
        _parse(archive, part, self._start, self._end, self._characters)
        return self.sheet

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "row":
            self._next_row(int(attributes.get("r", self._row + 1)))
            if attributes.get("hidden") in ("1", "true") or _LOW.match(attributes.get("ht", "1")):
                self.sheet.hidden_rows.add(self._row)
        elif tag == "c":
            self._next_cell(attributes.get("r", ""))
            self._type, self._formula, self._text = attributes.get("t", "n"), False, []
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "t"):
            self._inside = True
        elif tag == "sheetData":
            self._once()
        elif tag == "col" and (attributes.get("hidden") in ("1", "true") or _LOW.match(attributes.get("width", "1"))):
            last = min(int(attributes.get("max", "1")), MAX_COLUMN)
            self.sheet.hidden_columns |= set(range(int(attributes.get("min", "1")) - 1, last))

    def _once(self) -> None:
        if self._begun:
            raise BadWorkbook("not_a_table")
        self._begun = True

    def _next_row(self, row: int) -> None:
        """Rows and cells come in their order, each once and in its place: of two, another reader takes the other."""
        if row <= self._row:
            raise BadWorkbook("not_a_table")
        self._row, self._column = row, -1

    def _next_cell(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        column = _column(found[1]) if found else self._column + 1
        if column <= self._column or (found and int(found[2]) != self._row):
            raise BadWorkbook("not_a_table")
        self._column = column

    def _characters(self, text: str) -> None:
        if self._inside:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._inside = False
        elif tag == "c":
            self._cell("".join(self._text))

    def _cell(self, said: str) -> None:
        if self._type == "e" or (self._formula and not said and self._type != "str"):
            self.sheet.errors.setdefault(self._row, []).append((self._column, said or NOT_CALCULATED))
        elif not said:
            return
        if self._row != self._counted:
            self._counted = self._row
            self.sheet.rows += 1
        self._widest = max(self._widest, self._column + 1)
        if self._widest > MAX_COLUMN or self._row * self._widest > MAX_CELLS:
            raise BadWorkbook("too_large")


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate()

    def no_doctype(*_: object) -> None:
        raise BadWorkbook("not_a_table")

    parser.StartDoctypeDeclHandler = no_doctype
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    with archive.open(part) as opened:
        while chunk := opened.read(_CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)
