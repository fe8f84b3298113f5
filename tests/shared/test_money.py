"""Amounts are read strictly, written exactly, and spelled out the way Thai vouchers need them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import (
    AmountProblem,
    Satang,
    baht_text,
    baht_text_english,
    display_amount,
    format_amount,
    parse_amount,
)

amounts = st.integers(min_value=1, max_value=10**15 - 1).map(Satang)


@pytest.mark.parametrize(
    ("text", "satang"),
    [
        ("48250.00", 4825000),
        (" 48,250.00 ", 4825000),
        ("๔๘,๒๕๐.๕", 4825050),
        ("๑๒๓.๕๐", 12350),
        ("7", 700),
        ("0.01", 1),
        ("1,000,000", 100000000),
        ("9,999,999,999,999.99", 999_999_999_999_999),
    ],
)
def test_amounts_people_write_are_read(text: str, satang: int) -> None:
    assert parse_amount(text) == satang


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", AmountProblem.EMPTY),
        ("  ", AmountProblem.EMPTY),
        ("NaN", AmountProblem.NOT_A_NUMBER),
        ("Infinity", AmountProblem.NOT_A_NUMBER),
        ("1e3", AmountProblem.NOT_A_NUMBER),
        ("-5.00", AmountProblem.NOT_A_NUMBER),
        ("+5.00", AmountProblem.NOT_A_NUMBER),
        ("1 000", AmountProblem.NOT_A_NUMBER),
        ("1,23", AmountProblem.NOT_A_NUMBER),
        ("12,34,567", AmountProblem.NOT_A_NUMBER),
        ("1234,567", AmountProblem.NOT_A_NUMBER),
        (".50", AmountProblem.NOT_A_NUMBER),
        ("5.", AmountProblem.NOT_A_NUMBER),
        ("1.2.3", AmountProblem.NOT_A_NUMBER),
        ("1_000", AmountProblem.NOT_A_NUMBER),
        ("１２", AmountProblem.NOT_A_NUMBER),
        ("١٢", AmountProblem.NOT_A_NUMBER),
        ("5.00\x00", AmountProblem.NOT_A_NUMBER),
        ("1.005", AmountProblem.TOO_MANY_DECIMALS),
        ("1.000", AmountProblem.TOO_MANY_DECIMALS),
        ("0", AmountProblem.NOT_POSITIVE),
        ("0.00", AmountProblem.NOT_POSITIVE),
        ("10000000000000", AmountProblem.TOO_LARGE),
        ("9" * 5000, AmountProblem.TOO_LARGE),
    ],
)
def test_everything_else_is_refused_with_its_reason(text: str, problem: AmountProblem) -> None:
    assert parse_amount(text) is problem


def test_zero_is_an_amount_only_where_it_is_allowed() -> None:
    assert parse_amount("0.00", allow_zero=True) == 0


@given(amounts)
def test_both_written_forms_read_back_to_the_same_satang(amount: Satang) -> None:
    assert parse_amount(format_amount(amount)) == amount
    assert parse_amount(display_amount(amount)) == amount


@given(st.text(alphabet="0123456789.,๐๑๙ -+eE", max_size=20))
def test_whatever_is_accepted_is_positive_and_within_the_bank_limit(text: str) -> None:
    read = parse_amount(text)
    assert isinstance(read, AmountProblem) or 0 < read < 10**15


def test_negative_balances_keep_their_sign_below_one_baht() -> None:
    assert format_amount(Satang(-50)) == "-0.50"
    assert display_amount(Satang(-123456789)) == "-1,234,567.89"


@pytest.mark.parametrize(
    ("satang", "thai", "english"),
    [
        (0, "ศูนย์บาทถ้วน", "Zero baht only"),
        (1, "ศูนย์บาทหนึ่งสตางค์", "Zero baht and one satang"),
        (25, "ศูนย์บาทยี่สิบห้าสตางค์", "Zero baht and twenty-five satang"),
        (100, "หนึ่งบาทถ้วน", "One baht only"),
        (101, "หนึ่งบาทหนึ่งสตางค์", "One baht and one satang"),
        (111, "หนึ่งบาทสิบเอ็ดสตางค์", "One baht and eleven satang"),
        (1000, "สิบบาทถ้วน", "Ten baht only"),
        (1100, "สิบเอ็ดบาทถ้วน", "Eleven baht only"),
        (2000, "ยี่สิบบาทถ้วน", "Twenty baht only"),
        (2121, "ยี่สิบเอ็ดบาทยี่สิบเอ็ดสตางค์", "Twenty-one baht and twenty-one satang"),
        (10000, "หนึ่งร้อยบาทถ้วน", "One hundred baht only"),
        (10100, "หนึ่งร้อยเอ็ดบาทถ้วน", "One hundred one baht only"),
        (11100, "หนึ่งร้อยสิบเอ็ดบาทถ้วน", "One hundred eleven baht only"),
        (4825000, "สี่หมื่นแปดพันสองร้อยห้าสิบบาทถ้วน", "Forty-eight thousand two hundred fifty baht only"),
        (
            98765432,
            "เก้าแสนแปดหมื่นเจ็ดพันหกร้อยห้าสิบสี่บาทสามสิบสองสตางค์",
            "Nine hundred eighty-seven thousand six hundred fifty-four baht and thirty-two satang",
        ),
        (100000000, "หนึ่งล้านบาทถ้วน", "One million baht only"),
        (100000100, "หนึ่งล้านเอ็ดบาทถ้วน", "One million one baht only"),
        (200000000, "สองล้านบาทถ้วน", "Two million baht only"),
        (1100000000, "สิบเอ็ดล้านบาทถ้วน", "Eleven million baht only"),
        (100000100000100, "หนึ่งล้านเอ็ดล้านเอ็ดบาทถ้วน", "One trillion one million one baht only"),
    ],
)
def test_amounts_are_spelled_out(satang: int, thai: str, english: str) -> None:
    assert baht_text(Satang(satang)) == thai
    assert baht_text_english(Satang(satang)) == english


@given(amounts, amounts)
def test_two_amounts_never_share_their_words(one: Satang, other: Satang) -> None:
    assert (baht_text(one) == baht_text(other)) == (one == other)
    assert (baht_text_english(one) == baht_text_english(other)) == (one == other)


def test_a_negative_amount_cannot_be_spelled_out() -> None:
    with pytest.raises(ValueError, match="not negative"):
        baht_text(Satang(-1))
