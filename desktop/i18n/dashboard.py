"""The dashboard: figures, the chart of days, what to do, branches."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

PAID_TODAY = Text("จ่ายสำเร็จวันนี้", "Paid today")
WAITING = Text("ยังไม่เสร็จสิ้น", "Under way")  # from submission until it is paid or ends: approved ones, too
REFUSED = Text("จ่ายไม่สำเร็จวันนี้", "Failed today")
UNRECONCILED = Text("ไม่ตรงกับธนาคาร", "Differs from the bank")
UNRECONCILED_NOTE = Text("ผลกระทบยอด|ที่ต้องตรวจ", "results of reconciliation to look at")
AVAILABLE = Text("เงินพร้อมจ่าย", "Available to pay")
CHART = Text("ยอดจ่ายรายวัน (ล้านบาท)", "Paid per day (million THB)")
CHART_SMALL = Text("ยอดจ่ายรายวัน (พันบาท)", "Paid per day (thousand THB)")
LEGEND_PAID = Text("จ่ายสำเร็จ", "Paid")
LEGEND_WAITING = Text("รอ", "Waiting")
LEGEND_RETURNED = Text("คืน", "Returned")
TO_DO = Text("ต้องทำตอนนี้", "To do now")
NOTHING_TO_DO = Text("ไม่มีงานค้าง", "Nothing waits")
NOTHING_TO_DO_HINT = Text("รายการ|ที่ต้องดูแล|จะขึ้นที่นี่", "Whatever needs you will show here")
NO_DAYS = Text("ยังไม่มีรายการ", "No payments yet")
NO_DAYS_HINT = Text("กราฟ|จะเริ่มเมื่อมี|การจ่ายครั้งแรก", "The chart begins with the first payment")
BRANCHES = Text("สาขา", "Branches")
BRANCH = Text("สาขา", "Branch")
POSTED = Text("เงินในบัญชี", "In account")
HELD = Text("กันไว้", "Held")
TRANSIT = Text("ระหว่างทาง", "In transit")
WAITING_COUNT = Text("ยังไม่เสร็จ", "Under way")
TASK_APPROVE = Text("รายการรออนุมัติ", "Approve payments")
TASK_FAILED = Text("ดูรายการที่จ่ายไม่สำเร็จ", "Look at what was not paid")
TASK_DOUBT = Text("ไม่ทราบผล — ห้ามจ่ายซ้ำ", "Outcome unknown — do not repeat")
TASK_CHANGES = Text("คำขอเปลี่ยนบัญชี", "Bank changes to check")
TASK_DRAFTS = Text("ร่างที่ค้างไว้", "Drafts left open")
TASK_ATTENTION = Text("เซิร์ฟเวอร์ส่งกลับ ต้องแก้", "Sent back to you")
TASK_QUEUE = Text("รอส่งเมื่อออนไลน์", "Waiting to send")


_CHANNELS = {
    "scb": Text("ธนาคาร SCB", "the bank's API"),
    "scb_file": Text("ไฟล์ของ SCB", "the bank's files"),
    "internal": Text("บัญชีภายใน", "our own books"),
}
_FIXERS = {
    "caller": Text("ผู้ทำรายการ", "whoever made the payment"),
    "manager": Text("ผู้จัดการสาขา", "the branch manager"),
    "treasurer": Text("เหรัญญิก สำนักงานใหญ่", "the head-office treasurer"),
    "administrator": Text("ผู้ดูแลระบบ", "an administrator"),
    "operator": Text("ผู้ดูแลเซิร์ฟเวอร์", "whoever looks after the server"),
}


def channel_alarm(channel: str, reason: str, fixer: str) -> str:
    """Why signed payments do not leave, and who can put it right."""
    name = _CHANNELS[channel]() if channel in _CHANNELS else channel
    who = _FIXERS.get(fixer, _FIXERS["operator"])()
    why = f": {reason}" if reason else ""
    return pick(
        f"จ่าย{f'ทาง{name} ' if name else ''}ยังไม่ได้{why} ผู้ที่แก้ได้คือ{who}",
        f"Nothing leaves{f' by {name}' if name else ''}{why}. It can be put right by {who}.",
    )


def channel_waits(count: str, total: str, expires: str) -> str:
    """What waits, that it needs nothing more, and until when."""
    return pick(
        f"รอ {count} รายการ {total} บาท ไม่ต้องทำซ้ำ จะจ่ายเองเมื่อใช้ได้"
        + (f" การอนุมัติแรกหมดอายุ {expires}" if expires else ""),
        f"{counted(count, 'payment waits', 'payments wait')}, {total} THB: make none anew, they are paid when it"
        " works again." + (f" The first approval runs out {expires}." if expires else ""),
    )


def count(number: str) -> str:
    """Below a figure."""
    return pick(f"{number} รายการ", counted(number, "payment", "payments"))


def count_oldest(number: str, age: str) -> str:
    """Below the figure of what waits."""
    return pick(f"{number} รายการ · เก่าสุด {age}", f"{counted(number, 'payment', 'payments')} · oldest {age}")


def age(minutes: int) -> str:
    """A short age."""
    if minutes < 60:
        return pick(f"{minutes} นาที", f"{minutes} min")
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return pick(f"{hours} ชม. {rest} นาที", f"{hours} h {rest} min")
    return pick(f"{hours // 24} วัน", f"{hours // 24} days")


def as_of(time: str) -> str:
    """Numbers that could not be read anew."""
    return pick(f"ตัวเลขของ {time}", f"Figures of {time}")


def spoken_chart(days: int, total: str) -> str:
    """The chart in a sentence."""
    return pick(f"{days} วันล่าสุด จ่ายรวม {total} บาท", f"Last {days} days, {total} THB paid in all")
