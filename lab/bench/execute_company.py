"""Two branches with authorized payments: a long batch of one, single payments of the other, all truly signed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.bootstrap import (
    NewBranch,
    administration,
    create_branch,
    found_company,
    fund_branches,
    open_treasury,
    see_everything,
)
from server.context import Actor, Services
from server.database.transaction import Transaction
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id
from server.payments.sheets import load_sheets, signed_set
from shared import canonical
from shared.ids import voucher_number
from shared.money import Satang

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
    async with administration(url, services, name="sheaf-bench") as database:
        async with database.transaction([]) as tx:
            await found_company(tx, "bench", now)
            for code in (LONG, SHORT):
                await create_branch(tx, "bench", NewBranch(code=code, name_th=code, name_en=code), now)
        async with database.transaction([]) as tx:
            actor = await see_everything(tx, "bench")
            await open_treasury(tx, actor, Satang(10**13), now)
            await fund_branches(tx, actor, [(LONG, Satang(10**11)), (SHORT, Satang(10**11))], now)
        async with database.transaction([]) as tx:
            actor = await see_everything(tx, "bench")
            # Rows stand as they would after submission and sign-off; walking there takes minutes and is another bench.
            await tx.execute("set local session_replication_role = replica")
            found_long = await _Branch(tx, actor, LONG, now).queue(long)
            found_short = await _Branch(tx, actor, SHORT, now).queue(short)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("vacuum analyze")
    return Queues(found_long, found_short)


class _Branch:
    def __init__(self, tx: Transaction, actor: Actor, code: str, now: datetime) -> None:
        self._tx, self._code, self._now = tx, code, now
        self._id = actor.branch_codes[code]
        self._new_id = tx.services.new_id

    async def queue(self, count: int) -> list[UUID]:
        maker, manager, key, device = await self._people()
        members, accounts = await self._members()
        hold = self._new_id(self._now)
        ids = [self._new_id(self._now) for _ in range(count)]
        batch = await self._batch(count, maker, hold) if count > 1000 else None
        for first in range(0, count, _CHUNK):
            await self._intents(ids[first : first + _CHUNK], first, members, accounts, maker, batch, hold)
        await self._tx.execute("analyze sheaf.intent, sheaf.member, sheaf.bank_account, sheaf.branch")
        await self._sign(ids, batch, manager, key, device)
        await self._tx.execute("set local session_replication_role = origin")
        total = Satang(count * AMOUNT)
        funding = account_id(self._code, Purpose.FUNDING)
        await posting.post(self._tx, [posting.hold(hold, self._id, funding, total, "bench")], self._now)
        await self._tx.execute("set local session_replication_role = replica")
        return ids

    async def _people(self) -> tuple[UUID, UUID, Ed25519PrivateKey, UUID]:
        key, device = Ed25519PrivateKey.generate(), self._new_id(self._now)
        people = []
        for role in ("cashier", "manager"):
            person = self._new_id(self._now)
            await self._tx.execute(
                """insert into sheaf.app_user (id, branch_id, username, name, password_hash, totp_secret, created_at)
                   values (%(id)s, %(branch)s, %(name)s, %(name)s, '', '', %(now)s)""",
                id=person,
                branch=self._id,
                name=f"{role}{self._id}",
                now=self._now,
            )
            await self._tx.execute(
                "insert into sheaf.user_role values (%(id)s, %(branch)s, %(role)s)",
                id=person,
                branch=self._id,
                role=role,
            )
            people.append(person)
        await self._tx.execute(
            """insert into sheaf.device (id, branch_id, name, public_key, state, enrolled_at)
               values (%(id)s, %(branch)s, 'desk', %(key)s, 'approved', %(now)s)""",
            id=device,
            branch=self._id,
            key=key.public_key().public_bytes_raw(),
            now=self._now,
        )
        return people[0], people[1], key, device

    async def _members(self) -> tuple[list[UUID], list[UUID]]:
        vault = self._tx.services.vault
        members, accounts = [], []
        for number in range(_MEMBERS):
            member, account, text = self._new_id(self._now), self._new_id(self._now), f"{number:010d}"
            await self._tx.execute(
                """insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher,
                     national_id_digest, national_id_last4, status, created_at, changed_at,
                     code_key, name_key)
                   values (%(id)s, %(branch)s, %(code)s, %(code)s, %(code)s, '', %(digest)s, '0000', 'active',
                     %(now)s, %(now)s, upper(%(code)s), upper(%(code)s))""",
                id=member,
                branch=self._id,
                code=f"{self._code}{number}",
                digest=secrets.token_bytes(32),
                now=self._now,
            )
            await self._tx.execute(
                """insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher,
                     number_digest, number_last4, name, effective_at)
                   values (%(id)s, %(branch)s, %(member)s, 1, '014', %(cipher)s, %(digest)s, '0000', %(name)s,
                     %(now)s)""",
                id=account,
                branch=self._id,
                member=member,
                cipher=vault.encrypt_text(text),
                digest=vault.digest(text),
                name=f"{self._code}{number}",
                now=self._now,
            )
            members.append(member)
            accounts.append(account)
        return members, accounts

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

    async def _sign(
        self, ids: Sequence[UUID], batch: UUID | None, manager: UUID, key: Ed25519PrivateKey, device: UUID
    ) -> None:
        sheets = []
        for first in range(0, len(ids), _CHUNK):
            found = await load_sheets(self._tx, ids[first : first + _CHUNK])
            sheets += [found[one] for one in ids[first : first + _CHUNK]]
        signed, sign_off = signed_set(sheets), self._new_id(self._now)
        signature = key.sign(canonical.sign_off_bytes("approve", signed.digest, ""))
        await self._tx.execute(
            """insert into sheaf.sign_off (id, branch_id, kind, case_id, user_id, role, device_id, decision, reason,
                 set_bytes, digest, signature, at)
               values (%(id)s, %(branch)s, %(kind)s, %(batch)s, %(user)s, 'manager', %(device)s, 'approve', '',
                 %(bytes)s, %(digest)s, %(signature)s, %(now)s)""",
            id=sign_off,
            branch=self._id,
            kind="intents" if batch is None else "batch",
            batch=batch,
            user=manager,
            device=device,
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
            user=manager,
            ids=list(ids),
            digests=list(signed.digests),
        )
