"""Identifiers: typed keys, time-ordered UUIDs, and the numbers people read aloud."""

from __future__ import annotations

import hashlib
from typing import Final, NewType
from uuid import UUID, uuid5

AttemptId = NewType("AttemptId", UUID)

ENTROPY_BYTES: Final = 10
_LEDGER_NAMESPACE: Final = UUID("6f3b7b0e-9d0f-5c57-8b52-6a1c2d9e4f10")
_REFERENCES: Final = b"sheaf bank reference 1\n"
"""Never changes: a payment would get a second name at the bank."""
_BY_KEY: Final = "sheaf id by key 1"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def uuid7_from(unix_ms: int, entropy: bytes) -> UUID:
    """A version 7 UUID (RFC 9562) from milliseconds since 1970 and ten random bytes (74 bits are used)."""
    if len(entropy) != ENTROPY_BYTES or not 0 <= unix_ms < 1 << 48:
        raise ValueError("uuid7 takes a 48-bit time and ten bytes of entropy")
    random = int.from_bytes(entropy) >> 6
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=unix_ms << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low)


def id_by_key(unix_ms: int, *words: str) -> UUID:
    """A version 7 UUID whose random bits follow from words, such as who asks by which idempotency key.

    Asked again after the answer was forgotten it has the same bits at another time.
    """
    return uuid7_from(unix_ms, hashlib.sha256("\n".join((_BY_KEY, *words)).encode()).digest()[:ENTROPY_BYTES])


def bank_reference(intent_id: UUID, ordinal: int) -> str:
    """What an intent is called at the bank under its first, second ... reference: ``S`` and 15 Crockford base32
    characters, 16 in all, so that it survives MT940.

    It follows from the intent alone, whenever that was made: a database that was restored from an older copy says it
    again, also of what a desk offers it again (`id_by_key`), and the bank knows it. 75 bits of a SHA-256: that two of a
    thousand million references are the same has odds of 1 in 75,000 (n^2 / 2^76), and then the second one is refused by
    the database's unique index and by the bank, never paid.
    """
    if ordinal < 1:
        raise ValueError("references are counted from 1")
    drawn = hashlib.sha256(_REFERENCES + intent_id.bytes[6:] + ordinal.to_bytes(4)).digest()
    bits = int.from_bytes(drawn) >> 256 - 75
    return "S" + "".join(_CROCKFORD[bits >> shift & 31] for shift in range(70, -1, -5))


def voucher_number(year_ce: int, month: int, sequence: int) -> str:
    """The number of a payment voucher: ``PV2611-0000123``."""
    return _monthly("PV", year_ce, month, sequence)


def batch_number(year_ce: int, month: int, sequence: int) -> str:
    """The number of a batch of payments: ``BT2611-0000045``."""
    return _monthly("BT", year_ce, month, sequence)


def case_number(year_ce: int, month: int, sequence: int) -> str:
    """The number of a bank-change case: ``BC2611-0000007``."""
    return _monthly("BC", year_ce, month, sequence)


def funding_number(year_ce: int, month: int, sequence: int) -> str:
    """The number of a funding request: ``FN2611-0000003``."""
    return _monthly("FN", year_ce, month, sequence)


def deposit_number(year_ce: int, month: int, sequence: int) -> str:
    """The number of money paid into the company's account: ``DP2611-0000004``."""
    return _monthly("DP", year_ce, month, sequence)


def advance_number(year_ce: int, month: int, sequence: int) -> str:
    """The number of an advance to a member: ``AD2611-0000002``."""
    return _monthly("AD", year_ce, month, sequence)


def _monthly(prefix: str, year_ce: int, month: int, sequence: int) -> str:
    if not (2000 <= year_ce <= 2099 and 1 <= month <= 12 and 1 <= sequence <= 9_999_999):
        raise ValueError(f"no {prefix} number for {year_ce}-{month}, sequence {sequence}")
    return f"{prefix}{year_ce % 100:02d}{month:02d}-{sequence:07d}"


def ledger_account_id(name: str) -> UUID:
    """The fixed id of a ledger account by its name, e.g. ``branch/NSN/funding/THB``."""
    return uuid5(_LEDGER_NAMESPACE, name)
