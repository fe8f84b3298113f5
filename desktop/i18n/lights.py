"""The words of lights where there is no verdict, and the bank's word on an account."""

from __future__ import annotations

from desktop.i18n.text import Text

ASKING = Text("กำลังตรวจ", "Being checked")
NOT_ASKED = Text("ยังไม่ได้ตรวจ", "Not checked yet")
NO_ANSWER = Text("เซิร์ฟเวอร์|ไม่ตอบ", "The server did not answer")
STALE = Text("ผลตรวจ|เก่าเกินไป", "The check is too old")
UNKNOWN = Text("ยังไม่ทราบผล", "Not known")

CONFIRMED = Text("ธนาคาร|ยืนยันบัญชี|และชื่อแล้ว", "The bank confirms account and name")
NAME_DIFFERS = Text("ธนาคาร|มีชื่ออื่น|สำหรับบัญชีนี้", "The bank has another name for this account")
CLOSED = Text("ธนาคารแจ้งว่า|บัญชีปิดแล้ว", "The bank says that the account is closed")
NOT_FOUND = Text("ธนาคาร|ไม่พบบัญชีนี้", "The bank knows no such account")
NOT_ACTIVE = Text("ธนาคารแจ้งว่า|บัญชีรับเงินไม่ได้", "The bank says that the account can't be paid to")
NO_ACCOUNT = Text("สมาชิก|ยังไม่มีบัญชี|รับเงิน", "The member has no account yet")
NOT_NEEDED = Text("ไม่ผ่านธนาคาร", "No bank is involved")
BANK_STALE = Text("คำตอบ|ของธนาคาร|เก่าเกินไป ต้องถามใหม่", "The bank's answer is too old: ask again")
BANK_SILENT = Text("ถามแล้ว แต่ธนาคาร|ไม่ตอบ ถามใหม่", "The bank was asked and did not answer: ask again")
BANK_ASKED = Text("ถามแล้ว รอธนาคาร|ตอบ", "The bank was asked; its answer is awaited")
BANK_NOT_ASKED = Text("ยังไม่เคย|ถามธนาคาร", "The bank was never asked")
BANK_UNKNOWN = Text("ไม่ทราบ|ผลของธนาคาร", "What the bank says is not known")
