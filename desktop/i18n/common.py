"""Words shared by every screen: buttons, table, states of loading, toasts."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

CANCEL = Text("ยกเลิก", "Cancel")
CLOSE = Text("ปิด", "Close")
RETRY = Text("ลองใหม่", "Try again")
CLEAR_FILTERS = Text("ล้างตัวกรอง", "Clear filters")
UNDO = Text("เลิกทำ (Ctrl+Z)", "Undo (Ctrl+Z)")
DISMISS = Text("ปิดข้อความ", "Dismiss")
WORK_FAILED = Text(
    "โปรแกรม|ขัดข้อง ขั้นตอนนี้|ไม่เสร็จ สิ่งที่พิมพ์|ยังอยู่ ตรวจผลแล้วลองใหม่ ถ้ายังเป็นอยู่|แจ้งผู้ดูแลระบบ",
    "The desk made a mistake and did not finish this step. What you typed is kept: look at what happened, then try"
    " again. If it stays, tell the administrator",
)
NOT_LOADED = Text("ยังโหลดไม่สำเร็จ", "Could not be loaded")
LOADING = Text("กำลังโหลด", "Loading")
BUSY = Text("กำลังทำงาน", "Working")
ALL = Text("ทั้งหมด", "All")
OTHER_REASON = Text("เหตุผล", "Reason")
ESC_CLOSES = Text("Esc ปิด|โดยไม่ลงนาม", "Esc closes without signing")
TIMELINE = Text("ลำดับเหตุการณ์", "Timeline")
INSPECTOR = Text("รายละเอียด", "Details")
NOTHING_SELECTED = Text("ยังไม่ได้เลือกรายการ", "Nothing selected")
NOTHING_SELECTED_HINT = Text("เลือกแถว|ในตาราง|เพื่อดู|รายละเอียด", "Choose a row to see its details")
SEARCH = Text("ค้นหา", "Search")
CLEAR_SEARCH = Text("ล้างคำค้น", "Clear the search")
PALETTE_HINT = Text("พิมพ์คำสั่ง เลขที่ หรือชื่อสมาชิก", "Type a command, a number or a member's name")
PALETTE_EMPTY = Text("ไม่พบคำสั่งนี้", "No such command")
PALETTE = Text("คำสั่ง", "Commands")
KEYS_TITLE = Text("ปุ่มลัด", "Keyboard")
FILTERS = Text("ตัวกรองสถานะ", "Status filters")
CHOOSE_DATE = Text("เลือกวันที่", "Choose a date")
PREVIOUS_MONTH = Text("เดือนก่อน", "Previous month")
NEXT_MONTH = Text("เดือนถัดไป", "Next month")
TODAY = Text("วันนี้", "Today")
DATE_WRONG = Text("วันที่|ไม่ถูกต้อง เช่น 27/10/2569", "Not a date; write 27/10/2026")
DROP_FILE = Text("วางไฟล์|ที่นี่ หรือ", "Drop a file here, or")
CHOOSE_FILE = Text("เลือกไฟล์", "Choose a file")
DETAILS = Text("รายละเอียด", "Details")
DONE_STEP = Text("เสร็จแล้ว", "done")
SEEN_STEP = Text("มีบันทึก", "on record")
CURRENT_STEP = Text("กำลังรอ", "waiting")
TODO_STEP = Text("ยังไม่ถึง", "to come")
FAILED_STEP = Text("ไม่สำเร็จ", "failed")
BAHT = Text("บาท", "THB")


def items(count: str) -> str:
    """Footer of a list; `count` already has its separators."""
    return pick(f"{count} รายการ", counted(count, "item", "items"))


def new_rows(count: str) -> str:
    """Rows that arrived and wait, so that nothing moves under the cursor."""
    return pick(f"มี {count} รายการใหม่ — กด F5", f"{count} new — press F5")


def selected_total(count: str, total: str) -> str:
    """Bottom right of a list."""
    return pick(f"เลือก {count} · ยอดรวม {total} บาท", f"{count} selected · total {total} THB")


def amount_spoken(amount: str) -> str:
    """An amount as a screen reader should say it."""
    return pick(f"{amount} บาท", f"{amount} baht")
