"""The page of what waits for a signature."""

from __future__ import annotations

from desktop.i18n.text import Text, pick

TABLE = Text("รายการรอลงนาม", "Waiting for a signature")
PAYMENT = Text("จ่ายเงิน", "Payment")
BATCH = Text("ชุดจ่าย", "Batch")
BANK_CHANGE = Text("เปลี่ยนบัญชี", "Bank change")
FUNDING = Text("เติมเงินสาขา", "Funding")
KIND = Text("ประเภท", "Kind")
NUMBER = Text("เลขที่", "Number")
SUBJECT = Text("ผู้รับ / เรื่อง", "Payee / subject")
AMOUNT = Text("จำนวนเงิน", "Amount")
MAKER = Text("ผู้ทำรายการ", "Made by")
WAITING = Text("รอมา", "Waiting")
FINDING = Text("สิ่งที่ควรดู", "To look at")
NOTHING = Text("ไม่มีคำเตือน", "No warning")
REVIEW = Text("ตรวจและลงนาม", "Review and sign")
SIGNED = Text("ลงนามแล้ว", "Signed")
REJECTED = Text("ไม่อนุมัติแล้ว ผู้ทำรายการ|จะเห็นเหตุผลของคุณ", "Rejected; whoever made it is told your reason")
EMPTY = Text("ไม่มีรายการรอลงนาม", "Nothing waits for a signature")
EMPTY_HINT = Text("เมื่อมีรายการใหม่ จะขึ้นที่นี่|โดยเรียงจาก|เก่าที่สุด", "New items appear here, the oldest first")
EMPTY_FILTER = Text("ไม่มีรายการประเภทนี้", "None of this kind")
SHORT_NAME = Text("ชื่อไม่ตรง", "Name differs")
SHORT_DUPLICATE = Text("อาจจ่ายซ้ำ", "May be a repeat")
SHORT_CHANGE = Text("กำลังเปลี่ยนบัญชี", "Account changing")
SHORT_CHANGED = Text("บัญชีเพิ่งเปลี่ยน", "New account")
SHORT_OWN = Text("รายการของคุณเอง", "Your own item")
SHORT_ROLE = Text("รอบทบาทอื่น", "Another role")
SHORT_USED = Text("เอกสารใช้ซ้ำ", "Reused document")
CREATED = Text("สร้างเมื่อ", "Made at")
EXPIRES = Text("หมดอายุ", "Expires")
ACCOUNT = Text("บัญชี", "Account")
OLD_TO_NEW = Text("จากบัญชี", "From account")
TO_ACCOUNT = Text("เป็นบัญชี", "To account")
COUNT = Text("จำนวนรายการ", "Payments")
TICKET = Text("ใบชั่ง", "Weigh ticket")
PRODUCE = Text("สินค้า", "Produce")
REASON = Text("เหตุผล", "Reason")
BRANCH = Text("สาขา", "Branch")
SIGNATURES = Text("ลงนามแล้ว", "Signed")
ONE_BY_ONE = Text("รายการนี้|ต้องเปิดตรวจ|ทีละรายการ", "This one must be opened by itself")


def sign_selected(count: str, total: str) -> str:
    """The button that opens the selected payments together."""
    return pick(f"ตรวจที่เลือก {count} รายการ · {total}", f"Review {count} selected · {total}")


def age(minutes: int) -> str:
    """How long something waits."""
    if minutes < 60:
        return pick(f"{minutes} นาที", f"{minutes} min")
    if minutes < 48 * 60:
        return pick(f"{minutes // 60} ชั่วโมง", f"{minutes // 60} h")
    return pick(f"{minutes // 1440} วัน", f"{minutes // 1440} days")


def given(done: int, needed: int) -> str:
    """Sign-offs so far."""
    return pick(f"{done} จาก {needed}", f"{done} of {needed}")


def summary(count: str, total: str) -> str:
    """Everything that waits."""
    return pick(f"รอลงนาม {count} รายการ · {total} บาท", f"{count} waiting · {total} THB")
