"""A branch with money, members with verified accounts, and the people who make a batch and sign it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.bench.harness import Cluster
from server.bootstrap import (
    NewBranch,
    add_approved_desk,
    administration,
    create_branch,
    found_company,
    fund_branches,
    open_treasury,
    see_everything,
)
from server.context import HEAD_OFFICE, Actor, Services, system_clock
from server.database.transaction import Transaction
from server.identity import store
from server.members.register import import_members
from server.members.register_file import RawMember
from shared.money import Satang
from shared.permissions import Role

BRANCH: Final = "NSN"
_HOME: Final = "HQ"
_MONEY: Final = Satang(10**13)
_CHUNK: Final = 5000


class Signer(msgspec.Struct, frozen=True):
    """A person as the verbs see them, and the key of their desk."""

    actor: Actor
    key: Ed25519PrivateKey


class Company(msgspec.Struct, frozen=True):
    """One branch and head office."""

    cashier: Signer
    manager: Signer
    treasurer: Signer
    members: list[UUID]


async def found(cluster: Cluster, services: Services, members: int) -> Company:
    """Make it in an empty database."""
    now = system_clock()
    async with administration(cluster.url, services, name="sheaf-bench") as database:
        async with database.transaction([]) as tx:
            await found_company(tx, "bench", now)
            await create_branch(tx, "bench", NewBranch(code=BRANCH, name_th=BRANCH, name_en=BRANCH), now)
        async with database.transaction([]) as tx:
            actor = await see_everything(tx, "bench")
            await open_treasury(tx, actor, _MONEY, now)
            await fund_branches(tx, actor, [(BRANCH, _MONEY)], now)
            cashier = await _person(tx, actor, BRANCH, Role.CASHIER, now)
            manager = await _person(tx, actor, BRANCH, Role.MANAGER, now)
            treasurer = await _person(tx, actor, _HOME, Role.TREASURER, now)
        for first in range(0, members, _CHUNK):
            rows = [_member(number) for number in range(first + 1, min(first + _CHUNK, members) + 1)]
            async with database.transaction(actor.branches) as tx:
                report = await import_members(tx, actor, BRANCH, rows, now, production=False)
                if report.problems:
                    raise RuntimeError(f"a member was not imported: {report.problems[0]}")
        async with database.transaction(actor.branches) as tx:
            await _verify_accounts(tx, now)
            ids = [row["id"] for row in await tx.rows("select id from sheaf.member order by code")]
    return Company(cashier, manager, treasurer, ids)


async def _person(tx: Transaction, actor: Actor, branch: str, role: Role, now: datetime) -> Signer:
    key, user_id = Ed25519PrivateKey.generate(), tx.services.new_id(now)
    branch_id = HEAD_OFFICE if branch == _HOME else actor.branch_codes[branch]
    device = await add_approved_desk(tx, actor, branch, role.value, key.public_key().public_bytes_raw(), now)
    await store.add_user(
        tx,
        user_id=user_id,
        branch_id=branch_id,
        username=role.value,
        name=role.value,
        password_hash="",
        totp_secret=b"",
        roles=[role.value],
        now=now,
    )
    codes = actor.branch_codes if branch == _HOME else {branch: branch_id}
    person = Actor(
        name=role.value,
        user_id=user_id,
        display_name=role.value,
        roles=frozenset({role}),
        branch_id=branch_id,
        branch_codes=codes,
        device_id=device,
    )
    return Signer(person, key)


def _member(number: int) -> RawMember:
    digits = f"3{number:011d}"
    check = (11 - sum((13 - place) * int(digit) for place, digit in enumerate(digits)) % 11) % 10
    return RawMember(
        row=number + 1,
        code=f"{BRANCH}-{number:06d}",
        name=f"สมชาย ใจดี {number}",
        national_id=f"{digits}{check}",
        phone="0812345678",
        bank="034",
        account_number=f"0{number:011d}",
        account_name=f"นาย สมชาย ใจดี {number}",
    )


async def _verify_accounts(tx: Transaction, now: datetime) -> None:
    await tx.execute(
        """
        insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at, requested_by,
          checked_at, bank_name, account_status, match)
        select gen_random_uuid(), a.branch_id, a.member_id, a.id, 'done', %(now)s, 'bench', %(now)s, a.name, 'ACTIVE',
          100
        from sheaf.bank_account a
        """,
        now=now,
    )
