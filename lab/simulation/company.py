"""The company that schedules run in: many branches with people, members and money, made once and copied."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.company import Plan, raw_member
from lab.company import build as build_company
from lab.simulation.calls import Turns
from lab.simulation.connections import Cabinet, SimulatedDatabase
from lab.simulation.processes import Process, be
from lab.simulation.virtual_loop import run_virtually
from server import bootstrap
from server.context import Actor, Services, Vault
from server.database.transaction import Row, as_array
from server.identity.rules import visible_branches
from server.ledger.accounts import Purpose, account_id, open_payables, payable_id
from server.ledger.posting import Kind, Leg, Transfer, post
from server.members.register_file import RawMember
from shared.banks import AccountNumber
from shared.ids import uuid7_from
from shared.money import Satang
from shared.permissions import Role

SLOTS = 40
"""Branches in one database: after as many schedules a job takes a new copy."""
MEMBERS = 6
BALANCE = 30_000_00
"""What each member has with the company in the morning."""
DAY_MOST = 600_000_00
"""What one member may be paid in a day where `LIMIT_FROM` has come."""
LIMIT_FROM, _PRE_FEE_FROM, _POST_FEE_FROM = 5, 15, 25
"""The slots from which on each of the company's rules binds: earlier days are before it."""
FIRST_DAY = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
VAULT = Vault(hashlib.sha256(b"simulation").digest())
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_SPACE = UUID("5f3b6c80-5d0e-4c9a-9d5e-7e64fd0b1c11")
_FUNDS = 5_000_000_00


@dataclass
class Person:
    """Someone with a desk; `used_steps` are the codes that are spent."""

    name: str
    user_id: UUID
    device_id: UUID
    key: Ed25519PrivateKey
    role: Role
    branch_id: int
    used_steps: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Slot:
    """One branch with the day that it lives."""

    branch_id: int
    code: str
    begins: datetime
    members: tuple[UUID, ...]
    cashier: Person
    manager: Person
    deputy: Person
    treasurer: Person
    administrator: Person

    @property
    def branches(self) -> list[Row]:
        """What the server's processes of this schedule know of the company."""
        return [
            {"id": 0, "code": "HQ", "name_th": "HQ", "name_en": "HQ"},
            {"id": self.branch_id, "code": self.code, "name_th": self.code, "name_en": self.code},
        ]

    @property
    def people(self) -> tuple[Person, ...]:
        """Everyone who takes part."""
        return (self.cashier, self.manager, self.deputy, self.treasurer, self.administrator)


def slot(number: int) -> Slot:
    """The branch of a slot, 0 to SLOTS - 1; the same in every copy."""
    branch_id, code = number + 1, f"B{number + 1:03d}"

    def person(name: str, role: Role, at: int) -> Person:
        key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{at} {name}".encode()).digest())
        return Person(f"{name}.{at}", _id("user", at, name), _id("desk", at, name), key, role, at)

    return Slot(
        branch_id,
        code,
        FIRST_DAY + timedelta(days=7 * number),
        tuple(_id("member", branch_id, str(n)) for n in range(MEMBERS)),
        person("cashier", Role.CASHIER, branch_id),
        person("manager", Role.MANAGER, branch_id),
        person("deputy", Role.MANAGER, branch_id),
        person("treasurer", Role.TREASURER, 0),
        person("administrator", Role.ADMINISTRATOR, 0),
    )


def actor_of(person: Person, slot: Slot) -> Actor:
    """A person as the server sees them."""
    codes = {row["code"]: int(row["id"]) for row in slot.branches}
    roles = frozenset({person.role})
    return Actor(
        name=person.name,
        user_id=person.user_id,
        display_name=person.name,
        roles=roles,
        branch_id=person.branch_id,
        branch_codes=visible_branches(roles, person.branch_id, codes),
        device_id=person.device_id,
    )


def build(url: str, secret: str) -> None:
    """Fill a migrated, empty database with all slots."""
    with psycopg.connect(url, autocommit=True) as monitor:
        turns = Turns(monitor)
        cabinet = Cabinet(url, secret, turns)
        run_virtually(_build(cabinet))
        cabinet.close()
    with psycopg.connect(url) as admin:
        admin.execute("set session_replication_role = replica")
        for number in range(SLOTS):
            _people(admin, slot(number))
        for number in range(SLOTS):
            _checks(admin, slot(number))
        _rule(admin, LIMIT_FROM, "cap-member", "limit", "member", "true", DAY_MOST)
        _rule(admin, _PRE_FEE_FROM, "transport", "pre_fee", "", "1000 + bp(amount, 3)", None)
        _rule(admin, _POST_FEE_FROM, "keep-back", "post_fee", "", "bp(amount, 50)", None)
    with psycopg.connect(url, autocommit=True) as monitor:
        cabinet = Cabinet(url, secret, Turns(monitor))
        run_virtually(_balances(cabinet))
        cabinet.close()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("vacuum analyze")


def _builders(cabinet: Cabinet, first_id: int) -> SimulatedDatabase:
    process = Process("builder")
    be(process)
    numbers = iter(range(first_id, 1 << 40))
    services = Services(
        vault=VAULT,
        clock=lambda: FIRST_DAY,
        new_id=lambda now: uuid7_from(int(now.timestamp() * 1000), (next(numbers) << 8).to_bytes(10)),
    )
    return SimulatedDatabase(cabinet, "", process, services, [])


