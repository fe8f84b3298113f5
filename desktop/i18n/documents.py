"""Scanned documents: the list, the viewer, what went wrong."""

from __future__ import annotations

from desktop.i18n.text import Text, pick

TITLE = Text("เอกสาร", "Documents")
OPEN = Text("เปิดดู", "Open")
AGAIN = Text("ดูอีกครั้ง", "Open again")
READ = Text("เปิดดูแล้ว", "Read")
NOT_READ = Text("ยังไม่ได้เปิด", "Not read yet")
REMOVE = Text("เอาออก", "Remove")
USED_ELSEWHERE = Text("เคยใช้กับ|สมาชิกอื่น", "Used for another member")
ZOOM_IN = Text("ขยาย", "Zoom in")
ZOOM_OUT = Text("ย่อ", "Zoom out")
UNREADABLE = Text("เปิดรูปนี้ไม่ได้ ไฟล์|อาจเสีย", "This picture cannot be shown; the file may be damaged")
OUTSIDE = Text(
    "ไฟล์ PDF เปิดด้วย|โปรแกรมอื่น|ในเครื่อง ระวัง|ลิงก์|ในเอกสาร และปิดเมื่ออ่านเสร็จ",
    "A PDF opens in another program. Follow no link in it, and close it when you have read it.",
)
OPEN_OUTSIDE = Text("เปิดด้วย|โปรแกรมอื่น", "Open in another program")
KEPT = Text("เก็บไว้ใน|โฟลเดอร์ส่วนตัว|ของเครื่องนี้", "Kept in this desk's private folder")


def fingerprint(size: str, tail: str) -> str:
    """Size and the last letters of the document's SHA-256."""
    return pick(f"{size} · ลายพิมพ์ …{tail}", f"{size} · fingerprint …{tail}")


def size(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1_048_576:.1f} MB" if count >= 1_048_576 else f"{max(1, count // 1024):,} KB"
