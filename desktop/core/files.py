"""Files that a person chose: read and written off the window's thread; what cannot be read is said, never raised."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import xlsxwriter

from desktop.core.texts import FILE_UNREADABLE
from desktop.i18n.text import Text
from shared.tables import ZIP_MAGIC, BadFile, TableProblem, read_text

MAX_FILE: Final = 32 * 1024 * 1024
CANNOT_READ: Final = Text("อ่านไฟล์นี้ไม่ได้", "This file cannot be read")
CANNOT_WRITE: Final = Text("บันทึกไฟล์ไม่ได้ เลือก|โฟลเดอร์อื่น", "The file cannot be saved there; choose another folder")
TOO_LARGE: Final = Text("ไฟล์ใหญ่เกินไป", "The file is too large")
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)


async def read_file(path: Path) -> bytes | Text:
    """The bytes, or why not."""
    return await asyncio.to_thread(_read, path)


async def write_file(path: Path, content: bytes) -> Text | None:
    """Write; why not, when it failed."""
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError:
        return CANNOT_WRITE
    return None


def _read(path: Path) -> bytes | Text:
    try:
        return path.read_bytes() if path.stat().st_size <= MAX_FILE else TOO_LARGE
    except OSError:
        return CANNOT_READ


def as_workbook(content: bytes) -> bytes | Text:
    """A text file of cells (UTF-8, UTF-16 or Thai Windows) as .xlsx whose cells are all text; a workbook stays one.

    The same text gives the same bytes, so that a file sent before is recognised.
    """
    if content.startswith(ZIP_MAGIC):
        return content
    table = read_text(content, thai_windows=True)
    if isinstance(table, BadFile):
        return why_unreadable(table)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        workbook.set_properties({"created": _EPOCH})
        sheet = workbook.add_worksheet()
        for line in table.lines:
            for column, cell in enumerate(line.cells):
                sheet.write_string(line.number - 1, column, str(cell))
    return out.getvalue()


def why_unreadable(bad: BadFile) -> Text:
    """What is wrong with a file, where, and what to do."""
    words = _BAD[bad.problem]
    if not bad.line:
        return words
    return Text(f"บรรทัด {bad.line:,}: {words.th}", f"Line {bad.line:,}: {words.en}")


_BAD: Final = {
    TableProblem.TOO_LARGE: TOO_LARGE,
    TableProblem.ENCODING: Text(
        "อ่านตัวอักษร|ในไฟล์ไม่ได้ บันทึกใหม่|เป็น CSV UTF-8", "The letters cannot be read; save the file as CSV UTF-8"
    ),
    TableProblem.PASSWORD: Text(
        "ไฟล์มีรหัสผ่าน เอารหัสผ่านออก|แล้วบันทึกใหม่", "The file has a password; save it again without one"
    ),
    TableProblem.OLD_SPREADSHEET: Text(
        "ไฟล์ .xls แบบเก่า บันทึกใหม่|เป็น .xlsx", "This is an old .xls file; save it as .xlsx"
    ),
    TableProblem.OTHER_FORMAT: Text(
        "ไม่ใช่ไฟล์ .xlsx หรือ CSV บันทึกใหม่|เป็น .xlsx", "This is neither .xlsx nor CSV; save it as .xlsx"
    ),
    TableProblem.NOT_A_TABLE: FILE_UNREADABLE,
    TableProblem.OPEN_QUOTE: Text(
        "เครื่องหมายคำพูด|เปิดแล้วไม่ปิด แก้ในไฟล์|แล้วเปิดใหม่",
        "A quotation mark is opened and not closed rightly; mend the file and open it again",
    ),
    TableProblem.LINES_IN_A_CELL: Text(
        "เครื่องหมายคำพูด|ครอบหลายแถว แก้ในไฟล์|แล้วเปิดใหม่",
        "A quotation mark swallows other rows; mend the file and open it again",
    ),
}
