"""The shell: navigation, top bar, sync pill, status strip, roles."""

from __future__ import annotations

from desktop.i18n.text import Text, pick

PRODUCT = Text("Sheaf", "Sheaf")
DASHBOARD = Text("ภาพรวม", "Dashboard")
MEMBERS = Text("สมาชิก", "Members")
DISBURSEMENTS = Text("การจ่ายเงิน", "Disbursements")
NEW_PAYMENT = Text("จ่ายเงินใหม่", "New payment")
BATCH = Text("นำเข้าชุดจ่าย", "Batch import")
APPROVALS = Text("รออนุมัติ", "Approvals")
BANK_CHANGES = Text("เปลี่ยนบัญชี", "Bank changes")
STATEMENTS = Text("รายการเดินบัญชี", "Statements")
RECONCILIATION = Text("กระทบยอด", "Reconciliation")
FUNDING = Text("เติมเงินสาขา", "Funding")
SYNC = Text("การซิงก์", "Sync")
SETTINGS = Text("ตั้งค่า", "Settings")

ROLE_CASHIER = Text("เจ้าหน้าที่การเงิน", "Cashier")
ROLE_MANAGER = Text("ผู้จัดการสาขา", "Branch manager")
ROLE_TREASURER = Text("เหรัญญิก สำนักงานใหญ่", "Head-office treasurer")
ROLE_AUDITOR = Text("ผู้ตรวจสอบ", "Auditor")
ROLE_ADMINISTRATOR = Text("ผู้ดูแลระบบ", "Administrator")

NAVIGATION = Text("เมนูหลัก", "Main menu")
LANGUAGE_BUTTON = Text("ไทย / EN", "EN / ไทย")
SWITCH_LANGUAGE = Text("เปลี่ยนเป็นภาษาอังกฤษ", "Switch to Thai")
SWITCH_TO_DARK = Text("ใช้โทนมืด", "Use dark colours")
SWITCH_TO_LIGHT = Text("ใช้โทนสว่าง", "Use light colours")
SYNC_STATE = Text("สถานะการซิงก์", "Sync state")


def notifications(count: int) -> str:
    """The bell's name."""
    return pick(f"การแจ้งเตือน {count} รายการ", f"Notifications: {count}")


def badge(title: str, count: int) -> str:
    """A nav entry's accessible name when something waits there."""
    return pick(f"{title} {count} รายการ", f"{title}, {count} waiting")


def online(time: str) -> str:
    """Sync pill; `time` is HH:MM:SS of the last pull."""
    return pick(f"ออนไลน์ · ข้อมูลล่าสุด {time}", f"Online · data as of {time}")


def syncing(done: str, total: str) -> str:
    """Sync pill while pulling."""
    return pick(f"กำลังซิงก์ {done}/{total}", f"Syncing {done}/{total}")


def offline(queued: int) -> str:
    """Sync pill without a connection."""
    if queued == 0:
        return pick("ออฟไลน์", "Offline")
    return pick(f"ออฟไลน์ · ค้างส่ง {queued} รายการ", f"Offline · {queued} to send")


SIGN_IN_AGAIN = Text("ต้องเข้าสู่ระบบใหม่", "Sign in again")


def attention(count: int) -> str:
    """Sync pill when the outbox has answers a person must read."""
    return pick(f"ต้องดู {count} รายการ", f"{count} need attention")


def offline_banner(since: str) -> str:
    """The bar under the top bar; `since` is HH:MM."""
    from_th, from_en = (f"ตั้งแต่ {since}", f" since {since}") if since else ("", "")
    return pick(
        f"ไม่มีสัญญาณ{from_th} · บันทึก|รายการใหม่ได้ ระบบจะส่งให้เอง|เมื่อกลับมา|ออนไลน์ · การอนุมัติ|ต้องออนไลน์",
        f"No connection{from_en} · new payments are kept and sent when it is back · approvals need a connection",
    )


def see_queue(count: int) -> str:
    """Button on the offline banner."""
    return pick(f"ดูรายการค้างส่ง ({count})", f"See unsent ({count})")
