"""The settings screen and what it says about the desk."""

from __future__ import annotations

from desktop.i18n.text import Text

LOOK = Text("การแสดงผล", "Appearance")
LANGUAGE = Text("ภาษา", "Language")
THAI = Text("ไทย", "Thai")
ENGLISH = Text("อังกฤษ", "English")
THEME = Text("โทนสี", "Colours")
SYSTEM = Text("ตามเครื่อง", "As the system")
LIGHT = Text("สว่าง", "Light")
DARK = Text("มืด", "Dark")
TEXT_SIZE = Text("ขนาดตัวอักษร", "Text size")
DESK = Text("เครื่องนี้", "This desk")
SERVER = Text("เซิร์ฟเวอร์", "Server")
DEVICE = Text("รหัสเครื่อง", "Device id")
PROFILE = Text("โฟลเดอร์|โปรไฟล์", "Profile folder")
PERSON = Text("ผู้ใช้", "Signed in")
SIGN_OUT = Text("ออกจากระบบ", "Sign out")
LOCK = Text("ล็อกหน้าจอ (F12)", "Lock (F12)")
ABOUT = Text("เกี่ยวกับ", "About")
ABOUT_WORDS = Text(
    "ระบบจ่ายเงิน|สมาชิกสหกรณ์ ทุกรายการ|มีผู้ทำ ผู้อนุมัติ และหลักฐาน|จากธนาคาร",
    "Pays the members of a cooperative: every payment has a maker, an approver and the bank's evidence.",
)
VERSION = Text("รุ่น", "Version")
LICENCES = Text("สัญญาอนุญาต", "Licences")
LICENCE_WORDS = Text("สัญญาอนุญาต Apache-2.0", "Licensed under Apache-2.0")
