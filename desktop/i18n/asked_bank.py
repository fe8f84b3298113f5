"""What the bank said about the account that a bank change names."""

from __future__ import annotations

from desktop.i18n.text import Text

TITLE = Text("ธนาคาร|ตอบเรื่อง|บัญชีใหม่", "The bank about the new account")
ASK_AGAIN = Text("ถามธนาคาร|อีกครั้ง", "Ask the bank again")
