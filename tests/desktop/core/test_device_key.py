"""The desk's secrets are never on the disk in the clear, and only the right PIN brings them back."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from desktop.core.device_key import DeviceKey, device_key_from_seed, open_device_key
from desktop.core.guard import KEY_FILE, GuardKind, GuardProblem, choose_guard


class MemoryKeyring(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def no_keyring() -> object:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def working_keyring() -> object:
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    yield
    keyring.set_keyring(before)


def test_a_key_file_opens_with_its_pin_and_signs_as_before(tmp_path: Path) -> None:
    made = open_device_key(tmp_path, pin="246810")
    again = open_device_key(tmp_path, pin="246810")
    assert isinstance(made, DeviceKey)
    assert isinstance(again, DeviceKey)
    assert again.guarded_by is GuardKind.PIN_FILE
    assert (again.fingerprint, again.store_key) == (made.fingerprint, made.store_key)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(made.public_key))
    public.verify(base64.b64decode(again.sign(b"words")), b"words")


def test_a_wrong_pin_opens_nothing(tmp_path: Path) -> None:
    open_device_key(tmp_path, pin="246810")
    assert open_device_key(tmp_path, pin="246811") is GuardProblem.PIN_WRONG
    assert open_device_key(tmp_path) is GuardProblem.PIN_NEEDED


def test_neither_key_is_in_the_file(tmp_path: Path) -> None:
    seed = os.urandom(32)
    key = device_key_from_seed(tmp_path, pin="246810", seed=seed)
    assert isinstance(key, DeviceKey)
    written = (tmp_path / KEY_FILE).read_bytes()
    for secret in (seed, key.store_key):
        for form in (secret, secret.hex().encode(), base64.b64encode(secret)[:40]):
            assert form not in written
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert seed.hex() not in repr(key)


def test_a_changed_file_opens_nothing(tmp_path: Path) -> None:
    open_device_key(tmp_path, pin="246810")
    path = tmp_path / KEY_FILE
    content = bytearray(path.read_bytes())
    content[-10] ^= 1
    path.write_bytes(bytes(content))
    assert open_device_key(tmp_path, pin="246810") in (GuardProblem.PIN_WRONG, GuardProblem.DAMAGED)
    path.write_bytes(b"not a key file")
    assert open_device_key(tmp_path, pin="246810") is GuardProblem.DAMAGED


def test_a_short_pin_is_refused(tmp_path: Path) -> None:
    assert open_device_key(tmp_path, pin="1234") is GuardProblem.PIN_TOO_SHORT
    assert not (tmp_path / KEY_FILE).exists()


def test_a_working_keyring_is_preferred(tmp_path: Path, working_keyring: object) -> None:
    made, again = open_device_key(tmp_path), open_device_key(tmp_path)
    assert isinstance(made, DeviceKey)
    assert isinstance(again, DeviceKey)
    assert made.guarded_by is GuardKind.KEYRING
    assert made.fingerprint == again.fingerprint
    assert not (tmp_path / KEY_FILE).exists()


def test_without_a_keyring_a_pin_is_asked_for(tmp_path: Path, no_keyring: object) -> None:
    assert choose_guard(tmp_path, "").kind is GuardKind.PIN_FILE
    assert open_device_key(tmp_path) is GuardProblem.PIN_TOO_SHORT
