"""One normal form for each kind of text: however it is written, it is one key, and a key is its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.normal import code_key, folded, heading_key, name_key, repair_thai, ticket_key
from shared.text import TextProblem, clean_text

KEYS = (folded, ticket_key, code_key, name_key, heading_key, repair_thai)
HARD = "\u0e4d\u0e48\u0e49\u0e32\u0e33\u0e34\u0e38\u0e3a\u0e31\u0e40\u0e41\u0301\u200b\u00a0ßBİıſς -–ー１๑໒Ωﬁ½"
TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(HARD)))
DASHES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Pd"]


@pytest.mark.parametrize("key", KEYS)
@given(text=TEXTS)
def test_every_text_has_a_key_and_a_key_is_its_own(key: Callable[[str], str], text: str) -> None:
    once = key(text)
    assert key(once) == once


@given(text=TEXTS)
def test_what_is_stored_has_the_same_key_as_what_was_typed(text: str) -> None:
    cleaned = clean_text(text, 10_000, required=False)
    if not isinstance(cleaned, TextProblem):
        assert [key(cleaned) for key in KEYS[1:5]] == [key(text) for key in KEYS[1:5]]


@pytest.mark.parametrize(
    "written",
    ["W-12", "W\u250012", "W\u250112", "W\u279612", "\u051c-12",
     "w-12", "W-๑๒", "W\u201112", "Ｗ-12", "Ｗ－１２", "W\u221212", "W - 12", "W\u00a0-12", " W-12\ufeff",
     "W-1\u200b2", "W-\u0ed1\u0ed2", "W\u00ad-12", "W\u2043\u206012", "W-1\ufe0f2", "ｗ\ufe6312", "W\u30fc12", "𝐖-𝟏𝟐",
     "W-１\u06f2"],
)  # fmt: skip
def test_one_ticket_in_many_writings(written: str) -> None:
    assert ticket_key(written) == "W-12"


def test_a_dash_of_any_kind_is_a_dash() -> None:
    assert len(DASHES) > 20
    assert {ticket_key(f"W{dash}12") for dash in DASHES if len(unicodedata.normalize("NFKC", dash)) == 1} == {"W-12"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("1-23", "12-3"), ("1 23", "12 3"), ("W-12", "W-121"), ("W-12", "V-12"), ("W-12", "W12"), ("ก-12", "ข-12"),
     ("0012", "12"), ("W-12/1", "W-12/2"), ("W.12", "W-12"), ("W_12", "W-12")],
)  # fmt: skip
def test_other_tickets_stay_other_tickets(one: str, other: str) -> None:
    assert ticket_key(one) != ticket_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("แสงจันทร์", "เเสงจันทร์"),
        ("น้ำ", "น\u0e49\u0e4d\u0e32"),
        ("น้ำ", "น\u0e4d\u0e49\u0e32"),
        ("น้ำ", "น\u0e33\u0e49"),
        ("น้า", "น\u0e32\u0e49"),
        ("พี่", "พ\u0e48\u0e35"),
        ("พี่", "พ\u0e35\u0e48\u0e48"),
        ("ผู้", "ผ\u0e49\u0e39"),
        ("ดึง", "ด\u0e34\u0e4dง"),
        ("จันทร์", "จันทร\u200b์"),
        ("สมชาย ใจดี", "สมชาย\u00a0\u2003ใจดี"),
        ("สมชาย ใจดี", "\u200eสมชาย ใจดี\u2069"),
        ("Somchai", "ＳＯＭＣＨＡＩ"),
        ("José", "Jose\u0301"),
        ("M-001", "m‑๐๐๑"),
    ],
)
def test_what_looks_alike_is_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    assert code_key(one) == code_key(other)
    assert heading_key(one) == heading_key(other)


def test_headings_are_letters_and_digits() -> None:
    assert heading_key("Member_Code:") == heading_key("member code") == heading_key("MEMBER-CODE *")
    assert heading_key("จํานวน\u200bเงิน") == heading_key("จำนวนเงิน")


def test_letters_of_other_alphabets_that_look_alike_make_no_other_ticket_or_code() -> None:
    for written in ("\u041d\u041e-12", "\u0397\u039f-12", "H\u043e-12", "\u03b7\u03bf-12"):
        assert ticket_key(written) == code_key(written) == "HO-12"
