"""Reading a batch file: what each row says, and what speaks against it before the server is asked."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import xlsxwriter

from desktop.core import texts
from desktop.core.files import why_unreadable
from desktop.i18n.money import PROBLEM
from desktop.i18n.text import Text, counted
from shared.limits import BATCH_LINES, LINE_TEXTS, SHORT_TEXT
from shared.money import AmountProblem, Satang, parse_amount
from shared.names import may_be_called
from shared.normal import code_key, heading_key, ticket_key
from shared.tables import BadFile, Cell, CellError, Line, Number, Table, headings, is_blank, read_workbook
from shared.text import TextProblem, clean_text
from shared.thai import ascii_digits
from shared.wire.members import MemberView, ValidateMembersItem

HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "code": ("รหัสสมาชิก", "member code", "code", "รหัส", "รหัสเกษตรกร", "member"),
    "name": ("ชื่อ", "ชื่อสมาชิก", "name", "ชื่อ-สกุล", "ชื่อ-นามสกุล", "ชื่อสกุล", "member name"),
    "amount": ("จำนวนเงิน", "ยอดเงิน", "amount", "จำนวนเงิน (บาท)", "ยอดเงิน (บาท)", "amount (baht)", "amount (thb)"),
    "produce": ("สินค้า", "produce", "product", "ผลผลิต"),
    "weigh_ticket": ("ใบชั่ง", "เลขที่ใบชั่ง", "weigh ticket", "ticket", "เลขใบชั่ง", "ใบชั่งเลขที่"),
    "note": ("หมายเหตุ", "note", "remark"),
}
"""Column -> the headings under which it is found, in any order and writing; the first is our template's."""

_OF_NO_MATTER: Final = frozenset(
    map(heading_key, ("ลำดับ", "ลำดับที่", "ที่", "no", "#", "วันที่", "date", "ปัญหา", "problem", "โทรศัพท์", "เบอร์โทร", "phone"))
)
"""Headings of columns that nobody expects to be paid by; of any other column that is not read the person is told."""

_KEYS: Final = {heading_key(heading): name for name, names in HEADINGS.items() for heading in names}
_LENGTHS: Final = {"code": SHORT_TEXT, "name": SHORT_TEXT, **LINE_TEXTS}
"""As the server takes them, in code points."""

MANGLED_CODE: Final = Text(
    "รหัส|เป็นตัวเลข ศูนย์นำหน้า|อาจหาย ใช้เซลล์แบบข้อความ", "The code is a number cell, so leading zeros may be lost"
)
MANGLED_TICKET: Final = Text("เลขที่ใบชั่ง|ถูกโปรแกรมตาราง|แปลงเป็นตัวเลข", "The weigh ticket was turned into a number")
NO_CODE: Final = Text("ไม่มีรหัสสมาชิก", "No member code")
FORBIDDEN: Final = Text("มีอักขระ|ที่ใช้ไม่ได้", "It has characters that are not allowed")
TICKET_TWICE: Final = Text("เลขที่ใบชั่ง|ซ้ำในไฟล์นี้", "This weigh ticket stands twice in the file")
SAME_TWICE: Final = Text(
    "สมาชิกและยอดเงิน|ซ้ำในไฟล์นี้ เว้นไว้|แล้วจ่ายทีละรายการ|พร้อมเหตุผล",
    "The same member and amount stand twice in the file; leave one out and pay it singly with a reason",
)
HIDDEN_ROW: Final = Text(
    "แถวนี้ถูกซ่อน|ในไฟล์ แสดงแถว|แล้วเปิดใหม่ หรือเว้นไว้", "This row is hidden in the file; show it or leave it out"
)
MORE_CELLS: Final = Text("มีช่อง|มากกว่าหัวตาราง", "The row has more cells than headings")
SPLIT_AMOUNT: Final = Text("ยอดเงิน|อาจถูกตัด|ที่เครื่องหมายจุลภาค", "The amount may be cut at its comma")
OTHER_NAME: Final = Text("ชื่อกับรหัส|ไม่ใช่คนเดียวกัน", "Name and code do not belong together")
TOO_MANY_ROWS: Final = Text(
    f"ไฟล์มีเกิน {BATCH_LINES:,} แถว แบ่งไฟล์", f"The file has more than {BATCH_LINES:,} rows; split it"
)
NO_HEADINGS: Final = Text(
    "ไม่พบหัวตาราง|รหัสสมาชิก และ จำนวนเงิน|ใน 20 แถวแรก",
    "No headings for the member code and the amount in the first 20 rows",
)
_TWINS: Final = frozenset({TICKET_TWICE, SAME_TWICE})
_SPLIT_TAIL = re.compile(r"[0-9]{3}(\.[0-9]{1,2})?")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")


