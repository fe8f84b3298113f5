"""Two branches with authorized payments: a long batch of one, single payments of the other, all truly signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import psycopg

from lab.company import Company, Hire, Plan, Worker, build, raw_member
from server.bootstrap import NewBranch, administration
from server.context import Services
from server.database.transaction import Transaction
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id
from server.members.register_file import RawMember
from server.sign_offs.sheets import load_sheets, signed_set
from shared import canonical
from shared.ids import voucher_number
from shared.money import Satang
from shared.permissions import Role

LONG, SHORT = "LONG", "SHORT"
AMOUNT = Satang(100)
_MEMBERS = 200
_CHUNK = 5_000


class Queues(msgspec.Struct, frozen=True):
    """Intents of each branch, none of them authorized yet."""

    long: list[UUID]
    short: list[UUID]


async def found(url: str, services: Services, long: int, short: int, now: datetime) -> Queues:
    """Make the company; `url` is the superuser's."""
    plan = Plan(
        by="bench",
        branches=[NewBranch(code=code, name_th=code, name_en=code) for code in (LONG, SHORT)],
        hires=[
            Hire(username=f"{role.value}{number}", branch=code, role=role)
            for number, code in enumerate((LONG, SHORT), 1)
            for role in (Role.CASHIER, Role.MANAGER)
        ],
        treasury=Satang(10**13),
        funds=Satang(10**11),
        members={LONG: _members(1), SHORT: _members(1 + _MEMBERS)},
    )
    async with administration(url, services, name="sheaf-bench") as database:
        async with database.transaction([]) as tx:
            company = await build(tx, plan, now)
        async with database.transaction(company.actor.branches) as tx:
            # Rows stand as they would after submission and sign-off; walking there takes minutes and is another bench.
            await tx.execute("set local session_replication_role = replica")
            found_long = await _Branch(tx, company, LONG, now).queue(long)
            found_short = await _Branch(tx, company, SHORT, now).queue(short)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("vacuum analyze")
    return Queues(found_long, found_short)


def _members(first: int) -> list[RawMember]:
    return [
        raw_member(number, bank="014", account_number=f"{number:010d}") for number in range(first, first + _MEMBERS)
    ]


