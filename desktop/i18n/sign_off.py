"""The sign-off dialog."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

TITLE = Text("ตรวจและลงนาม", "Review and sign")
AMOUNT = Text("ยอดที่จะอนุมัติ", "Amount to approve")
TOTAL = Text("ยอดรวมที่จะอนุมัติ", "Total to approve")
NEW_ACCOUNT = Text("บัญชีรับเงินใหม่", "New account")
PAYEE = Text("ผู้รับเงิน", "Payee")
REGISTER_NAME = Text("ชื่อในทะเบียน", "Name in the register")
BANK_NAME = Text("ชื่อจากธนาคาร", "Name at the bank")
BANK_SILENT = Text("ธนาคาร|ยังไม่ตอบชื่อ", "The bank has given no name")
ACCOUNT = Text("เลขที่บัญชี", "Account number")
BANK = Text("ธนาคาร", "Bank")
MEMBER_CODE = Text("รหัสสมาชิก", "Member code")
PRODUCE = Text("รับซื้อ", "Produce")
TICKET = Text("ใบชั่ง", "Weigh ticket")
NOTE = Text("หมายเหตุ", "Note")
COUNTERPARTY = Text("โอนให้สมาชิก", "Transfer to member")
DUPLICATE_REASON = Text("เหตุผลที่|จ่ายซ้ำ", "Why it is paid again")
FEE = Text("ค่าธรรมเนียม|ที่บริษัทจ่าย", "Fee that the company pays")
POST_FEE = Text("หักค่าธรรมเนียม", "Fee kept back")
ADVANCE = Text("หักเงินยืม", "Advance kept back")
PAYOUT = Text("ผู้รับได้รับ", "The payee receives")
READING = Text("กำลังตรวจทุกรายการ|ก่อนแสดง", "Checking every item before it is shown")
BRANCH = Text("สาขา", "Branch")
REASON = Text("เหตุผล", "Reason")
MEMBER = Text("สมาชิก", "Member")
OLD = Text("บัญชีเดิม", "Present account")
NEW = Text("บัญชีใหม่", "New account")
NO_OLD = Text("ยังไม่มีบัญชี", "No account yet")
ACCOUNT_NAME = Text("ชื่อบัญชี", "Account name")
DOCUMENTS = Text("เอกสาร", "Documents")
CHECKS = Text("ผลตรวจสอบ", "Checks")
ACKNOWLEDGE = Text("รับทราบ|คำเตือน", "Acknowledge the warnings")
CONFIRM = Text("ยืนยันตัวตน|เพื่อลงนาม", "Confirm that it is you")
CODE = Text("รหัส 6 หลัก|จากแอปยืนยันตัวตน", "Six digits of your code app")
REJECT = Text("ไม่อนุมัติ…", "Reject…")
REJECT_NOW = Text("ลงนาม|ไม่อนุมัติ", "Sign the rejection")
BACK = Text("กลับไปตรวจ", "Back to the review")
WHY_REJECT = Text("เหตุผลที่ไม่อนุมัติ (ผู้ทำรายการ|จะเห็น)", "Why not (the maker will see it)")
CANNOT_OPEN = Text("เปิดไม่สำเร็จ", "Could not be opened")
NOTHING_SIGNED = Text("ยังไม่มี|การลงนามใด ๆ", "Nothing has been signed")
VOIDED = Text("หน้าต่างนี้|เป็นโมฆะ เปิดใหม่|เพื่อตรวจอีกครั้ง", "This dialog is void; open it again to review")
WARNED_AND_LARGEST = Text("รายการยอดสูงสุด 10 อันดับ และทุกแถว|ที่มีคำเตือน", "The ten largest, and every row with a warning")
ALL_ROWS = Text("ทุกรายการในชุดนี้", "Every item of this set")
NO_TICKET = Text("ไม่มีเลขที่ใบชั่ง", "No weigh ticket")
FIRST_ACCOUNT = Text("บัญชีแรก ไม่เคยเปลี่ยน", "First account, never changed")
LARGEST = Text("จำนวนเงิน", "Amount")
FINDING = Text("สิ่งที่พบ", "Finding")
READ_DOCUMENTS = Text("เปิดดูเอกสาร|ทุกฉบับ|ก่อนลงนาม", "Open every document before you sign")

CHANGED_FIELD = {
    "state": Text("สถานะ", "State"),
    "amount": Text("จำนวนเงิน", "Amount"),
    "total": Text("ยอดรวม", "Total"),
    "count": Text("จำนวนรายการ", "Count"),
    "account": Text("บัญชี", "Account"),
    "account_version": Text("รุ่นของบัญชี", "Account version"),
    "approvals": Text("การลงนาม", "Sign-offs"),
    "signatures": Text("การลงนาม", "Sign-offs"),
    "member_name": Text("ชื่อสมาชิก", "Member's name"),
    "reason": Text("เหตุผล", "Reason"),
    "documents": Text("เอกสาร", "Documents"),
}
OTHER_FIELD = Text("รายละเอียด", "Details")


def items(count: str) -> str:
    """How many payments one signature covers."""
    return pick(f"{count} รายการ · ลายเซ็นเดียว", f"{counted(count, 'payment', 'payments')} · one signature")


def maker(name: str) -> str:
    """Who made it."""
    return (
        pick(f"ผู้ทำรายการ: {name}", f"Made by {name}") if name else pick("ไม่ทราบผู้ทำรายการ", "Who made it is not known")
    )


def baht(amount: str) -> str:
    """The amount as the largest thing in the dialog."""
    return pick(f"{amount} บาท", f"{amount} THB")


def time_left(clock: str) -> str:
    """`clock` is minutes:seconds."""
    return pick(f"ใส่รหัสจากแอปยืนยันตัวตน · หมดเวลาใน {clock}", f"Type the code of your app · {clock} left")


def name_match(percent: int) -> Text:
    """How well the register's and the bank's names agree."""
    return Text(f"ชื่อตรงกับธนาคาร {percent}%", f"The names agree, {percent}%")


def account_version(number: int) -> Text:
    """The member's account was changed before."""
    return Text(f"เคยเปลี่ยนบัญชี|แล้ว (รุ่นที่ {number})", f"The account was changed before (version {number})")


def documents(count: int) -> Text:
    """Attached documents."""
    return Text(f"แนบเอกสาร {count} ฉบับ", f"{count} documents attached")


def digest_agrees(tail: str) -> Text:
    """The desk computed the same digest as the server."""
    return Text(f"ลายพิมพ์ข้อมูล|ถูกต้อง …{tail}", f"The fingerprint agrees …{tail}")


def changed(field: str, before: str, after: str) -> str:
    """One thing that changed while the dialog was open."""
    thai = f"เดิม {before or 'ไม่มี'} เป็น {after or 'ไม่มี'}"
    english = f"was {before or 'nothing'}, now {after or 'nothing'}"
    return pick(f"{field}: {thai}", f"{field}: {english}")


def bank_version(version: int) -> str:
    """The version of the account that will be replaced."""
    return pick(f"แทนที่บัญชีรุ่นที่ {version}", f"Replaces account version {version}")


def read_of(done: str, count: str) -> str:
    """How far the checking of a long batch is."""
    return pick(f"ตรวจแล้ว {done} จาก {count} รายการ", f"{done} of {count} items checked")
