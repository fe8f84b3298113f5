"""Thai conventions: digits, identity numbers, phones, dates in both eras, alphabetical order, keyboard."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, Literal

Language = Literal["th", "en"]

BANGKOK: Final = timezone(timedelta(hours=7), "Asia/Bangkok")
"""Thailand has kept UTC+7 without daylight saving since 1920, so no time-zone file is read."""

BUDDHIST_OFFSET: Final = 543

_DIGITS: Final = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_SEPARATORS: Final = str.maketrans("", "", " -\u00a0\u2010\u2011\u2012\u2013\u2014\t\r\n")


def ascii_digits(text: str) -> str:
    """Replace Thai digits by ASCII digits and leave everything else alone."""
    return text.translate(_DIGITS)


def plain_digits(text: str) -> str:
    """Thai digits to ASCII, spaces and dashes removed: how people group long numbers does not matter."""
    return ascii_digits(text).translate(_SEPARATORS)


class NationalIdProblem(StrEnum):
    """Why a text is not a national id; `FIRST_DIGIT` alone may be overridden by a reviewer."""

    EMPTY = "empty"
    NOT_DIGITS = "not_digits"
    LENGTH = "length"
    CHECK_DIGIT = "check_digit"
    FIRST_DIGIT = "first_digit"


def national_id_problem(text: str) -> NationalIdProblem | None:
    """Check a 13-digit national id; `None` means it is well formed.

    Check digit: (11 - sum((14 - i) * d_i for i in 1..12) mod 11) mod 10. First digits 0 (juristic persons and
    some cards of foreigners) and 9 are not those of a citizen.
    """
    number = plain_digits(text)
    if not number:
        return NationalIdProblem.EMPTY
    if not (number.isascii() and number.isdigit()):
        return NationalIdProblem.NOT_DIGITS
    if len(number) != 13:
        return NationalIdProblem.LENGTH
    total = sum((13 - i) * int(digit) for i, digit in enumerate(number[:12]))
    if (11 - total % 11) % 10 != int(number[12]):
        return NationalIdProblem.CHECK_DIGIT
    return NationalIdProblem.FIRST_DIGIT if number[0] in "09" else None


class PhoneProblem(StrEnum):
    """Why a text is not a Thai telephone number."""

    EMPTY = "empty"
    NOT_A_PHONE = "not_a_phone"


_PHONE = re.compile(r"0[689][0-9]{8}|0[23457][0-9]{7}")


def parse_phone(text: str) -> str | PhoneProblem:
    """Read a Thai mobile or fixed number into national digits: ``+66 81-234 5678`` -> ``0812345678``."""
    number = plain_digits(text)
    if not number:
        return PhoneProblem.EMPTY
    if number.startswith("+66"):
        number = "0" + number[3:].removeprefix("0")
    return number if _PHONE.fullmatch(number) else PhoneProblem.NOT_A_PHONE


_MONTHS_SHORT: Final = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
)  # fmt: skip
_MONTHS_LONG: Final = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
_MONTHS_ENGLISH: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_date_th(day: date, *, long: bool = False) -> str:
    """Write a date in the Buddhist era: ``27 ต.ค. 69``, or ``27 ตุลาคม 2569`` when long."""
    year = day.year + BUDDHIST_OFFSET
    if long:
        return f"{day.day} {_MONTHS_LONG[day.month - 1]} {year}"
    return f"{day.day} {_MONTHS_SHORT[day.month - 1]} {year % 100:02d}"


def format_date_en(day: date) -> str:
    """Write a date in English: ``27 Oct 2026``."""
    return f"{day.day} {_MONTHS_ENGLISH[day.month - 1]} {day.year}"


def format_datetime(instant: datetime, language: Language = "th") -> str:
    """Write an aware instant in Bangkok time: ``27 ต.ค. 69 14:05`` or ``27 Oct 2026 14:05``."""
    local = _bangkok(instant)
    day = format_date_th(local.date()) if language == "th" else format_date_en(local.date())
    return f"{day} {local.hour:02d}:{local.minute:02d}"


def business_date(instant: datetime) -> date:
    """The calendar day in Bangkok at an aware instant."""
    return _bangkok(instant).date()


def start_of_day(day: date) -> datetime:
    """The aware UTC instant at which a Bangkok day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=BANGKOK).astimezone(UTC)


