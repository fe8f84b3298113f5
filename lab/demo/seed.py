"""Fills an empty database with the demo company, in a few statements however many members there are."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.company import Plan, build
from lab.demo.company import BRANCH_FUNDS, BRANCHES, SEED, TREASURY, WORKERS, Worker
from lab.demo.people import Person, members_of
from lab.demo.state import DemoUser, write_users
from server.audit import store as audit
from server.bootstrap import add_approved_desk, is_founded, see_everything
from server.context import Actor
from server.database.transaction import Database, Transaction
from server.identity import users
from server.members import register_store
from server.members.register import Entry, record_of
from server.pki import write_secret
from shared.audit_tags import AuditTag
from shared.names import name_match
from shared.refusals import Refused
from shared.wire.auth import CreateUserRequest

ACTOR = "demo"
_STALE = timedelta(hours=30)
_RENEW_AFTER = timedelta(hours=12)


def all_members(count: int) -> dict[str, list[Person]]:
    """The members of every branch, `count` in all."""
    share, rest = divmod(count, len(BRANCHES))
    return {
        branch.code: members_of(branch.code, ordinal, share + (ordinal <= rest), SEED)
        for ordinal, branch in enumerate(BRANCHES, start=1)
    }


def write_bank_accounts(file: Path, members: dict[str, list[Person]]) -> None:
    """What the sandbox bank is told: every account under the name that it will answer with."""
    lines = [
        msgspec.json.encode({"bankCode": one.bank, "accountNo": one.account, "name": one.holder})
        for people in members.values()
        for one in people
        if one.bank
    ]
    write_secret(file, b"\n".join(lines) + b"\n")


async def seed(database: Database, members: dict[str, list[Person]], data_dir: Path, now: datetime) -> bool:
    """Found the company, its people, desks, members and money in one transaction; False when it is there already.

    The users' secrets are in `users.json` before the transaction commits, so that neither is without the other.
    """
    async with database.transaction(()) as tx:
        if await is_founded(tx):
            return False
        plan = Plan(by=ACTOR, branches=BRANCHES, treasury=TREASURY, funds=BRANCH_FUNDS)
        actor = (await build(tx, plan, now)).actor
        made = [await _add_worker(tx, actor, worker, data_dir / "desks", now) for worker in WORKERS]
        for code, people in members.items():
            await _add_members(tx, actor, code, people, now)
        write_users(data_dir, made)
        return True


async def _add_worker(tx: Transaction, actor: Actor, worker: Worker, desks: Path, now: datetime) -> DemoUser:
    request = CreateUserRequest(
        username=worker.username, name=worker.name, branch=worker.branch, roles=[worker.role.value]
    )
    made = await users.create_user(tx, actor, request, now)
    if isinstance(made, Refused):
        raise RuntimeError(f"the demo's user {worker.username} was refused: {made.code}")
    key_seed = secrets.token_bytes(32)
    public = Ed25519PrivateKey.from_private_bytes(key_seed).public_key().public_bytes_raw()
    device_id = await add_approved_desk(tx, actor, worker.branch, f"{worker.username} (demo)", public, now)
    return DemoUser(
        username=worker.username,
        name=worker.name,
        branch=worker.branch,
        role=worker.role.value,
        password=made.password,
        totp_secret=made.totp_secret,
        device_id=device_id,
        device_seed=key_seed.hex(),
        pin=f"{secrets.randbelow(1_000_000):06d}",
        profile=str(desks / worker.username),
    )


async def _add_members(tx: Transaction, actor: Actor, branch: str, people: Sequence[Person], now: datetime) -> None:
    branch_id = actor.branch_codes[branch]
    records = [record_of(tx, _entry(row, person), now) for row, person in enumerate(people)]
    await register_store.insert(tx, branch_id, records, now)
    for status in ("suspended", "closed"):
        ids = [record.id for record, one in zip(records, people, strict=True) if one.status == status]
        await tx.execute(
            "update sheaf.member set status = %(status)s, version = version + 1 where id = any(%(ids)s)",
            status=status,
            ids=ids,
        )
    await _add_checks(tx, branch_id, records, people, now)
    detail = {"inserted": len(records), "unchanged": 0}
    await audit.append(tx, actor, branch_id, AuditTag.MEMBERS_IMPORTED, f"branch/{branch}", detail, now)


async def _add_checks(
    tx: Transaction,
    branch_id: int,
    records: Sequence[register_store.Record],
    people: Sequence[Person],
    now: datetime,
) -> None:
    """Answers as if the bank had been asked about every account just now, or long ago."""
    asked = [
        (record, record.account, one)
        for record, one in zip(records, people, strict=True)
        if record.account is not None and one.check != "none"
    ]
    await tx.execute(
        """
        insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at, requested_by,
                                         checked_at, bank_name, account_status, match)
        select id, %(branch)s, member_id, account_id, 'done', at, 'demo', at, bank_name, 'ACTIVE', match
        from unnest(%(ids)s::uuid[], %(members)s::uuid[], %(accounts)s::uuid[], %(times)s::timestamptz[],
                    %(names)s::text[], %(matches)s::int[]) as t(id, member_id, account_id, at, bank_name, match)
        """,
        branch=branch_id,
        ids=[tx.services.new_id(now) for _ in asked],
        members=[record.id for record, _, _ in asked],
        accounts=[account.id for _, account, _ in asked],
        times=[now if one.check == "fresh" else now - _STALE for _, _, one in asked],
        names=[one.holder for _, _, one in asked],
        matches=[name_match(one.name, one.holder) for _, _, one in asked],
    )


async def renew_checks(database: Database, now: datetime) -> int:
    """Repeat the seed's answers on a later day, as if the night's job had asked the bank; how many were repeated.

    Only answers as young as the youngest are repeated, so that the stale ones stay stale.
    """
    async with database.transaction(()) as tx:
        await see_everything(tx, ACTOR)
        return await tx.execute(
            """
            insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at,
                                             requested_by, checked_at, bank_name, account_status, match)
            select gen_random_uuid(), c.branch_id, c.member_id, c.bank_account_id, 'done', %(now)s, 'demo', %(now)s,
                   c.bank_name, c.account_status, c.match
            from sheaf.account_check c
            where c.requested_by = 'demo' and c.state = 'done'
              and c.checked_at = (select max(n.checked_at) from sheaf.account_check n
                                  where n.requested_by = 'demo' and n.state = 'done')
              and c.checked_at < %(renew)s
            """,
            now=now,
            renew=now - _RENEW_AFTER,
        )


def _entry(row: int, one: Person) -> Entry:
    return Entry(
        row=row,
        code=one.code,
        name=one.name,
        national_id=one.national_id,
        phone=one.phone,
        bank=one.bank,
        account_number=one.account,
        account_name=one.name,
    )
