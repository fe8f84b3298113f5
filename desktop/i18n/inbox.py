"""What a person must know or do now: the inbox, the bell's notices."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text, counted, pick

TITLE = Text("งานของฉัน", "For you")
TABLE = Text("งานและ|เรื่องแจ้ง", "To do and to know")
WHAT = Text("เรื่อง", "What")
NUMBER = Text("เลขที่", "Number")
WHO = Text("ผู้รับ / เรื่อง", "Payee / subject")
AMOUNT = Text("จำนวนเงิน", "Amount")
WHEN = Text("เมื่อ", "When")
REASON = Text("เหตุผล", "Reason")
EMPTY = Text("ไม่มีงาน|และเรื่องแจ้ง", "Nothing waits for you")
EMPTY_HINT = Text(
    "เมื่อรายการ|ของคุณ|จ่ายแล้ว ไม่อนุมัติ|หรือมีปัญหา จะขึ้นที่นี่",
    "When something of yours is paid, rejected or goes wrong, it shows here",
)
MEND = Text("แก้แล้ว|ส่งใหม่", "Mend and send again")
OPEN = Text("เปิดดู", "Open")
DEALT_WITH = Text("จัดการแล้ว", "Dealt with")
CLEAR_NEWS = Text("ล้าง|เรื่องที่เรียบร้อย", "Clear what went well")

WORDS: Final[dict[str, dict[str, Text]]] = {
    "paid": {
        "intents": Text("จ่ายแล้ว", "Paid"),
        "batches": Text("จ่ายทั้งชุดแล้ว", "Batch paid"),
    },
    "rejected": {
        "intents": Text("ไม่อนุมัติ", "Rejected"),
        "batches": Text("ไม่อนุมัติทั้งชุด", "Batch rejected"),
        "bank_changes": Text("ไม่อนุมัติ|เปลี่ยนบัญชี", "Bank change rejected"),
        "funding": Text("ไม่อนุมัติ|เติมเงิน", "Funding rejected"),
    },
    "failed": {"intents": Text("จ่ายไม่สำเร็จ", "Not paid")},
    "stopped": {"intents": Text("ระงับก่อนส่ง", "Stopped before sending")},
    "returned": {"intents": Text("ธนาคารคืนเงิน", "Bank returned it")},
    "expired": {
        "intents": Text("หมดเวลา|ก่อนจ่าย", "Not paid in time"),
        "batches": Text("ชุด|ไม่อนุมัติ|ทันเวลา", "Batch not approved in time"),
        "bank_changes": Text("เปลี่ยนบัญชี|ไม่ทันเวลา", "Bank change ran out"),
        "funding": Text("เติมเงิน|ไม่ทันเวลา", "Funding ran out"),
    },
    "in_doubt": {"intents": Text("ไม่ทราบผล", "Outcome unknown")},
    "effective": {
        "bank_changes": Text("เปลี่ยนบัญชีแล้ว", "Account changed"),
        "funding": Text("เติมเงินแล้ว", "Money arrived"),
    },
    "to_sign": {"approvals": Text("รอคุณลงนาม", "Waits for your signature")},
    "sent_back": {"outbox": Text("เซิร์ฟเวอร์|ส่งกลับ", "Sent back by the server")},
    "held_up": {"channels": Text("จ่ายออกไม่ได้", "Payments held up")},
}
"""What happened, by the kind of thing to which it happened."""

ADVICE: Final[dict[str, Text]] = {
    "rejected": Text(
        "อ่านเหตุผล แก้ไข แล้วส่งใหม่ หรือกด|จัดการแล้ว|ถ้าไม่ต้องทำอะไร",
        "Read the reason, mend it and send it again, or press Dealt with if nothing is left to do",
    ),
    "failed": Text("ไม่มีเงิน|เคลื่อนไหว ดูสาเหตุ แล้วส่งใหม่", "No money moved: see what happened, then send it again"),
    "stopped": Text(
        "อนุมัติแล้ว แต่ก่อนส่ง|ไม่ผ่าน|การตรวจอีกครั้ง ไม่มีเงิน|เคลื่อนไหว ดูสาเหตุ แล้วส่งใหม่",
        "It was approved, and did not stand when it was checked again before sending. No money moved: "
        "see what happened, then send it again",
    ),
    "returned": Text(
        "เงินนี้|บริษัท|ค้างจ่าย|สมาชิกอยู่ จ่ายอีกครั้ง|จากยอดนั้น", "The company owes this to the member: pay it again from there"
    ),
    "expired": Text(
        "ไม่มีใครอนุมัติ หรือส่งออกไม่ได้|ภายในเวลา ส่งใหม่ได้",
        "Nobody approved it in time, or it could not leave: send it again",
    ),
    "in_doubt": Text(
        "ห้ามจ่ายซ้ำ ระบบ|กำลังถาม|ธนาคาร เรื่องนี้|จะหายไปเอง|เมื่อรู้ผล",
        "Do not pay again: the bank is being asked. This goes away by itself when the outcome is known",
    ),
    "held_up": Text("เรื่องนี้|จะหายไปเอง|เมื่อจ่ายได้อีก", "This goes away by itself when payments leave again"),
    "sent_back": Text("เปิดแก้ แล้วส่งใหม่", "Open it, mend it and send it again"),
}


def waiting(count: int) -> str:
    """What waits for a signature."""
    return pick(f"{count:,} รายการ", counted(f"{count:,}", "item", "items"))


def in_batch(note: str, count: int) -> str:
    """A batch by its note and size."""
    size = pick(f"{count:,} รายการ", counted(f"{count:,}", "payment", "payments"))
    return f"{note} · {size}" if note else size


def notice(what: str, number: str, who: str) -> str:
    """The notice about one."""
    return " · ".join(part for part in (what, number, who) if part)


def several(count: int) -> str:
    """The notice about many at once."""
    return pick(
        f"มี {count:,} เรื่อง|ที่ต้องดู".replace("|", "\u200b"), f"{counted(f'{count:,}', 'thing', 'things')} to look at"
    )


def several_paid(count: int) -> str:
    """Many were paid at once."""
    return pick(f"จ่ายแล้ว {count:,} รายการ", f"{counted(f'{count:,}', 'payment', 'payments')} paid")
