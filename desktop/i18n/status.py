"""The word for every state of an intent, as docs/states.md names them, and for draft and outbox."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text

STATUS: Final[dict[str, Text]] = {
    "draft": Text("ร่าง", "Draft"),
    "waiting_to_send": Text("รอส่ง|จากเครื่องนี้", "Waiting to send"),
    "created": Text("อยู่ในชุดที่ยังไม่ปิด", "In an open batch"),
    "validated": Text("รออนุมัติ", "Awaiting approval"),
    "authorized": Text("อนุมัติแล้ว", "Approved"),
    "sent": Text("ส่งธนาคารแล้ว", "Sent to bank"),
    "in_doubt": Text("ไม่ทราบผล", "Outcome unknown"),
    "settled": Text("จ่ายสำเร็จ", "Paid"),
    "reconciled": Text("กระทบยอดแล้ว", "Reconciled"),
    "rejected": Text("ไม่อนุมัติ", "Not approved"),
    "cancelled": Text("ยกเลิก", "Cancelled"),
    "expired": Text("หมดอายุ", "Expired"),
    "failed": Text("จ่ายไม่สำเร็จ", "Not paid"),
    "returned": Text("ธนาคารคืนเงิน", "Bank returned"),
}

ADVICE: Final[dict[str, Text]] = {
    "in_doubt": Text(
        "ห้ามจ่ายซ้ำ ระบบกำลัง|สอบถาม|ผลจาก|ธนาคาร", "Do not pay again: the bank is being asked what happened"
    ),
    "returned": Text(
        "ธนาคารคืนเงินแล้ว บริษัท|ยังค้างจ่าย|สมาชิกยอดนี้ กดจ่ายอีกครั้ง เงินจะออก|จากยอดค้างจ่ายนั้น",
        "The bank sent it back and the member is owed it: choose Pay again, and it is paid from what is owed",
    ),
    "expired": Text(
        "ไม่มีผู้อนุมัติ หรือส่งออกไม่ได้|ภายในเวลา ทำรายการใหม่|ได้",
        "Nobody approved in time, or it could not leave: a new payment may be made",
    ),
    "waiting_to_send": Text("จะส่งเอง|เมื่อกลับมา|ออนไลน์", "Will be sent when the connection is back"),
}
