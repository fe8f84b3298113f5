"""Files that a person chose: read and written off the window's thread; what cannot be read is said, never raised."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import xlsxwriter

from desktop.i18n.text import Text

MAX_FILE: Final = 32 * 1024 * 1024
CANNOT_READ: Final = Text("อ่านไฟล์นี้ไม่ได้", "This file cannot be read")
CANNOT_WRITE: Final = Text("บันทึกไฟล์ไม่ได้ เลือก|โฟลเดอร์อื่น", "The file cannot be saved there; choose another folder")
TOO_LARGE: Final = Text("ไฟล์ใหญ่เกินไป", "The file is too large")
_ENCODINGS: Final = ("utf-8-sig", "cp874")
_DELIMITERS: Final = ",;\t"
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
    """A CSV file (UTF-8 or Thai Windows, comma, semicolon or tab) as .xlsx whose cells are all text.

    The same text gives the same bytes, so that a file sent before is recognised.
    """
    text = _decoded(content)
    if text is None:
        return CANNOT_READ
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        workbook.set_properties({"created": _EPOCH})
        sheet = workbook.add_worksheet()
        for at, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
            for column, cell in enumerate(cells):
                sheet.write_string(at, column, cell)
    return out.getvalue()


def _decoded(content: bytes) -> str | None:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
