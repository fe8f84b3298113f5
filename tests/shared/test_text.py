"""Text has one stored form, hostile characters do not get in, and masked bank names are compared fairly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.names import name_match, strip_title
from shared.text import TextProblem, clean_text, mask_account


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  สมชาย   ใจดี ", "สมชาย ใจดี"),
        ("นํา", "นำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("e\u0301", "\u00e9"),
        ("สม\u200bชาย\ufeff", "สมชาย"),
        ("e\u200b\u0301", "\u00e9"),
        ("a\tb\r\nc\u00a0d\u2003e", "a b c d e"),
    ],
)
def test_text_is_brought_to_one_form(text: str, cleaned: str) -> None:
    assert clean_text(text, 40) == cleaned


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\u200f", "\ud800"])
def test_characters_that_hide_or_reorder_text_are_refused(character: str) -> None:
    assert clean_text(f"สมชาย{character}", 40) is TextProblem.FORBIDDEN_CHARACTER


def test_empty_and_long_text_are_refused() -> None:
    assert clean_text(" \u200b ", 40) is TextProblem.EMPTY
    assert clean_text(" \u200b ", 40, required=False) == ""
    assert clean_text("ก" * 41, 40) is TextProblem.TOO_LONG
    assert clean_text("ก" * 40, 40) == "ก" * 40


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\u0e4d\u0e48\u0e49\u0e32\u0e33\u0301\u200b นก"))))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text, 10_000, required=False)
    if not isinstance(once, TextProblem):
        assert clean_text(once, 10_000, required=False) == once


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("นายสมชาย ใจดี", "สมชาย ใจดี"),
        ("นาย สมชาย ใจดี", "สมชาย ใจดี"),
        ("นางสาวสมศรี มีสุข", "สมศรี มีสุข"),
        ("น.ส. สมศรี มีสุข", "สมศรี มีสุข"),
        ("นางสมศรี มีสุข", "สมศรี มีสุข"),
        ("MR. SOMCHAI JAIDEE", "SOMCHAI JAIDEE"),
        ("Miss Somsri", "Somsri"),
        ("Mrs.Somsri", "Somsri"),
        ("Misak Jaidee", "Misak Jaidee"),
        ("นายิกา ใจดี", "นายิกา ใจดี"),
        ("สมชาย ใจดี", "สมชาย ใจดี"),
        ("นาย", "นาย"),
    ],
)
def test_titles_are_stripped_and_names_are_not(name: str, bare: str) -> None:
    assert strip_title(name) == bare


@pytest.mark.parametrize(
    ("registered", "from_bank", "score"),
    [
        ("สมชาย ใจดี", "นาย ส*** ใ***", 100),
        ("นายสมชาย ใจดี", "สมชาย ใจดี", 100),
        ("Somchai Jaidee", "MR. SOMCHAI JAI***", 100),
        ("กลุ่มปลูกผัก 12", "ก*** 1***", 100),
        ("กลุ่มปลูกผัก 12", "ก*** 2***", 50),
        ("สมชาย ใจดี", "ส***ย ใ***ี", 100),
        ("สมชาย ใจดี", "นาง ก*** ใ***", 50),
        ("สมชาย ใจดี", "นาง ก*** ม***", 0),
        ("สมชาย ใจดี", "สมชาย", 50),
        ("สม", "สมม*ม", 0),
        ("สมชาย ใจดี", "", 0),
        ("", "สมชาย", 0),
        ("สมชาย", "\u202eสมชาย", 0),
    ],
)
def test_names_are_scored_by_what_the_bank_lets_us_see(registered: str, from_bank: str, score: int) -> None:
    assert name_match(registered, from_bank) == score


def test_one_wrong_letter_scores_between_a_match_and_a_stranger() -> None:
    typo = name_match("สมชาย ใจดี", "สมชาญ ใจดี")
    assert name_match("สมชาย ใจดี", "ปราณี มีสุข") < 60 < typo < 100


def test_numbers_are_masked_to_their_last_four() -> None:
    assert mask_account("020123454412") == "••••4412"
    assert mask_account("4412") == "••••"
