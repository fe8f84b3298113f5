"""A company of two branches with people, desks and members, for tests that call verbs as the API's role."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.company import raw_member
from server.audit.store import GENESIS
from server.channels.base import AccountName, AccountStatus
from server.context import Actor, Policy, Services, Vault
from server.database.roles import API, EXECUTOR, role_url
from server.database.transaction import Database
from server.members import checks, register
from server.members.register_file import RawMember
from shared.canonical import sign_off_bytes
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused
from tests.conftest import ROLE_SECRET
from tests.support.calls import Answers, call

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
CODES = {"HQ": 0, "NSN": 1, "KKN": 2}
SERVICES = Services(vault=Vault(bytes(range(32))), policy=Policy())
OWNER = Actor(name="owner", branch_codes=CODES)
WORKER = Actor(name="executor", branch_codes=CODES)
_NUMBERS = count(1)

Reply = TypeVar("Reply")
Verb = Answers[Reply]


def found_company(url: str) -> None:
    """Branches and their audit chains, as the bootstrap makes them."""
    with psycopg.connect(url) as admin:
        for code, branch in CODES.items():
            admin.execute("insert into sheaf.branch values (%s, %s, %s, %s, %s)", [branch, code, code, code, NOW])
            admin.execute("insert into sheaf.audit_head values (%s, 0, %s)", [branch, GENESIS])


class Person:
    """An actor with a desk of their own."""

    def __init__(self, admin: psycopg.Connection[Any], name: str, branch: str, *roles: Role) -> None:
        self.key = Ed25519PrivateKey.generate()
        branch_id = CODES[branch]
        codes = CODES if branch == "HQ" else {branch: branch_id}
        self.actor = Actor(
            name=f"{name}{next(_NUMBERS)}",
            user_id=uuid4(),
            display_name=name,
            roles=frozenset(roles),
            branch_id=branch_id,
            branch_codes=codes,
            device_id=uuid4(),
        )
        admin.execute(
            """insert into sheaf.app_user (id, branch_id, username, name, password_hash, totp_secret, created_at)
               values (%s, %s, %s, %s, '', '', %s)""",
            [self.actor.user, branch_id, self.actor.name, name, NOW],
        )
        for role in roles:
            admin.execute(
                "insert into sheaf.user_role (user_id, branch_id, role) values (%s, %s, %s)",
                [self.actor.user, branch_id, role.value],
            )
        admin.execute(
            """insert into sheaf.device (id, branch_id, name, public_key, state, enrolled_at)
               values (%s, %s, 'desk', %s, 'approved', %s)""",
            [self.actor.device, branch_id, self.key.public_key().public_bytes_raw(), NOW],
        )

    def sign(self, decision: str, digest: str, reason: str) -> str:
        """What this person's desk would send."""
        return base64.b64encode(self.key.sign(sign_off_bytes(decision, digest, reason))).decode()


class World:
    """The company's database as each role reaches it, and its people."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.owner = Database(url, SERVICES, connections=1)
        self.api = Database(role_url(url, API, ROLE_SECRET), SERVICES, connections=4)
        self.executor = Database(role_url(url, EXECUTOR, ROLE_SECRET), SERVICES, connections=1)
        with psycopg.connect(url) as admin:
            self.cashier = Person(admin, "cashier", "NSN", Role.CASHIER)
            self.manager = Person(admin, "manager", "NSN", Role.MANAGER)
            self.second_manager = Person(admin, "deputy", "NSN", Role.MANAGER)
            self.treasurer = Person(admin, "treasurer", "HQ", Role.TREASURER)
            self.stranger = Person(admin, "stranger", "KKN", Role.MANAGER)

    async def close(self) -> None:
        """Give back all connections."""
        for database in (self.owner, self.api, self.executor):
            await database.close()

    async def ask(self, person: Person, verb: Verb[Reply], request: Any, now: datetime = NOW) -> Reply | Refused:
        """What a worker of the API answers to one call."""
        return await call(self.api, person.actor, verb, request, now)

    async def done(self, person: Person, verb: Verb[Reply], request: Any, now: datetime = NOW) -> Reply:
        """The same where a refusal is a failure of the test."""
        reply = await self.ask(person, verb, request, now)
        assert not isinstance(reply, Refused), reply
        return reply

    async def refused(self, person: Person, verb: Verb[Any], request: Any, now: datetime = NOW) -> RefusalCode:
        """The same where only a refusal will do."""
        reply = await self.ask(person, verb, request, now)
        assert isinstance(reply, Refused), reply
        return reply.code

    async def take_over(self, rows: list[RawMember], branch: str = "NSN", **options: Any) -> register.ImportReport:
        """Import a register as the database's owner."""
        async with self.owner.transaction(tuple(CODES.values())) as tx:
            report = await register.import_members(tx, OWNER, branch, rows, NOW, production=False, **options)
            tx.refused = bool(report.problems)
        return report

    async def member(self, *, branch: str = "NSN", **changed: Any) -> UUID:
        """A new member; `changed` are columns of the register."""
        row = raw_member(next(_NUMBERS), **changed)
        assert (await self.take_over([row], branch)).inserted == 1
        return self.query("select id from sheaf.member where code = %s", row.code)[0][0]  # type: ignore[no-any-return]  # a column of a test's query

    async def answer_checks(self, name: str, status: AccountStatus = AccountStatus.ACTIVE, at: datetime = NOW) -> int:
        """Let the executor answer all questions that wait."""
        async with self.executor.transaction(tuple(CODES.values())) as tx:
            questions = await checks.requested(tx, 100)
        for question in questions:
            async with self.executor.transaction((question.branch_id,)) as tx:
                assert await checks.record(tx, WORKER, question, AccountName(name=name, status=status), at)
        return len(questions)

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the superuser sees; triggers that run as the owner still ask for the branches in sight."""
        with psycopg.connect(self.url, options="-c sheaf.branches={0,1,2}") as admin:
            cursor = admin.execute(sql.encode(), parameters)
            return cursor.fetchall() if cursor.description else []
