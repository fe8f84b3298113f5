"""Payments in doubt: what is known, who cares for them, and the one thing that may be done."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text, counted, pick
from shared.evidence import Evidence

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


ANSWERS: Final[dict[Evidence, Text]] = {
    Evidence.CONFIRMED: Text("ธนาคารยืนยันว่าจ่ายแล้ว", "The bank says it is paid"),
    Evidence.INQUIRY_PAID: Text("ถามแล้ว ธนาคารตอบว่าจ่ายแล้ว", "Asked, the bank says it is paid"),
    Evidence.STATEMENT_PAID: Text("อยู่ในรายการเดินบัญชี", "It is on the statement"),
    Evidence.FAILED: Text("จ่ายไม่ได้ เงินไม่ได้ออก", "It can't be paid; no money moved"),
    Evidence.REFUSED: Text("ธนาคารปฏิเสธ เงินไม่ได้ออก", "The bank refused; no money moved"),
    Evidence.CHANNEL_STOPPED: Text("ช่องทางหยุด|รับรายการ เงินไม่ได้ออก", "The channel stopped; no money moved"),
    Evidence.CHANNEL_SILENT: Text("ช่องทางไม่ตอบแล้ว จึงไม่สั่งจ่าย", "The channel had stopped answering: not confirmed"),
    Evidence.INITIATE_LOST: Text("แจ้งธนาคารแล้ว|ไม่ได้คำตอบ เงินไม่ได้ออก", "Announced without an answer; no money moved"),
    Evidence.NEVER_CONFIRMED: Text("ยังไม่เคยสั่งจ่าย", "Never confirmed"),
    Evidence.ANNOUNCED: Text("แจ้งธนาคารแล้ว ยังไม่สั่งจ่าย", "Announced, and not confirmed"),
    Evidence.PAYEE_NOT_NAMED: Text("ธนาคารไม่บอกชื่อผู้รับ จะแจ้งใหม่", "The bank did not name the payee: announced anew"),
    Evidence.NOT_BOOKED: Text("ยังไม่ลงบัญชี", "Not booked"),
    Evidence.NOT_ON_STATEMENTS: Text("รายการเดินบัญชี|ไม่มีรายการนี้ จะส่งใหม่", "The statements are without it: sent anew"),
    Evidence.WITHDRAWN: Text("ถูกถอนก่อนสั่งจ่าย", "Withdrawn before it was confirmed"),
    Evidence.LEASE_PASSED: Text("ตัวส่งเงินตัวอื่นทำต่อ จึงไม่สั่งจ่าย", "Another executor goes on: not confirmed"),
    Evidence.LATER_REFERENCE: Text("ใช้เลขอ้างอิง|ที่ใหม่กว่าแล้ว", "A later reference was used"),
    Evidence.ASKED_AFTER_RESTORE: Text(
        "กู้คืนฐานข้อมูล ถามธนาคารก่อนส่งอะไร", "Restored: the bank is asked before anything is sent"
    ),
    Evidence.TAKEN: Text("ธนาคารรับไว้ดำเนินการ", "Taken for processing"),
    Evidence.TAKEN_LATE: Text(
        "ธนาคารรับไว้ดำเนินการ แต่ถึงวันทำการถัดไปแล้ว|ยังไม่เสร็จ", "Taken for processing, and not ended by the next business day"
    ),
    Evidence.TAKEN_AND_GONE: Text(
        "ธนาคารเคยรับไว้ดำเนินการ แต่ตอนนี้ไม่พบรายการนี้", "The bank had taken it for processing, and does not know it any more"
    ),
    Evidence.NOT_SAID: Text("ธนาคารยังไม่บอกผล", "The bank does not say yet"),
    Evidence.PAYMENT_UNKNOWN: Text("ธนาคารไม่พบรายการนี้", "The bank does not know the payment"),
    Evidence.REFERENCE_UNKNOWN: Text("ธนาคารไม่พบเลขอ้างอิงนี้", "The bank does not know the reference"),
    Evidence.REFERENCE_OPEN: Text("ธนาคารมีเลขอ้างอิงนี้ ยังไม่เสร็จ", "The bank has the reference and has not ended it"),
    Evidence.MISMATCHED: Text(
        "ธนาคารมีเลขอ้างอิงนี้|ด้วยยอดหรือผู้รับอื่น", "The bank has another amount or payee under the reference"
    ),
    Evidence.TOO_OLD: Text(
        "ธนาคาร|ยังไม่ได้รับ|คำสั่งจ่าย และเลยเวลา|ที่จะสั่งซ้ำ", "Not confirmed at the bank, and too old to be confirmed again"
    ),
    Evidence.NOT_APPROVED: Text("ลายเซ็นไม่ครบแล้ว จึงไม่สั่งจ่ายซ้ำ", "No longer approved: not confirmed"),
    Evidence.NO_PROOF: Text("ธนาคารตอบรหัส|ที่ไม่ใช่หลักฐาน", "The bank gave a code that proves nothing"),
    Evidence.ACCOUNT_UNREADABLE: Text(
        "อ่านเลขบัญชี|ไม่ได้ จึงเทียบไม่ได้", "The account can't be read, so it can't be compared"
    ),
    Evidence.NO_ANSWER: Text("ธนาคารไม่ตอบ", "No answer"),
    Evidence.UNEXPLAINED: Text("ธนาคารตอบรหัส|ที่ไม่บอกผล", "The bank gave a code that says no outcome"),
    Evidence.OTHER_PAYMENT: Text("คำตอบเป็นของรายการอื่น", "The answer is about something else"),
    Evidence.NO_TOKEN: Text("ธนาคารไม่ให้รหัสรายการ", "The bank gave no token"),
    Evidence.FOREIGN_TOKEN: Text("รหัสรายการ|ไม่ใช่ของช่องทางนี้", "The token is not of this channel"),
    Evidence.UNNAMED: Text("ธนาคารมีรายการ แต่ไม่บอกยอดและผู้รับ", "The bank has it, and names neither amount nor payee"),
    Evidence.NOT_ASKED: Text("ช่องทางนี้ถามไม่ได้", "This channel can't be asked"),
    Evidence.CERTIFICATE: Text("ใบรับรอง|ของเราใช้ไม่ได้ตอนนี้", "Our client certificate is not valid at this time"),
    Evidence.DROP_SILENT: Text("ที่รับไฟล์ของธนาคารไม่ตอบ", "The bank's file drop did not answer"),
    Evidence.DROP_MISSING: Text("ไม่พบโฟลเดอร์ที่รับไฟล์", "The file drop's folders are not there"),
    Evidence.UPLOAD_CUT: Text("ส่งไฟล์ขาดตอน", "The upload was cut off"),
    Evidence.FILE_GONE: Text(
        "ธนาคาร|เคยได้รับไฟล์ แต่ตอนนี้|ไม่พบไฟล์|และไม่มีผล", "The bank had the file, and it is gone without a result"
    ),
    Evidence.FILE_EMPTIED: Text(
        "มีไฟล์ว่าง|แทนไฟล์ที่ธนาคาร|เคยได้รับ", "An empty file has the name of the one that the bank had"
    ),
    Evidence.FILE_NOT_GIVEN_UP: Text("ยังยกเลิกไฟล์ไม่ได้", "The file could not be given up"),
    Evidence.RESULTS_DISAGREE: Text("ไฟล์ผลของธนาคาร|ขัดกัน", "The bank's result files contradict each other"),
    Evidence.RESULT_MISSING: Text(
        "ธนาคารมีเลขอ้างอิงนี้|อยู่ก่อน และไม่มีผลอื่น", "The bank had the reference already, and no other result tells of it"
    ),
}


def answer(evidence: Evidence, told: str) -> str:
    """What is known of a try, with the bank's code or a technical detail behind it."""
    return f"{ANSWERS[evidence]()} ({told})" if told else ANSWERS[evidence]()


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
