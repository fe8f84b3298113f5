"""Why something cannot be done now, and other short sentences of the view models; the catalogue's own type."""

from __future__ import annotations

from typing import Final

from desktop.core.answers import REPLY_UNREADABLE, Failure, Offline
from desktop.i18n.text import Text

NO_CONNECTION: Final = Text("ต้องออนไลน์", "A connection is needed")
NO_ANSWER: Final = Text(
    "เซิร์ฟเวอร์|ไม่ตอบ ตรวจ|อินเทอร์เน็ต|แล้วลองใหม่ งานนี้|ต้องออนไลน์",
    "The server does not answer: check the network, then try again. This needs a connection",
)
NOT_ALLOWED: Final = Text("บทบาทของคุณ|ทำรายการนี้ไม่ได้", "Your role may not do this")
OWN_ITEM: Final = Text("คุณเป็นผู้ทำรายการนี้ ต้องให้|คนอื่นอนุมัติ", "You made this; someone else must approve it")
ALREADY_SIGNED: Final = Text("คุณลงนามแล้ว", "You have already signed")
OTHERS_TURN: Final = Text("รอผู้ลงนาม|บทบาทอื่น", "Waits for a sign-off by another role")
WAITS_FOR_SIGNATURE: Final = Text("มีข้อเสนอ|รอลงนามอยู่แล้ว", "A proposal for it waits for its signature")
NOTHING_SELECTED: Final = Text("ยังไม่ได้เลือกรายการ", "Nothing is selected")
CHOOSE_MEMBER: Final = Text("เลือกสมาชิกก่อน", "Choose the member first")
CHECKING: Final = Text("กำลังตรวจ", "Checking")
LOOK_FIRST: Final = Text(
    "ผลตรวจ|มีข้อมูลเพิ่ม ดูก่อน แล้วกด Ctrl+Enter อีกครั้ง", "The check found more: look at it, then press Ctrl+Enter again"
)
CHANGED_WAITING: Final = Text(
    "แก้ไข|ระหว่างรอตรวจ กด Ctrl+Enter อีกครั้ง", "It was changed while it waited: press Ctrl+Enter again"
)
HANDED_OVER: Final = Text("ส่งไปแล้ว", "It was handed over already")
CHECK_FIRST: Final = Text("ตรวจรายการก่อนส่ง", "Check the form before sending")
AMOUNT_TWICE: Final = Text("ใส่จำนวนเงิน|ให้ตรงกันทั้งสองช่อง", "Type the same amount in both fields")
NEEDS_REASON: Final = Text("ใส่เหตุผล", "Give a reason")
NEEDS_RECIPIENT: Final = Text("ใส่รหัส|สมาชิก|ผู้รับโอน", "Type the code of the member who receives it")
NEEDS_CODE: Final = Text("ใส่รหัส 6 หลัก|จากแอปยืนยันตัวตน", "Enter the six digits of your code app")
READ_DOCUMENTS: Final = Text("เปิดอ่าน|เอกสาร|ทุกฉบับก่อน", "Open and read every document first")
NO_ACCOUNT: Final = Text("สมาชิก|ยังไม่มีบัญชี|รับเงิน", "The member has no account yet")
TOO_OLD: Final = Text("ข้อมูลในเครื่อง|เก่ากว่า 72 ชั่วโมง ต้องซิงก์ก่อน", "The data here is older than 72 hours: sync first")
TAMPERED: Final = Text(
    "ข้อมูล|ไม่ตรงกับ|ลายพิมพ์|ของเซิร์ฟเวอร์ ห้ามลงนาม|และแจ้งผู้ดูแลระบบ",
    "What the server sent does not match its own digest. Do not sign; tell the administrator.",
)
CHANGED_MEANWHILE: Final = Text("รายการ|เปลี่ยนไป|ขณะเปิดอยู่", "It changed while it was open")
TIME_IS_UP: Final = Text("หมดเวลา เปิดใหม่|เพื่อลงนาม", "Time is up; open it again to sign")
FILE_UNREADABLE: Final = Text("เปิดไฟล์นี้ไม่ได้ ต้องเป็น .xlsx", "This file cannot be read; it must be .xlsx")
FILE_EMPTY: Final = Text("ไม่พบรายการ|ในไฟล์", "The file has no rows")
FILE_WAITS: Final = Text("ไฟล์นี้|รอส่งอยู่แล้ว|ในเครื่องนี้", "This file already waits on this desk to be sent")
PROBLEM_ROWS: Final = Text("ยังมีแถวที่มีปัญหา แก้ไขหรือตัดออกก่อน", "Some rows have problems: mend them or leave them out")
CONTROL_TOTAL: Final = Text("ยอดรวมควบคุม|ไม่ตรงกับ|ยอดในไฟล์", "The control total is not the file's total")
NOT_JUDGED: Final = Text("ยังตรวจไม่ครบทุกแถว", "Not every row has been checked")
ACCOUNTS_DIFFER: Final = Text("เลขที่บัญชีสองช่อง|ไม่ตรงกัน", "The two account numbers differ")
DOCUMENT_NEEDED: Final = Text("แนบเอกสาร|อย่างน้อยหนึ่งฉบับ", "Attach at least one document")
DOCUMENT_KIND: Final = Text("รับเฉพาะ JPEG PNG หรือ PDF", "Only JPEG, PNG or PDF")
DOCUMENT_SIZE: Final = Text("เอกสาร|ต้องไม่เกิน 10 MB", "A document may have at most 10 MB")
ACCOUNT_WRONG: Final = Text("เลขที่บัญชี|ไม่ถูกต้อง|สำหรับธนาคารนี้", "Not an account number of this bank")
NAME_NEEDED: Final = Text("ใส่ชื่อบัญชี", "Enter the account's name")
FILL_IN: Final = Text("กรอกให้ครบ", "Fill in every field")
MUST_REACH: Final = Text("ถึงเซิร์ฟเวอร์แล้วหรือกำลังส่ง ลบไม่ได้", "It may have reached the server and cannot be removed")
NOT_PAYABLE_AGAIN: Final = Text(
    "รายการนี้|จ่ายอีกครั้งไม่ได้ เพราะยังไม่จบ จ่ายแล้ว หรือมี|รายการใหม่แล้ว",
    "It can't be paid again: it has not ended, is paid, or another payment does it already",
)
TOO_LATE: Final = Text("รายการนี้|ยกเลิกไม่ได้แล้ว", "It is too late to take this back")
UNREADABLE: Final = Text(
    "อ่านคำตอบของเซิร์ฟเวอร์ไม่ได้ โปรแกรม|อาจต้องอัปเดต", "The server's answer cannot be read; the desk may need an update"
)
NOT_THERE: Final = Text("ไม่มีรายการนี้|แล้ว กดรีเฟรช|เพื่อดูรายการล่าสุด", "It is no longer there; refresh the list")
UNEXPLAINED: Final = Text(
    "เซิร์ฟเวอร์|ไม่รับ โดยไม่บอก|เหตุผล แจ้งผู้ดูแลระบบ", "The server said no without a reason; tell the administrator"
)
DUPLICATE: Final = Text("อาจจ่ายซ้ำกับรายการเดิม", "This may repeat an earlier payment")
NAME_MISMATCH: Final = Text("ชื่อบัญชี|จากธนาคาร|ไม่ตรงกับทะเบียน", "The bank's name does not match the register")
OPEN_BANK_CHANGE: Final = Text("มีคำขอเปลี่ยนบัญชี|ที่ยังไม่เสร็จ", "A bank change for this member is open")
ACCOUNT_CHANGED: Final = Text("บัญชีเพิ่งเปลี่ยน|เมื่อไม่นานนี้", "The account changed lately")
NOT_CHECKED_OFFLINE: Final = Text("ยังไม่ได้ตรวจกับเซิร์ฟเวอร์", "Not checked with the server yet")


def acknowledge(left: int) -> Text:
    """How many warnings stand between a signer and the button."""
    plural = "s" if left > 1 else ""
    return Text(f"รับทราบ|คำเตือนก่อน|อีก {left} ข้อ", f"Acknowledge {left} more warning{plural} first")


def more_like_this(text: Text, count: int) -> Text:
    """The same warning of many payments that are not named one by one."""
    return Text(f"อีก {count:,} รายการ: {text.th}", f"{count:,} more: {text.en}")


def failure_text(failure: Failure) -> Text:
    """What to show of a refusal or of silence."""
    if isinstance(failure, Offline):
        return NO_ANSWER
    if not failure.detail_en:
        return UNREADABLE if failure.code == REPLY_UNREADABLE else UNEXPLAINED
    return Text(failure.detail_th, failure.detail_en)
