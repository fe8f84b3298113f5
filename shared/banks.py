"""Thai banks and the shape of their account numbers (Bank of Thailand codes; lengths from public sources)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from shared.bank_table import INSTITUTIONS
from shared.text import mask_account
from shared.thai import Language, NationalIdProblem, national_id_problem, plain_digits

SCB: Final = "014"
BAAC: Final = "034"
PROMPTPAY: Final = "111"
"""Not a bank: the clearing code under which a 13-digit national id stands in place of an account."""

_SHORT: Final = {
    "002": "BBL", "004": "KBANK", "006": "KTB", "008": "JPM", "009": "OCBC", "011": "TTB", SCB: "SCB",
    "017": "CITI", "018": "SMBC", "020": "SCBT", "022": "CIMBT", "023": "RHB", "024": "UOBT", "025": "BAY",
    "026": "MEGA", "027": "BOA", "029": "IOB", "030": "GSB", "031": "HSBC", "032": "DB", "033": "GHB",
    BAAC: "BAAC", "035": "EXIM", "039": "MIZUHO", "045": "BNP", "052": "BOC", "066": "IBANK", "067": "TISCO",
    "069": "KKP", "070": "ICBC", "071": "TCR", "073": "LHB", "079": "ANZ", "080": "SMTB", "098": "SME",
    PROMPTPAY: "PromptPay",
}  # fmt: skip

_LENGTHS: Final = {
    **dict.fromkeys(("002", "004", "006", "011", SCB, "017", "022", "024", "025"), (10,)),
    **dict.fromkeys((BAAC, "031", "033"), (12,)),
    "030": (12, 15), "066": (10, 12), "067": (14,), "069": (10, 14), PROMPTPAY: (13,),
}  # fmt: skip
_ANY_LENGTH: Final = tuple(range(5, 17))
_SPREADSHEET = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+|[0-9]+\.0+")


class AccountNumber(str):
    """Digits of a bank account; `repr`, which logs and tracebacks use, shows only the last four."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"AccountNumber({mask_account(self)!r})"


class AccountProblem(StrEnum):
    """Why an account number is refused."""

    EMPTY = "empty"
    UNKNOWN_BANK = "unknown_bank"
    SPREADSHEET_NUMBER = "spreadsheet_number"
    NOT_DIGITS = "not_digits"
    LENGTH = "length"
    ALL_ZERO = "all_zero"
    CHECK_DIGIT = "check_digit"


def check_account(bank_code: str, number: str, *, production: bool) -> AccountNumber | AccountProblem:
    """Normalise an account number to digits (leading zeros kept) or say why it cannot be one.

    Spaces, dashes and Thai digits are normalised; ``1.23E+09`` and ``1234567890.0`` are what a spreadsheet
    made of a number whose digits may be lost. SCB's check digit is enforced in production only, because the
    bank's own sandbox accounts fail it; PromptPay takes a 13-digit id with a right check digit.
    """
    if bank_code not in _SHORT:
        return AccountProblem.UNKNOWN_BANK
    digits = plain_digits(number)
    if problem := _shape_problem(bank_code, digits):
        return problem
    if bank_code == SCB and production and not scb_check_digit_ok(digits):
        return AccountProblem.CHECK_DIGIT
    if bank_code == PROMPTPAY and national_id_problem(digits) is NationalIdProblem.CHECK_DIGIT:
        return AccountProblem.CHECK_DIGIT
    return AccountNumber(digits)


def _shape_problem(bank_code: str, digits: str) -> AccountProblem | None:
    if not digits:
        return AccountProblem.EMPTY
    if not (digits.isascii() and digits.isdigit()):
        return AccountProblem.SPREADSHEET_NUMBER if _SPREADSHEET.fullmatch(digits) else AccountProblem.NOT_DIGITS
    if len(digits) not in account_lengths(bank_code):
        return AccountProblem.LENGTH
    return AccountProblem.ALL_ZERO if not digits.strip("0") else None


def account_lengths(bank_code: str) -> tuple[int, ...]:
    """The lengths a bank's account numbers may have; 5 to 16 where no source names one."""
    return _LENGTHS.get(bank_code, _ANY_LENGTH)


def scb_check_digit_ok(digits: str) -> bool:
    """Whether ten digits carry SCB's check digit: weights 4 3 2 7 6 5 4 3 2, each product taken mod 10."""
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * weight % 10 for digit, weight in zip(digits, (4, 3, 2, 7, 6, 5, 4, 3, 2), strict=False))
    return (10 - total % 10) % 10 == int(digits[9])


def bank_name(code: str, language: Language = "th") -> str:
    """A bank's full name, or the code itself when it is not in the table."""
    if code == PROMPTPAY:
        return "พร้อมเพย์" if language == "th" else "PromptPay"
    names = INSTITUTIONS.get(code)
    return code if names is None else names[0 if language == "th" else 1]


def bank_short(code: str) -> str:
    """A bank's usual abbreviation such as ``SCB``, or the code itself when none is known."""
    return _SHORT.get(code, code)


def payable_banks() -> tuple[str, ...]:
    """Codes of the banks an account may be registered with, in code order (PromptPay is not one of them)."""
    return tuple(sorted(code for code in _SHORT if code != PROMPTPAY))
