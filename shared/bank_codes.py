"""Whose fault each of the bank's codes is, what it proves and who can put it right: every code once, for both sides.

Sources: the bank's published tables of generic, downstream and legacy codes. One of them writes the legacy family with
an `H` in front; both writings are one code. What stands in no row belongs to nobody we know: it proves nothing.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec


class Owner(StrEnum):
    """Whose fault a code is.

    payment: this one alone, so it fails. payer, channel, us: every other payment would fare alike, so the lane waits.
    unknown: it proves nothing. none: nobody's, all is well.
    """

    PAYMENT = "payment"
    PAYER = "payer"
    CHANNEL = "channel"
    US = "us"
    UNKNOWN = "unknown"
    NONE = "none"

    @property
    def may_hold(self) -> bool:
        """Whether the payment itself is sound."""
        return self in (Owner.PAYER, Owner.CHANNEL, Owner.US)


class Verdict(StrEnum):
    """What an answer says about the call that it answers."""

    DONE = "done"
    FAULTY = "faulty"
    """The request was wrong; not executed."""
    BUSINESS = "business"
    """Refused for the legacy code that comes with it; not executed."""
    HINT = "hint"
    """The same for a legacy code that is not published for this call: at confirm it only says where to look."""
    DUPLICATE = "duplicate"
    """The bank has it already, or thinks so: what became of it, only a question about it can say."""
    NOT_THERE = "not_there"
    NEW_TOKEN = "new_token"
    STOP = "stop"
    """Keys, certificate or rights: not executed, and nothing else will be."""
    UNAVAILABLE = "unavailable"
    """Passes by itself: the channel's breaker counts it, and one alone holds nothing up."""
    UNKNOWN = "unknown"


