"""Reading a batch file: what each row says, and what speaks against it before the server is asked."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from desktop.core import texts
from desktop.i18n.money import PROBLEM
from desktop.i18n.text import Text
from shared.money import AmountProblem, Satang, parse_amount
from shared.text import TextProblem, clean_text
from shared.wire.members import MemberView, ValidateMembersItem

MAX_ROWS: Final = 50_000
HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "code": ("รหัสสมาชิก", "member code", "member_code", "code"),
    "name": ("ชื่อ", "ชื่อสมาชิก", "name"),
    "amount": ("จำนวนเงิน", "ยอดเงิน", "amount"),
    "produce": ("สินค้า", "produce"),
    "weigh_ticket": ("ใบชั่ง", "เลขที่ใบชั่ง", "weigh ticket", "weigh_ticket"),
    "note": ("หมายเหตุ", "note"),
}
"""Column -> the headings under which it is found, in any order and letter case; the first is our template's."""

MANGLED_CODE: Final = Text(
    "รหัส|เป็นตัวเลข ศูนย์นำหน้า|อาจหาย ใช้เซลล์แบบข้อความ", "The code is a number cell, so leading zeros may be lost"
)
MANGLED_TICKET: Final = Text("เลขที่ใบชั่ง|ถูกโปรแกรมตาราง|แปลงเป็นตัวเลข", "The weigh ticket was turned into a number")
NO_CODE: Final = Text("ไม่มีรหัสสมาชิก", "No member code")
FORBIDDEN: Final = Text("มีอักขระ|ที่ใช้ไม่ได้", "It has characters that are not allowed")
TICKET_TWICE: Final = Text("เลขที่ใบชั่ง|ซ้ำในไฟล์นี้", "This weigh ticket stands twice in the file")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")

Cell = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True)
class FileRow:
    """One row; `line` is the spreadsheet's own row number. `problems` empty and `member` known means ready."""

    line: int
    code: str
    name: str
    amount: Satang
    produce: str
    weigh_ticket: str
    note: str
    problems: tuple[Text, ...] = ()
    member: MemberView | None = None

    @property
    def ready(self) -> bool:
        """Judged, and nothing speaks against it."""
        return self.member is not None and not self.problems


def read_rows(content: bytes) -> list[FileRow] | Text:
    """All rows of the first sheet under their headings, each with what is wrong in itself; or why there are none."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        cells = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError):
        return texts.FILE_UNREADABLE
    for at, row in enumerate(cells[:20]):
        columns = _columns(row)
        if "code" in columns and "amount" in columns:
            rows = [_read_row(at + 2 + offset, line, columns) for offset, line in enumerate(cells[at + 1 :])]
            found = [row for row in rows if row is not None][: MAX_ROWS + 1]
            return mark_repeated_tickets(found) if found else texts.FILE_EMPTY
    return texts.FILE_EMPTY


def judge(rows: Sequence[FileRow], answers: dict[str, ValidateMembersItem]) -> list[FileRow]:
    """Add the server's word on each member to what the rows themselves say."""
    return [_judged(row, answers.get(row.code)) for row in rows]


def mark_repeated_tickets(rows: list[FileRow]) -> list[FileRow]:
    """Every row whose weigh ticket another row has too."""
    seen: dict[str, int] = {}
    for row in rows:
        if row.weigh_ticket:
            seen[row.weigh_ticket] = seen.get(row.weigh_ticket, 0) + 1
    return [
        replace(row, problems=(*row.problems, TICKET_TWICE)) if seen.get(row.weigh_ticket, 0) > 1 else row
        for row in rows
    ]


def write_problems(rows: Sequence[FileRow], language: str) -> bytes:
    """The problem rows as .xlsx in the template's columns, all as text, with what is wrong beside each."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet()
        for column, heading in enumerate([*(names[0] for names in HEADINGS.values()), "ปัญหา"]):
            sheet.write_string(0, column, heading)
        for at, row in enumerate(rows, start=1):
            said = "; ".join(text.th.replace("|", "") if language == "th" else text.en for text in row.problems)
            values = (row.code, row.name, _amount_text(row.amount), row.produce, row.weigh_ticket, row.note, said)
            for column, value in enumerate(values):
                sheet.write_string(at, column, value)
    return out.getvalue()


def _amount_text(amount: Satang) -> str:
    return f"{amount // 100}.{amount % 100:02d}" if amount else ""


def _columns(row: Sequence[Cell]) -> dict[str, int]:
    titles = [" ".join(str(cell).split()).casefold() for cell in row]
    return {column: titles.index(name) for column, names in HEADINGS.items() for name in names[::-1] if name in titles}


def _read_row(line: int, row: Sequence[Cell], columns: dict[str, int]) -> FileRow | None:
    cells = {name: row[at] if at < len(row) else "" for name, at in columns.items()}
    if all(str(cell).strip() == "" for cell in cells.values()):
        return None
    problems: list[Text] = []
    read = FileRow(
        line=line,
        code=_code(cells["code"], problems),
        name=_word(cells.get("name", ""), problems),
        amount=_amount(cells["amount"], problems),
        produce=_word(cells.get("produce", ""), problems),
        weigh_ticket=_ticket(cells.get("weigh_ticket", ""), problems),
        note=_word(cells.get("note", ""), problems),
    )
    return replace(read, problems=tuple(problems))


def _word(cell: Cell, problems: list[Text]) -> str:
    cleaned = clean_text(str(cell), 120, required=False)
    if isinstance(cleaned, TextProblem):
        problems.append(FORBIDDEN)
        return ""
    return cleaned


def _code(cell: Cell, problems: list[Text]) -> str:
    code = _word(cell, problems)
    if not isinstance(cell, str) or _SCIENTIFIC.fullmatch(code):
        problems.append(MANGLED_CODE)
    elif not code:
        problems.append(NO_CODE)
    return code


def _ticket(cell: Cell, problems: list[Text]) -> str:
    """A whole number below 10^15 lost nothing but leading zeros, which tickets do not have."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    ticket = _word(cell, problems)
    if not isinstance(cell, (str, int)) or _SCIENTIFIC.fullmatch(ticket):
        problems.append(MANGLED_TICKET)
    return ticket


def _amount(cell: Cell, problems: list[Text]) -> Satang:
    """A spreadsheet's number by its shortest decimal form: 48250.1 is 48,250.10 and 0.1 + 0.2 shows its 17 digits."""
    text = repr(cell) if isinstance(cell, float) else str(cell)
    amount = parse_amount(text)
    if isinstance(amount, AmountProblem):
        problems.append(PROBLEM[amount])
        return Satang(0)
    return amount


def _judged(row: FileRow, answer: ValidateMembersItem | None) -> FileRow:
    if answer is None:
        return row
    if answer.validation is None:
        refused = answer.refused
        reason = Text(refused.detail_th, refused.detail_en) if refused else texts.NOT_JUDGED
        return replace(row, problems=(*row.problems, reason))
    reasons = tuple(Text(reason.detail_th, reason.detail_en) for reason in answer.validation.reasons)
    problems = () if answer.validation.payable else reasons or (texts.NO_ACCOUNT,)
    return replace(row, member=answer.validation.member, problems=(*row.problems, *problems))
