"""Amounts of Thai baht as whole satang: reading, writing, and spelling them out."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NewType

from shared.thai import ascii_digits

Satang = NewType("Satang", int)
NOTHING: Final = Satang(0)

MAX_DIGITS: Final = 15
"""Digits of an amount with its two decimals: 9,999,999,999,999.99 baht, the largest a bank file carries."""

_AMOUNT = re.compile(r"(?P<baht>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<satang>[0-9]+))?")


class AmountProblem(StrEnum):
    """Why a text is not an amount that may be paid."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    TOO_MANY_DECIMALS = "too_many_decimals"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"


def parse_amount(text: str, *, allow_zero: bool = False) -> Satang | AmountProblem:
    """Read baht with up to two decimals, e.g. ``48,250.00``, ``๑๒๓.๕`` or ``7``, into satang.

    Thousands separators are accepted only where they group rightly. Signs, exponents, ``NaN``, inner
    spaces and a bare decimal point are refused.
    """
    trimmed = text.strip()
    if not trimmed:
        return AmountProblem.EMPTY
    found = _AMOUNT.fullmatch(ascii_digits(trimmed))
    if found is None:
        return AmountProblem.NOT_A_NUMBER
    baht = found["baht"].replace(",", "")
    fraction = found["satang"] or ""
    if len(fraction) > 2:
        return AmountProblem.TOO_MANY_DECIMALS
    if len(baht) + 2 > MAX_DIGITS:
        return AmountProblem.TOO_LARGE
    satang = int(baht + fraction.ljust(2, "0"))
    if satang == 0 and not allow_zero:
        return AmountProblem.NOT_POSITIVE
    return Satang(satang)


def format_amount(amount: Satang) -> str:
    """Write satang the way the wire carries it: ``48250.00``."""
    baht, satang = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{baht}.{satang:02d}"


def display_amount(amount: Satang) -> str:
    """Write satang the way people read it: ``48,250.00``."""
    baht, satang = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{baht:,}.{satang:02d}"


def basis_points(amount: Satang, points: int) -> Satang:
    """`points` hundredths of a percent of an amount, in whole satang, rounded half to even: 0.5 is 0, 1.5 is 2."""
    whole, rest = divmod(amount * points, 10_000)
    return Satang(whole + (rest > 5_000 or (rest == 5_000 and whole % 2 == 1)))


_DIGITS: Final = ("", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
_PLACES: Final = ("", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน")


def _thai_place(digit: int, place: int, *, higher: bool) -> str:
    if digit == 0:
        return ""
    if place == 0 and digit == 1 and higher:
        return "เอ็ด"
    if place == 1 and digit <= 2:
        return ("สิบ", "ยี่สิบ")[digit - 1]
    return _DIGITS[digit] + _PLACES[place]


def _thai_number(number: int) -> str:
    millions, rest = divmod(number, 1_000_000)
    words = _thai_number(millions) + "ล้าน" if millions else ""
    for place in range(5, -1, -1):
        digit = rest // 10**place % 10
        higher = number >= 10 ** (place + 1)
        words += _thai_place(digit, place, higher=higher)
    return words


def baht_text(amount: Satang) -> str:
    """Spell an amount (not negative) in Thai words as vouchers print it: ``หนึ่งร้อยเอ็ดบาทถ้วน``.

    A final 1 after any higher digit is ``เอ็ด`` (also after ``ล้าน``); a single satang is ``หนึ่งสตางค์``.
    Amounts below one baht begin with ``ศูนย์บาท`` so that nothing can be written in front.
    """
    baht, satang = _split(amount)
    words = (_thai_number(baht) or "ศูนย์") + "บาท"
    return words + (_thai_number(satang) + "สตางค์" if satang else "ถ้วน")


_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))


def _english_number(number: int) -> str:
    for size, name in _SCALES:
        if number >= size:
            rest = f" {_english_number(number % size)}" if number % size else ""
            return f"{_english_number(number // size)} {name}{rest}"
    if number < 20:
        return _ONES[number]
    return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")


def baht_text_english(amount: Satang) -> str:
    """Spell an amount (not negative) in English words: ``Forty-eight thousand two hundred fifty baht only``."""
    baht, satang = _split(amount)
    words = f"{_english_number(baht)} baht"
    words += f" and {_english_number(satang)} satang" if satang else " only"
    return words[0].upper() + words[1:]


def _split(amount: Satang) -> tuple[int, int]:
    if amount < 0:
        raise ValueError("only amounts that are not negative are spelled out")
    return divmod(amount, 100)