class BankCode(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `alone`: a payment that meets it again although others got through meanwhile is at fault itself."""

    owner: Owner
    verdict: Verdict
    fixer: str
    english: str
    thai: str
    alone: bool = False

    @property
    def holds_the_lane(self) -> bool:
        """Whether every other payment would fare alike, and this one is sound: all of them wait."""
        return self.owner.may_hold and self.verdict is not Verdict.UNAVAILABLE

    @property
    def spares_the_payment(self) -> bool:
        """Whether nothing is wrong with the payment itself: it may be sent again once nothing has surely moved."""
        return self.owner.may_hold


# Code, HTTP statuses (- for what comes inside an answer or is ours), owner, verdict, who can fix it; then the reason in
# English and in Thai. `us|payment`: ours, unless others get through meanwhile.
_TABLE: Final = """\
1000 200,201 none done -
  the bank did it
  ธนาคารทำรายการแล้ว
1000 202 unknown unknown operator
  the bank took it and has not finished
  ธนาคารรับไว้แล้วและยังทำไม่เสร็จ
1101 400 us|payment faulty operator
  the bank misses something in what we send
  ธนาคารแจ้งว่าข้อมูลที่เราส่งไม่ครบ
1102 400 us|payment faulty operator
  the bank does not accept what we send: our account, company number or a text
  ธนาคารไม่รับข้อมูลที่เราส่ง เช่น บัญชี รหัสบริษัท หรือข้อความ
1103 400 us|payment faulty operator
  the bank found something empty in what we send
  ธนาคารพบช่องว่างในข้อมูลที่เราส่ง
1104 404 unknown not_there operator
  the bank does not know the record
  ธนาคารไม่พบรายการ
1105 400 us|payment faulty operator
  the bank does not know a field that we send
  ธนาคารไม่รู้จักช่องข้อมูลที่เราส่ง
1111 400 unknown duplicate operator
  the bank has this reference already
  ธนาคารมีเลขอ้างอิงนี้แล้ว
4101 501 us|payment faulty operator
  the bank does not offer this way of paying to us
  ธนาคารไม่ได้เปิดช่องทางนี้ให้เรา
8101 400,409,500 unknown unknown operator
  the bank's own systems did not answer each other
  ระบบภายในของธนาคารไม่ตอบกัน
8102 400 unknown business operator
  the bank refused for a reason of its own
  ธนาคารปฏิเสธด้วยเหตุของธนาคาร
8901 500 unknown unknown operator
  the bank's database failed
  ฐานข้อมูลของธนาคารขัดข้อง
8902 500 unknown unknown operator
  the bank's database failed
  ฐานข้อมูลของธนาคารขัดข้อง
9100 400,401 us faulty operator
  the bank misses our name or keys in the call
  ธนาคารไม่พบชื่อหรือกุญแจของเราในคำขอ
9300 401 us new_token operator
  the bank does not accept our access
  ธนาคารไม่รับสิทธิ์เข้าใช้ของเรา
9500 401 us stop operator
  the bank refuses our keys
  ธนาคารไม่รับกุญแจของเรา
9503 403 us stop operator
  the bank gives us no right to this
  ธนาคารไม่ให้สิทธิ์เราทำรายการนี้
9700 500 unknown unknown operator
  the bank's server failed
  เซิร์ฟเวอร์ของธนาคารขัดข้อง
9900 405,415 us faulty operator
  the bank does not accept the way in which we call
  ธนาคารไม่รับรูปแบบคำขอของเรา
9900 500 us stop operator
  the bank takes us for an attack
  ธนาคารเห็นคำขอของเราเป็นการโจมตี
9900 502,503,504 channel unavailable operator
  the bank is closed for maintenance or overloaded
  ธนาคารปิดปรับปรุงหรือรับงานไม่ทัน
VF0001 - us|payment faulty operator
  the bank does not accept the call
  ธนาคารไม่รับคำขอ
VF0002 - us|payment faulty operator
  the bank does not accept what we send
  ธนาคารไม่รับข้อมูลที่เราส่ง
VF0003 - us|payment faulty operator
  the bank's checks do not pass what we send
  ข้อมูลที่เราส่งไม่ผ่านการตรวจของธนาคาร
BU0001 - unknown not_there operator
  the bank does not know the token
  ธนาคารไม่พบรหัสรายการ
BU0006 - unknown unknown operator
  the bank could not write it down
  ธนาคารบันทึกรายการไม่ได้
BU9998 - unknown unknown operator
  a rule inside the bank stopped it
  กฎภายในของธนาคารขวางไว้
LB9002 - unknown unknown operator
  the bank is still at it
  ธนาคารยังทำรายการอยู่
LB9999 - unknown unknown operator
  the bank does not know what became of it
  ธนาคารไม่ทราบผลของรายการ
LG0001 - unknown unknown operator
  the bank's older system refused, and it is not known what
  ระบบเดิมของธนาคารปฏิเสธ และไม่ทราบผล
LG0002 - unknown unknown operator
  the bank's older system did not find it
  ระบบเดิมของธนาคารไม่พบรายการ
LG0003 - unknown unknown operator
  the bank's older system has another state of it
  ระบบเดิมของธนาคารมีสถานะต่างออกไป
LG0004 - unknown unknown operator
  the bank's older system failed
  ระบบเดิมของธนาคารขัดข้อง
LG9999 - unknown unknown operator
  the bank's older system said something else
  ระบบเดิมของธนาคารตอบอย่างอื่น
000 - unknown unknown operator
  the bank says success beside a failure
  ธนาคารแจ้งว่าสำเร็จทั้งที่ไม่สำเร็จ
030 - unknown duplicate operator
  the bank takes it for a payment that it has had
  ธนาคารเห็นว่าอาจเป็นรายการซ้ำ
109 - unknown unknown operator
  the bank says that it was cancelled
  ธนาคารแจ้งว่ารายการถูกยกเลิก
112 - payment business caller
  the payee's bank does not take this payment
  ธนาคารผู้รับไม่รับรายการนี้
113 - payment business caller
  the bank does not take this amount
  ธนาคารไม่รับจำนวนเงินนี้
114 - payment business caller
  the payee's account takes no money in this way
  บัญชีผู้รับรับเงินทางนี้ไม่ได้
116 - payer hint treasurer
  the company's account at the bank does not hold enough money
  เงินในบัญชีบริษัทที่ธนาคารไม่พอ
117 - us|payment business operator
  the bank does not let us pay in this way
  ธนาคารไม่ให้เราจ่ายทางนี้
125 - payment business caller
  the payee's bank can't be paid
  จ่ายเข้าธนาคารของผู้รับไม่ได้
131 - us|payment hint operator
  the bank does not accept our first reference
  ธนาคารไม่รับเลขอ้างอิงที่ 1 ของเรา
132 - us|payment hint operator
  the bank does not accept our second reference
  ธนาคารไม่รับเลขอ้างอิงที่ 2 ของเรา
133 - us|payment hint operator
  the bank does not accept our third reference
  ธนาคารไม่รับเลขอ้างอิงที่ 3 ของเรา
165 - payer|payment business treasurer
  the company's limit at the bank is used up
  วงเงินของบริษัทที่ธนาคารเต็มแล้ว
176 - payment business caller
  the payee's account number is not one of that bank's
  เลขบัญชีผู้รับไม่ใช่ของธนาคารนั้น
182 - payment business caller
  the payee's account is not there or is closed
  ไม่พบบัญชีผู้รับหรือบัญชีปิดแล้ว
184 - channel business operator
  outside the bank's hours
  นอกเวลาทำการของธนาคาร
CANCELED - channel unavailable operator
  the bank cancelled it before it was confirmed
  ธนาคารยกเลิกก่อนยืนยัน
CANC - channel unavailable operator
  the bank cancelled it before it was confirmed
  ธนาคารยกเลิกก่อนยืนยัน
CONFIRM_FAILED - payment business caller
  the bank did not pay it and names no reason
  ธนาคารไม่ได้จ่ายและไม่แจ้งเหตุ
RJCT - payment business caller
  the bank did not pay it and names no reason
  ธนาคารไม่ได้จ่ายและไม่แจ้งเหตุ
not_sent - channel unavailable operator
  the bank was not reached, nothing was sent
  ติดต่อธนาคารไม่ได้ ยังไม่ได้ส่งอะไร
no_answer - channel unavailable operator
  the bank does not answer
  ธนาคารไม่ตอบ
currency - payment faulty caller
  only baht can be paid
  จ่ายได้เฉพาะเงินบาท
order - payment faulty caller
  this bank or amount can't go in a file
  ธนาคารหรือจำนวนเงินนี้จ่ายทางไฟล์ไม่ได้
name.mismatch - payment business caller
  the bank knows the account under another name
  ธนาคารมีชื่อบัญชีเป็นชื่ออื่น
bank.never_paid - payment business caller
  the bank does not know it, and its statements are without it
  ธนาคารไม่พบรายการ และไม่มีในรายการเดินบัญชี
route.impossible - payment faulty caller
  the way of this payment does not fit where it goes
  ช่องทางของรายการไม่ตรงกับปลายทาง
file.never_uploaded - channel unavailable operator
  the bank never got the file
  ธนาคารไม่เคยได้รับไฟล์
file.refused - us business operator
  the bank refused the whole file
  ธนาคารปฏิเสธทั้งไฟล์
"""
NO_ANSWER: Final = "no_answer"
"""Of a lane: the bank was asked, and what it did or says is not known."""
_LEGACY: Final = re.compile(r"H[0-9]{3}")
_NOBODY: Final = BankCode(
    owner=Owner.UNKNOWN,
    verdict=Verdict.UNKNOWN,
    fixer="operator",
    english="the bank gave a code that it has not told us",
    thai="ธนาคารแจ้งรหัสที่ไม่เคยบอกเรา",
    alone=True,
)


def _read(table: str) -> dict[tuple[int, str], BankCode]:
    lines, rows = table.splitlines(), dict[tuple[int, str], BankCode]()
    for head, english, thai in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        code, statuses, owner, verdict, fixer = head.split()
        first, _, then = owner.partition("|")
        row = BankCode(
            owner=Owner(first),
            verdict=Verdict(verdict),
            fixer=fixer,
            english=english.strip(),
            thai=thai.strip(),
            alone=then == Owner.PAYMENT or owner == Owner.UNKNOWN,
        )
        for http in (0,) if statuses == "-" else map(int, statuses.split(",")):
            if (http, code) in rows:
                raise ValueError(f"{code} stands twice in the table of the bank's codes")
            rows[http, code] = row
    return rows


BANK_CODES: Final = _read(_TABLE)
"""By HTTP status and code; 0 for codes that come inside an answer or are ours."""

_BY_CODE: Final = {code: row for (_, code), row in reversed(BANK_CODES.items())}


def one_writing(code: str) -> str:
    """The code as the table writes it."""
    return code[1:] if _LEGACY.fullmatch(code) else code


def outer_code(http: int, code: int) -> BankCode:
    """The row of an answer's own code; one that is not listed is nobody's and proves nothing."""
    return BANK_CODES.get((http, str(code)), _NOBODY)


def bank_code(code: str) -> BankCode:
    """The row of a code that came inside an answer, or of one as a payment or a lane keeps it."""
    return _BY_CODE.get(one_writing(code), _NOBODY)
