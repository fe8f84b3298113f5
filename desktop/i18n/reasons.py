"""Words for the codes that the server and the bank give as reasons: what happened, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop.i18n.text import Text, pick
from shared.bank_codes import Owner, bank_code, one_writing
from shared.refusals import RefusalCode as R
from shared.wire.records import FileProblem

RECONCILIATION: Final[dict[str, tuple[Text, Text]]] = {
    "amount": (
        Text("ยอดธนาคาร|ไม่เท่ากับ|ยอดที่อนุมัติ", "Not the approved amount"),
        Text("แจ้งสำนักงานใหญ่", "Tell head office"),
    ),
    "currency": (Text("ไม่ใช่เงินบาท", "Not in baht"), Text("สอบถามธนาคาร", "Ask the bank")),
    "duplicate": (
        Text("ธนาคาร|บันทึกสองครั้ง", "Booked twice by the bank"),
        Text("ขอให้ธนาคาร|คืนรายการที่เกิน", "Ask the bank to give the second one back"),
    ),
    "undone": (
        Text("มีรายการ|หักกลบแล้ว", "Undone by another line"),
        Text("ไม่ต้องทำอะไร", "Nothing to do"),
    ),
    "unpaid_credit": (
        Text("เงินคืนเข้า แต่ไม่เห็น|เงินออก", "Came back, never seen to leave"),
        Text("ดึง|รายการเดินบัญชี|ที่ขาด หรือสอบถามธนาคาร", "Fetch the missing statement, or ask the bank"),
    ),
    "paid_besides_owed": (
        Text("ธนาคารจ่ายอีก ทั้งที่|สมาชิกรับเงินคืน|ไปแล้ว", "Paid by the bank after its return was given out"),
        Text(
            "ห้ามจ่ายเพิ่ม ยกเลิกการถอน|ที่ยังไม่ส่ง แล้วแจ้ง|สำนักงานใหญ่ทันที",
            "Pay nothing more: cancel what is not sent yet, and tell head office now",
        ),
    ),
    "owed_unproven": (
        Text("สมาชิกรับเงินคืนไปแล้ว แต่หลักฐาน|ถูกพักไว้", "Given out, but its proof was set aside"),
        Text("แจ้งสำนักงานใหญ่ทันที", "Tell head office now"),
    ),
    "not_booked": (
        Text("ระบบลงบัญชี|ไม่ได้", "The books did not take it"),
        Text("อย่าจ่ายเพิ่ม แจ้ง|ผู้ดูแลระบบ|ทันที", "Pay nothing more, and tell the administrator now"),
    ),
    "no_reference": (
        Text("ไม่มี|เลขอ้างอิง", "No reference"),
        Text("เทียบยอด|และเวลากับ|รายการจ่าย", "Compare its amount and time with our payments"),
    ),
    "unknown_reference": (
        Text("ไม่มีรายการจ่าย|เลขนี้", "No payment has this reference"),
        Text("สอบถามธนาคารว่า|เป็นเงินอะไร", "Ask the bank what it is"),
    ),
    "never_accepted": (
        Text("เงินออก|โดยธนาคาร|ไม่ได้ตอบรับ", "Paid without the bank's yes"),
        Text("ห้ามจ่ายซ้ำ แจ้งสำนักงานใหญ่ทันที", "Do not pay again; tell head office now"),
    ),
    "reversed_credit": (
        Text("ธนาคาร|ดึงเงินรับกลับ", "The bank took a credit back"),
        Text("สอบถามธนาคาร", "Ask the bank"),
    ),
    "other_account": (
        Text("อยู่ในบัญชีอื่น|ที่ไม่ได้จ่าย", "On another account than the one that paid"),
        Text("ไม่นับเป็นหลักฐาน|แจ้งสำนักงานใหญ่", "It proves nothing; tell head office"),
    ),
    "awaits_bank_answer": (
        Text("รอคำตอบ|จากธนาคาร", "The bank's answer is awaited"),
        Text("ห้ามจ่ายซ้ำ ระบบ|สอบถามอยู่", "Do not pay again; the bank is being asked"),
    ),
    "day_not_over": (
        Text("รายการเดินบัญชี|วันนี้ยังไม่ออก", "Today's statement is not out"),
        Text("รอถึงพรุ่งนี้", "Wait until tomorrow"),
    ),
    "statement_not_here": (
        Text("รายการเดินบัญชี|วันนั้นยังไม่มา", "That statement is not here"),
        Text("กดดึง|รายการเดินบัญชี", "Fetch the statements"),
    ),
    "not_on_statement": (
        Text("ธนาคารตอบว่าจ่าย แต่ไม่มี|ในรายการ", "Said paid, but not on it"),
        Text("ห้ามจ่ายซ้ำ สอบถามธนาคาร", "Do not pay again; ask the bank"),
    ),
}
"""Reason -> what was found, and what to do."""

FETCH: Final[dict[str, Text]] = {
    "host_key_changed": Text(
        "เครื่องของธนาคาร|แสดงตัวตนใหม่ หยุดรับไฟล์|จนกว่าผู้ดูแลระบบ|จะยืนยันกับธนาคาร",
        "The bank's computer shows another identity: the administrator must confirm it with the bank",
    ),
    "not_judged": Text(
        "เทียบรายการ|กับธนาคารไม่ได้ แจ้งผู้ดูแลระบบ|ทันที", "The lines could not be compared: tell the administrator now"
    ),
    "unreachable": Text("ติดต่อธนาคาร|ไม่ได้ ลองใหม่ภายหลัง", "The bank can't be reached: try again later"),
    "not_admitted": Text(
        "ธนาคาร|ไม่ให้เข้าระบบ แจ้งผู้ดูแลระบบ", "The bank does not let the server in: tell the administrator"
    ),
    "no_directory": Text("ไม่พบโฟลเดอร์|ของธนาคาร แจ้งผู้ดูแลระบบ", "The bank's folder is missing: tell the administrator"),
    "permission": Text("ไม่มีสิทธิ์|อ่านไฟล์ของธนาคาร แจ้งผู้ดูแลระบบ", "No right to read the files: tell the administrator"),
    "interrupted": Text("การรับไฟล์|ขาดตอน กดดึงใหม่", "The transfer broke off: fetch again"),
    "no_checksum_yet": Text("ธนาคาร|ยังส่งไม่ครบ รอแล้วดึงใหม่", "Not complete at the bank yet: fetch again later"),
    "checksum_mismatch": Text(
        "ไฟล์|ไม่ครบถ้วน ดึงใหม่ ถ้ายังเป็นอยู่|ติดต่อธนาคาร", "Damaged on the way: fetch again, then ask the bank"
    ),
    "still_growing": Text("ธนาคาร|กำลังเขียนไฟล์ รอแล้วดึงใหม่", "The bank is still writing it: fetch again later"),
    "too_large": Text("ไฟล์|ใหญ่เกินกำหนด แจ้งผู้ดูแลระบบ", "Larger than allowed: tell the administrator"),
    "unsafe_name": Text("ชื่อไฟล์|ผิดปกติ แจ้งผู้ดูแลระบบ", "A strange file name: tell the administrator"),
    "vanished": Text("ไฟล์หายไป|ระหว่างรับ กดดึงใหม่", "It went away meanwhile: fetch again"),
    "empty": Text("ไฟล์ว่าง ติดต่อธนาคาร", "The file is empty: ask the bank"),
    "not_stored": Text(
        "ระบบเก็บไฟล์นี้ไม่ได้ ไฟล์อื่นไม่ได้รับผลกระทบ แจ้งผู้ดูแลระบบ",
        "The system could not store this file; the others are not affected. Tell the administrator",
    ),
    "not_text": Text("ไฟล์อ่านไม่ได้ ติดต่อธนาคาร", "The file can't be read: ask the bank"),
    "not_a_statement": Text("ไม่ใช่|รายการเดินบัญชี ติดต่อธนาคาร", "Not a statement: ask the bank"),
    "unknown_tag": Text("รูปแบบไฟล์|เปลี่ยนไป แจ้งผู้ดูแลระบบ", "An unknown field in it: tell the administrator"),
    "tag_order": Text("รูปแบบไฟล์|ผิดลำดับ แจ้งผู้ดูแลระบบ", "Its fields are out of order: tell the administrator"),
    "truncated": Text("ไฟล์|ขาดตอน กดดึงใหม่", "The file is cut off: fetch again"),
    "field": Text("ข้อมูลในไฟล์|ผิดรูปแบบ แจ้งผู้ดูแลระบบ", "A field is malformed: tell the administrator"),
    "amount": Text("ยอดเงินในไฟล์|อ่านไม่ได้ ติดต่อธนาคาร", "An amount can't be read: ask the bank"),
    "date": Text("วันที่ในไฟล์|อ่านไม่ได้ ติดต่อธนาคาร", "A date can't be read: ask the bank"),
    "day_not_come": Text(
        "วันที่ในไฟล์|ยังมาไม่ถึง|หรือเป็นปี พ.ศ. ติดต่อธนาคาร",
        "A day in it has not come yet, or its year is a Buddhist one: ask the bank",
    ),
    "currency": Text("สกุลเงินในไฟล์|ไม่ใช่บาท ติดต่อธนาคาร", "Not in baht: ask the bank"),
    "balance": Text("ยอดยกมา|รวมกับรายการ|ไม่เท่ากับยอดยกไป ติดต่อธนาคาร", "Its balances do not add up: ask the bank"),
    "continuity": Text("ยอดยกมา|ไม่ต่อจากหน้าก่อน ติดต่อธนาคาร", "Its pages do not follow on: ask the bank"),
    "duplicate": Text("มีรายการซ้ำ|ในไฟล์ ติดต่อธนาคาร", "A line stands twice in it: ask the bank"),
    "gap": Text("ขาดไฟล์|ของวันก่อนหน้า ขอจากธนาคาร", "An earlier statement is missing: ask the bank for it"),
    "before_last": Text(
        "วันที่เก่ากว่า|รายการล่าสุด|ที่รับแล้ว ติดต่อธนาคาร", "It is older than the last statement taken: ask the bank"
    ),
    "set_aside": Text(
        "สองคน|พักไฟล์นี้ไว้แล้ว|ไม่นับเป็นหลักฐาน", "Two people set it aside: it proves nothing until they take it again"
    ),
    "not_our_account": Text(
        "ไม่ใช่บัญชี|ของบริษัท ไม่นับเป็นหลักฐาน แจ้งผู้ดูแลระบบ",
        "Not an account of ours, so it proves nothing: tell the administrator",
    ),
    "forms_disagree": Text("ไฟล์สองแบบ|ของวันเดียวกัน|ไม่ตรงกัน ติดต่อธนาคาร", "Two files of one day disagree: ask the bank"),
    "altered": Text("ไฟล์ที่รับแล้ว|ถูกส่งมาใหม่|ไม่เหมือนเดิม ติดต่อธนาคาร", "It was sent again with other content: ask the bank"),
}

FAILURE: Final[dict[str, Text]] = {
    "name.mismatch": Text(
        "ชื่อบัญชี|ที่ธนาคาร|ไม่ตรงกับทะเบียน ตรวจสมุดบัญชี|แล้วขอเปลี่ยนบัญชี",
        "The bank knows the account under another name: check the passbook and ask for a bank change",
    ),
    R.SIGNATURE: Text(
        "ลายเซ็น|ไม่ตรงกับ|รายการ จึงไม่ส่งธนาคาร แจ้งผู้ดูแลระบบทันที",
        "The signatures do not fit the payment, so it was not sent: tell the administrator now",
    ),
    "signature.void": Text(
        "ผู้ลงนาม|หรือเครื่องที่ลงนาม|ถูกปิดใช้งานก่อนส่งธนาคาร เงินไม่ได้ออก ทำรายการใหม่|แล้วให้ผู้มีสิทธิ์ลงนาม",
        "A signer or their desk was shut out before it was sent and no money moved: pay anew, and let another one sign",
    ),
    "tier.lifted": Text(
        "ยอดรวมวันนี้ของสมาชิก|หรือบัญชี|ต้องมีผู้ลงนามมากกว่านี้ เงินไม่ได้ออก ทำรายการใหม่",
        "What the member or account gets today needs more signatures and no money moved: pay anew, and let all sign",
    ),
    R.MEMBER_NOT_ACTIVE: Text(
        "สมาชิก|ถูกระงับ|หรือปิดก่อนส่งธนาคาร เงินไม่ได้ออก สอบถามผู้จัดการ",
        "The member was suspended or closed before it was sent and no money moved: ask the manager",
    ),
    R.MEMBER_UNKNOWN: Text(
        "ไม่พบสมาชิกนี้|แล้ว เงินไม่ได้ออก แจ้งผู้ดูแลระบบ",
        "The member is not there any more and no money moved: tell the administrator",
    ),
    R.MEMBER_CHANGED: Text(
        "สมาชิก|มีบัญชีใหม่ก่อนส่งธนาคาร เงินไม่ได้ออก ทำรายการใหม่|ไปบัญชีใหม่",
        "The member has another account by now and no money moved: pay anew, to the new account",
    ),
    R.ACCOUNT_MISSING: Text(
        "สมาชิก|ไม่มีบัญชี|แล้ว เงินไม่ได้ออก ขอเปลี่ยนบัญชี",
        "The member has no account any more and no money moved: ask for a bank change",
    ),
    R.ACCOUNT_UNVERIFIED: Text(
        "ธนาคาร|ไม่ยืนยันบัญชีนี้|แล้ว เงินไม่ได้ออก ตรวจสมุดบัญชี|แล้วขอเปลี่ยนบัญชี",
        "The bank does not confirm the account any more and no money moved: check the passbook, ask for a bank change",
    ),
    R.RECIPIENT_NOT_ACTIVE: Text(
        "ผู้รับโอน|ถูกระงับหรือปิด เงินไม่ได้ออก สอบถามผู้จัดการ",
        "The member that it goes to was suspended or closed and no money moved: ask the manager",
    ),
    "bank.never_paid": Text(
        "ธนาคาร|ไม่รู้จักรายการนี้|และไม่มีในรายการเดินบัญชี ทำรายการใหม่|ได้",
        "The bank does not know it, nor do its statements: it may be paid anew",
    ),
    "file.never_uploaded": Text(
        "ไฟล์จ่ายเงิน|ส่งไม่ถึงธนาคาร|ในเวลา เงินไม่ได้ออก ทำรายการใหม่|ได้",
        "Its file did not reach the bank in time and no money moved: it may be paid anew",
    ),
    "file.refused": Text(
        "ธนาคาร|ไม่รับไฟล์จ่ายเงิน|ทั้งไฟล์ แจ้งผู้ดูแลระบบ", "The bank refused its whole file: tell the administrator"
    ),
}
"""Our own reasons; the bank's stand in shared/bank_codes.py."""