class _Branch:
    def __init__(self, tx: Transaction, company: Company, code: str, now: datetime) -> None:
        self._tx, self._company, self._code, self._now = tx, company, code, now
        self._id = company.actor.branch_codes[code]
        self._new_id = tx.services.new_id

    async def queue(self, count: int) -> list[UUID]:
        people = self._company.people
        maker, manager = (people[f"{role}{self._id}"] for role in ("cashier", "manager"))
        found = await self._tx.rows(
            "select member_id, id from sheaf.bank_account where branch_id = %(branch)s", branch=self._id
        )
        members, accounts = [row["member_id"] for row in found], [row["id"] for row in found]
        hold = self._new_id(self._now)
        ids = [self._new_id(self._now) for _ in range(count)]
        batch = await self._batch(count, maker.actor.user, hold) if count > 1000 else None
        for first in range(0, count, _CHUNK):
            await self._intents(ids[first : first + _CHUNK], first, members, accounts, maker.actor.user, batch, hold)
        await self._tx.execute("analyze sheaf.intent, sheaf.member, sheaf.bank_account, sheaf.branch")
        await self._sign(ids, batch, manager)
        await self._tx.execute("set local session_replication_role = origin")
        total = Satang(count * AMOUNT)
        funding = account_id(self._code, Purpose.FUNDING)
        await posting.post(self._tx, [posting.hold(hold, self._id, funding, total, "bench")], self._now)
        await self._tx.execute("set local session_replication_role = replica")
        return ids

    async def _batch(self, count: int, maker: UUID, hold: UUID) -> UUID:
        batch = self._new_id(self._now)
        await self._tx.execute(
            """insert into sheaf.batch (id, branch_id, number, state, count, total, note, file_sha256, maker_id, quorum,
                 hold_id, created_at, expires_at, changed_at)
               values (%(id)s, %(branch)s, 'BENCH', 'authorized', %(count)s, %(total)s, '', '', %(maker)s, '{manager}',
                 %(hold)s, %(now)s, %(expires)s, %(now)s)""",
            id=batch,
            branch=self._id,
            count=count,
            total=count * AMOUNT,
            maker=maker,
            hold=hold,
            now=self._now,
            expires=self._now + timedelta(hours=72),
        )
        return batch

    async def _intents(
        self,
        ids: Sequence[UUID],
        first: int,
        members: Sequence[UUID],
        accounts: Sequence[UUID],
        maker: UUID,
        batch: UUID | None,
        hold: UUID,
    ) -> None:
        numbers = range(first, first + len(ids))
        await self._tx.execute(
            """
            insert into sheaf.intent (id, branch_id, number, operation, member_id, bank_account_id, account_version,
              amount, currency, channel, produce, weigh_ticket, note, maker_id, state, batch_id, line, quorum, hold_id,
              source_id, created_at, expires_at, changed_at)
            select id, %(branch)s, number, 'disbursement', member, account, 1, %(amount)s, 'THB', 'scb', '', '', '',
              %(maker)s, 'validated', %(batch)s, line, '{manager}', %(hold)s, %(source)s, %(now)s, %(expires)s, %(now)s
            from unnest(%(ids)s::uuid[], %(numbers)s::text[], %(members)s::uuid[], %(accounts)s::uuid[],
                        %(lines)s::int[]) as i (id, number, member, account, line)
            """,
            branch=self._id,
            amount=AMOUNT,
            maker=maker,
            batch=batch,
            hold=hold,
            source=account_id(self._code, Purpose.FUNDING),
            now=self._now,
            expires=self._now + timedelta(hours=72),
            ids=list(ids),
            numbers=[voucher_number(self._now.year, self._now.month, self._id * 1_000_000 + one) for one in numbers],
            members=[members[one % len(members)] for one in numbers],
            accounts=[accounts[one % len(accounts)] for one in numbers],
            lines=[one + 1 if batch else 0 for one in numbers],
        )
        await self._tx.execute(
            """insert into sheaf.intent_event (intent_id, branch_id, version, state, at, actor, evidence)
               select id, %(branch)s, 1, 'validated', %(now)s, 'bench', '' from unnest(%(ids)s::uuid[]) as i (id)""",
            branch=self._id,
            now=self._now,
            ids=list(ids),
        )

    async def _sign(self, ids: Sequence[UUID], batch: UUID | None, manager: Worker) -> None:
        sheets = []
        for first in range(0, len(ids), _CHUNK):
            found = await load_sheets(self._tx, ids[first : first + _CHUNK])
            sheets += [found[one] for one in ids[first : first + _CHUNK]]
        signed, sign_off = signed_set(sheets), self._new_id(self._now)
        signature = manager.key.sign(canonical.sign_off_bytes("approve", signed.digest, ""))
        await self._tx.execute(
            """insert into sheaf.sign_off (id, branch_id, kind, case_id, user_id, role, device_id, decision, reason,
                 set_bytes, digest, signature, at)
               values (%(id)s, %(branch)s, %(kind)s, %(batch)s, %(user)s, 'manager', %(device)s, 'approve', '',
                 %(bytes)s, %(digest)s, %(signature)s, %(now)s)""",
            id=sign_off,
            branch=self._id,
            kind="intents" if batch is None else "batch",
            batch=batch,
            user=manager.actor.user,
            device=manager.actor.device,
            bytes=signed.set_bytes,
            digest=signed.digest,
            signature=signature,
            now=self._now,
        )
        await self._tx.execute(
            """insert into sheaf.sign_off_item (sign_off_id, branch_id, intent_id, user_id, item_digest)
               select %(sign_off)s, %(branch)s, id, %(user)s, digest
               from unnest(%(ids)s::uuid[], %(digests)s::text[]) as i (id, digest)""",
            sign_off=sign_off,
            branch=self._id,
            user=manager.actor.user,
            ids=list(ids),
            digests=list(signed.digests),
        )
