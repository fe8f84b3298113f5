"""Payments in doubt: what is known, who cares for them, and the one thing that may be done."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

TITLE = Text("ไม่ทราบผล", "In doubt")
TABLE = Text("รายการที่ธนาคาร|ยังไม่บอกผล", "Payments the bank has not answered for")
NUMBER = Text("เลขที่", "Number")
MEMBER = Text("สมาชิก", "Member")
AMOUNT = Text("จำนวนเงิน", "Amount")
BRANCH = Text("สาขา", "Branch")
SINCE = Text("ตั้งแต่", "Since")
NEXT = Text("ถามธนาคารอีกใน", "Asks the bank in")
OWNER = Text("ผู้ดูแล", "Cared for by")
ACCOUNT = Text("บัญชีผู้รับ", "Account")
ASKED = Text("ถามไปแล้ว", "Asked so far")
DEADLINE = Text("ส่งต่อสำนักงานใหญ่", "Head office takes over")
STATEMENTS = Text("รายการเดินบัญชีถึง", "Statements up to")
NO_STATEMENTS = Text("ยังไม่มี", "None yet")
ASK_NOW = Text("ถามธนาคารเดี๋ยวนี้", "Ask the bank now")
ASKED_NOW = Text("กำลังถามธนาคาร", "The bank is being asked")
NOW = Text("กำลังถาม", "Asking")
EMPTY = Text("ไม่มีรายการที่ไม่ทราบผล", "Nothing is in doubt")
EMPTY_HINT = Text("ธนาคาร|ตอบผล|ครบทุกรายการ", "The bank has answered for every payment")
MORE = Text("แสดงเพิ่ม", "Show more")
ADVICE = Text(
    "ห้ามจ่ายซ้ำ เงินอาจ|ออกไปแล้ว ระบบ|ถามธนาคาร|ให้เอง และจบรายการ|เมื่อมีหลักฐาน|จากธนาคารเท่านั้น",
    "Do not pay again: the money may have moved. The system keeps asking the bank, and ends the payment only on proof "
    "from the bank",
)
ANNOUNCED = Text("แจ้งธนาคารแล้ว", "Announced to the bank")
CONFIRMED = Text("สั่งจ่ายแล้ว ธนาคารไม่ตอบผล", "Told to pay; no answer")
LAST_ANSWER = Text("คำตอบล่าสุด", "Last answer")
CALLBACK = Text("ธนาคารแจ้งกลับ (ยังไม่ใช่หลักฐาน)", "The bank called back (no proof)")
LINE = Text("อยู่ในรายการเดินบัญชี", "On the statement")
NO_LINE = Text("ยังไม่อยู่ใน รายการเดินบัญชี", "Not on a statement yet")

OWNER_ROLE = {
    "manager": Text("ผู้จัดการสาขา", "Branch manager"),
    "treasurer": Text("เหรัญญิก สำนักงานใหญ่", "Head-office treasurer"),
}


_ANSWERS = {
    "the bank does not say yet": Text("ธนาคารยังไม่บอกผล", "The bank does not say yet"),
    "the bank does not know the payment": Text("ธนาคารไม่พบรายการนี้", "The bank does not know the payment"),
    "accepted for processing": Text("ธนาคารรับไว้ดำเนินการ", "Taken for processing"),
    "accepted for processing, and not ended by the next business day": Text(
        "ธนาคารรับไว้ดำเนินการ แต่ถึงวันทำการถัดไปแล้ว|ยังไม่เสร็จ", "Taken for processing, and not ended by the next business day"
    ),
    "the bank had taken it for processing, and does not know it any more": Text(
        "ธนาคารเคยรับไว้ดำเนินการ แต่ตอนนี้ไม่พบรายการนี้", "The bank had taken it for processing, and does not know it any more"
    ),
    "the bank had the file, and it is gone without a result": Text(
        "ธนาคาร|เคยได้รับไฟล์ แต่ตอนนี้|ไม่พบไฟล์|และไม่มีผล", "The bank had the file, and it is gone without a result"
    ),
    "the file drop did not answer": Text("ที่รับไฟล์ของธนาคารไม่ตอบ", "The bank's file drop did not answer"),
    "not confirmed at the bank, and too old to be confirmed again": Text(
        "ธนาคาร|ยังไม่ได้รับ|คำสั่งจ่าย และเลยเวลา|ที่จะสั่งซ้ำ", "Not confirmed at the bank, and too old to be confirmed again"
    ),
    "no longer approved: not confirmed": Text("ลายเซ็นไม่ครบแล้ว จึงไม่สั่งจ่ายซ้ำ", "No longer approved: not confirmed"),
}


def answer(evidence: str) -> str:
    """What the bank last answered; a technical reason is shown as it is."""
    known = _ANSWERS.get(evidence)
    return known() if known is not None else evidence


def times(count: int) -> str:
    """How often the bank was asked."""
    return pick(f"{count} ครั้ง", counted(count, "time", "times"))


def to_look_at(count: int) -> str:
    """How many a person must look at now."""
    return pick(f"ต้องติดตามกับธนาคาร {count} รายการ", f"{count} to take up with the bank")


def countdown(seconds: int) -> str:
    """Minutes and seconds, or hours and minutes."""
    if seconds >= 3600:
        return pick(
            f"{seconds // 3600} ชม. {seconds % 3600 // 60} น.", f"{seconds // 3600} h {seconds % 3600 // 60} min"
        )
    return f"{seconds // 60}:{seconds % 60:02}"