_AFTER_ACCOUNT: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว ตรวจสมุดบัญชี ขอเปลี่ยนบัญชี แล้วกดจ่ายอีกครั้ง",
    "No money moved: check the passbook, ask for a bank change, then choose Pay again",
)
_AFTER_NEW_ACCOUNT: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว สมาชิก|มีบัญชีใหม่แล้ว ตรวจแล้วกดจ่ายอีกครั้ง",
    "No money moved, and the member has a new account: look at it, then choose Pay again",
)
_AFTER_AMOUNT: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว ตรวจจำนวนเงิน แล้วกดจ่ายอีกครั้ง", "No money moved: check the amount, then choose Pay again"
)
_AFTER_MEMBER: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว สอบถามผู้จัดการ|เรื่องสมาชิก แล้วกดจ่ายอีกครั้ง",
    "No money moved: ask the manager about the member, then choose Pay again",
)
_AFTER_SIGNATURE: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว กดจ่ายอีกครั้ง แล้วให้ผู้มีสิทธิ์|ลงนามใหม่",
    "No money moved: choose Pay again and have it signed anew",
)
_AFTER_NOTHING: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว รายการนี้|ไม่มีอะไรผิด กดจ่ายอีกครั้งได้เลย",
    "No money moved and nothing is wrong with it: choose Pay again",
)
_AFTER_HEAD_OFFICE: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว รายการนี้|ไม่มีอะไรผิด แจ้งสำนักงานใหญ่ เมื่อแก้แล้ว กดจ่ายอีกครั้ง",
    "No money moved and nothing is wrong with it: tell head office, and choose Pay again when they have mended it",
)
_AFTER_US: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว แจ้งผู้ดูแลระบบ เมื่อแก้แล้ว กดจ่ายอีกครั้ง",
    "No money moved: tell the administrator, and choose Pay again when it is mended",
)
_AFTER_ASKING: Final = Text(
    "ไม่มีเงิน|เคลื่อนไหว สอบถามธนาคารว่า|เพราะอะไร แล้วกดจ่ายอีกครั้ง",
    "No money moved: ask the bank why, then choose Pay again",
)
_AFTER: Final[dict[str, Text]] = {
    **dict.fromkeys(
        ("name.mismatch", R.ACCOUNT_MISSING, R.ACCOUNT_UNVERIFIED, "114", "125", "176", "182", "order"), _AFTER_ACCOUNT
    ),
    R.MEMBER_CHANGED: _AFTER_NEW_ACCOUNT,
    "113": _AFTER_AMOUNT,
    **dict.fromkeys((R.MEMBER_NOT_ACTIVE, R.MEMBER_UNKNOWN, R.RECIPIENT_NOT_ACTIVE), _AFTER_MEMBER),
    **dict.fromkeys((R.SIGNATURE, "signature.void", "tier.lifted"), _AFTER_SIGNATURE),
    "bank.never_paid": _AFTER_NOTHING,
    **dict.fromkeys(("currency", "route.impossible"), _AFTER_HEAD_OFFICE),
}
"""What only the code itself says; for the others it is whose fault it was."""
_AFTER_OWNER: Final[dict[Owner, Text]] = {
    Owner.PAYER: _AFTER_HEAD_OFFICE,
    Owner.CHANNEL: _AFTER_NOTHING,
    Owner.US: _AFTER_US,
}


