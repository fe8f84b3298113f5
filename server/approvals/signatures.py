"""Checks an approver's device signature over the bytes that were decided."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared import canonical


def sign_off_is_valid(public_key: bytes, decision: str, digest: str, reason: str, signature: bytes) -> bool:
    """Whether the device with this Ed25519 key (32 bytes) signed this decision over this digest."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            signature, canonical.sign_off_bytes(decision, digest, reason)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def decode_signature(text: str) -> bytes:
    """The bytes of a base64 signature; empty (which never verifies) when it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
