"""One way to make a company in a migrated, empty database: the benches, the demo, the simulation and tests use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.bootstrap import (
    NewBranch,
    add_approved_desk,
    create_branch,
    found_company,
    fund_branches,
    open_treasury,
    see_everything,
)
from server.context import Actor
from server.database.transaction import Transaction
from server.identity import store as identity
from server.identity.rules import visible_branches
from server.members.register import import_members
from server.members.register_file import RawMember
from shared.money import Satang
from shared.permissions import Role

_CHUNK: Final = 5_000
_LETTERS: Final = str.maketrans("0123456789", "กขคงจฉชซดต")


class Hire(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who is to work here, with an approved desk of their own; `branch` is a code, HQ too.

    Without a key the desk gets a new one; without a password nobody can sign in as them.
    """

    username: str
    branch: str
    role: Role
    name: str = ""
    key: Ed25519PrivateKey | None = None
    password_hash: str = ""
    totp_secret: str = ""


class Worker(msgspec.Struct, frozen=True):
    """A person as the verbs see them, and the key of their desk."""

    actor: Actor
    branch: str
    key: Ed25519PrivateKey


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to add to a database; head office is founded where it is not there yet.

    `treasury` comes from capital, `funds` go from there to each of the branches; both may be nothing. `members` are
    rows of a register by branch; unless it says otherwise the bank has vouched for their accounts.
    """

    by: str
    branches: Sequence[NewBranch] = ()
    hires: Sequence[Hire] = ()
    treasury: Satang = Satang(0)
    funds: Satang = Satang(0)
    members: Mapping[str, Sequence[RawMember]] = {}
    vouched: bool = True


class Company(msgspec.Struct, frozen=True):
    """What was made: who acts for it from the command line, people by user name, members by branch."""

    actor: Actor
    people: dict[str, Worker]
    members: dict[str, list[UUID]]


async def build(tx: Transaction, plan: Plan, now: datetime) -> Company:
    """Make it, in the administrator's transaction."""
    await found_company(tx, plan.by, now)
    for branch in plan.branches:
        await create_branch(tx, plan.by, branch, now)
    actor = await see_everything(tx, plan.by)
    if plan.treasury:
        await open_treasury(tx, actor, plan.treasury, now)
    if plan.funds:
        await fund_branches(tx, actor, [(branch.code, plan.funds) for branch in plan.branches], now)
    people = {hired.username: await hire(tx, actor, hired, now) for hired in plan.hires}
    members = {branch: await take_over(tx, actor, branch, rows, now) for branch, rows in plan.members.items()}
    if plan.vouched:
        await vouch(tx, [member for ids in members.values() for member in ids], now)
    return Company(actor, people, members)


async def hire(tx: Transaction, actor: Actor, wanted: Hire, now: datetime) -> Worker:
    """One user with one role and one desk."""
    key, user_id = wanted.key or Ed25519PrivateKey.generate(), tx.services.new_id(now)
    branch_id, roles = actor.branch_codes[wanted.branch], frozenset({wanted.role})
    name = wanted.name or wanted.username
    await identity.add_user(
        tx,
        user_id=user_id,
        branch_id=branch_id,
        username=wanted.username,
        name=name,
        password_hash=wanted.password_hash,
        totp_secret=tx.vault.encrypt_text(wanted.totp_secret),
        roles=[wanted.role.value],
        now=now,
    )
    public = key.public_key().public_bytes_raw()
    device_id = await add_approved_desk(tx, actor, wanted.branch, wanted.username, public, now)
    person = Actor(
        name=wanted.username,
        user_id=user_id,
        display_name=name,
        roles=roles,
        branch_id=branch_id,
        branch_codes=visible_branches(roles, branch_id, dict(actor.branch_codes)),
        device_id=device_id,
    )
    return Worker(person, wanted.branch, key)


async def take_over(tx: Transaction, actor: Actor, branch: str, rows: Sequence[RawMember], now: datetime) -> list[UUID]:
    """New members of a branch whose accounts nobody has asked the bank about; their ids as the rows stand."""
    for first in range(0, len(rows), _CHUNK):
        report = await import_members(tx, actor, branch, rows[first : first + _CHUNK], now, production=False)
        if report.problems:
            raise ValueError(f"a member was not imported: {report.problems[0]}")
    codes = [row.code for row in rows]
    found = await tx.rows("select id, code from sheaf.member where code = any(%(codes)s::text[])", codes=codes)
    by_code = {row["code"]: row["id"] for row in found}
    return [by_code[code] for code in codes]


async def vouch(tx: Transaction, members: Sequence[UUID], now: datetime) -> None:
    """The bank's word for the accounts of members: they bear the names that the register has."""
    await tx.execute(
        """
        insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at, requested_by,
          checked_at, bank_name, account_status, match)
        select gen_random_uuid(), branch_id, member_id, id, 'done', %(now)s, 'lab', %(now)s, name, 'ACTIVE', 100
        from sheaf.bank_account where member_id = any(%(members)s::uuid[])
        """,
        members=list(members),
        now=now,
    )


def raw_member(number: int, **changed: Any) -> RawMember:
    """A row of a register: member M<number>, paid at BAAC."""
    row = RawMember(
        row=number + 1,
        code=f"M{number:06d}",
        name=f"สมชาย ใจดี{surname(number)}",
        national_id=national_id(number),
        phone="0812345678",
        bank="034",
        account_number=f"0{number:011d}",
        account_name=f"นาย สมชาย ใจดี{surname(number)}",
    )
    return replace(row, **changed)


def surname(number: int) -> str:
    """A word of letters, for a masked word without one proves no name."""
    return str(number).translate(_LETTERS)


def national_id(number: int) -> str:
    """A valid national id that contains the number."""
    return with_check_digit(f"3{number:011d}")


def with_check_digit(body: str) -> str:
    """The twelve digits of a national id, and the thirteenth that belongs to them."""
    total = sum((13 - place) * int(digit) for place, digit in enumerate(body))
    return body + str((11 - total % 11) % 10)