def after_failure(code: str) -> str:
    """What to do about a payment that failed for this reason; nothing moved, so it may be paid again."""
    plain = one_writing(code)
    return (_AFTER.get(plain) or _AFTER_OWNER.get(bank_code(plain).owner) or _AFTER_ASKING)()


def unmatched(reason: str) -> str:
    """What was found wrong with a line or a payment, for a list; empty when it is matched."""
    words = RECONCILIATION.get(reason)
    return reason if words is None else words[0]()


def advice(reason: str) -> str:
    """What to do about it."""
    words = RECONCILIATION.get(reason)
    return "" if words is None else words[1]()


def fetch(problems: Sequence[FileProblem]) -> str:
    """A fetch's problems, each with its file."""
    return "; ".join(f"{one.name}: {file(one.problem, one.line)}".removeprefix(": ") for one in problems)


def file(problem: str, line: int) -> str:
    """What is wrong with a file, and in which line."""
    words = FETCH[problem]() if problem in FETCH else problem
    return f"{words}{pick(f' (บรรทัด {line})', f' (line {line})')}" if line else words


def failure(code: str, text: str) -> str:
    """Why a payment failed, with the bank's own code and words behind it so that a person can ask about it."""
    if not code:
        return text
    row = bank_code(code)
    words = FAILURE[code]() if code in FAILURE else pick(row.thai, row.english[:1].upper() + row.english[1:])
    own = "." in code
    return words if own else f"{words} ({' '.join(part for part in (code, text) if part)})"
