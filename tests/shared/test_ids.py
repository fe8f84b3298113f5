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


@given(st.uuids(), st.integers(1, 2**31))
def test_a_bank_reference_holds_sixteen_safe_characters_and_is_always_the_same(intent: UUID, ordinal: int) -> None:
    reference = bank_reference(intent, ordinal)
    assert re.fullmatch("S[0-9A-HJKMNP-TV-Z]{15}", reference)
    assert bank_reference(UUID(str(intent)), ordinal) == reference


def test_a_hundred_thousand_references_differ() -> None:
    intents = [uuid7_from(1, number.to_bytes(10)) for number in range(0, 50_000 << 6, 1 << 6)]
    assert len({bank_reference(intent, ordinal) for intent in intents for ordinal in (1, 2)}) == 100_000


def test_a_known_intent_keeps_its_references() -> None:
    intent = UUID("0192f0c2-0000-7000-8000-000000000001")
    assert [bank_reference(intent, ordinal) for ordinal in (1, 2)] == ["S5J0ZM5ZBTJT65C6", "S265Q0W7K9YYYM21"]


def test_references_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        bank_reference(UUID(int=1), 0)


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
