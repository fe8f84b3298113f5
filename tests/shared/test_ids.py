"""Identifiers keep time order, references fit the bank, and numbers read aloud are well formed."""

from __future__ import annotations

import re
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import bank_reference, batch_number, case_number, ledger_account_id, uuid7_from, voucher_number

times = st.integers(0, (1 << 48) - 1)
entropies = st.binary(min_size=10, max_size=10)


@given(times, entropies)
def test_ids_are_version_7_and_carry_their_time(unix_ms: int, entropy: bytes) -> None:
    made = uuid7_from(unix_ms, entropy)
    assert (made.version, made.variant, made.int >> 80) == (7, RFC_4122, unix_ms)


@given(times, times, entropies, entropies)
def test_later_ids_sort_after_earlier_ones(one: int, other: int, a: bytes, b: bytes) -> None:
    if one < other:
        assert str(uuid7_from(one, a)) < str(uuid7_from(other, b))


def test_an_id_needs_ten_bytes_and_a_48_bit_time() -> None:
    for unix_ms, entropy in ((0, b"short"), (1 << 48, bytes(10)), (-1, bytes(10))):
        with pytest.raises(ValueError, match="uuid7"):
            uuid7_from(unix_ms, entropy)


@given(times, times, entropies)
def test_a_bank_reference_holds_sixteen_safe_characters_of_the_random_bits(one: int, other: int, bits: bytes) -> None:
    reference = bank_reference(uuid7_from(one, bits))
    assert re.fullmatch("S[0-9A-HJKMNP-TV-Z]{15}", reference)
    assert bank_reference(uuid7_from(other, bits)) == reference


@given(entropies, entropies)
def test_references_differ_wherever_the_74_used_bits_differ(a: bytes, b: bytes) -> None:
    same = int.from_bytes(a) >> 6 == int.from_bytes(b) >> 6
    assert (bank_reference(uuid7_from(1, a)) == bank_reference(uuid7_from(1, b))) == same


def test_a_known_attempt_keeps_its_reference() -> None:
    assert bank_reference(UUID("0192f0c2-0000-7fff-bfff-ffffffffffff")) == "SFZZZZZZZZZZZZZZ"
    assert bank_reference(UUID("0192f0c2-0000-7000-8000-000000000001")) == "S000000000000001"


def test_numbers_name_their_month() -> None:
    assert voucher_number(2026, 11, 123) == "PV2611-0000123"
    assert batch_number(2026, 11, 45) == "BT2611-0000045"
    assert case_number(2027, 1, 9_999_999) == "BC2701-9999999"


@pytest.mark.parametrize(("year", "month", "sequence"), [(2569, 11, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 10**7)])
def test_a_number_that_would_not_fit_is_a_mistake(year: int, month: int, sequence: int) -> None:
    with pytest.raises(ValueError, match="no PV number"):
        voucher_number(year, month, sequence)


def test_ledger_accounts_have_the_same_id_everywhere() -> None:
    assert ledger_account_id("branch/NSN/funding/THB") == ledger_account_id("branch/NSN/funding/THB")
    assert ledger_account_id("branch/NSN/funding/THB") != ledger_account_id("branch/CNX/funding/THB")
    assert ledger_account_id("branch/NSN/funding/THB") == UUID("a3a36911-227c-5f77-9e37-cef4a24f7b04")
