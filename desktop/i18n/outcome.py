"""Whose reason it is that something was not paid or not changed."""

from __future__ import annotations

from typing import Final

from desktop.i18n import reasons
from desktop.i18n.text import Text, pick

BY: Final[dict[str, Text]] = {
    "bank": Text("ธนาคารแจ้ง", "The bank says"),
    "approver": Text("เหตุผล|ที่ไม่อนุมัติ", "Why it was rejected"),
    "maker": Text("เหตุผล|ที่ยกเลิก", "Why it was cancelled"),
    "company": Text("สาเหตุ", "What happened"),
}
NO_REASON: Final = Text("ไม่ได้ระบุเหตุผล", "No reason was given")


def reason(code: str, text: str, who: str = "") -> str:
    """The reason in words, with the name of who gave it where that is known."""
    words = reasons.failure(code, text) or NO_REASON()
    return pick(f"{words} — {who}", f"{words} — {who}") if who else words
