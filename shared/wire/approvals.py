"""A decision about a case of any kind, and a signature as people see it, on the wire."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from shared.wire.common import Base64, Hex64, LongText, Wire


class SignCaseRequest(Wire, frozen=True, kw_only=True):
    """One decision about a case; `signature` is over `shared.canonical.sign_off_bytes(decision, digest, reason)`.

    `version` is the one that was seen, `digest` that of its canonical bytes as they were shown.
    """

    id: UUID
    version: int
    decision: Literal["approve", "reject"]
    reason: LongText = ""
    digest: Hex64
    signature: Base64


class SignatureView(Wire, frozen=True, kw_only=True):
    """One sign-off as people see it; who signed is known by `user_id`, for names are shared.

    `stands` is false once its signer was disabled, moved or left the role, or the desk was shut out: where it was not
    used yet, it counts for nothing.
    """

    user: str
    user_id: UUID | None = None
    role: str
    decision: str
    reason: str
    at: str
    stands: bool = True
