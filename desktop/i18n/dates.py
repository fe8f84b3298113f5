"""Dates as people here write them: Buddhist era in Thai, ISO in English; the wire always carries ISO."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from desktop.i18n.text import language, pick
from shared.thai import ascii_digits

BUDDHIST_OFFSET: Final = 543
BANGKOK: Final = ZoneInfo("Asia/Bangkok")
_SHORT: Final = "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.".split()
_LONG: Final = "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม".split()
_ENGLISH: Final = "January February March April May June July August September October November December".split()
_NUMERIC: Final = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{2}|[0-9]{4})")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WORDED: Final = re.compile(r"([0-9]{1,2}) *([ก-๙.]+) *([0-9]{2}|[0-9]{4})")


def day(value: date) -> str:
    """27 ต.ค. 2569, or 2026-10-27."""
    if language() == "en":
        return value.isoformat()
    return f"{value.day} {_SHORT[value.month - 1]} {value.year + BUDDHIST_OFFSET}"


def day_of(text: str) -> str:
    """The same of what the server or a sheet writes; what is no date stays as it is."""
    found = parse_day(text)
    return day(found) if found is not None else text


def day_short(value: date) -> str:
    """27 ต.ค. 69, or 27 Oct 26: for table cells."""
    if language() == "en":
        return f"{value.day} {_ENGLISH[value.month - 1][:3]} {value.year % 100:02d}"
    return f"{value.day} {_SHORT[value.month - 1]} {(value.year + BUDDHIST_OFFSET) % 100:02d}"


def moment(value: datetime) -> str:
    """Day and time in Bangkok, for table cells; `value` is aware."""
    local = value.astimezone(BANGKOK)
    return f"{day_short(local.date())} {local:%H:%M}"


def widest_moment() -> str:
    """About the widest text of `moment`, to size a column."""
    return pick("28 เม.ย. 69 00:00", "28 Mar 26 00:00")


def clock(value: datetime, *, seconds: bool = False) -> str:
    """Time of day in Bangkok; `value` is aware."""
    return value.astimezone(BANGKOK).strftime("%H:%M:%S" if seconds else "%H:%M")


def month_title(year: int, month: int) -> str:
    """ตุลาคม 2569, or October 2026; `year` is CE."""
    if language() == "en":
        return f"{_ENGLISH[month - 1]} {year}"
    return f"{_LONG[month - 1]} {year + BUDDHIST_OFFSET}"


def weekdays() -> list[str]:
    """Monday first, as the working week is printed."""
    return "Mo Tu We Th Fr Sa Su".split() if language() == "en" else "จ อ พ พฤ ศ ส อา".split()


def parse_day(text: str) -> date | None:
    """Read 27/10/2569, 27/10/69, 27 ต.ค. 69 or 2026-10-27 into a CE date; None when it is no date.

    A year of two digits is Buddhist; of four, Buddhist from 2400 up.
    """
    plain = ascii_digits(" ".join(text.split()))
    if found := _ISO.fullmatch(plain):
        return _build(int(found[3]), int(found[2]), int(found[1]))
    if found := _NUMERIC.fullmatch(plain):
        return _build(int(found[1]), int(found[2]), _year(found[3]))
    found = _WORDED.fullmatch(plain)
    month = _month(found[2]) if found else None
    return _build(int(found[1]), month, _year(found[3])) if found and month else None


def _month(word: str) -> int | None:
    bare = word.replace(".", "")
    for index, (short, long) in enumerate(zip(_SHORT, _LONG, strict=True), start=1):
        if bare in (short.replace(".", ""), long):
            return index
    return None


def _year(digits: str) -> int:
    year = int(digits) + (2500 if len(digits) == 2 else 0)
    return year - BUDDHIST_OFFSET if year >= 2400 else year


def _build(day_of_month: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None
