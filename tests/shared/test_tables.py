"""Every row of a file is read or told, and a file that means harm is refused before it is unpacked."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tables import BadFile, CellError, Table, TableProblem, read_text, read_workbook
from shared.workbook import MAX_UNPACKED
from tests.support.sheets import ENCRYPTED, OLE, SHEET, cell, with_part, workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = workbook(["a", "b"], ["x", 1])


def read(content: bytes) -> Table | BadFile:
    return read_workbook(content, io.BytesIO(content))


def table(content: bytes) -> Table:
    found = read(content)
    assert isinstance(found, Table)
    return found


def text(content: bytes) -> list[tuple[Any, ...]]:
    found = read_text(content, thai_windows=True)
    assert isinstance(found, Table), found
    return [line.cells for line in found.lines]


def _bomb(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("xl/media/zeros", "w") as part:
            for _ in range(size >> 20):
                part.write(bytes(1 << 20))
    return out.getvalue()


def _lying(content: bytes) -> bytes:
    """A part that unpacks to more than it says."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(SHEET).file_size
    return content.replace(size.to_bytes(4, "little"), (size - 100).to_bytes(4, "little"))


def _twice(content: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")
    return out.getvalue()


def _rows(inside: str) -> bytes:
    """A sheet whose first row is a heading, and what else its data holds."""
    head = '<row r="1"><c r="A1"><v>7</v></c></row>'
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{head}{inside}</sheetData></worksheet>'
    return with_part(BOOK, SHEET, lambda _: sheet.encode())


ONE = '<row r="2"><c r="A2"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "inside",
    [
        ONE + ONE,
        '<row r="3"><c r="A3"><v>1</v></c></row>' + ONE,
        '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="2" hidden="1"><c r="A3"><v>1</v></c></row>',
        f"</sheetData><sheetData>{ONE}",
    ],
)
def test_what_stands_twice_or_out_of_its_place_refuses_the_file(inside: str) -> None:
    assert isinstance(read(_rows(ONE)), Table)
    assert read(_rows(inside)) == BadFile(TableProblem.NOT_A_TABLE)


@pytest.mark.parametrize("height", ["0", "0.0", "0.01", "0.75", ".5", "00.1"])
def test_what_is_too_low_to_be_seen_is_hidden(height: str) -> None:
    found = table(_rows(ONE.replace('r="2"', f'r="2" ht="{height}" customHeight="1"')))
    assert [line.hidden for line in found.lines] == [False, True]
    assert not table(_rows(ONE.replace('r="2"', 'r="2" ht="10.5"'))).lines[1].hidden


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (OLE, TableProblem.OLD_SPREADSHEET),
        (ENCRYPTED, TableProblem.PASSWORD),
        (b"%PDF-1.7", TableProblem.OTHER_FORMAT),
        (b"<html><table><tr><td>1</td></tr></table>", TableProblem.OTHER_FORMAT),
        (b"\x1f\x8b\x08", TableProblem.OTHER_FORMAT),
        (b"", TableProblem.NOT_A_TABLE),
        (b"PK\x03\x04 cut off", TableProblem.NOT_A_TABLE),
        (with_part(BOOK, SHEET, lambda xml: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml), TableProblem.NOT_A_TABLE),
        (with_part(BOOK, SHEET, cell("XFD2", "<v>1</v>")), TableProblem.TOO_LARGE),
        (with_part(BOOK, SHEET, lambda xml: xml[:-20]), TableProblem.NOT_A_TABLE),
        (_lying(BOOK), TableProblem.NOT_A_TABLE),
        (_twice(BOOK), TableProblem.NOT_A_TABLE),
    ],
    ids=lambda value: value.value if isinstance(value, TableProblem) else "",
)
def test_what_is_no_table_is_refused_for_what_it_is(content: bytes, problem: TableProblem) -> None:
    assert read(content) == BadFile(problem)


def test_a_small_file_never_unpacks_into_a_large_one() -> None:
    bomb = _bomb(MAX_UNPACKED)
    assert len(bomb) < 1 << 20
    assert read(bomb) == BadFile(TableProblem.TOO_LARGE)


@pytest.mark.parametrize(
    ("inside", "kind", "said"),
    [
        ("<v>#N/A</v>", "e", "#N/A"),
        ("<f>1/0</f><v>#DIV/0!</v>", "e", "#DIV/0!"),
        ("<f>A1</f>", "", "#CALC?"),
        ("<f>A1</f><v></v>", "", "#CALC?"),
    ],
)
def test_an_error_in_a_cell_is_no_empty_cell(inside: str, kind: str, said: str) -> None:
    found = table(with_part(BOOK, SHEET, cell("D2", inside, kind))).lines[1].cells[3]
    assert isinstance(found, CellError)
    assert found == said


def test_hidden_rows_columns_and_sheets_are_told() -> None:
    def hide(book: Any, sheet: Any) -> None:
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
        book.add_worksheet("empty")
        secret = book.add_worksheet("secret")
        secret.write_row(3, 0, ["x"])
        secret.very_hidden()

    found = table(workbook(["a", "b"], ["x", 1], ["y", 2], change=hide))
    assert [line.hidden for line in found.lines] == [False, True, False]
    assert found.hidden_columns == {1}
    assert [(other.name, other.rows, other.hidden) for other in found.others] == [("secret", 1, True)]


def test_rows_of_no_height_are_hidden_and_the_first_visible_sheet_with_rows_is_read() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.hide()
        book.add_worksheet("blank").activate()
        rows = book.add_worksheet("rows")
        rows.write_row(0, 0, ["this"])
        rows.set_row(0, 0)

    found = table(workbook(["old"], change=change))
    assert [(line.cells, line.hidden) for line in found.lines] == [(("this",), True)]
    assert [other.name for other in found.others] == ["data"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp874"])
def test_text_is_read_in_all_its_writings(end: str, delimiter: str, encoding: str) -> None:
    written = end.join([delimiter.join(row) for row in (["รหัส", "ยอด"], ["M1", '"1,000"'], [], ["M2", '"ก""ข"'])])
    for tail in ("", end, end * 2):
        assert text((written + tail).encode(encoding)) == [("รหัส", "ยอด"), ("M1", "1,000"), (), ("M2", 'ก"ข')]


@pytest.mark.parametrize(
    ("written", "problem", "line"),
    [
        ('a,b\n1,"2\n3,4\n', TableProblem.OPEN_QUOTE, 2),
        ('a,b\n1,2\n"3,4\n5,6', TableProblem.OPEN_QUOTE, 3),
        ('a,b\n1,"2"x\n', TableProblem.OPEN_QUOTE, 2),
        ('a,b\n1,"2\n3,4\n5,6"\n7,8\n', TableProblem.LINES_IN_A_CELL, 2),
        ("a,b\n1,\x002\n", TableProblem.ENCODING, 0),
    ],
)
def test_a_text_that_would_lose_rows_is_refused_with_its_line(written: str, problem: TableProblem, line: int) -> None:
    assert read_text(written.encode(), thai_windows=True) == BadFile(problem, line)


def test_a_note_of_two_lines_swallows_nothing() -> None:
    assert text('a,b,c\n1,2,"ข้าว\nสองกระสอบ"\n'.encode())[1] == ("1", "2", "ข้าว\nสองกระสอบ")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_reason(content: bytes) -> None:
    assert isinstance(read(content), Table | BadFile)
    assert isinstance(read_text(content, thai_windows=False), Table | BadFile)
    assert isinstance(read(b"PK\x03\x04" + content), Table | BadFile)
