"""The gate: signing in, unlocking, the key's PIN, enrolling a new desk, and why it does not work."""

from __future__ import annotations

from desktop.i18n.text import Text, pick

WELCOME = Text("เข้าสู่ระบบ", "Sign in")
TAGLINE = Text(
    "สิ่งที่คุณอนุมัติ|คือสิ่งที่|จ่ายจริง ครั้งเดียว เข้าบัญชี|ที่คุณเห็น", "What you approved is what was paid, once, to the account you saw."
)
USERNAME = Text("ชื่อผู้ใช้", "User name")
PASSWORD = Text("รหัสผ่าน", "Password")
SIGN_IN = Text("เข้าสู่ระบบ", "Sign in")
UNLOCK_TITLE = Text("หน้าจอล็อกอยู่", "The desk is locked")
UNLOCK_HINT = Text("งานที่|พิมพ์ค้างไว้|ยังอยู่ครบ", "What you were typing is still here")
ENDED_TITLE = Text("ต้องเข้าสู่ระบบใหม่", "Sign in again")
ENDED_HINT = Text(
    "เซิร์ฟเวอร์|สิ้นสุด|การเข้าใช้นี้แล้ว งานที่|พิมพ์ค้างไว้|ยังอยู่ครบ", "The server ended this session; your work is still here"
)
UNLOCK = Text("ปลดล็อก", "Unlock")
OTHER_PERSON = Text("เปลี่ยนผู้ใช้", "Another person")
PIN_TITLE = Text("เปิดกุญแจ|ของเครื่องนี้", "Open this desk's key")
PIN_HINT = Text("กุญแจ|อยู่ในไฟล์|ที่ล็อกด้วย PIN", "The key is in a file that a PIN locks")
PIN = Text("PIN ของเครื่อง", "The desk's PIN")
PIN_AGAIN = Text("ใส่ PIN อีกครั้ง", "Type the PIN again")
NEW_PIN_TITLE = Text("ตั้ง PIN ของเครื่องนี้", "Choose this desk's PIN")
NEW_PIN_HINT = Text(
    "เครื่องนี้|ไม่มีพวงกุญแจ|ของระบบ กุญแจ|จึงเก็บเป็นไฟล์|ที่ล็อกด้วย PIN อย่างน้อย 6 ตัว",
    "This machine has no keyring, so the key is kept in a file that a PIN of at least 6 characters locks",
)
PIN_WRONG = Text("PIN ไม่ถูกต้อง", "The PIN is wrong")
PIN_SHORT = Text("PIN ต้องมี|อย่างน้อย 6 ตัว", "At least 6 characters")
PIN_DIFFERS = Text("PIN สองช่อง|ไม่ตรงกัน", "The two PINs differ")
KEY_DAMAGED = Text("ไฟล์กุญแจเสียหาย ติดต่อ|ผู้ดูแลระบบ", "The key file is damaged; ask the administrator")
OPEN = Text("เปิด", "Open")
ENROL_TITLE = Text("ลงทะเบียน|เครื่องนี้", "Enrol this desk")
ENROL_HINT = Text(
    "ขอรหัส|ใช้ครั้งเดียว|จากสำนักงานใหญ่ แล้วอ่าน|ลายพิมพ์กุญแจ|ให้ปลายสาย|ตรวจว่าตรงกัน",
    "Ask head office for a one-time code, then read the fingerprint aloud so that they can compare it",
)
SERVER = Text("ที่อยู่เซิร์ฟเวอร์", "Server address")
CODE = Text("รหัสลงทะเบียน", "Enrolment code")
DEVICE_NAME = Text("ชื่อเครื่อง", "Name of this desk")
ENROL = Text("ลงทะเบียน", "Enrol")
ENROLLED = Text("ลงทะเบียนแล้ว รอ|สำนักงานใหญ่|อนุมัติเครื่องนี้", "Enrolled. Head office must now approve this desk.")
FINGERPRINT = Text("ลายพิมพ์กุญแจ", "Key fingerprint")
KEY_STORE = Text("ที่เก็บกุญแจ", "Key store")
KEYRING = Text("พวงกุญแจของระบบ", "System keyring")
KEY_FILE = Text("ไฟล์|ที่ล็อกด้วย PIN", "PIN-locked file")
NEW_DEVICE = Text("ลงทะเบียน|เครื่องใหม่", "Enrol as a new desk")
BACK = Text("กลับ", "Back")
NO_ANSWER = Text(
    "ติดต่อเซิร์ฟเวอร์ไม่ได้ ตรวจสายหรือไวไฟ แล้วลองใหม่", "The server cannot be reached. Check the network and try again."
)
DEVICE_UNKNOWN = Text(
    "เซิร์ฟเวอร์|ไม่รับเครื่องนี้ อาจรอ|การอนุมัติ หรือถูกเพิกถอน|สิทธิ์แล้ว",
    "The server does not accept this desk: it waits for approval, or it was shut out",
)
DEVICE_PROOF = Text(
    "ลายเซ็น|ของเครื่อง|ใช้ไม่ได้ ตรวจนาฬิกา|ของเครื่องนี้", "The desk's proof was refused. Check this machine's clock."
)


def clock_wrong(minutes: str) -> str:
    """The machine's clock is off by so many minutes; the server's time is used."""
    return pick(
        f"นาฬิกา|เครื่องนี้ผิดไป {minutes} นาที ระบบใช้เวลา|ของเซิร์ฟเวอร์แทน",
        f"This machine's clock is {minutes} min wrong; the server's time is used",
    )
