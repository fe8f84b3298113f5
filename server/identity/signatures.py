"""Ed25519 signatures of desks, as they come over the wire and as they are checked."""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def from_base64(text: str) -> bytes:
    """The bytes that a text stands for; empty (no key, and no signature that ever verifies) when it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def signature_fits(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether an Ed25519 signature is this key's (32 bytes) over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
