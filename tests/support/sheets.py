"""Workbooks and text files as people make them, small and wrong in one way each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

Change = Callable[[Any, Any], None]


def workbook(*rows: Sequence[Any], change: Change | None = None) -> bytes:
    """A workbook of one sheet with these rows; `change(book, sheet)` does to it what a test is about."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("data")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        if change is not None:
            change(book, sheet)
    return out.getvalue()


def with_part(content: bytes, part: str, edit: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one of its parts edited."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)) if name == part else old.read(name))
    return out.getvalue()


def cell(reference: str, inside: str, kind: str = "") -> Callable[[bytes], bytes]:
    """An edit that adds a cell of raw XML to the sheet's second row."""
    written = f'<c r="{reference}"{kind and f" t={chr(34)}{kind}{chr(34)}"}>{inside}</c>'.encode()
    return lambda xml: xml.replace(b"</row></sheetData>", written + b"</row></sheetData>")


SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024)
"""How an .xls begins."""
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(512)
"""How an .xlsx with a password begins."""
