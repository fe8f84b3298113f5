"""Members: search, the panel, the verdict."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text, pick

SEARCH_HINT = Text("ชื่อ รหัสสมาชิก เลขท้ายบัตรหรือบัญชี   (Ctrl+F)", "Name, code, card or account tail   (Ctrl+F)")
ASK_SERVER = Text("ค้นที่|สำนักงานใหญ่", "Search at head office")
EMPTY = Text("ไม่พบสมาชิก", "No member found")
EMPTY_HINT = Text("ตรวจตัวสะกด หรือค้นที่|สำนักงานใหญ่ (ออนไลน์)", "Check the spelling, or search at head office (online)")
NONE_YET = Text("ยังไม่มีสมาชิก|ในเครื่อง", "No members here yet")
NONE_YET_HINT = Text("ข้อมูล|จะมาเอง|เมื่อซิงก์ครั้งแรก", "They arrive with the first sync")
CACHED_ONLY = Text("ออฟไลน์: ค้นได้เฉพาะ|ข้อมูลในเครื่อง", "Offline: only what this desk knows is searched")
CODE = Text("รหัส", "Code")
NAME = Text("ชื่อ", "Name")
ACCOUNT = Text("บัญชีรับเงิน", "Account")
BANK_SAYS = Text("ชื่อจากธนาคาร", "Bank's name")
STANDING = Text("สถานะ", "Standing")
BRANCH = Text("สาขา", "Branch")
ID_CARD = Text("บัตรประชาชน", "ID card")
PHONE = Text("โทรศัพท์", "Phone")
REGISTER_NAME = Text("ชื่อในทะเบียน", "Register")
CHECKED_AT = Text("ธนาคารตรวจเมื่อ", "Checked")
ACCOUNT_SINCE = Text("ใช้บัญชีนี้ตั้งแต่", "In use since")
BANK_WORD = Text("ธนาคารว่า", "The bank says")
NO_ACCOUNT = Text("ยังไม่มีบัญชี", "No account")
VERDICT = Text("ตรวจสิทธิ์รับเงิน", "May this member be paid?")
PAYABLE = Text("จ่ายได้", "May be paid")
NOT_PAYABLE = Text("ยังจ่ายไม่ได้", "May not be paid")
VERDICT_SHORT = Text("ผลตรวจ", "Verdict")
LAST_PAYMENTS = Text("รายการล่าสุด", "Last payments")
NO_PAYMENTS = Text("ยังไม่เคยได้รับเงิน", "Never paid so far")
CASES = Text("คำขอเปลี่ยนบัญชี", "Bank changes")
BALANCE = Text("เงินฝากกับบริษัท", "Kept with the company")
HELD = Text("รอทำรายการ", "Held for payments")
OWED = Text("ค้างชำระ|สินเชื่อ|ปัจจัยการผลิต", "Owed for advances")
CHECK_BANK = Text("ถามธนาคารตอนนี้", "Check with the bank now")
CHECK_ASKED = Text("ถามธนาคารแล้ว คำตอบ|จะขึ้นที่นี่เอง", "The bank was asked; its answer will show here")
CHECK_ALL = Text("ถามธนาคาร|ทุกบัญชี", "Check all accounts")
CHECKS_END = Text("หยุดถาม", "Stop asking")
CHECKS_UNDER_WAY = Text("กำลังถามธนาคารอยู่แล้ว", "The bank is being asked already")
CHECKS_NONE = Text("ไม่มีการถามธนาคาร|อยู่ตอนนี้", "The bank is not being asked now")
CHANGE_BANK = Text("เปลี่ยนบัญชี", "Change account")
PAY = Text("จ่ายเงิน", "Pay")

CHECK_STANDING = Text("เป็นสมาชิกปกติ", "Active member")
CHECK_ACCOUNT = Text("มีบัญชีรับเงิน", "Has an account")
OPEN_CASE = Text("มีคำขอ|เปลี่ยนบัญชี|ค้างอยู่", "A bank change is open")
CHECK_NAME = Text("ชื่อตรงกับธนาคาร", "Name fits the bank's")
CHECK_NO_CASE = Text("ไม่มีคำขอเปลี่ยนบัญชีค้าง", "No bank change is open")

STATUS: Final[dict[str, Text]] = {
    "active": Text("ปกติ", "Active"),
    "suspended": Text("พักสิทธิ์", "Suspended"),
    "closed": Text("พ้นสภาพ", "Closed"),
}
CASE_STATES: Final[dict[str, Text]] = {
    "draft": Text("กำลังเตรียม", "Being prepared"),
    "requested": Text("รออนุมัติ", "Awaiting approval"),
    "effective": Text("มีผลแล้ว", "In force"),
    "rejected": Text("ไม่อนุมัติ", "Not approved"),
    "cancelled": Text("ถอนคำขอแล้ว", "Withdrawn"),
    "expired": Text("หมดอายุ", "Expired"),
}


def match(percent: int) -> str:
    """How well the names agree."""
    return pick(f"ตรง {percent}%", f"{percent}% match")


def reason(thai: str, english: str) -> str:
    """A reason of the server in the language in force."""
    return pick(thai, english)


def checks_told(running: bool, looked: int, of: int, confirmed: int, bad: int, silent: int) -> str:
    """How far the questions about all accounts have come."""
    head = pick("กำลังถามธนาคาร", "Asking the bank") if running else pick("ถามธนาคารเสร็จแล้ว", "The bank was asked")
    parts = [
        pick(f"ดูแล้ว {looked:,} จาก {of:,} คน", f"{looked:,} of {of:,} members looked at"),
        pick(f"ยืนยัน {confirmed:,}", f"{confirmed:,} confirmed"),
    ]
    if bad:
        parts.append(pick(f"ไม่ตรงทะเบียนหรือปิด {bad:,}", f"{bad:,} closed or under another name"))
    if silent:
        parts.append(pick(f"ธนาคารไม่ตอบ {silent:,}", f"{silent:,} without an answer"))
    return f"{head}: {' · '.join(parts)}"
