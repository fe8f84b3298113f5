"""The sync screen: the outbox in words."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text, pick

LAST_PULL = Text("ข้อมูลล่าสุด", "Data as of")
QUEUED = Text("รอส่ง", "To send")
ATTENTION = Text("ต้องดู", "Need attention")
CACHED = Text("ข้อมูลในเครื่อง", "Rows on this desk")
NEVER = Text("ยังไม่เคยซิงก์", "Never yet")
SYNC_NOW = Text("ซิงก์เดี๋ยวนี้", "Sync now")
WHAT = Text("รายการ", "What")
AMOUNT = Text("จำนวนเงิน", "Amount")
STATE = Text("สถานะ", "State")
WHEN = Text("เวลา", "Time")
ANSWER = Text("คำตอบเซิร์ฟเวอร์", "The server's answer")
TRIES = Text("ครั้งที่ส่ง", "Tries")
OUTBOX = Text("รายการ|ที่ทำจากเครื่องนี้", "Made at this desk")
EMPTY = Text("ไม่มีอะไรค้างส่ง", "Nothing waits to be sent")
EMPTY_HINT = Text("ทุกอย่าง|ถึงเซิร์ฟเวอร์แล้ว", "Everything has reached the server")
RETRY = Text("ส่งอีกครั้ง", "Send again")
DISCARD = Text("ทิ้ง", "Discard")
DISCARD_TITLE = Text("ทิ้งรายการนี้", "Discard this?")
DISCARD_WORDS = Text("รายการนี้|ยังไม่มีผลใด ๆ ที่เซิร์ฟเวอร์", "It has had no effect at the server")
DISCARD_BATCH = Text(
    "ยกเลิกชุดนี้|ที่เซิร์ฟเวอร์ด้วย ใบชั่ง|ในชุด|ใช้ได้อีก", "It is taken back at the server too: its weigh tickets are free again"
)
NOT_DISCARDED = Text(
    "ยังไม่ได้ทิ้ง เพราะ|ยกเลิกที่เซิร์ฟเวอร์ไม่ได้ ลองอีกครั้ง|เมื่อเชื่อมต่อได้ เซิร์ฟเวอร์|ปล่อยเองภายในสองชั่วโมง",
    "Not discarded: it could not be taken back at the server. Try again when connected, or wait: within two hours the"
    " server lets go of it by itself",
)
MEND = Text("เปิดแก้ไข", "Open and mend")
CONNECTED = Text("เชื่อมต่ออยู่", "Connected")
NOT_CONNECTED = Text("ขาดการเชื่อมต่อ", "No connection")
LINE = Text("การเชื่อมต่อ", "Connection")
SERVER = Text("เซิร์ฟเวอร์", "Server")
CLOCK = Text("นาฬิกา|ต่างจากเซิร์ฟเวอร์", "Clock offset")
MEMBERS = Text("สมาชิก", "Members")
PAYMENTS = Text("รายการจ่าย", "Payments")
BATCHES = Text("ชุดจ่าย", "Batches")
CHANGES = Text("คำขอเปลี่ยนบัญชี", "Bank changes")
FUNDING = Text("คำขอเติมเงิน", "Funding requests")

STATES: Final[dict[str, Text]] = {
    "draft": Text("ร่าง", "Draft"),
    "held": Text("ดึงกลับได้", "Can be undone"),
    "queued": Text("รอส่ง", "Queued"),
    "sending": Text("กำลังส่ง", "Sending"),
    "done": Text("ส่งแล้ว", "Sent"),
    "needs_attention": Text("ต้องดู", "Needs attention"),
}
KINDS: Final[dict[str, Text]] = {
    "payment": Text("จ่ายเงิน", "Payment"),
    "batch": Text("ชุดจ่าย", "Batch"),
    "bank_change": Text("เปลี่ยนบัญชี", "Bank change"),
    "funding": Text("เติมเงินสาขา", "Funding"),
}


def progress(done: str, total: str) -> str:
    """How far a long one is."""
    return pick(f"{done} จาก {total}", f"{done} of {total}")


def seconds(number: str) -> str:
    """An offset."""
    return pick(f"{number} วินาที", f"{number} s")
