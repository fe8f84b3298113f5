"""Made-up rows and panels for the gallery; no person or account in it exists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from desktop.i18n import Text, dates, pick
from desktop.ui.widgets.bar_chart import Bar
from desktop.ui.widgets.inspector import Inspection
from desktop.ui.widgets.status import status_mark, widest_status
from desktop.ui.widgets.table import Column, Kind
from desktop.ui.widgets.timeline import TimelineEntry
from shared.money import Satang, display_amount

START = datetime(2026, 10, 28, 3, 42, tzinfo=UTC)
STATES = (
    "validated settled settled in_doubt authorized sent settled failed settled draft waiting_to_send "
    "reconciled returned rejected settled cancelled expired settled validated settled"
).split()
NAMES = (
    "นางสาวพิมพ์ชนก แก้วมณี,นายคำปัน ยิ้มแย้ม,นางสุภาพ ฤทธิ์เดช,นายเกียรติ นาคสวัสดิ์,นายวิไล หอมหวล,"
    "นางสาวจันทร์เพ็ญ ชัยมงคล,นางบัวลอย บุญเรือง,นายศิริพร มีสุข,นางสาวกำธร ดวงแก้ว,นางน้ำฝน มีสุข"
).split(",")
PRODUCE = (Text("ข้าวหอมมะลิ", "Jasmine paddy"), Text("อ้อย", "Cane"), Text("มันสำปะหลัง", "Cassava"))


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A payment as a list shows it."""

    number: str
    at: datetime
    name: str
    code: str
    amount: Satang
    state: str
    produce: Text


def rows(count: int) -> list[tuple[str, SampleRow]]:
    """Rows that look like a busy month."""
    made = []
    for i in range(count):
        number = f"PV2611-{100000 - i:07d}"
        amount = Satang((i * 7_919_113 + 611_374) % 24_000_000 + 50_000)
        code = f"M{(i * 1871 + 4412) % 20000:07d}"
        at = START - timedelta(minutes=5 * i)
        made.append((number, SampleRow(number, at, NAMES[i % 10], code, amount, STATES[i % 20], PRODUCE[i % 3])))
    return made


def changed(row: SampleRow, state: str) -> SampleRow:
    """The same row in another state."""
    return replace(row, state=state)


def columns() -> list[Column[SampleRow]]:
    """The columns of the payments list."""
    return [
        Column("number", Text("เลขที่", "Number"), lambda r: r.number, Kind.MUTED, "PV2611-0000000", keep=9),
        Column(
            "at",
            Text("วันเวลา", "Date/time"),
            lambda r: dates.moment(r.at),
            Kind.MUTED,
            dates.widest_moment,
            sortable=True,
        ),
        Column("name", Text("สมาชิก", "Member"), lambda r: r.name, Kind.TEXT, "นางสาวจันทร์เพ็ญ", stretch=True, keep=8),
        Column(
            "amount",
            Text("จำนวนเงิน", "Amount"),
            lambda r: display_amount(r.amount),
            Kind.MONEY,
            "2,000,000.00",
            sortable=True,
            keep=9,
        ),
        Column("state", Text("สถานะ", "Status"), lambda r: status_mark(r.state), Kind.CHIP, widest_status, keep=9),
        Column("code", Text("รหัสสมาชิก", "Member code"), lambda r: r.code, Kind.MUTED, "M0000000", keep=3),
        Column("produce", Text("สินค้า", "Produce"), lambda r: r.produce(), Kind.MUTED, "มันสำปะหลัง", keep=2),
    ]


def inspection(row: SampleRow) -> Inspection:
    """The panel for a row."""
    facts = [
        (pick("สมาชิก", "Member"), row.name),
        (pick("รหัส", "Code"), row.code),
        (pick("บัญชี", "Account"), "SCB •••• 1655"),
        (pick("สินค้า", "Produce"), row.produce()),
        (pick("ใบชั่ง", "Weigh ticket"), "W-6811-0442"),
    ]
    steps = [
        TimelineEntry(pick("สร้างรายการ", "Created"), pick("สุดา แก้วใส · 10:31:07", "Suda K. · 10:31:07"), "done"),
        TimelineEntry(pick("ส่งเข้าระบบกลาง", "Received by server"), "10:31:08 · #88213", "done"),
        TimelineEntry(pick("รอผู้จัดการอนุมัติ", "Waiting for manager"), pick("11 นาที", "11 minutes"), "current"),
        TimelineEntry(pick("ส่งธนาคาร", "Sent to bank"), "", "todo"),
        TimelineEntry(pick("จ่ายสำเร็จ", "Paid"), "", "todo"),
    ]
    return Inspection(row.number, row.state, row.amount, facts, steps)


def bars() -> list[Bar]:
    """Twelve days."""
    paid = (910, 1140, 1385, 820, 1090, 410, 220, 1290, 1460, 1510, 1120, 1250)
    waits = (60, 40, 92, 28, 50, 20, 0, 82, 120, 78, 90, 196)
    back = (14, 8, 31, 5, 16, 0, 0, 26, 9, 47, 3, 0)
    triples = zip(paid, waits, back, strict=True)
    return [Bar(str(16 + i), values) for i, values in enumerate(triples)]
