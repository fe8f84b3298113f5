"""What the bank said about the account that a bank change names."""

from __future__ import annotations

from desktop.i18n.text import Text

TITLE = Text("ธนาคาร|ตอบเรื่อง|บัญชีใหม่", "The bank about the new account")
ASK_AGAIN = Text("ถามธนาคาร|อีกครั้ง", "Ask the bank again")
NOT_ASKED = Text("ยังไม่ได้|ถามธนาคาร จะถาม|เมื่อส่งคำขอ", "The bank has not been asked; it is when the request is sent")
ASKED = Text("กำลังรอ|ธนาคารตอบ|ชื่อบัญชีใหม่", "The bank has been asked for the new account's name")
NO_ANSWER = Text("ธนาคาร|ไม่ตอบชื่อ|บัญชีใหม่", "The bank gave no name for the new account")
NOT_ACTIVE = Text("ธนาคารแจ้งว่า|บัญชีใหม่|รับเงินไม่ได้", "The bank says that the new account can't be paid to")
OTHER_NAME = Text("ธนาคาร|มีชื่ออื่น|สำหรับบัญชีใหม่", "The bank has another name for the new account")
CONFIRMED = Text("ธนาคารยืนยัน|ชื่อบัญชีใหม่", "The bank confirms the new account's name")
