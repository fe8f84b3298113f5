"""After a restore: what is missing here, and two people's consent to go on."""

from __future__ import annotations

from desktop.i18n.text import Text, counted, pick

TITLE = Text("หลังกู้คืน|ข้อมูล", "After a restore")
ASKED = Text("จ่ายเงินต่อ|หลังกู้คืนข้อมูล", "Let payments go on after a restore")
CALM = Text("ไม่มีอะไรบอกว่า|ฐานข้อมูลนี้|เก่ากว่าที่จ่ายไปแล้ว", "Nothing says that this database is behind")
BEHIND = Text(
    "หยุดจ่ายเงินทั้งหมด: ฐานข้อมูลนี้|เก่ากว่าที่จ่ายไปแล้ว", "All payments stand still: this database is older than what was paid"
)
COMPARE = Text(
    "ขั้นต่อไป: ดึงรายการเดินบัญชี|ให้ครบ แล้วให้|ผู้ดูแลเซิร์ฟเวอร์|รัน sheaf restore compare",
    "Next: fetch the statements since the backup; then whoever looks after the server runs sheaf restore compare",
)
PROPOSE_NEXT = Text(
    "ขั้นต่อไป: ผู้ดูแลระบบ|หรือเหรัญญิก|ตรวจรายการด้านล่าง|แล้วเสนอ อีกคนลงนาม",
    "Next: an administrator or a treasurer reads what is listed below and proposes; another person signs",
)
SIGN_NEXT = Text(
    "ขั้นต่อไป: เหรัญญิก|ที่ไม่ใช่ผู้เสนอ|ตรวจและลงนาม", "Next: a treasurer who has not proposed it reviews and signs"
)
STALE_NEXT = Text(
    "พบข้อมูลเพิ่ม|หรือมีการเปรียบเทียบใหม่|หลังจากข้อเสนอนี้: ลงนามไม่อนุมัติ แล้วเปรียบเทียบ|และเสนอใหม่",
    "More was found, or compared anew, since this proposal: reject it, compare again, and propose what is found then",
)
AGREED_NEXT = Text(
    "สองคนเห็นชอบแล้ว: ระบบกำลัง|ถามธนาคาร|ทุกรายการที่สั่งจ่ายไปแล้ว แล้วจ่ายต่อเอง",
    "Two people have agreed: an executor asks the bank about what was sent, and payments go on by themselves",
)
MEANS = Text(
    "เมื่อสองคนเห็นชอบ รายการที่ส่งไปแล้ว|จะถูกถามธนาคารก่อน ไม่ส่งซ้ำ และการจ่าย|จะเดินต่อ รายการที่ระบบนี้ไม่รู้จัก|คนต้องตรวจสอบเอง "
    "ที่ยังไม่ลงนาม|ต้องลงนามใหม่",
    "With two people's consent what went to the bank is asked about and never sent again, and payments go on. "
    "What is not known here at all stays for people to find out; what is unsigned here they sign again.",
)
PROPOSE = Text("เสนอให้จ่ายต่อ…", "Propose to go on…")
PROPOSE_NOW = Text("เสนอให้จ่ายต่อ", "Propose to go on")
PROPOSED = Text("เสนอแล้ว รออีกคนลงนาม", "Proposed; another person has to sign")
SIGN = Text("ตรวจและลงนาม", "Review and sign")
NOT_COMPARED = Text("ต้องเปรียบเทียบก่อน", "It has to be compared first")
NOTHING_STOPS = Text("ไม่มีการหยุดจ่าย", "Nothing stands still")
SETTLING = Text("สองคนเห็นชอบแล้ว", "Two people have agreed")

RECORDS = Text("การเปรียบเทียบ|และข้อเสนอ", "Comparisons and proposals")
NO_RECORDS = Text("ยังไม่เคยมี|การกู้คืน", "There was no restore yet")
NO_RECORDS_HINT = Text(
    "เมื่อกู้คืนข้อมูล|แล้วเปรียบเทียบ ผลจะอยู่ที่นี่", "When a backup was restored and compared, what is missing shows here"
)
PAYMENTS = Text("รายการที่ขาด|หรือยังไม่จ่ายในระบบนี้", "Payments that are missing or unpaid here")
NONE_MISSING = Text("ไม่มีรายการขาด", "Nothing is missing")
NONE_MISSING_HINT = Text("ไม่พบรายการ|ที่ธนาคารรู้|แต่ระบบนี้ไม่รู้", "Nobody knows of a payment that is not paid here")
STATE_HEAD = Text("สถานะ", "State")
MADE = Text("เปรียบเทียบเมื่อ", "Compared")
MAKER = Text("ผู้เสนอ", "Proposed by")
THEN = Text("ต้องทำอะไร", "What becomes of it")
AMOUNT = Text("จำนวนเงิน", "Amount")
TOTAL = Text("ยอดรวม", "Total")
HERE = Text("ในระบบนี้", "Here")
BANK = Text("ธนาคารบอกว่า", "The bank says")
NUMBER = Text("เลขที่", "Number")
PAYEE = Text("ผู้รับ", "Payee")
BRANCH = Text("สาขา", "Branch")
FOUND_BY = Text("พบจาก", "Found by")
REFERENCE = Text("อ้างอิงธนาคาร", "The bank's reference")
COUNT = Text("รายการที่ขาด", "Payments missing")
FOR_PEOPLE = Text("คนต้องจัดการเอง", "For people")
WHO_SAYS = Text("ใครพบ", "Who says so")
REPORT = Text("ลายพิมพ์รายงาน", "The report's digest")
UNKNOWN = Text("ไม่ทราบ", "Not known")

