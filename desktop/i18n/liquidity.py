"""Live money by branch, and requests that move money to a branch."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

TITLE = Text("สภาพคล่อง", "Liquidity")
TABLE = Text("เงินของแต่ละสาขา", "Money by branch")
BRANCH = Text("สาขา", "Branch")
POSTED = Text("ยอดในบัญชี", "Posted")
HELD = Text("กันไว้", "Held")
AVAILABLE = Text("พร้อมจ่าย", "Available")
TRANSIT = Text("ระหว่างทาง", "In transit")
WAITING = Text("ยังไม่เสร็จ", "Under way")
AS_OF = Text("ข้อมูลเมื่อ", "As of")
TREASURY = Text("คลังกลาง", "Treasury")
TREASURY_NOTE = Text("บัญชีสำนักงานใหญ่", "Head office account")
ALL_AVAILABLE = Text("พร้อมจ่าย|ทุกสาขา", "Available, all branches")
ALL_HELD = Text("กันไว้|สำหรับรายการ|ที่เปิดอยู่", "Held by open payments")
ALL_TRANSIT = Text("ระหว่างทาง|ที่ธนาคาร", "In transit at the bank")
EMPTY = Text("ยังไม่มีข้อมูลเงิน", "No figures yet")
EMPTY_HINT = Text("ยอดเงิน|มาจาก|เซิร์ฟเวอร์|เท่านั้น", "Balances come from the server only")
ASK_FOR_MONEY = Text("ขอเติมเงินสาขา", "Ask for funding")

FUNDING_TABLE = Text("คำขอเติมเงิน", "Funding requests")
NEW_REQUEST = Text("ขอเติมเงินสาขา", "New funding request")
NUMBER = Text("เลขที่", "Number")
STATE = Text("สถานะ", "State")
AMOUNT = Text("จำนวนเงิน", "Amount")
REASON = Text("เหตุผล", "Reason")
MAKER = Text("ผู้ขอ", "Asked by")
CREATED = Text("ขอเมื่อ", "Asked at")
SEND = Text("ส่งคำขอ", "Send the request")
SIGN = Text("ตรวจและลงนาม", "Review and sign")
NO_REQUESTS = Text("ยังไม่มีคำขอเติมเงิน", "No funding requests yet")
NO_REQUESTS_HINT = Text("กรอก|แบบฟอร์ม|ด้านซ้าย|เพื่อขอ|เติมเงิน", "Fill in the form to ask for money")
RESUMED = Text("เปิดร่าง|ที่ค้างไว้|ให้แล้ว", "Your unfinished draft is open again")
SENT = Text("ส่งคำขอ|เติมเงินแล้ว", "The request is on its way")

FUNDING_STATE = {
    "requested": Text("รอลงนาม", "Waiting"),
    "effective": Text("โอนแล้ว", "Moved"),
    "rejected": Text("ไม่อนุมัติ", "Rejected"),
    "expired": Text("หมดอายุ", "Expired"),
}


def waiting(count: str) -> str:
    """Payments that wait for a signature."""
    return pick(f"รออนุมัติ {count} รายการ", f"{count} waiting")


def branches(count: int) -> str:
    """How many branches the sum is over."""
    return pick(f"{count} สาขา", counted(count, "branch", "branches"))