@dataclass(frozen=True)
class FileRow:
    """One row; `line` is the spreadsheet's own row number. `problems` empty and `member` known means ready.

    A `line` below 0 is no row: it tells what the file holds besides, and is left out when a person has read it.
    """

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
    """All rows of the visible sheet under their headings, each with what is wrong in itself; or why there are none.

    What is told of the file (other sheets with rows, hidden or unknown columns) comes first.
    """
    table = read_workbook(content, io.BytesIO(content))
    if isinstance(table, BadFile):
        return why_unreadable(table)
    for at, line in enumerate(table.lines[:20]):
        keys = headings(line)
        columns = {_KEYS[key]: place for place, key in enumerate(keys) if key in _KEYS}
        if "code" in columns and "amount" in columns:
            return _column_twice(line) or _read_below(table, at, columns)
    return NO_HEADINGS if any(not line.empty for line in table.lines) else texts.FILE_EMPTY


def _column_twice(line: Line) -> Text | None:
    named = Counter(_KEYS[key] for key in headings(line) if key in _KEYS)
    twice = next((name for name, count in named.items() if count > 1), None)
    if twice is None:
        return None
    heading = HEADINGS[twice][0]
    return Text(f"มีสองคอลัมน์ของ{heading} ลบหนึ่งคอลัมน์", f"Two columns for “{heading}” ({twice}); remove one")


def _read_below(table: Table, at: int, columns: dict[str, int]) -> list[FileRow] | Text:
    keys = headings(table.lines[at])
    lines = [line for line in table.lines[at + 1 :] if not line.empty]
    if len(lines) > BATCH_LINES:
        return TOO_MANY_ROWS
    found = [_read_row(line, columns, keys) for line in lines]
    if not found and not table.others:
        return texts.FILE_EMPTY
    return mark_twins([*_told(table, at, columns, lines), *found])


def _told(table: Table, at: int, columns: dict[str, int], lines: Sequence[Line]) -> list[FileRow]:
    """What the file holds besides: nothing of it is paid, and the person has to know."""
    told = [
        (
            sheet.name,
            Text(
                f"แผ่นงานอื่น{' (ซ่อนอยู่)' if sheet.hidden else ''} มี {sheet.rows:,} แถว|ที่ไม่ได้อ่าน",
                f"{'A hidden' if sheet.hidden else 'Another'} sheet with {counted(f'{sheet.rows:,}', 'row', 'rows')}"
                " is not read",
            ),
        )
        for sheet in table.others
    ]
    read = frozenset(columns.values())
    for place, cell in enumerate(table.lines[at].cells):
        key = heading_key(str(cell))
        if place in read and place in table.hidden_columns:
            told.append(
                (str(cell), Text("คอลัมน์นี้ถูกซ่อน|ในไฟล์ แต่อ่านแล้ว", "This column is hidden in the file and was read"))
            )
        elif key and place not in read and key not in _OF_NO_MATTER and _has_cells(lines, place):
            told.append((str(cell), Text("คอลัมน์นี้|ไม่ได้อ่าน", "This column is not read")))
    return [
        FileRow(-number, "", name, Satang(0), "", "", "", problems=(problem,))
        for number, (name, problem) in enumerate(told, 1)
    ]


def _has_cells(lines: Sequence[Line], place: int) -> bool:
    return any(place < len(line.cells) and not is_blank(line.cells[place]) for line in lines)


def judge(rows: Sequence[FileRow], answers: dict[str, ValidateMembersItem]) -> list[FileRow]:
    """Add the server's word on each member to what the rows themselves say."""
    return [_judged(row, answers.get(row.code)) for row in rows]


def mark_twins(rows: Sequence[FileRow], left_out: Collection[int] = ()) -> list[FileRow]:
    """Every row that shares its weigh ticket, or its member and amount, with another one that is not left out."""
    out = frozenset(left_out)
    asked = [row for row in rows if row.line not in out]
    tickets = Counter(ticket_key(row.weigh_ticket) for row in asked)
    same = Counter((code_key(row.code), row.amount) for row in asked)
    marked = []
    for row in rows:
        problems = [problem for problem in row.problems if problem not in _TWINS]
        if row.line not in out:
            twice = row.weigh_ticket and tickets[ticket_key(row.weigh_ticket)] > 1
            again = row.code and row.amount and same[code_key(row.code), row.amount] > 1
            problems += [TICKET_TWICE] * bool(twice) + [SAME_TWICE] * bool(again)
        marked.append(row if tuple(problems) == row.problems else replace(row, problems=tuple(problems)))
    return marked


