"""What the day pays: forty single payments and a spreadsheet of two hundred lines, different in every amount."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from shared.money import Satang, display_amount

SINGLES: Final = 40
LINES: Final = 200
_PRODUCE: Final = ("ข้าวหอมมะลิ", "ข้าวเปลือกเจ้า", "มันสำปะหลัง", "อ้อย", "ข้าวโพดเลี้ยงสัตว์")
_SINGLE_FROM: Final = 1_250_00
_LINE_FROM: Final = 1_400_00
_STEP: Final = 37_25


def singles(members: Sequence[dict[str, str]], day: str) -> list[dict[str, Any]]:
    """Forms to fill in; `day` keeps weigh tickets apart when the day is played again."""
    return [
        {
            "code": member["code"],
            "amount": display_amount(Satang(_SINGLE_FROM + number * _STEP + _shift(day))),
            "ticket": f"W-{day}-{number + 1:03d}",
            "produce": _PRODUCE[number % len(_PRODUCE)],
        }
        for number, member in enumerate(members[:SINGLES])
    ]


def write_batch(file: Path, members: Sequence[dict[str, str]], day: str) -> Satang:
    """Write the file and give its total, which is above what a manager may approve alone."""
    total = 0
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        for column, heading in enumerate(("รหัสสมาชิก", "ชื่อ", "จำนวนเงิน", "สินค้า", "ใบชั่ง", "หมายเหตุ")):
            sheet.write_string(0, column, heading)
        for number in range(LINES):
            member = members[number % len(members)]
            amount = _LINE_FROM + number * _STEP + _shift(day)
            total += amount
            values = (
                member["code"],
                member["name"],
                display_amount(Satang(amount)),
                _PRODUCE[number % len(_PRODUCE)],
                f"B-{day}-{number + 1:03d}",
                "",
            )
            for column, value in enumerate(values):
                sheet.write_string(number + 1, column, value)
    return Satang(total)


def _shift(day: str) -> int:
    """A few baht that differ from day to day: the same amount to the same member would be asked about."""
    return int(day) % 9_973