async def _balances(cabinet: Cabinet) -> None:
    """Members get money with the company, which they can take out or give to each other."""
    database = _builders(cabinet, 1 << 39)
    for place in map(slot, range(SLOTS)):
        async with database.transaction([place.branch_id]) as tx:
            await open_payables(tx, [(member, place.branch_id) for member in place.members])
            funding = account_id(place.code, Purpose.FUNDING)
            legs = [Leg(payable_id(member), posted=BALANCE) for member in place.members]
            transfer = Transfer(
                id=tx.services.new_id(place.begins),
                branch_id=place.branch_id,
                kind=Kind.TRANSFER,
                legs=(Leg(funding, posted=-BALANCE * MEMBERS), *legs),
                subject="opening",
            )
            await post(tx, [transfer], place.begins)


async def _build(cabinet: Cabinet) -> None:
    database = _builders(cabinet, 1)
    async with database.transaction(()) as tx:
        await build_company(tx, Plan(by="simulation", treasury=Satang(SLOTS * _FUNDS)), FIRST_DAY)
    for number in range(SLOTS):
        place = slot(number)
        plan = Plan(
            by="simulation",
            branches=[bootstrap.NewBranch(place.code, place.code, place.code)],
            funds=Satang(_FUNDS),
            members={place.code: [_raw_member(place.branch_id * 100 + n) for n in range(MEMBERS)]},
            vouched=False,
        )
        async with database.transaction(()) as tx:
            await build_company(tx, plan, place.begins)


def _raw_member(number: int) -> RawMember:
    name = f"นาย สมชาย ใจดี {number}"
    return raw_member(number, name=name, account_name=name)


def _people(admin: psycopg.Connection[Any], place: Slot) -> None:
    secret = VAULT.encrypt_text(TOTP_SECRET)
    for person in place.people:
        admin.execute(
            """insert into sheaf.app_user (id, branch_id, username, name, password_hash, totp_secret, created_at)
               values (%s, %s, %s, %s, '', %s, %s) on conflict do nothing""",
            [person.user_id, person.branch_id, person.name, person.name, secret, place.begins],
        )
        admin.execute(
            "insert into sheaf.user_role values (%s, %s, %s) on conflict do nothing",
            [person.user_id, person.branch_id, person.role.value],
        )
        admin.execute(
            """insert into sheaf.device (id, branch_id, name, public_key, state, enrolled_at)
               values (%s, %s, 'desk', %s, 'approved', %s) on conflict do nothing""",
            [person.device_id, person.branch_id, person.key.public_key().public_bytes_raw(), place.begins],
        )


def _rule(
    admin: psycopg.Connection[Any], first: int, code: str, kind: str, scope: str, expression: str, day_most: int | None
) -> None:
    """A rule that binds from a slot's day on."""
    treasurer, begins = slot(first).treasurer, slot(first).begins
    admin.execute(
        """insert into sheaf.company_rule (id, branch_id, code, revision, kind, scope, name_th, name_en, expression,
             day_amount, enabled, effective_from, reason, state, maker_id, created_at, expires_at, changed_at)
           values (%s, 0, %s, 1, %s, %s, %s, %s, %s, %s, true, %s, 'simulation', 'approved', %s, %s, %s, %s)""",
        [_id("rule", 0, code), code, kind, scope, code, code, expression, day_most, begins.date(),
         treasurer.user_id, begins, begins, begins],
    )  # fmt: skip


def _checks(admin: psycopg.Connection[Any], place: Slot) -> None:
    """Members get the ids that the slot says, and the bank's word for their accounts."""
    admin.execute("select set_config('sheaf.branches', %s, true)", [as_array([place.branch_id])])
    for n, member in enumerate(place.members):
        old = admin.execute(
            "select id from sheaf.member where code = %s", [member_code(place.branch_id, n)]
        ).fetchall()[0][0]
        admin.execute("update sheaf.member set id = %s where id = %s", [member, old])
        admin.execute("update sheaf.bank_account set member_id = %s where member_id = %s", [member, old])
        admin.execute("update sheaf.change_feed set entity_id = %s where entity_id = %s", [member, old])
        admin.execute(
            """insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at,
                 requested_by, checked_at, bank_name, account_status, match)
               select %s, branch_id, member_id, id, 'done', %s, 'simulation', %s, name, 'ACTIVE', 100
               from sheaf.bank_account where member_id = %s""",
            [_id("check", place.branch_id, str(n)), place.begins, place.begins, member],
        )
        admin.execute(
            "update sheaf.ledger_account set member_id = %s, id = %s where member_id = %s",
            [member, payable_id(member), old],
        )


def member_code(branch_id: int, n: int) -> str:
    """The code of a branch's n-th member."""
    return f"M{branch_id * 100 + n:06d}"


def account_of(place: Slot) -> AccountNumber:
    """The company's account that pays for this slot: each has statements of its own."""
    return AccountNumber(f"111222{place.branch_id:04d}")


def account_number(branch_id: int, n: int) -> str:
    """The bank account of a branch's n-th member."""
    return f"0{branch_id * 100 + n:011d}"


def _id(kind: str, branch: int, name: str) -> UUID:
    return uuid5(_SPACE, f"{kind} {branch} {name}")
