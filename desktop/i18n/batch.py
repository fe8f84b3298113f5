"""Paying many members from one file."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

DROP = Text("ไฟล์ชุดจ่าย", "Batch file")
DROP_HINT = Text(
    "Excel (.xlsx) หรือ CSV หัวตาราง: รหัสสมาชิก จำนวนเงิน", "Excel (.xlsx) or CSV with the columns member code and amount"
)
TEMPLATE_HINT = Text(
    "ยังไม่มีอะไร|ถูกส่ง จนกว่า|ทุกแถว|ตรวจแล้ว และพิมพ์|ยอดรวมควบคุม",
    "Nothing leaves until every row was checked and the control total was typed",
)
FORMAT = Text("คอลัมน์ในไฟล์", "Columns of the file")
TEMPLATE = Text("บันทึกแม่แบบ Excel", "Save an Excel template")
HEADING = {
    "code": Text("จำเป็น ใช้เซลล์|แบบข้อความ เพื่อให้|ศูนย์นำหน้า|ไม่หาย", "Needed; a text cell, so that leading zeros stay"),
    "name": Text("ไม่บังคับ ใช้เทียบ|กับทะเบียน", "Optional, to compare with the register"),
    "amount": Text("จำเป็น เป็นบาท ทศนิยม|ไม่เกินสองตำแหน่ง", "Needed; baht, at most two decimals"),
    "produce": Text("ไม่บังคับ", "Optional"),
    "weigh_ticket": Text("ไม่บังคับ ห้ามซ้ำ|ในไฟล์", "Optional; may not stand twice"),
    "note": Text("ไม่บังคับ", "Optional"),
}
OTHER_FILE = Text("เลือกไฟล์อื่น", "Choose another file")
READY = Text("พร้อมส่ง", "Ready")
PROBLEMS = Text("มีปัญหา", "With problems")
LEFT_OUT = Text("ตัดออก", "Left out")
ALL = Text("ทั้งหมด", "All")
CONTROL = Text("ยอดรวมควบคุม|จากใบปะหน้า", "Control total from the cover sheet")
CONTROL_OK = Text("ตรงกับ|ยอดที่จะส่ง", "It is the total that will be sent")
TABLE = Text("แถวในไฟล์", "Rows of the file")
LINE = Text("แถว", "Row")
CODE = Text("รหัสสมาชิก", "Member code")
NAME = Text("ชื่อในไฟล์", "Name in the file")
REGISTER = Text("ชื่อในทะเบียน", "Name in the register")
AMOUNT = Text("จำนวนเงิน", "Amount")
FOUND = Text("สิ่งที่พบ", "Finding")
OK = Text("พร้อมส่ง", "Ready")
OUT = Text("ตัดออก", "Left out")
SAVE_PROBLEMS = Text("บันทึกแถวที่มีปัญหาเป็น Excel", "Save problem rows as Excel")
LEAVE_OUT_ALL = Text("ตัดทุกแถวที่มีปัญหา", "Leave out every problem row")
TOGGLE = Text("ตัดออก / เอากลับ", "Leave out / take in")
CANCEL_READING = Text("หยุดตรวจ", "Stop")
AGAIN = Text("ตรวจต่อ", "Go on checking")
NO_ROWS = Text("ไม่มีแถว|ในกลุ่มนี้", "No rows in this group")
READING = Text("กำลังอ่านไฟล์", "Reading the file")
SAVED = Text("บันทึกไฟล์แล้ว", "The file is saved")
SENDING = Text("กำลังส่ง", "Sending")
HELD = Text("จะส่ง|ในไม่กี่วินาที", "It leaves in a few seconds")
WAITS = Text("รอส่ง|เมื่อออนไลน์ ส่งต่อ|จากที่ค้างไว้", "Waiting for the connection; it goes on where it stopped")
REFUSED = Text("เซิร์ฟเวอร์|ไม่รับชุดนี้ ยังไม่มี|อะไรถูกจ่าย", "The server refused the batch; nothing was paid")
MEND = Text("เปิดแก้ไข", "Open to mend")
TAKE_BACK = Text("ดึงกลับ", "Take it back")
NEXT_FILE = Text("ทำไฟล์ถัดไป", "Next file")
TOO_LATE = Text("ส่งไปแล้ว ดึงกลับไม่ได้", "It has left already")
TAKEN_BACK = Text("ดึงกลับแล้ว ยังไม่มี|อะไรถูกส่ง", "Taken back; nothing was sent")
RESUMED = Text("เปิดไฟล์|ที่ค้างไว้|ให้แล้ว", "Your unfinished file is open again")


def about(rows: str, tail: str) -> str:
    """Rows and the file's SHA-256."""
    return pick(f"{rows} แถว · SHA-256 …{tail}", f"{counted(rows, 'row', 'rows')} · SHA-256 …{tail}")


def checked(done: str, total: str) -> str:
    """How far the checking is."""
    return pick(f"ตรวจแล้ว {done} จาก {total} แถว", f"{done} of {counted(total, 'row', 'rows')} checked")


def differs(amount: str) -> str:
    """The typed total against what would be sent."""
    return pick(f"ต่างจาก|ยอดที่จะส่ง {amount}", f"Differs from what will be sent by {amount}")


def will_send(count: str, total: str) -> str:
    """What the button would hand over."""
    return pick(f"จะส่ง {count} แถว · {total} บาท", f"{counted(count, 'row', 'rows')} · {total} THB will be sent")


def submit(total: str) -> str:
    """The button, with the number."""
    return pick(f"ส่งขออนุมัติ {total}", f"Submit {total}")


def sent_lines(done: str, total: str) -> str:
    """How far the sending is."""
    return pick(f"กำลังส่ง {done} จาก {total} แถว", f"Sending {done} of {counted(total, 'row', 'rows')}")


def accepted(number: str) -> str:
    """The server took the batch."""
    return pick(f"ส่งขออนุมัติแล้ว เลขที่ {number}", f"Submitted as {number}")


def baht(amount: str) -> str:
    """Under a count."""
    return pick(f"{amount} บาท", f"{amount} THB")
