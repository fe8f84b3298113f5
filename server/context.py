"""What every room is given and none makes for itself: clock, ids, vault, policy, and who is acting."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.ids import uuid7_from
from shared.money import Satang
from shared.permissions import Permission, Role, permissions_of

Clock = Callable[[], datetime]
MANAGER_LIMIT = Satang(200_000_00)
SINGLE_LIMIT = Satang(2_000_000_00)
HEAD_OFFICE = 0
"""Head office's branch id; it has an audit chain and a treasury like any branch has its own."""


def system_clock() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


class Vault:
    """Encrypts what is stored of account numbers, national ids and documents, and makes digests to find them again.

    AES-256-GCM with a random nonce in front; the digest is HMAC-SHA256 with a key of its own, so that a stolen database
    can't be searched by trying all account numbers. Both keys are derived from one 32-byte installation key.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("the vault's key is 32 bytes")
        self._key = key
        self._cipher = AESGCM(hmac.digest(key, b"sheaf-encrypt", "sha256"))
        self._digest_key = hmac.digest(key, b"sheaf-digest", "sha256")

    def derive(self, label: bytes) -> bytes:
        """A 32-byte key for another purpose, from the same installation key."""
        return hmac.digest(self._key, label, "sha256")

    def encrypt(self, content: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, content, None)

    def decrypt(self, stored: bytes) -> bytes:
        """What was encrypted; raises cryptography's InvalidTag when the key is wrong or a byte was changed."""
        if len(stored) < 12:
            # Cut off, as somebody's change would leave it: the cipher would complain of its nonce instead.
            raise InvalidTag
        return self._cipher.decrypt(stored[:12], stored[12:], None)

    def encrypt_text(self, text: str) -> bytes:
        """Text as UTF-8, encrypted."""
        return self.encrypt(text.encode())

    def decrypt_text(self, stored: bytes) -> str:
        """The text that was encrypted."""
        return self.decrypt(stored).decode()

    def digest(self, text: str) -> bytes:
        """32 bytes, the same for the same text under the same installation key."""
        return hmac.digest(self._digest_key, text.encode(), hashlib.sha256)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The company's settings."""

    manager_limit: Satang = MANAGER_LIMIT
    single_limit: Satang = SINGLE_LIMIT
    approval_life: timedelta = timedelta(hours=72)
    open_batch_life: timedelta = timedelta(hours=2)
    """How long a batch stays open that nobody adds lines to; at most as long as an approval lives."""
    check_life: timedelta = timedelta(hours=24)
    name_match_minimum: int = 80
    production_accounts: bool = False
    advance_basis_points: int = 3_000
    """What an advance takes of each payment where its own terms don't say: hundredths of a percent."""
    duplicate_window: timedelta = timedelta(days=3)
    """How far back the double-pay radar looks."""
    checks_at: time | None = None
    """When, in Bangkok, the bank is asked about the accounts of a buying day by itself."""
    checks_days: frozenset[int] = frozenset(range(7))
    """Buying days, 0 for Monday."""
    checks_paid_days: int = 45
    """Whom the daily run asks about: who was paid in these days, and who was never asked about."""
    checks_per_second: int = 5


def new_id_at(now: datetime) -> UUID:
    """A UUIDv7 of this instant with entropy from the operating system."""
    return uuid7_from(int(now.timestamp() * 1000), os.urandom(10))


@dataclass(frozen=True, kw_only=True)
class Services:
    """One per process."""

    vault: Vault
    clock: Clock = system_clock
    new_id: Callable[[datetime], UUID] = new_id_at
    policy: Policy = field(default_factory=Policy)
    channels: frozenset[str] | None = None
    """The channels that this installation's settings set up; None where nobody has said."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: a signed-in person on a desk, or a worker of ours. `branches` is all that the transaction may see."""

    name: str
    user_id: UUID | None = None
    display_name: str = ""
    roles: frozenset[Role] = frozenset()
    branch_id: int = HEAD_OFFICE
    branch_codes: Mapping[str, int] = field(default_factory=dict)
    device_id: UUID | None = None
    session_id: UUID | None = None
    correlation_id: str = "-"
    key: str = ""
    """The idempotency key of the call that is being answered, where its verb has one."""

    def of_call(self, correlation_id: str) -> Actor:
        """The same in one call."""
        # in every call: replacing a field takes ten times as long
        actor = object.__new__(Actor)
        actor.__dict__.update(self.__dict__, correlation_id=correlation_id)
        return actor

    @cached_property
    def branches(self) -> tuple[int, ...]:
        """Ids of the branches that the actor may see."""
        return tuple(sorted(self.branch_codes.values()))

    @property
    def user(self) -> UUID:
        """The person's id; a worker has none, and asking is a bug."""
        if self.user_id is None:
            raise RuntimeError(f"{self.name} is not a person")
        return self.user_id

    @property
    def device(self) -> UUID:
        """The desk's id; a worker has none, and asking is a bug."""
        if self.device_id is None:
            raise RuntimeError(f"{self.name} has no desk")
        return self.device_id

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles carries the permission."""
        return permission in permissions_of(self.roles)

    def branch_code(self, branch_id: int) -> str:
        """The code of a branch that the actor may see."""
        return next(code for code, number in self.branch_codes.items() if number == branch_id)
