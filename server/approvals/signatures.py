"""Checks an approver's device signature over the bytes that were decided."""

from __future__ import annotations

from server.identity.signatures import signature_fits
from shared import canonical


def sign_off_is_valid(public_key: bytes, decision: str, digest: str, reason: str, signature: bytes) -> bool:
    """Whether the device with this Ed25519 key (32 bytes) signed this decision over this digest."""
    try:
        signed = canonical.sign_off_bytes(decision, digest, reason)
    except ValueError:  # a line break in the reason: nobody can have signed that
        return False
    return signature_fits(public_key, signature, signed)
