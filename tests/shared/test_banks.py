"""Bank codes are the published ones and account numbers keep every digit a person wrote."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.banks import (
    AccountNumber,
    AccountProblem,
    account_lengths,
    bank_name,
    bank_short,
    check_account,
    payable_banks,
    scb_check_digit_ok,
)

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_generated_table_is_what_the_source_says() -> None:
    render = runpy.run_path(str(ROOT / "scripts" / "make_bank_table.py"))["render"]
    source = (ROOT / "resources" / "bank-codes.csv").read_text(encoding="utf-8-sig")
    assert (ROOT / "shared" / "bank_table.py").read_text(encoding="utf-8") == render(source)


def test_every_payable_bank_has_a_current_name_in_both_languages() -> None:
    with (ROOT / "resources" / "bank-codes.csv").open(encoding="utf-8-sig") as file:
        english = {row["REFERENCE CODE"]: row["FI_NAME_ENGLISH"] for row in csv.DictReader(file) if row["OPEN_DATE"]}
    for code in payable_banks():
        assert bank_name(code, "en") == " ".join(english[code].split())
        assert bank_name(code, "th") not in (code, bank_name(code, "en"))
        assert bank_short(code) != code


def test_the_central_bank_and_closed_banks_are_not_payable() -> None:
    assert not {"001", "015", "065", "093", "111"} & set(payable_banks())
    assert bank_name("065") == "065"
    assert (bank_short("014"), bank_short("034"), bank_name("111")) == ("SCB", "BAAC", "พร้อมเพย์")


@pytest.mark.parametrize(
    ("bank", "number", "outcome"),
    [
        ("034", "020-1-23454-412", "020123454412"),
        ("034", "0201234544123", AccountProblem.LENGTH),
        ("034", "020 123 454 412", "020123454412"),
        ("034", "๐๒๐๑๒๓๔๕๔๔๑๒", "020123454412"),
        ("034", "000000000001", "000000000001"),
        ("034", "000000000000", AccountProblem.ALL_ZERO),
        ("004", "012-3-45678-9", "0123456789"),
        ("030", "123456789012345", "123456789012345"),
        ("066", "123456789012", "123456789012"),
        ("069", "12345678901234", "12345678901234"),
        ("067", "1234567890", AccountProblem.LENGTH),
        ("004", "1.23E+09", AccountProblem.SPREADSHEET_NUMBER),
        ("004", "1,23e+09", AccountProblem.SPREADSHEET_NUMBER),
        ("004", "1E9", AccountProblem.SPREADSHEET_NUMBER),
        ("004", "1234567890.0", AccountProblem.SPREADSHEET_NUMBER),
        ("004", "12345A7890", AccountProblem.NOT_DIGITS),
        ("004", "１２３４５６７８９０", AccountProblem.NOT_DIGITS),
        ("004", "١٢٣٤٥٦٧٨٩٠", AccountProblem.NOT_DIGITS),
        ("004", " - ", AccountProblem.EMPTY),
        ("065", "1234567890", AccountProblem.UNKNOWN_BANK),
        ("34", "020123454412", AccountProblem.UNKNOWN_BANK),
        ("111", "1101700230708", "1101700230708"),
        ("111", "1101700230709", AccountProblem.CHECK_DIGIT),
        ("111", "0812345678", AccountProblem.LENGTH),
        ("008", "12345", "12345"),
        ("008", "1234", AccountProblem.LENGTH),
    ],
)
def test_account_numbers_are_normalised_or_refused(bank: str, number: str, outcome: str | AccountProblem) -> None:
    assert check_account(bank, number, production=True) == outcome


def test_the_scb_check_digit_binds_only_in_production() -> None:
    assert check_account("014", "0987654321", production=True) is AccountProblem.CHECK_DIGIT
    assert check_account("014", "0987654321", production=False) == "0987654321"


@given(st.integers(min_value=1, max_value=10**9 - 1))
def test_exactly_one_last_digit_fits_an_scb_account(stem: int) -> None:
    fitting = [digit for digit in range(10) if scb_check_digit_ok(f"{stem:09d}{digit}")]
    assert len(fitting) == 1
    accepted = check_account("014", f"{stem:09d}{fitting[0]}", production=True)
    assert isinstance(accepted, AccountNumber)


@given(st.sampled_from(payable_banks()), st.data())
def test_what_is_accepted_is_accepted_again_unchanged(bank: str, data: st.DataObject) -> None:
    length = data.draw(st.sampled_from(account_lengths(bank)))
    number = data.draw(st.text(alphabet="0123456789", min_size=length, max_size=length))
    accepted = check_account(bank, number, production=False)
    if isinstance(accepted, AccountNumber):
        assert check_account(bank, accepted, production=False) == number


def test_an_account_number_hides_itself_from_logs() -> None:
    number = AccountNumber("020123454412")
    assert repr(number) == "AccountNumber('••••4412')"
    assert "0201234" not in f"{[number]} {number!r}"
    assert f"{number}" == "020123454412"
