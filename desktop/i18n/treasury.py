"""Money paid into the company's account, and the books beside the bank."""

from __future__ import annotations

from desktop.i18n import dates
from desktop.i18n.text import Text, counted, pick

TITLE = Text("คลังเงิน", "Treasury")
IN_TREASURY = Text("คลังกลาง", "Treasury")
IN_TRANSIT = Text("ระหว่างทาง|ที่ธนาคาร", "In transit at the bank")
BOOKS = Text("ตามบัญชี|ของเรา", "By our books")
BANK = Text("ยอดตาม|ธนาคาร", "By the bank")
NO_STATEMENT = Text("ยังไม่มี|รายการเดินบัญชี", "No statement yet")
AGREES = Text("บัญชีของเรา|ตรงกับ|ธนาคาร", "Books and bank agree")
RECORD = Text("บันทึกเงินเข้า|บัญชีบริษัท", "Record money paid in")
CREDITS = Text("เงินเข้าที่|ยังไม่มีใครบันทึก", "Money that nobody has recorded")
NO_CREDITS = Text("ไม่มีเงินเข้า|ที่ยังไม่บันทึก", "All money is recorded")
NO_CREDITS_HINT = Text(
    "เงินเข้า|จากรายการเดินบัญชี|จะแสดงที่นี่", "Money on the bank's statements shows here until it is recorded"
)
RECORDS = Text("รายการ|เงินเข้า", "Money paid in")
NO_RECORDS = Text("ยังไม่มี|รายการเงินเข้า", "Nothing is recorded yet")
NO_RECORDS_HINT = Text(
    "บันทึกเงินเข้า|จากบรรทัดธนาคาร|หรือเอกสาร|แล้วให้|อีกคนลงนาม", "Record it from a line or a document; another one signs"
)
AMOUNT = Text("จำนวนเงิน", "Amount")
RECEIVED = Text("วันที่|เงินเข้า", "Day it came in")
RECEIVED_HINT = Text("เช่น 21/11/2569", "such as 21/11/2026")
PAYER = Text("ผู้โอนเข้า", "Paid in by")
REFERENCE = Text("เลขที่อ้างอิง|ของธนาคาร", "The bank's number")
REASON = Text("เหตุผล", "Reason")
OTHER_MONEY = Text("เหตุใดจึงเป็น|เงินก้อนอื่น", "Why it is other money")
EVIDENCE = Text("หลักฐาน", "Evidence")
SLIP = Text("แนบเอกสาร", "Attach the document")
SLIP_HINT = Text("JPEG PNG หรือ PDF ไม่เกิน 10 MB", "JPEG, PNG or PDF, up to 10 MB")
SEND = Text("ส่งให้ลงนาม", "Send to be signed")
CLEAR = Text("ล้างแบบฟอร์ม", "Clear the form")
USE_LINE = Text("บันทึก|บรรทัดนี้", "Record this line")
SIGN = Text("ตรวจและลงนาม", "Review and sign")
CANCEL = Text("ถอนรายการ", "Take it back")
OPEN = Text("เปิดเอกสาร", "Open the document")
NUMBER = Text("เลขที่", "Number")
STATE_HEAD = Text("สถานะ", "State")
MAKER = Text("ผู้บันทึก", "Recorded by")
BOOKED = Text("วันที่", "Day")
DESCRIPTION = Text("รายละเอียด", "Description")
STATEMENT = Text("รายการเดินบัญชี", "Statement")
SENT = Text("ส่งแล้ว รอ|เหรัญญิกลงนาม", "It waits for a treasurer's signature")
CANCELLED = Text("ถอนรายการแล้ว", "It was taken back")
NEEDS_DAY = Text("ใส่วันที่|เงินเข้า ที่ไม่ใช่|วันข้างหน้า", "Give the day it came in, not one to come")
NEEDS_PAYER = Text("ใส่ชื่อ|ผู้โอนเข้า", "Say who paid it in")
NEEDS_EVIDENCE = Text("เลือกบรรทัด|ของธนาคาร หรือ|แนบเอกสาร", "Choose a line of the bank, or attach a document")
NEEDS_OTHER = Text("บอกเหตุผลว่า|เป็นเงินก้อนอื่น", "Say why it is other money")
NOT_YOURS = Text("เฉพาะ|ผู้บันทึก|ถอนได้", "Only who recorded it may take it back")
RECEIVED_ON = Text("เงินเข้าวันที่", "Came in on")
LINE = Text("บรรทัดของธนาคาร", "The bank's line")

STATE = {
    "requested": Text("รอลงนาม", "Waiting"),
    "recorded": Text("บันทึกแล้ว", "Recorded"),
    "reconciled": Text("ธนาคารยืนยัน", "Proved by the bank"),
    "rejected": Text("ไม่อนุมัติ", "Rejected"),
    "cancelled": Text("ถอนแล้ว", "Taken back"),
    "expired": Text("หมดอายุ", "Expired"),
}


def of_them(amount: str) -> str:
    """How much of what the books say is the branches'."""
    return pick(f"ในสาขา {amount}", f"{amount} of it in branches")


def line_words(name: str) -> str:
    """A statement's line, by the statement's number and day and its place in it: 7/2026-11-21/3."""
    parts = name.rsplit("/", 2)
    if len(parts) < 3:
        return name
    number, day, line = parts[0], dates.day_of(parts[1]), parts[2]
    return pick(f"บรรทัด {line} ฉบับ {number} ({day})", f"statement {number} ({day}), line {line}")


def as_of(day: str) -> str:
    """Of which statement the bank's figure is."""
    return pick(f"สิ้นวันที่ {day}", f"at the end of {day}")


def difference(amount: str) -> str:
    """Bank less books, and what explains it."""
    return pick(f"ธนาคารต่าง|จากบัญชี {amount} เพราะ", f"The bank differs from the books by {amount}, because of")


def part(kind: str, count: int, amount: str) -> str:
    """One reason of the difference."""
    said = {
        "before": pick("เงินที่มีก่อน|รายการเดินบัญชีแรก", "money there before the first statement"),
        "credits": pick(f"เงินเข้า|ที่ยังไม่บันทึก {count} บรรทัด", f"{counted(count, 'credit', 'credits')} not in the books"),
        "debits": pick(f"เงินออก|ที่ไม่อยู่ในบัญชี {count} บรรทัด", f"{counted(count, 'debit', 'debits')} not in the books"),
        "unproved": pick(f"บันทึกแล้ว แต่|ธนาคารยังไม่แสดง {count} รายการ", f"{count} recorded, not on a statement yet"),
    }
    return f"{said.get(kind) or pick('เหตุอื่น', 'something else')} {amount}"


def unexplained(amount: str) -> str:
    """What nothing explains: an alarm."""
    return pick(
        f"ไม่มีคำอธิบาย {amount} ให้แจ้ง|ผู้ดูแลระบบ และ|เหรัญญิก", f"Unexplained: {amount}. Tell the administrator and treasurer"
    )
