"""The list of payments and its panel."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text, counted, pick

SEARCH_HINT = Text("เลขที่ ชื่อ รหัสสมาชิก หรือใบชั่ง   (Ctrl+F)", "Number, name, code or ticket   (Ctrl+F)")
NUMBER = Text("เลขที่", "Number")
WHEN = Text("วันเวลา", "Date/time")
MEMBER = Text("สมาชิก", "Member")
AMOUNT = Text("จำนวนเงิน", "Amount")
STATE = Text("สถานะ", "Status")
CODE = Text("รหัสสมาชิก", "Member code")
PRODUCE = Text("สินค้า", "Produce")
ACCOUNT = Text("บัญชี", "Account")
TICKET = Text("ใบชั่ง", "Weigh ticket")
MAKER = Text("ผู้ทำรายการ", "Made by")
BATCH = Text("ชุดจ่าย", "Batch")
NOTE = Text("หมายเหตุ", "Note")
BANK_REFERENCE = Text("เลขอ้างอิงธนาคาร", "Bank reference")
ALL_BRANCHES = Text("ทุกสาขา", "All branches")
BRANCH = Text("สาขา", "Branch")
ANY_DAY = Text("ทุกวัน", "Any day")
TODAY = Text("วันนี้", "Today")
WEEK = Text("7 วันล่าสุด", "Last 7 days")
PERIOD = Text("ช่วงเวลา", "Period")
EMPTY = Text("ยังไม่มีรายการ", "Nothing here yet")
EMPTY_HINT = Text("รายการใหม่|จะขึ้นที่นี่เอง", "New payments will show here by themselves")
EMPTY_FILTER = Text("ไม่มีรายการ|ตามตัวกรองนี้", "Nothing fits these filters")
CANCEL_ITEM = Text("ยกเลิกรายการนี้", "Cancel this payment")
CANCEL_TITLE = Text("ยกเลิกรายการจ่าย", "Cancel the payment?")
CANCELLED = Text("ยกเลิกแล้ว", "Cancelled")
PAY_AGAIN = Text("จ่ายอีกครั้ง   (F8)", "Pay again   (F8)")
PAYS_AGAIN = Text("จ่ายแทนรายการ", "Pays again")
PAID_AGAIN = Text("จ่ายอีกครั้งโดย", "Paid again by")
APPROVE = Text("ตรวจและอนุมัติ", "Review and approve")
IN_BATCH = Text("อยู่ในชุดจ่าย", "in a batch")

STEPS: Final[dict[str, Text]] = {
    "created": Text("สร้างรายการ", "Created"),
    "validated": Text("ส่งขออนุมัติ", "Submitted"),
    "authorized": Text("อนุมัติครบ", "Approved"),
    "sent": Text("ส่งธนาคาร", "Sent to the bank"),
    "in_doubt": Text("ไม่ทราบผล", "Outcome unknown"),
    "settled": Text("จ่ายสำเร็จ", "Paid"),
    "reconciled": Text("กระทบยอดแล้ว", "Reconciled"),
    "rejected": Text("ไม่อนุมัติ", "Not approved"),
    "cancelled": Text("ยกเลิก", "Cancelled"),
    "expired": Text("หมดอายุ", "Expired"),
    "failed": Text("จ่ายไม่สำเร็จ", "Not paid"),
    "returned": Text("ธนาคารคืนเงิน", "Bank returned"),
}
APPROVED_BY = Text("ลงนามอนุมัติ", "Signed")
REJECTED_BY = Text("ไม่อนุมัติ", "Rejected")
VOID = Text("ไม่นับแล้ว (ผู้ลงนาม|หรือเครื่อง|ถูกปิดใช้งาน)", "No longer counts (the signer or the desk was shut out)")
TO_APPROVE = Text("รอลงนาม", "Waits for sign-off")


def total(count: str, amount: str) -> str:
    """The footer's right side."""
    return pick(f"รวม {count} รายการ · {amount} บาท", f"{counted(count, 'payment', 'payments')} · {amount} THB")


def only(what: str) -> str:
    """What the list is narrowed to."""
    return pick(f"แสดงเฉพาะ: {what}", f"Only: {what}") if what else pick("แสดงบางรายการ", "Only some are shown")


def cancel_words(number: str, amount: str) -> str:
    """What the question says."""
    thai, english = number or "รายการนี้", number or "This payment"
    return pick(f"{thai} ยอด {amount} บาท ยังไม่ได้ส่งธนาคาร", f"{english}, {amount} THB, has not gone to the bank")


def unsent(count: str) -> str:
    """Payments of this desk that have not left it."""
    return pick(f"รอส่งจากเครื่องนี้ {count} รายการ", f"{count} wait on this desk to be sent")


def paid_again(number: str) -> str:
    """Another payment does it already."""
    thai, english = number or "รายการอื่น", number or "Another payment"
    return pick(f"มี {thai} จ่ายแทนแล้ว ดูที่รายการนั้น", f"{english} pays it again already: look there")