STATE = {
    "compared": Text("เปรียบเทียบแล้ว", "Compared"),
    "requested": Text("รอลงนาม", "To be signed"),
    "approved": Text("เห็นชอบแล้ว", "Agreed"),
    "settled": Text("จ่ายต่อแล้ว", "Went on"),
    "rejected": Text("ไม่อนุมัติ", "Rejected"),
    "expired": Text("หมดอายุ", "Expired"),
}
_HERE = {
    "absent": Text("ไม่รู้จัก", "Not known"),
    "unsigned": Text("ยังไม่ลงนาม", "Not signed"),
    "unsent": Text("ยังไม่ส่ง", "Not sent"),
    "ended": Text("จบโดยไม่จ่าย", "Ended unpaid"),
}
_BANK = {
    "paid": Text("จ่ายแล้ว", "Paid"),
    "not_paid": Text("ไม่ได้จ่าย", "Not paid"),
    "unknown": Text("ไม่รู้จัก", "Not known"),
    "no_answer": Text("ไม่ตอบ", "No answer"),
    "open": Text("กำลังดำเนินการ", "Under way"),
    "": Text("ไม่ได้ถาม", "Not asked"),
}
_FOUND_BY = {
    "file": Text("แฟ้มตัวส่งเงิน", "Executor's file"),
    "statement": Text("รายการเดินบัญชี", "Statement"),
    "callback": Text("ธนาคารแจ้งกลับ", "The bank's call"),
}
_WITNESS = {
    "position": Text("แฟ้มตัวส่งเงิน", "an executor's file"),
    "history": Text("แฟ้มตัวส่งเงิน", "an executor's file"),
    "no_file": Text("แฟ้มตัวส่งเงิน|หายไป", "an executor's file is gone"),
    "damaged_file": Text("แฟ้มตัวส่งเงิน|เสีย", "an executor's file is damaged"),
    "desk": Text("เครื่องสาขา", "a desk"),
    "person": Text("มีผู้แจ้ง", "a person"),
}
_THEN = {
    "people": Text("คนต้องตรวจสอบ", "People find out"),
    "asked": Text("ระบบถามธนาคาร", "The bank is asked"),
    "sign": Text("ต้องลงนามใหม่", "Sign it again"),
    "explained": Text("ทราบผลแล้ว", "Explained"),
}


def here(code: str) -> str:
    """How a payment stands in this database."""
    return _HERE.get(code, UNKNOWN)()


def bank(code: str) -> str:
    """What the bank said of it."""
    return _BANK.get(code, UNKNOWN)()


def found_by(code: str) -> str:
    """Who knows of it."""
    return _FOUND_BY.get(code, UNKNOWN)()


def then(code: str) -> str:
    """What becomes of it."""
    return _THEN.get(code, UNKNOWN)()


def witnesses(kinds: str) -> str:
    """Who stops the payments, of the kinds that a sheet lists with commas."""
    said = [_WITNESS.get(kind, UNKNOWN)() for kind in kinds.split(", ") if kind]
    return ", ".join(dict.fromkeys(said)) or UNKNOWN()


def summary(count: int, total: str, exceptions: int) -> str:
    """How much is missing, above the list."""
    return pick(
        f"{count:,} รายการ · {total} บาท · คนต้องจัดการ {exceptions:,}",
        f"{counted(f'{count:,}', 'payment', 'payments')} · {total} THB · {exceptions:,} for people",
    )


def first_of(shown: int) -> str:
    """That the list leaves some out."""
    return pick(
        f"แสดง {shown:,} รายการแรก ทั้งหมดอยู่ในไฟล์รายงาน", f"The first {shown:,}; the report's file has all of them"
    )


def payment(reference: str, number: str, branch: str, finder: str) -> str:
    """What a person needs to find one out: columns have no room for all of it on a small screen."""
    told = ((REFERENCE, reference), (NUMBER, number), (BRANCH, branch), (FOUND_BY, finder and found_by(finder)))
    return " · ".join(f"{title()}: {value}" for title, value in told if value)


def because(reason: str, moment: str) -> str:
    """Who says that something is missing, in the server's words, and since when."""
    told = (pick(f"เพราะ{reason}", f"Because {reason}") if reason else "", since(moment) if moment else "")
    return " · ".join(part for part in told if part)


def since(moment: str) -> str:
    """From when on."""
    return pick(f"ตั้งแต่ {moment}".strip(), f"since {moment}".strip())


def proposed(maker: str, reason: str) -> str:
    """Who proposes it, and why."""
    who_th, who_en = maker or "มีผู้", maker or "Somebody"
    why = f": {reason}" if reason else ""
    return pick(f"{who_th} เสนอให้จ่ายต่อ{why}", f"{who_en} proposes to go on{why}")


def left(count: int) -> str:
    """What the last restore has left for people."""
    return pick(
        f"การกู้คืนครั้งล่าสุด|ยังเหลือ {count:,} รายการ|ที่คนต้องตรวจสอบ|หรือลงนามใหม่",
        f"The last restore has left {counted(f'{count:,}', 'payment', 'payments')} to find out or to sign again",
    )


def compared_at(at: str) -> str:
    """As the title of a sheet: which comparison."""
    return pick(f"ผลเปรียบเทียบเมื่อ {at}", f"The comparison of {at}") if at else ASKED()
