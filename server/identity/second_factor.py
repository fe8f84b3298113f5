"""Time-based codes (RFC 6238): six digits, 30 seconds, one step of tolerance either way."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30


def new_secret() -> str:
    """A base32 secret of 160 bits, as authenticator apps take it."""
    return pyotp.random_base32()


def step_of(now: datetime) -> int:
    """The number of the 30-second step."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The code of one step."""
    return pyotp.TOTP(secret).generate_otp(step)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, among the present one and its neighbours."""
    wanted = code.replace(" ", "")
    if not (wanted.isascii() and wanted.isdigit()):
        return None
    present = step_of(now)
    steps = [step for step in (present - 1, present, present + 1) if hmac.compare_digest(code_at(secret, step), wanted)]
    return steps[0] if steps else None
