"""Identity numbers, phones, dates of both eras, dictionary order and the two keyboard layouts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.th import pin

from shared.thai import (
    DateProblem,
    NationalIdProblem,
    PhoneProblem,
    ascii_digits,
    business_date,
    format_date_en,
    format_date_th,
    format_datetime,
    kedmanee_to_us,
    national_id_problem,
    parse_date,
    parse_phone,
    sort_key,
    start_of_day,
    us_to_kedmanee,
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1101700230708", None),
        ("1-1017-00230-70-8", None),
        ("๑๑๐๑๗๐๐๒๓๐๗๐๘", None),
        ("", NationalIdProblem.EMPTY),
        ("110170023070X", NationalIdProblem.NOT_DIGITS),
        ("110170023070", NationalIdProblem.LENGTH),
        ("1101700230709", NationalIdProblem.CHECK_DIGIT),
        ("1110700230708", NationalIdProblem.CHECK_DIGIT),
        ("0994000617721", NationalIdProblem.FIRST_DIGIT),
    ],
)
def test_national_ids_are_checked(text: str, problem: NationalIdProblem | None) -> None:
    assert national_id_problem(text) is problem


@given(st.text(alphabet="0123456789", min_size=13, max_size=13))
def test_the_verdict_on_national_ids_is_that_of_an_independent_checker(number: str) -> None:
    stem = number[:12]
    for candidate in (f"{stem}{check}" for check in range(10)):
        assert (national_id_problem(candidate) is None) == pin.is_valid(candidate)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("081-234-5678", "0812345678"),
        ("๐๖๑ ๒๓๔ ๕๖๗๘", "0612345678"),
        ("+66 81 234 5678", "0812345678"),
        ("+66 081 234 5678", "0812345678"),
        ("02 123 4567", "021234567"),
        ("", PhoneProblem.EMPTY),
        ("0112345678", PhoneProblem.NOT_A_PHONE),
        ("08123456789", PhoneProblem.NOT_A_PHONE),
        ("1669", PhoneProblem.NOT_A_PHONE),
    ],
)
def test_phones_are_read_into_national_digits(text: str, phone: str | PhoneProblem) -> None:
    assert parse_phone(text) == phone


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("27/10/2569", date(2026, 10, 27)),
        ("27/10/2026", date(2026, 10, 27)),
        ("27-10-2569", date(2026, 10, 27)),
        ("๒๗/๑๐/๒๕๖๙", date(2026, 10, 27)),
        ("2026-10-27", date(2026, 10, 27)),
        ("27 ต.ค. 69", date(2026, 10, 27)),
        ("27 ตุลาคม 2569", date(2026, 10, 27)),
        ("27 Oct 2026", date(2026, 10, 27)),
        ("29/02/2567", date(2024, 2, 29)),
        ("", DateProblem.EMPTY),
        ("soon", DateProblem.NOT_A_DATE),
        ("27 ตุลา 69", DateProblem.NOT_A_DATE),
        ("27/10/69", DateProblem.AMBIGUOUS_YEAR),
        ("27 Oct 26", DateProblem.AMBIGUOUS_YEAR),
        ("31/02/2569", DateProblem.NO_SUCH_DAY),
        ("29/02/2568", DateProblem.NO_SUCH_DAY),
        ("00/00/2026", DateProblem.NO_SUCH_DAY),
        ("01/01/2300", DateProblem.YEAR_OUT_OF_RANGE),
        ("01/01/0001", DateProblem.YEAR_OUT_OF_RANGE),
    ],
)
def test_dates_of_both_eras_are_read(text: str, day: date | DateProblem) -> None:
    assert parse_date(text) == day


@given(st.dates(date(1960, 1, 1), date(2050, 12, 31)))
def test_every_written_date_reads_back(day: date) -> None:
    assert parse_date(format_date_th(day, long=True)) == day
    assert parse_date(format_date_en(day)) == day
    assert parse_date(day.isoformat()) == day


def test_instants_are_shown_on_the_bangkok_clock() -> None:
    late = datetime(2026, 10, 27, 17, 30, tzinfo=UTC)
    assert format_datetime(late) == "28 ต.ค. 69 00:30"
    assert format_datetime(late, "en") == "28 Oct 2026 00:30"
    assert business_date(late) == date(2026, 10, 28)
    assert start_of_day(date(2026, 10, 28)) == datetime(2026, 10, 27, 17, 0, tzinfo=UTC)


def test_an_instant_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        business_date(datetime.fromisoformat("2026-10-27"))


def test_names_sort_as_in_a_thai_dictionary() -> None:
    ordered = ["กก", "ก่อ", "กา", "เก", "เก่ง", "แก", "ขาว", "เข็ม", "เอก", "ไอ", "ฮา"]
    shuffled = [ordered[i * 4 % len(ordered)] for i in range(len(ordered))]
    assert sorted(shuffled, key=sort_key) == ordered
    assert sort_key("กา") < sort_key("ก่า") < sort_key("ก้า") < sort_key("กาก")


@given(st.text(alphabet="กขเแ่้าะ", max_size=12))
def test_sort_keys_tell_different_words_apart_and_hold_no_nul(word: str) -> None:
    assert "\x00" not in sort_key(word)
    assert sort_key(word) != sort_key(word + "ก")


def test_a_scan_typed_through_the_thai_layout_is_recovered() -> None:
    assert kedmanee_to_us("ทจจจภภๅ/") == "m0004412"
    assert us_to_kedmanee("m0004412") == "ทจจจภภๅ/"


@given(st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E)))
def test_the_two_layouts_map_one_to_one(typed: str) -> None:
    assert kedmanee_to_us(us_to_kedmanee(typed)) == typed


def test_only_thai_digits_are_replaced() -> None:
    assert ascii_digits("ก๐๑๒๓๔๕๖๗๘๙z١") == "ก0123456789z١"
