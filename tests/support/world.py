"""A small company for tests that go through the API: branches, people, approved desks with known keys, and a clock."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.company import Hire, Plan, build
from server import bootstrap
from server.context import Policy, Services, Vault
from server.database.roles import API, role_url
from server.database.transaction import Database
from server.identity import passwords, second_factor
from shared.permissions import Role
from tests.conftest import ROLE_SECRET

VAULT_KEY = bytes(range(32))
PASSWORD = "rice-paddy-harvest-weigh"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BRANCHES = (
    bootstrap.NewBranch("NSN", "นครสวรรค์", "Nakhon Sawan"),
    bootstrap.NewBranch("KKN", "ขอนแก่น", "Khon Kaen"),
    bootstrap.NewBranch("CRI", "เชียงราย", "Chiang Rai"),
)
PEOPLE = tuple(
    (f"{role.value}.{branch.code.lower()}", branch.code, role)
    for branch in BRANCHES
    for role in (Role.CASHIER, Role.MANAGER)
) + tuple((role.value, "HQ", role) for role in (Role.TREASURER, Role.AUDITOR, Role.ADMINISTRATOR))


class MovableClock:
    """The machine's time and an offset that tests move; it never stands still, so no two instants are the same."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def forward(self, delta: timedelta) -> None:
        """Let time pass at once."""
        self.offset += delta


@dataclass
class Person:
    """A user with a desk of their own."""

    username: str
    branch: str
    role: Role
    user_id: UUID
    device_id: UUID
    key: Ed25519PrivateKey
    used_steps: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def totp(self, clock: MovableClock) -> str:
        """A code that was never used before; the clock is moved on when the present ones are."""
        with self.lock:
            while True:
                present = second_factor.step_of(clock())
                free = [step for step in (present - 1, present, present + 1) if step not in self.used_steps]
                # the oldest step leaves the tolerance within seconds: take it only while it is far from the edge
                for step in free[1:] if len(free) == 3 else free:
                    if step >= present:
                        self.used_steps.add(step)
                        return second_factor.code_at(TOTP_SECRET, step)
                clock.forward(timedelta(seconds=second_factor.STEP_SECONDS))


@dataclass
class Company:
    """HQ, NSN, KKN and CRI; a cashier and a manager in each branch, treasurer, auditor and administrator at HQ.

    `people` by user name: `cashier.nsn`, `manager.kkn`, `treasurer`, `auditor`, `administrator`. All passwords are
    PASSWORD. `admin_url` is the superuser's.
    """

    admin_url: str
    clock: MovableClock
    services: Services
    people: dict[str, Person]

    @property
    def api_url(self) -> str:
        """The database as the API's role reaches it."""
        return role_url(self.admin_url, API, ROLE_SECRET)

    def database(self, *, role: str = API, connections: int = 10) -> Database:
        """The database under a role, with this company's clock and vault; the caller closes it."""
        return Database(role_url(self.admin_url, role, ROLE_SECRET), self.services, connections=connections)

    @asynccontextmanager
    async def administration(self) -> AsyncIterator[Database]:
        """The database as its administrator."""
        async with bootstrap.administration(self.admin_url, self.services) as database:
            yield database


async def found(admin_url: str, *, policy: Policy | None = None) -> Company:
    """Make the company in a migrated, empty database."""
    clock = MovableClock()
    services = Services(vault=Vault(VAULT_KEY), clock=clock, policy=policy or Policy())
    company = Company(admin_url, clock, services, {})
    hires = [
        Hire(
            username=username,
            branch=branch,
            role=role,
            name=f"Test {username}",
            key=device_key(username),
            password_hash=_hash(),
            totp_secret=TOTP_SECRET,
        )
        for username, branch, role in PEOPLE
    ]
    async with company.administration() as database, database.transaction(()) as tx:
        made = await build(tx, Plan(by="tests", branches=BRANCHES, hires=hires), clock())
    for username, branch, role in PEOPLE:
        worker = made.people[username]
        company.people[username] = Person(username, branch, role, worker.actor.user, worker.actor.device, worker.key)
    return company


def found_now(admin_url: str, *, policy: Policy | None = None) -> Company:
    """`found` for fixtures that are not coroutines."""
    return asyncio.run(found(admin_url, policy=policy))


def device_key(name: str) -> Ed25519PrivateKey:
    """The same key for the same name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"desk of {name}".encode()).digest())


@cache
def _hash() -> str:
    return passwords.hash_password(PASSWORD)
