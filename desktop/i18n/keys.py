"""Names of the desk's actions, as the key list and the command palette show them."""

from __future__ import annotations

from desktop.i18n.text import Text

KEY_LIST = Text("แสดงปุ่มลัด", "Show the keys")
NEW_PAYMENT = Text("จ่ายเงินใหม่", "New payment")
FIND_MEMBER = Text("ค้นหาสมาชิก", "Find a member")
APPROVALS = Text("รายการรออนุมัติ", "Approvals")
SHOW_NEW = Text("รีเฟรช / แสดงรายการใหม่", "Refresh / show new rows")
NEXT_PANE = Text("ไปส่วนถัดไปของหน้าจอ", "Next pane")
BATCH = Text("นำเข้าชุดจ่าย", "Batch import")
PRINT_VOUCHER = Text("พิมพ์ใบสำคัญ", "Print the voucher")
SYNC_NOW = Text("ซิงก์เดี๋ยวนี้", "Sync now")
DASHBOARD = Text("ภาพรวม", "Dashboard")
LOCK = Text("ล็อกหน้าจอ", "Lock the desk")
PALETTE = Text("เปิดกล่องคำสั่ง", "Open the command palette")
SEARCH = Text("ค้นหาในหน้านี้", "Search this page")
SUBMIT = Text("ส่งแบบฟอร์ม", "Submit the form")
PAY_AGAIN = Text("จ่ายรายการนี้อีกครั้ง", "Pay this one again")
UNDO = Text("เลิกทำ (ภายในเวลาที่กำหนด)", "Undo (within the window)")
MOVE = Text("เลื่อนแถว", "Move between rows")
MARK = Text("เลือกแถว", "Mark a row")
OPEN = Text("เปิดรายการ", "Open")
BACK = Text("กลับโดยไม่มีผลใด ๆ", "Back, without effect")
TOGGLE_DARK = Text("สลับโทนสว่าง/มืด", "Switch light/dark")
TOGGLE_LANGUAGE = Text("สลับภาษาไทย/อังกฤษ", "Switch Thai/English")
GO_TO = Text("ไปที่", "Go to")