def _bangkok(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone is ambiguous")
    return instant.astimezone(BANGKOK)


class DateProblem(StrEnum):
    """Why a text is not a date."""

    EMPTY = "empty"
    NOT_A_DATE = "not_a_date"
    AMBIGUOUS_YEAR = "ambiguous_year"
    YEAR_OUT_OF_RANGE = "year_out_of_range"
    NO_SUCH_DAY = "no_such_day"


_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_SLASH_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{2}|[0-9]{4})")
_WORD_DATE = re.compile(r"([0-9]{1,2}) ?([^0-9 ]+) ?([0-9]{2}|[0-9]{4})")
_MONTH_NUMBERS: Final = {
    name.casefold(): number
    for names in (_MONTHS_SHORT, _MONTHS_LONG, _MONTHS_ENGLISH)
    for number, name in enumerate(names, start=1)
}


def parse_date(text: str) -> date | DateProblem:
    """Read ``27/10/2569``, ``27/10/2026``, ``2026-10-27``, ``27 ต.ค. 69``, ``27 ตุลาคม 2569`` or ``27 Oct 2026``.

    Years from 2400 are Buddhist. A year of two digits is understood only beside a Thai month name.
    """
    cleaned = " ".join(ascii_digits(text).split())
    if not cleaned:
        return DateProblem.EMPTY
    if found := _ISO_DATE.fullmatch(cleaned):
        year, month, day = found.groups()
        return make_date(int(year), int(month), int(day))
    if found := _SLASH_DATE.fullmatch(cleaned):
        day, month, year = found.groups()
        return make_date(int(year), int(month), int(day)) if len(year) == 4 else DateProblem.AMBIGUOUS_YEAR
    if found := _WORD_DATE.fullmatch(cleaned):
        return _word_date(*found.groups())
    return DateProblem.NOT_A_DATE


def _word_date(day: str, month: str, year: str) -> date | DateProblem:
    number = _MONTH_NUMBERS.get(month.casefold())
    if number is None:
        return DateProblem.NOT_A_DATE
    if len(year) == 4:
        return make_date(int(year), number, int(day))
    return DateProblem.AMBIGUOUS_YEAR if month.isascii() else make_date(2500 + int(year), number, int(day))


def make_date(year: int, month: int, day: int) -> date | DateProblem:
    """Build a date from a year of either era; the era is converted first, so 29/02/2567 exists."""
    common = year - BUDDHIST_OFFSET if year >= 2400 else year
    if not 1850 <= common <= 2199:
        return DateProblem.YEAR_OUT_OF_RANGE
    try:
        return date(common, month, day)
    except ValueError:
        return DateProblem.NO_SUCH_DAY


_LEADING_VOWELS: Final = "เแโใไ"
_MARKS: Final = "่้๊๋์็"


def sort_key(text: str) -> str:
    """A string whose code-point order is Thai dictionary order, fit for a stored column."""
    letters: list[str] = []
    marks: list[tuple[int, str]] = []
    i = 0
    while i < len(text):
        letter = text[i]
        if letter in _LEADING_VOWELS and i + 1 < len(text):
            letters += [text[i + 1], letter]
            i += 2
            continue
        if letter in _MARKS:
            marks.append((len(letters), letter))
        else:
            letters.append(letter)
        i += 1
    # U+0001 instead of NUL: PostgreSQL text and clean_text both refuse NUL.
    return "".join(letters) + "\x01" + "".join(chr(place + 2) + mark for place, mark in marks)


_US: Final = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_KEDMANEE: Final = "_ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ" + '%+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ'
_TO_US: Final = str.maketrans(_KEDMANEE, _US)
_TO_KEDMANEE: Final = str.maketrans(_US, _KEDMANEE)


def kedmanee_to_us(text: str) -> str:
    """What the same keys would have typed on a US layout; use on scans that contain Thai letters."""
    return text.translate(_TO_US)


def us_to_kedmanee(text: str) -> str:
    """What the same keys would have typed on the Thai Kedmanee layout."""
    return text.translate(_TO_KEDMANEE)
