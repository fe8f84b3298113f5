"""Passwords: argon2id, checked away from the event loop, and a check that costs the same when there is no user."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# What an unknown user's password is compared with, so that the answer takes as long as for a known one.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


def new_password() -> str:
    """Four groups of four easily read characters: 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    """The argon2id hash with its own salt and parameters."""
    return _HASHER.hash(password)


async def password_is(stored: str | None, password: str) -> bool:
    """Whether the password fits; a damaged hash and an unknown user (None) fit nothing, in the same time."""
    fits = await asyncio.to_thread(_verify, stored or _NOBODY, password)
    return fits and stored is not None


def wants_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
