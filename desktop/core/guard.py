"""Where the desk's secrets rest: the operating system's keyring, else a file wrapped with a PIN; never plain."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

SERVICE: Final = "sheaf-desk"
KEY_FILE: Final = "device.key"
MIN_PIN: Final = 6
_HEADER: Final = b"sheaf-key-v1"
_N, _R, _P = 2**15, 8, 1


class GuardProblem(StrEnum):
    """Why the secrets cannot be had."""

    PIN_NEEDED = "pin_needed"
    PIN_WRONG = "pin_wrong"
    PIN_TOO_SHORT = "pin_too_short"
    DAMAGED = "damaged"


class GuardKind(StrEnum):
    """Which of the two is in use; the sign-in screen says so."""

    KEYRING = "keyring"
    PIN_FILE = "pin_file"


class Guard(Protocol):
    """Keeps one secret text of bytes."""

    @property
    def kind(self) -> GuardKind: ...

    def load(self) -> bytes | GuardProblem | None:
        """The secret, why it cannot be had, or None when there is none yet."""

    def save(self, secret: bytes) -> GuardProblem | None:
        """Keep the secret, or say why not."""


class _WrappedKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    salt: bytes
    nonce: bytes
    wrapped: bytes


@dataclass(frozen=True)
class PinFile:
    """scrypt (n=2^15, r=8, p=1) of the PIN wraps the secret with AES-GCM in a file that only its owner reads."""

    path: Path
    pin: str

    @property
    def kind(self) -> GuardKind:
        return GuardKind.PIN_FILE

    def load(self) -> bytes | GuardProblem | None:
        """The secret, or why not; a wrong PIN and a file changed by someone cannot be told apart."""
        try:
            held = msgspec.json.decode(self.path.read_bytes(), type=_WrappedKey)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError:
            return GuardProblem.DAMAGED
        if not self.pin:
            return GuardProblem.PIN_NEEDED
        try:
            return AESGCM(self._wrapping_key(held.salt)).decrypt(held.nonce, held.wrapped, _HEADER)
        except InvalidTag:
            return GuardProblem.PIN_WRONG

    def save(self, secret: bytes) -> GuardProblem | None:
        """Write the wrapped secret, whole or not at all."""
        if len(self.pin) < MIN_PIN:
            return GuardProblem.PIN_TOO_SHORT
        salt, nonce = os.urandom(16), os.urandom(12)
        wrapped = AESGCM(self._wrapping_key(salt)).encrypt(nonce, secret, _HEADER)
        write_private(self.path, msgspec.json.encode(_WrappedKey(version=1, salt=salt, nonce=nonce, wrapped=wrapped)))
        return None

    def _wrapping_key(self, salt: bytes) -> bytes:
        return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(self.pin.encode())


@dataclass(frozen=True)
class KeyringGuard:
    """The keyring of the signed-in user of this machine; one entry per profile."""

    profile: str

    @property
    def kind(self) -> GuardKind:
        return GuardKind.KEYRING

    def load(self) -> bytes | GuardProblem | None:
        """The secret, or None when this profile has none."""
        import keyring  # imported here because it costs 80 ms that a desk with a key file need not pay

        held = keyring.get_password(SERVICE, self.profile)
        return None if held is None else base64.b64decode(held)

    def save(self, secret: bytes) -> GuardProblem | None:
        """Keep the secret."""
        import keyring

        keyring.set_password(SERVICE, self.profile, base64.b64encode(secret).decode())
        return None


def keyring_works(profile: str) -> bool:
    """Whether a keyring is there and open; asks it, because a backend may exist and yet be locked."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.get_password(SERVICE, profile)
    except (KeyringError, RuntimeError):
        return False
    return True


def choose_guard(directory: Path, pin: str) -> Guard:
    """A key file that exists is used; else the keyring when one works; else a new key file under `pin`."""
    path = directory / KEY_FILE
    if not path.exists() and not pin and keyring_works(str(directory)):
        return KeyringGuard(str(directory))
    return PinFile(path, pin)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file whole, readable by its owner only, and on disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
