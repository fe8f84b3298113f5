"""What the bank reads in an upload file: whole account numbers, and names without anything hidden."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from server.channels.scb_file_format import build, value_date
from shared.banks import AccountNumber, account_lengths, check_account, payable_banks
from tests.lab.sandbox_bank.fixtures import order

DAY = value_date(datetime(2026, 11, 20, 3, tzinfo=UTC))


def detail(**changed: object) -> list[str]:
    content = build([msgspec.structs.replace(order(1, 100), **changed)], "1112223338", DAY).content
    return content.decode().split("\r\n")[2].split("|")


@pytest.mark.parametrize("bank", payable_banks())
def test_ten_digits_stay_ten_with_their_zeros(bank: str) -> None:
    number = check_account(bank, "0012345678", production=False)
    if 10 in account_lengths(bank):
        assert isinstance(number, AccountNumber)
        assert detail(payee_bank_code=bank, payee_account_number=number)[2] == "0012345678"
    else:
        assert not isinstance(number, AccountNumber)


@pytest.mark.parametrize(
    "name",
    ["นาย\u00a0สมชาย\u200b ใจดี", "นาย สมชาย  ใจดี\ufeff", "\u202eนาย สมชาย\u2003ใจดี\u2069", "นาย สมชาย\r\nใจดี"],
)
def test_a_name_reaches_the_bank_without_anything_hidden(name: str) -> None:
    assert detail(payee_name=name)[13] == "นาย สมชาย ใจดี"


def test_thai_reaches_the_bank_in_its_one_spelling() -> None:
    assert detail(payee_name="เเสง น\u0e4d\u0e49\u0e32")[13] == "แสง น้ำ"
