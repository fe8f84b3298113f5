"""New payment: the form, the summary, the checks and what the toast says."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text, counted, pick

TITLE = Text("จ่ายเงินให้สมาชิก", "Pay a member")
MEMBER = Text("สมาชิก", "Member")
MEMBER_HINT = Text("เสียบบัตร สแกน หรือพิมพ์ชื่อ รหัส เลขท้ายบัญชี", "Insert a card, scan, or type a name, code or account tail")
WAY = Text("เงินไปทางไหน", "Where the money goes")
WAYS: Final[dict[str, Text]] = {
    "bank": Text("โอนเข้าบัญชีธนาคาร", "To the member's bank"),
    "keep": Text("ฝากไว้กับบริษัท", "Keep with the company"),
    "withdraw": Text("ถอนเงินฝากเข้าธนาคาร", "Withdraw to the bank"),
    "transfer": Text("โอนเงินฝากให้สมาชิกอื่น", "Transfer to another member"),
}
"""The keys are desktop.core.ways."""
RECIPIENT = Text("รหัสสมาชิกผู้รับโอน", "Recipient's member code")
RECIPIENT_HINT = Text("รหัสเต็ม สาขาใดก็ได้", "The whole code, of any branch")
TO = Text("โอนให้", "Transferred to")
STAYS = Text("ไม่ผ่านธนาคาร", "No bank is involved")
NOT_FOUND = Text("ไม่พบ ตรวจตัวสะกด|หรือค้นในหน้าสมาชิก", "Nobody found. Check the spelling or search in Members.")
REGISTER = Text("ชื่อในทะเบียน", "Register name")
BANK_NAME = Text("ชื่อบัญชีจากธนาคาร", "The bank's name")
PRODUCE = Text("สินค้า", "Produce")
TICKET = Text("เลขที่ใบชั่ง", "Weigh ticket")
NOTE = Text("หมายเหตุ (ถ้ามี)", "Note (optional)")
AMOUNT_LOCKED = Text("เลือกสมาชิก|และดูชื่อก่อน", "Choose the member and see the name first")
SUMMARY = Text("สรุปที่จะส่ง", "What will be sent")
PAYEE = Text("ผู้รับ", "Payee")
ACCOUNT = Text("บัญชี", "Account")
APPROVER = Text("อนุมัติโดย", "Approved by")
EXPECTED = Text("เงินเข้าบัญชี", "Money arrives")
EXPECTED_WHEN = Text("ไม่กี่นาที|หลังอนุมัติ", "minutes after approval")
CHECKS = Text("ผลตรวจสอบ", "Checks")
CHECK_PAYABLE = Text("สมาชิกรับเงินได้", "The member may be paid")
CHECK_TWICE = Text("ยอดเงินสองช่องตรงกัน", "Both amounts agree")
DUPLICATES = Text("อาจซ้ำกับรายการเหล่านี้", "This may repeat one of these")
ON_THIS_DESK = Text("ยังไม่ออก|จากเครื่องนี้", "Not sent from this desk yet")
DUPLICATE_REASON = Text("เหตุผลที่จ่ายอีกครั้ง", "Why it is paid again")
DISCARD = Text("ทิ้งร่าง", "Discard")
DISCARD_TITLE = Text("ทิ้งร่างนี้", "Discard this draft?")
DISCARD_WORDS = Text("ข้อมูล|ที่พิมพ์ไว้|จะหายไป", "What was typed will be gone")
RESUMED = Text("เปิดร่าง|ที่ค้างไว้|ให้แล้ว", "Your unfinished draft is open again")
TAKEN_BACK = Text("ดึงกลับแล้ว ยังไม่มี|อะไรถูกส่ง", "Taken back; nothing was sent")
TOO_LATE = Text("ส่งไปแล้ว ดึงกลับไม่ได้ ให้ยกเลิก|ในหน้าการจ่ายเงิน", "It has left already; cancel it under Disbursements")
WAITS_FOR_CHECK = Text("รอผลตรวจ แล้วจะส่งให้เอง", "Waiting for the check, then it is submitted")
KEPT = Text("บันทึกร่าง|อัตโนมัติ", "Kept as a draft")
MANAGER = Text("ผู้จัดการสาขา", "Branch manager")
MANAGER_AND_TREASURER = Text("ผู้จัดการสาขา|และเหรัญญิก", "Branch manager and treasurer")

NONE = "-"
PRODUCTS: Final[dict[str, Text]] = {
    NONE: Text("ไม่ระบุ", "Not stated"),
    "ข้าวหอมมะลิ": Text("ข้าวหอมมะลิ", "Jasmine paddy"),
    "ข้าวเปลือกเจ้า": Text("ข้าวเปลือกเจ้า", "White paddy"),
    "ข้าวเหนียว": Text("ข้าวเหนียว", "Sticky paddy"),
    "อ้อย": Text("อ้อย", "Sugar cane"),
    "มันสำปะหลัง": Text("มันสำปะหลัง", "Cassava"),
    "ข้าวโพดเลี้ยงสัตว์": Text("ข้าวโพดเลี้ยงสัตว์", "Feed maize"),
    "ยางพารา": Text("ยางพารา", "Rubber"),
    "ปาล์มน้ำมัน": Text("ปาล์มน้ำมัน", "Oil palm"),
}
"""What a branch buys; the Thai word is what the payment carries."""


def submit(amount: str) -> str:
    """The button that hands it over."""
    return pick(f"ส่งขออนุมัติ {amount}", f"Submit {amount}") if amount else pick("ส่งขออนุมัติ", "Submit")


def submitted(amount: str, name: str) -> str:
    """The toast with the undo."""
    if not name:
        return pick(f"ส่งขออนุมัติ {amount}", f"Submitted {amount}")
    return pick(f"ส่งขออนุมัติ {amount} ให้ {name}", f"Submitted {amount} for {name}")


def checked(bank: str, when: str) -> str:
    """Below the bank's name."""
    checked_at = pick(f"ตรวจเมื่อ {when}", f"checked {when}") if when else ""
    return " · ".join(part for part in (bank, checked_at) if part)


def pays_again(number: str, state: str) -> str:
    """Which payment the form pays again, and from what."""
    thai, english = number or "รายการก่อน", number or "an earlier payment"
    if state == "returned":
        return pick(
            f"จ่าย {thai} อีกครั้ง จากเงินที่ธนาคารคืนและค้างจ่ายสมาชิก เต็มจำนวน",
            f"Pays {english} again, in full, from what the bank returned and the member is owed",
        )
    return pick(f"จ่าย {thai} อีกครั้ง แก้ได้ก่อนส่ง", f"Pays {english} again; mend it before it goes")


def check_once(days: int | None) -> Text:
    """That no other payment is like it, and how far back the server looks, where it has said so."""
    if days is None:
        return Text("ไม่ซ้ำรายการอื่น", "Nothing like it")
    return Text(f"ไม่ซ้ำรายการใน {days} วัน", f"Nothing like it in {counted(days, 'day', 'days')}")
