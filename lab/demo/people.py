"""Made-up members of the demo company, the same for the same seed: Thai names, right check digits, right lengths."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeVar

import msgspec

from lab.company import with_check_digit
from shared.banks import BAAC, SCB
from shared.names import strip_title

_MEN: Final = (
    "สมชาย บุญมี ทองคำ ประเสริฐ วิชัย สุพจน์ อำนวย จำรัส ไพบูลย์ ณรงค์ สมศักดิ์ ประยูร บุญเลิศ สุรชัย มานพ วิโรจน์ "
    "ชัยวัฒน์ อนันต์ สมบูรณ์ สมพงษ์ ธีรพงษ์ เกรียงไกร พิชัย สมหมาย ถาวร ประดิษฐ์ เฉลิม สนั่น อุดม วีระ กิตติ ธนกร "
    "ปรีชา สุทิน บุญส่ง คำพันธ์ เสถียร ทวี สำราญ วินัย"
).split()
_WOMEN: Final = (
    "สมหญิง บัวลา ทองใบ สุภาพร วิไล สุนีย์ อำไพ จันทร์เพ็ญ พรทิพย์ นงลักษณ์ สมใจ ประนอม บุญเรือน สุดารัตน์ มาลี วันเพ็ญ "
    "ชุติมา อรุณี สมบัติ สมพร ธิดา กาญจนา พิมพ์ใจ สายสุนีย์ ถนอม ประภา เฉลา สมคิด อุไร วรรณา กัลยา ธนพร ปราณี สุกัญญา "
    "บุญชู คำปุ่น เสาวนีย์ ทองสุข สำเนียง วาสนา"
).split()
_FAMILY_HEADS: Final = (
    "ทอง บุญ ศรี แก้ว พล วงศ์ สุข ใจ จันทร์ คำ ไชย นา แสง พรม เพชร รัตน์ ชัย มี อินทร์ สาย ดวง ธรรม ปัญญา "
    "โพธิ์ ภู ม่วง ยอด ลา วัง สม หอม อ่อน เกษม เจริญ"
).split()
_FAMILY_TAILS: Final = (
    "ดี มา สุข วงศ์ ศรี งาม มั่น ชาติ ทอง แก้ว สวัสดิ์ เรือง พันธ์ กุล ธรรม มาตร ไพร พงษ์ รักษ์ ประเสริฐ "
    "เจริญ ชื่น บุตร ประภา ลักษณ์ สิงห์ โสภา อินทร์ เกตุ คำ นิล"
).split()
_TITLES: Final = {"m": ("นาย",), "f": ("นาง", "นางสาว")}

_BANKS: Final = ((BAAC, 46), (SCB, 18), ("004", 14), ("006", 12), ("030", 10))
"""Where farmers keep their money, in percent: BAAC, SCB, KBANK, KTB, GSB."""

_LENGTHS: Final = {BAAC: 12, SCB: 10, "004": 10, "006": 10, "030": 12}
_PROVINCES: Final = {"NSN": "60", "KKN": "40", "CRI": "57", "UBN": "34", "SPB": "72"}

Standing = Literal["active", "suspended", "closed"]
Check = Literal["fresh", "stale", "none"]
Choice = TypeVar("Choice")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One member; `bank` is empty without an account, `holder` is what the bank will call the account's owner."""

    code: str
    name: str
    national_id: str
    phone: str
    status: Standing
    bank: str
    account: str
    holder: str
    check: Check

    def __repr__(self) -> str:
        return f"Person({self.code})"


def members_of(branch: str, ordinal: int, count: int, seed: int) -> list[Person]:
    """`count` members of a branch; `ordinal` (1, 2 ...) keeps numbers of different branches apart."""
    dice = _dice(f"{seed}/{branch}")
    return [_person(branch, ordinal, number, dice) for number in range(1, count + 1)]


def _person(branch: str, ordinal: int, number: int, dice: Iterator[int]) -> Person:
    sex = "m" if next(dice) % 100 < 58 else "f"
    first = _pick(_MEN if sex == "m" else _WOMEN, dice)
    name = f"{_pick(_TITLES[sex], dice)}{first} {_pick(_FAMILY_HEADS, dice)}{_pick(_FAMILY_TAILS, dice)}"
    bank = "" if number % 50 == 17 else _weighted(dice)
    other_holder = bank and number % 97 == 31
    return Person(
        code=f"{branch}-{number:05d}",
        name=name,
        national_id=_national_id(_PROVINCES.get(branch, "10"), ordinal, number),
        phone=f"08{ordinal % 10}{(number * 7919 + 1000003) % 10_000_000:07d}",
        status=_status(number),
        bank=bank,
        account=_account(bank, ordinal, number) if bank else "",
        holder=_somebody_else(name, dice) if other_holder else name if bank else "",
        check=_check(number) if bank else "none",
    )


def _status(number: int) -> Standing:
    if number % 60 == 23:
        return "suspended"
    return "closed" if number % 90 == 41 else "active"


def _check(number: int) -> Check:
    if number % 45 == 11:
        return "stale"
    return "none" if number % 130 == 77 else "fresh"


def _somebody_else(name: str, dice: Iterator[int]) -> str:
    family = strip_title(name).split()[-1]
    return f"นาง{_pick([first for first in _WOMEN if first not in name], dice)} {family}"


def _national_id(province: str, ordinal: int, number: int) -> str:
    # 3: entered in the register before 1984; then province, district and a running number.
    return with_check_digit(f"3{province}{ordinal:02d}{(number * 38_699 + 17) % 10_000_000:07d}")


def _account(bank: str, ordinal: int, number: int) -> str:
    # 6007 is coprime to 10, so that no two members of a branch share a number.
    serial = (number * 6007 + 1234) % 1_000_000
    digits = f"{ordinal + 20:03d}{serial:06d}"
    if bank == SCB:
        return _with_scb_check_digit(digits)
    return digits.ljust(_LENGTHS[bank], "7") if _LENGTHS[bank] > 10 else digits + str(serial % 10)


def _with_scb_check_digit(digits: str) -> str:
    total = sum(int(digit) * weight % 10 for digit, weight in zip(digits, (4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    return digits + str((10 - total % 10) % 10)


def _weighted(dice: Iterator[int]) -> str:
    at = next(dice) % 100
    for bank, percent in _BANKS:
        if at < percent:
            return bank
        at -= percent
    raise AssertionError("the percents sum to 100")


def _pick(choices: Sequence[Choice], dice: Iterator[int]) -> Choice:
    return choices[next(dice) % len(choices)]


def _dice(seed: str) -> Iterator[int]:
    """Numbers that are always the same for a seed, on every machine and version of Python."""
    block = 0
    while True:
        stream = hashlib.sha256(f"{seed}/{block}".encode()).digest()
        yield from (int.from_bytes(stream[at : at + 4]) for at in range(0, 32, 4))
        block += 1
