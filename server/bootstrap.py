"""Makes a company: head office, branches with ledger accounts and audit chains, opening money, users and desks.

Runs as the database's administrator, from the command line and the demo; the API's role may do none of this but users.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec

from server.audit import store as audit
from server.connections import COMMAND_POOL
from server.context import HEAD_OFFICE, Actor, Services
from server.database.keys import keep_canary
from server.database.transaction import Database, Transaction
from server.identity import store as identity
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id, open_branch_accounts
from server.ledger.posting import Kind, Leg, Transfer
from shared.audit_tags import AuditTag
from shared.lifecycle import DeviceState
from shared.money import Satang, format_amount

_CODE = re.compile(r"[A-Z0-9]{2,8}")


class NewBranch(msgspec.Struct, frozen=True):
    """A branch as it is founded; the code is 2 to 8 capital letters and digits."""

    code: str
    name_th: str
    name_en: str


HEAD_OFFICE_BRANCH = NewBranch("HQ", "สำนักงานใหญ่", "Head office")


def is_branch_code(text: str) -> bool:
    """2 to 8 capital letters and digits."""
    return _CODE.fullmatch(text) is not None


@asynccontextmanager
async def administration(url: str, services: Services, *, name: str = "sheaf-admin") -> AsyncIterator[Database]:
    """The database under the administrator's own URL, for the life of one command."""
    database = Database(url, services, connections=COMMAND_POOL, name=name)
    try:
        yield database
    finally:
        await database.close()


async def see_everything(tx: Transaction, name: str) -> Actor:
    """Let the transaction see all branches; an actor who acts from the server's command line under `name`."""
    branches = await tx.rows("select id, code from sheaf.all_branches()")
    await tx.see([row["id"] for row in branches])
    return Actor(name=name, branch_codes={row["code"]: row["id"] for row in branches})


async def is_founded(tx: Transaction) -> bool:
    """Whether head office exists."""
    return any(row["id"] == HEAD_OFFICE for row in await tx.rows("select id from sheaf.all_branches()"))


async def found_company(tx: Transaction, actor_name: str, now: datetime) -> None:
    """Head office with its treasury and chain; harmless when it is there."""
    if await is_founded(tx):
        return
    await keep_canary(tx)
    await _add_branch(tx, HEAD_OFFICE, HEAD_OFFICE_BRANCH, now)
    actor = await see_everything(tx, actor_name)
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.COMPANY_INITIALISED, HEAD_OFFICE_BRANCH.code, {}, now)


async def create_branch(tx: Transaction, actor_name: str, branch: NewBranch, now: datetime) -> int | None:
    """Found a branch and open its accounts; its id, or None when the code is taken."""
    await tx.execute("lock table sheaf.branch in share row exclusive mode")
    known = await tx.rows("select id, code from sheaf.all_branches()")
    if any(row["code"] == branch.code for row in known):
        return None
    branch_id = max((int(row["id"]) for row in known), default=HEAD_OFFICE) + 1
    await _add_branch(tx, branch_id, branch, now)
    actor = await see_everything(tx, actor_name)
    await audit.append(tx, actor, branch_id, AuditTag.BRANCH_CREATED, f"branch/{branch.code}", {}, now)
    return branch_id


async def _add_branch(tx: Transaction, branch_id: int, branch: NewBranch, now: datetime) -> None:
    await tx.see([branch_id])
    await tx.execute(
        """
        insert into sheaf.branch (id, code, name_th, name_en, created_at)
        values (%(id)s, %(code)s, %(name_th)s, %(name_en)s, %(now)s)
        """,
        id=branch_id,
        code=branch.code,
        name_th=branch.name_th,
        name_en=branch.name_en,
        now=now,
    )
    await audit.open_chain(tx, branch_id)
    await open_branch_accounts(tx, branch_id, branch.code)


async def open_treasury(tx: Transaction, actor: Actor, amount: Satang, now: datetime) -> None:
    """Bring the company's own money into the treasury, from capital, as an opening balance."""
    head_office = HEAD_OFFICE_BRANCH.code
    transfer = Transfer(
        id=tx.services.new_id(now),
        branch_id=HEAD_OFFICE,
        kind=Kind.TRANSFER,
        legs=(
            Leg(account_id(head_office, Purpose.CAPITAL), posted=-amount),
            Leg(account_id(head_office, Purpose.TREASURY), posted=amount),
        ),
        subject="opening balance",
    )
    await posting.post(tx, [transfer], now)
    detail = {"amount": format_amount(amount)}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.TREASURY_OPENED, str(transfer.id), detail, now)


async def fund_branches(tx: Transaction, actor: Actor, amounts: Sequence[tuple[str, Satang]], now: datetime) -> None:
    """Move money from the treasury to branches' funding, through both sides' clearing, as an opening balance.

    Once people work here, only `request_funding` and its sign-offs do this.
    """
    head_office, transfers = HEAD_OFFICE_BRANCH.code, []
    for code, amount in amounts:
        sides = (
            (HEAD_OFFICE, account_id(head_office, Purpose.TREASURY), account_id(head_office, Purpose.CLEARING)),
            (actor.branch_codes[code], account_id(code, Purpose.CLEARING), account_id(code, Purpose.FUNDING)),
        )
        transfers += [
            Transfer(
                id=tx.services.new_id(now),
                branch_id=branch_id,
                kind=Kind.TRANSFER,
                legs=(Leg(source, posted=-amount), Leg(target, posted=amount)),
                subject=f"opening funds {code}",
            )
            for branch_id, source, target in sides
        ]
    await posting.post(tx, transfers, now)
    for code, amount in amounts:
        detail = {"amount": format_amount(amount)}
        await audit.append(tx, actor, actor.branch_codes[code], AuditTag.SIGN_FUNDING, "opening funds", detail, now)


async def add_approved_desk(
    tx: Transaction, actor: Actor, branch: str, name: str, public_key: bytes, now: datetime
) -> UUID:
    """Enrol a desk whose key was made on this machine, and let it in; the desk's id. Raises when the key is known."""
    device_id, branch_id = tx.services.new_id(now), actor.branch_codes[branch]
    if not await identity.add_device(
        tx, device_id=device_id, branch_id=branch_id, name=name, public_key=public_key, now=now
    ):
        raise ValueError("this device key is enrolled already")
    await identity.set_device_state(tx, device_id, DeviceState.APPROVED, [DeviceState.PENDING], None)
    await audit.append(tx, actor, branch_id, AuditTag.APPROVE_DEVICE, str(device_id), {"version": 2}, now)
    return device_id
