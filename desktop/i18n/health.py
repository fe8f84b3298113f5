"""What must be well: the page, its panel on the home page, levels and who can put it right."""

from __future__ import annotations

from desktop.i18n.text import Text, pick

TITLE = Text("สุขภาพระบบ", "System health")
ALL_WELL = Text("ทุกอย่าง|เรียบร้อย", "Everything is well")
NOTHING_YET = Text("ยังไม่ได้|รับข้อมูล|จากเซิร์ฟเวอร์", "Nothing was heard of the server yet")
SHOW_ALL = Text("ดูทั้งหมด", "Show all")
AGAIN = Text("ตรวจอีกครั้ง", "Look again")
SHOW_LESS = Text("ย่อ", "Show less")
WELL_TITLE = Text("เรียบร้อย", "Well")

LEVELS = {
    "bad": Text("ต้องแก้ทันที", "Act now"),
    "unknown": Text("ไม่ทราบ", "Not known"),
    "warns": Text("ควรแก้", "Act soon"),
    "well": Text("เรียบร้อย", "Well"),
}
_FIXERS = {
    "caller": Text("ผู้ทำรายการ", "whoever made the payment"),
    "manager": Text("ผู้จัดการสาขา", "the branch manager"),
    "treasurer": Text("เหรัญญิก สำนักงานใหญ่", "the head-office treasurer"),
    "administrator": Text("ผู้ดูแลระบบ", "an administrator"),
    "operator": Text("ผู้ดูแลเซิร์ฟเวอร์", "whoever looks after the server"),
}


def counts(unwell: int, well: int) -> str:
    """Above the list."""
    return pick(f"ต้องดูแล {unwell} · เรียบร้อย {well}", f"{unwell} to look at · {well} well")


def since(moment: str, fixer: str) -> str:
    """Below a finding: since when, and who can put it right; each only where it is known."""
    who = _FIXERS[fixer]() if fixer in _FIXERS else ""
    parts = [
        pick(f"ตั้งแต่ {moment}", f"since {moment}") if moment else "",
        pick(f"ผู้แก้: {who}", f"put right by {who}") if who else "",
    ]
    return " · ".join(part for part in parts if part)


def as_of(moment: str) -> str:
    """How old the server's word is."""
    return pick(f"ข้อมูลเมื่อ {moment}", f"As of {moment}")


def more(count: int) -> str:
    """What the short list leaves out."""
    return pick(f"และอีก {count}", f"and {count} more")
