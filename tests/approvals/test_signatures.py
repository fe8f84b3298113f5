"""A signature counts for one key, one decision, one digest and one reason, to the bit."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.approvals.signatures import sign_off_is_valid
from server.identity.signatures import from_base64
from shared.canonical import sign_off_bytes

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
DIGEST = "ab" * 32
SIGNATURE = KEY.sign(sign_off_bytes("approve", DIGEST, "ดี"))


def test_the_right_one_counts() -> None:
    assert sign_off_is_valid(PUBLIC, "approve", DIGEST, "ดี", SIGNATURE)


@pytest.mark.parametrize(
    ("key", "decision", "digest", "reason"),
    [
        (OTHER, "approve", DIGEST, "ดี"),
        (PUBLIC, "reject", DIGEST, "ดี"),
        (PUBLIC, "approve", "cd" * 32, "ดี"),
        (PUBLIC, "approve", DIGEST.upper(), "ดี"),
        (PUBLIC, "approve", DIGEST, ""),
        (PUBLIC, "approve", DIGEST, "ดี "),
        (PUBLIC, "approve", f"{DIGEST}\nreason=", "ดี"),
        (PUBLIC, "approve", DIGEST, "ดี\n"),
        (PUBLIC[:31], "approve", DIGEST, "ดี"),
        (b"", "approve", DIGEST, "ดี"),
    ],
)
def test_another_key_decision_digest_or_reason_does_not(key: bytes, decision: str, digest: str, reason: str) -> None:
    assert not sign_off_is_valid(key, decision, digest, reason, SIGNATURE)


def test_no_changed_bit_of_a_signature_counts() -> None:
    for bit in range(len(SIGNATURE) * 8):
        changed = bytearray(SIGNATURE)
        changed[bit // 8] ^= 1 << bit % 8
        assert not sign_off_is_valid(PUBLIC, "approve", DIGEST, "ดี", bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_no_other_length_counts(length: int) -> None:
    assert not sign_off_is_valid(PUBLIC, "approve", DIGEST, "ดี", (SIGNATURE * 2)[:length])


@pytest.mark.parametrize("text", ["", "%", "A", "AAA", "ก", "AA==AA", "QUFB\n", " QUFB", "-_-_"])
def test_what_is_no_base64_is_an_empty_signature_or_none(text: str) -> None:
    assert not sign_off_is_valid(PUBLIC, "approve", DIGEST, "ดี", from_base64(text))


def test_base64_is_read_back() -> None:
    assert from_base64(base64.b64encode(SIGNATURE).decode()) == SIGNATURE
