"""The bank's statements, and what they prove."""

from __future__ import annotations

from desktop.i18n.text import Text, pick

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
    return pick(
        f"{state} · {files} ไฟล์ · {lines} รายการ · ตรงกัน {matched}",
        f"{state} · {files} files · {lines} lines · {matched} matched",
    )


def account(last4: str) -> str:
    """Which account a statement is of."""
    return pick(f"บัญชี •••• {last4}", f"Account •••• {last4}")


def to_look_at(count: str) -> str:
    """How many results a person must look at."""
    return pick(f"ต้องตรวจ {count} รายการ", f"{count} to look at")
