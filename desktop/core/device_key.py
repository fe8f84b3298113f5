"""The desk's own Ed25519 key and the key of its local store, both kept by the same guard."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop.core.guard import KEY_FILE, Guard, GuardKind, GuardProblem, PinFile, choose_guard

_SEED, _STORE = 32, 32


@dataclass(frozen=True)
class DeviceKey:
    """Signs for this desk; `store_key` opens the local store. Neither is ever shown by repr."""

    guarded_by: GuardKind
    store_key: bytes = field(repr=False)
    _private: Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> str:
        """Base64 of the 32 raw bytes, as `enrol_device` sends it."""
        return base64.b64encode(self._private.public_key().public_bytes_raw()).decode()

    @property
    def fingerprint(self) -> str:
        """What two people compare by voice at enrolment: SHA-256 of the public key, 4 groups of 4 hex digits."""
        text = hashlib.sha256(self._private.public_key().public_bytes_raw()).hexdigest()[:16]
        return "-".join(text[at : at + 4] for at in range(0, 16, 4))

    def sign(self, data: bytes) -> str:
        """Base64 of the signature."""
        return base64.b64encode(self._private.sign(data)).decode()


def open_device_key(directory: Path, *, pin: str = "", guard: Guard | None = None) -> DeviceKey | GuardProblem:
    """The key of the profile in `directory`, made on first use. `pin` is needed where a key file guards it."""
    keeper = guard or choose_guard(directory, pin)
    secret = keeper.load()
    if isinstance(secret, GuardProblem):
        return secret
    if secret is None:
        secret = os.urandom(_SEED + _STORE)
        problem = keeper.save(secret)
        if problem is not None:
            return problem
    if len(secret) != _SEED + _STORE:
        return GuardProblem.DAMAGED
    return DeviceKey(
        guarded_by=keeper.kind,
        store_key=secret[_SEED:],
        _private=Ed25519PrivateKey.from_private_bytes(secret[:_SEED]),
    )


def device_key_from_seed(directory: Path, *, pin: str, seed: bytes) -> DeviceKey | GuardProblem:
    """Put a key that was made elsewhere (a demo's desks) into a key file under `pin`, and open it."""
    guard = PinFile(directory / KEY_FILE, pin)
    problem = guard.save(seed + os.urandom(_STORE))
    return open_device_key(directory, guard=guard) if problem is None else problem
