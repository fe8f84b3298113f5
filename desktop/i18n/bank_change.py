"""Changing where a member is paid: the form, the cases, their panel."""

from __future__ import annotations

from desktop.i18n.text import Text, pick

TABLE = Text("คำขอเปลี่ยนบัญชี", "Bank changes")
NEW = Text("ขอเปลี่ยนบัญชี", "Request a change")
FORM_TITLE = Text("ขอเปลี่ยนบัญชี|รับเงิน", "Change where a member is paid")
BACK = Text("กลับไปรายการ", "Back to the list")
MEMBER = Text("สมาชิก", "Member")
MEMBER_HINT = Text("พิมพ์ชื่อ รหัสสมาชิก หรือเลขท้าย", "Name, member code or last digits")
MEMBER_NONE = Text("ไม่พบสมาชิกนี้|ในเครื่อง", "No such member on this desk")
OLD = Text("บัญชีปัจจุบัน", "Present account")
NEW_ACCOUNT = Text("บัญชีใหม่", "New account")
NO_ACCOUNT = Text("ยังไม่มีบัญชี|รับเงิน", "No account yet")
CHOOSE_MEMBER = Text("เลือกสมาชิก|เพื่อดูบัญชี|ปัจจุบัน", "Choose a member to see the present account")
BANK = Text("ธนาคาร", "Bank")
BANK_HINT = Text("พิมพ์ชื่อหรือรหัสธนาคาร", "Name or code of the bank")
ACCOUNT = Text("เลขที่บัญชีใหม่", "New account number")
ACCOUNT_AGAIN = Text("พิมพ์เลขที่บัญชี|อีกครั้ง", "Type the account number again")
ACCOUNT_NAME = Text("ชื่อบัญชี|ตามสมุดบัญชี", "Account name as in the passbook")
REASON = Text("เหตุผล", "Reason")
DOCUMENTS = Text("เอกสารประกอบ", "Documents")
DROP = Text("สมุดบัญชี|และหนังสือ|ยินยอม", "Passbook and consent")
DROP_HINT = Text("JPEG PNG หรือ PDF ไม่เกิน 10 MB ต่อฉบับ", "JPEG, PNG or PDF, up to 10 MB each")
SUBMIT = Text("ส่งคำขอ", "Send the request")
RESUMED = Text("เปิดร่าง|ที่ค้างไว้|ให้แล้ว", "Your unfinished draft is open again")
SENT = Text("ส่งคำขอ|เปลี่ยนบัญชีแล้ว", "The request is on its way")
TAKEN_BACK = Text("ดึงคำขอ|กลับมา|แก้ไขแล้ว", "Taken back; you can go on editing")
TOO_LATE = Text("ส่งไปแล้ว ดึงกลับไม่ได้", "It has left already")
AGREE = Text("ตรงกัน", "They agree")
DIFFER = Text("เลขสองช่อง|ไม่ตรงกัน", "The two numbers differ")
COOLING = Text(
    "เมื่อลงนามครบ บัญชีใหม่|จึงมีผล รายการจ่าย|ระหว่างนี้|จะมีคำเตือน",
    "The new account takes effect when all have signed; payments meanwhile carry a warning.",
)
SIGN = Text("ตรวจและลงนาม", "Review and sign")
CANCEL_CASE = Text("ถอนคำขอ", "Withdraw")
STATE = Text("สถานะ", "State")
NUMBER = Text("เลขที่", "Number")
FROM_TO = Text("จากบัญชี → เป็นบัญชี", "From → to")
MAKER = Text("ผู้ขอ", "Asked by")
CREATED = Text("ขอเมื่อ", "Asked at")
EMPTY = Text("ยังไม่มีคำขอ", "No requests")
EMPTY_HINT = Text("กดขอเปลี่ยนบัญชี|เพื่อเริ่มคำขอใหม่", "Start with a new request")
SIGNED = Text("การลงนาม", "Sign-offs")
WAITS_FOR = Text("รอลงนาม", "Waits for")

STATES = {
    "draft": Text("กำลังแนบเอกสาร", "Adding documents"),
    "requested": Text("รอลงนาม", "Waiting"),
    "effective": Text("มีผลแล้ว", "In effect"),
    "rejected": Text("ไม่อนุมัติ", "Rejected"),
    "cancelled": Text("ถอนแล้ว", "Withdrawn"),
    "expired": Text("หมดอายุ", "Expired"),
}
ROLES = {
    "manager": Text("ผู้จัดการสาขา", "Branch manager"),
    "treasurer": Text("เหรัญญิก", "Treasurer"),
}
PROBLEMS = {
    "empty": Text("ใส่เลขที่บัญชี", "Type the account number"),
    "unknown_bank": Text("เลือกธนาคารก่อน", "Choose the bank first"),
    "spreadsheet_number": Text(
        "เลขถูก|โปรแกรมตาราง|แปลง พิมพ์ใหม่|จากสมุดบัญชี", "A spreadsheet changed it; type it from the passbook"
    ),
    "not_digits": Text("ใส่เฉพาะตัวเลข", "Digits only"),
    "length": Text("จำนวนหลัก|ไม่ตรงกับ|ธนาคารนี้", "Not the length of this bank's accounts"),
    "all_zero": Text("เลขที่บัญชี|เป็นศูนย์ทั้งหมด", "The number is all zeros"),
    "check_digit": Text("เลขตรวจสอบ|ไม่ถูกต้อง", "The check digit is wrong"),
}


def lengths(text: str) -> str:
    """How many digits the bank's accounts have."""
    return pick(f"{text} หลัก", f"{text} digits")