def write_problems(rows: Sequence[FileRow], language: str) -> bytes:
    """The problem rows as .xlsx in the template's columns, all as text, with what is wrong beside each."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet()
        for column, heading in enumerate([*(names[0] for names in HEADINGS.values()), "ปัญหา"]):
            sheet.write_string(0, column, heading)
        for at, row in enumerate((row for row in rows if row.line > 0), start=1):
            said = "; ".join(text.th.replace("|", "") if language == "th" else text.en for text in row.problems)
            values = (row.code, row.name, _amount_text(row.amount), row.produce, row.weigh_ticket, row.note, said)
            for column, value in enumerate(values):
                sheet.write_string(at, column, value)
    return out.getvalue()


def _amount_text(amount: Satang) -> str:
    return f"{amount // 100}.{amount % 100:02d}" if amount else ""


def _read_row(line: Line, columns: dict[str, int], keys: Sequence[str]) -> FileRow:
    cells = {name: line.cells[at] if at < len(line.cells) else "" for name, at in columns.items()}
    problems = [HIDDEN_ROW] if line.hidden else []
    if line.beyond(keys):
        problems.append(MORE_CELLS)
    for name, cell in cells.items():
        if isinstance(cell, CellError):
            heading = HEADINGS[name][0]
            problems.append(Text(f"ช่อง{heading}|เป็นค่าผิดพลาด {cell}", f"An error instead of “{heading}”: {cell}"))
    if _is_split(line, columns):
        problems.append(SPLIT_AMOUNT)
    read = FileRow(
        line=line.number,
        code=_code(cells["code"], problems),
        name=_word("name", cells.get("name", ""), problems),
        amount=_amount(cells["amount"], problems),
        produce=_word("produce", cells.get("produce", ""), problems),
        weigh_ticket=_ticket(cells.get("weigh_ticket", ""), problems),
        note=_word("note", cells.get("note", ""), problems),
    )
    return replace(read, problems=tuple(dict.fromkeys(problems)))


def _is_split(line: Line, columns: dict[str, int]) -> bool:
    """Whether ``12,500.00`` fell into two cells: up to three digits, and three more in the cell beside."""
    at = columns["amount"]
    amount, beside = _text(line, at), _text(line, at + 1)
    if not re.fullmatch("[0-9]{1,3}", amount):
        return False
    tail = _SPLIT_TAIL.fullmatch(beside)
    return tail is not None and (tail.group(1) is not None or columns.get("weigh_ticket") != at + 1)


def _text(line: Line, place: int) -> str:
    """A cell of text with plain digits; empty for numbers, which no comma can cut."""
    cell = line.cells[place] if place < len(line.cells) else ""
    return ascii_digits(cell).strip() if isinstance(cell, str) and not isinstance(cell, Number) else ""


def _word(name: str, cell: Cell, problems: list[Text]) -> str:
    if isinstance(cell, CellError):
        return ""
    cleaned = clean_text(str(cell), _LENGTHS[name], required=False)
    if isinstance(cleaned, TextProblem):
        heading, most = HEADINGS[name][0], _LENGTHS[name]
        too_long = Text(f"{heading}|ยาวเกิน {most} ตัวอักษร", f"“{heading}” is longer than {most} letters")
        problems.append(too_long if cleaned is TextProblem.TOO_LONG else FORBIDDEN)
        return ""
    return cleaned


def _code(cell: Cell, problems: list[Text]) -> str:
    code = _word("code", cell, problems)
    if isinstance(cell, CellError):
        return ""
    if isinstance(cell, Number) or not isinstance(cell, str) or _SCIENTIFIC.fullmatch(code):
        problems.append(MANGLED_CODE)
    elif not code:
        problems.append(NO_CODE)
    return code


def _ticket(cell: Cell, problems: list[Text]) -> str:
    """A whole number below 10^15 lost nothing but leading zeros, which tickets do not have."""
    if isinstance(cell, Number) and re.fullmatch(r"[0-9]{1,15}(?:\.0)?", cell):
        return cell.removesuffix(".0")
    ticket = _word("weigh_ticket", cell, problems)
    if isinstance(cell, Number) or not isinstance(cell, str) or _SCIENTIFIC.fullmatch(ticket):
        problems.append(MANGLED_TICKET)
    return ticket


def _amount(cell: Cell, problems: list[Text]) -> Satang:
    """A spreadsheet's number by its shortest decimal form: 48250.1 is 48,250.10 and 0.1 + 0.2 shows its 17 digits."""
    if isinstance(cell, CellError):
        return Satang(0)
    amount = parse_amount(str(cell))
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
        return replace(row, problems=tuple(dict.fromkeys((*row.problems, reason))))
    reasons = tuple(Text(reason.detail_th, reason.detail_en) for reason in answer.validation.reasons)
    problems = () if answer.validation.payable else reasons or (texts.NO_ACCOUNT,)
    member = answer.validation.member
    holder = member.account.name if member.account else ""
    if row.name and not any(may_be_called(name, row.name) for name in (member.name, holder)):
        problems = (OTHER_NAME, *problems)
    return replace(row, member=member, problems=tuple(dict.fromkeys((*row.problems, *problems))))
