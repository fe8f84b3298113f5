"""The bank's statements, and what they prove."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

FETCH = Text("ดึงรายการเดินบัญชี", "Fetch statements")
TABLE = Text("ไฟล์รายการเดินบัญชี", "Statement files")
LINES = Text("รายการในไฟล์", "Lines")
DATE = Text("วันที่", "Date")
NUMBER = Text("เลขที่", "Number")
COUNT = Text("รายการ", "Lines")
CLOSING = Text("ยอดยกไป", "Closing")
OPENING = Text("ยอดยกมา", "Opening")
BOOKED = Text("เวลา", "Booked")
DESCRIPTION = Text("รายละเอียด", "Description")
REFERENCE = Text("อ้างอิง", "Reference")
AMOUNT = Text("จำนวนเงิน", "Amount")
BALANCE = Text("คงเหลือ", "Balance")
MATCH = Text("ผลกระทบยอด", "Result")
INTENT = Text("รายการจ่าย", "Payment")
FILE = Text("ไฟล์", "File")
IMPORTED = Text("นำเข้าเมื่อ", "Imported")
EMPTY = Text("ยังไม่มี|รายการเดินบัญชี", "No statements yet")
EMPTY_HINT = Text("กดดึงรายการ ระบบ|จะไปรับไฟล์|จากธนาคาร", "Fetch, and the server asks the bank for its files")
CHOOSE = Text("เลือกไฟล์ทางซ้าย", "Choose a statement")
NOT_MATCHED = Text("ยังไม่กระทบยอด", "Not yet matched")

STATEMENT = Text("รายการเดินบัญชี", "Statement")
NOT_TAKEN = Text("ไฟล์ที่|ไม่ได้รับเข้า", "Files not taken")
FILE_PROBLEM = Text("เหตุผล", "Why")
JUDGE_AGAIN = Text("ตรวจไฟล์|อีกครั้ง", "Judge them again")
WAITS = Text("รอตรวจใหม่", "Waits to be judged")
IS_SET_ASIDE = Text("พักไว้แล้ว", "Set aside")
SET_ASIDE = Text("ขอพักไว้…", "Set aside…")
TAKE_AGAIN = Text("ขอใช้อีกครั้ง…", "Take again…")
PROPOSE_SET_ASIDE = Text("เสนอให้พักไว้", "Propose to set it aside")
PROPOSE_TAKE_AGAIN = Text("เสนอให้ใช้อีกครั้ง", "Propose to take it again")
ASKED_SET_ASIDE = Text("พักรายการเดินบัญชี", "Set a statement aside")
ASKED_TAKE_AGAIN = Text("ใช้รายการเดินบัญชี|อีกครั้ง", "Take a statement again")
SET_ASIDE_MEANS = Text(
    "รายการเดินบัญชีนี้|จะไม่นับเป็นหลักฐาน ผลที่สรุปไว้|จากไฟล์นี้|จะถูกถอนคืน|และไฟล์ถัดไป|จะถูกตรวจใหม่",
    "It proves nothing any more: what was concluded from it is taken back, and later statements are judged again.",
)
TAKE_AGAIN_MEANS = Text(
    "ไฟล์นี้|จะถูกตรวจใหม่|และรับเข้า|ถ้าต่อจากรายการล่าสุด",
    "It is judged again, and taken if it follows the last one.",
)
PROPOSED = Text("เสนอแล้ว รออีกคนลงนาม", "Proposed; another person has to sign")
OPEN_TO_SIGN = Text("ตรวจและลงนาม", "Review and sign")

RESULTS_TABLE = Text("ผลกระทบยอด", "Reconciliation results")
EXPECTED = Text("ยอดของเรา", "Ours")
FOUND = Text("ยอดธนาคาร", "The bank's")
DIFFERENCE = Text("ต่างกัน", "Difference")
WHY = Text("เหตุผล", "Why")
BRANCH = Text("สาขา", "Branch")
NO_RESULTS = Text("ไม่มีรายการ|ในกลุ่มนี้", "Nothing in this group")
NO_RESULTS_HINT = Text("เลือกกลุ่มอื่น หรือดึง|รายการเดินบัญชี|ล่าสุด", "Choose another group, or fetch the latest statements")
MORE = Text("แสดงเพิ่ม", "Show more")
ALL_WELL = Text("ทุกรายการ|ตรงกับธนาคาร", "Everything agrees with the bank")

RESULT = {
    "matched": Text("ตรงกัน", "Matched"),
    "mismatched": Text("ยอดไม่ตรง", "Amounts differ"),
    "settlement_pending": Text("รอรายการธนาคาร", "Waiting for the bank"),
    "missing_settlement": Text("ไม่พบในรายการธนาคาร", "Missing at the bank"),
    "unexpected": Text("ไม่ทราบที่มา", "Unexpected"),
    "returned": Text("ธนาคารคืนเงิน", "Returned"),
    "fee": Text("ค่าธรรมเนียมธนาคาร", "Bank fee"),
    "set_aside": Text("พักไว้ ไม่นับ", "Set aside"),
}
FETCH_STATE = {
    "requested": Text("กำลัง|ขอไฟล์|จากธนาคาร", "Asking the bank for files"),
    "running": Text("กำลังรับ|และกระทบยอด", "Receiving and matching"),
    "done": Text("ดึงสำเร็จ", "Fetched"),
    "failed": Text("ดึงไม่สำเร็จ", "The fetch failed"),
}


def fetched(state: str, files: int, lines: str, matched: str) -> str:
    """How a fetch goes: its state in words and what it brought."""
    head = f"{state} · " if state else ""
    return head + pick(
        f"{files} ไฟล์ · {lines} รายการ · ตรงกัน {matched}", f"{files} files · {lines} lines · {matched} matched"
    )


def account(last4: str) -> str:
    """Which account a statement is of."""
    return pick(f"บัญชี •••• {last4}", f"Account •••• {last4}")


def to_look_at(count: str) -> str:
    """How many results a person must look at."""
    return pick(f"ต้องตรวจ {count} รายการ", f"{count} to look at")


def proposal(action: str, day: str, last4: str, maker: str) -> str:
    """What somebody wants with a statement."""
    who_th, who_en = maker or "มีผู้", maker or "Somebody"
    which_th = (f" {day}" if day else "") + (f" บัญชี •••• {last4}" if last4 else "")
    which_en = (f" of {day}" if day else "") + (f", account •••• {last4}" if last4 else "")
    if action == "take_again":
        return pick(
            f"{who_th} ขอให้ใช้รายการเดินบัญชี{which_th} อีกครั้ง", f"{who_en} wants the statement{which_en}, taken again"
        )
    return pick(f"{who_th} ขอให้พักรายการเดินบัญชี{which_th}", f"{who_en} wants the statement{which_en}, set aside")


def later(count: int) -> str:
    """How many statements are judged again with it; empty for none."""
    if not count:
        return ""
    return pick(f"อีก {count} ไฟล์ที่ต่อจากนี้จะถูกตรวจใหม่", f"{counted(count, 'later one is', 'later ones are')} judged again")


def not_taken(count: int) -> str:
    """How many files were not taken."""
    return pick(f"ไฟล์ที่ไม่ได้รับเข้า {count}", f"{counted(count, 'file', 'files')} not taken")
