"""The ledgers that `sheaf bench ledger` measures: ours with every law, and the bare one that does nothing but add."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from lab.bench.harness import Cluster
from server.audit import store as audit
from server.coalesce import Coalescer
from server.context import Actor, Services, Vault, new_id_at
from server.database.roles import EXECUTOR
from server.database.transaction import Database
from server.ledger import posting
from server.ledger.transfers import Kind, Leg, Posted, Transfer
from shared.audit_tags import AuditTag

ACCOUNTS = 10_000
BRANCH = 1
CLEARING, FUNDING = UUID(int=1), UUID(int=2)
MEMBERS = [UUID(int=1_000_000 + number) for number in range(ACCOUNTS)]
SOURCES = [UUID(int=100 + number) for number in range(64)]
"""Funding accounts for clients that have one each."""
ENOUGH = 10**15
TOGETHER = 250
"""Callers in one transaction at most: an account that they share is locked for some 5 ms."""

_GROUND = """
insert into sheaf.branch values (1, 'AAA', 'สาขา', 'Branch', '2026-01-01Z');
insert into sheaf.audit_head values (1, 0, decode(repeat('00', 32), 'hex'));
insert into sheaf.ledger_account (id, branch_id, name, purpose, member_id, currency, minimum)
  select id, 1, id::text, purpose, case purpose when 'payable' then id end, 'THB', minimum
  from unnest(%(ids)s::uuid[], %(purposes)s::text[], %(minima)s::bigint[]) a (id, purpose, minimum);
"""

# One row for each account, transfer and leg, keyed; nobody is refused anything and nothing is proved.
_BARE = """
create schema bare;
create table bare.account (id uuid primary key, balance bigint not null default 0);
create table bare.transfer (id uuid primary key, debit uuid not null, credit uuid not null, amount bigint not null,
                            at timestamptz not null);
create table bare.entry (transfer_id uuid, account_id uuid, amount bigint not null,
                         primary key (transfer_id, account_id));
insert into bare.account (id) select unnest(%(ids)s::uuid[]);
"""
_BARE_POST = """
with asked as (select * from unnest(%(ids)s::uuid[], %(debits)s::uuid[], %(credits)s::uuid[], %(amounts)s::bigint[])
                 a (id, debit, credit, amount)),
transfers as (insert into bare.transfer select id, debit, credit, amount, %(now)s::timestamptz from asked),
entries as (insert into bare.entry select id, debit, -amount from asked union all select id, credit, amount from asked)
update bare.account a set balance = balance + s.amount
from (select account, sum(amount) amount from (
        select debit account, -amount amount from asked union all select credit, amount from asked) e
      group by account) s
where a.id = s.account
"""

DECLARE = """
alter table sheaf.ledger_entry
  add constraint declared_transfer foreign key (transfer_id) references sheaf.ledger_transfer not valid,
  add constraint declared_account foreign key (account_id) references sheaf.ledger_account not valid
"""
"""The foreign keys that 10_ledger.sql gave up, for what is written from now on."""
UNDECLARE = "alter table sheaf.ledger_entry drop constraint declared_transfer, drop constraint declared_account"


def lay(found: Cluster) -> None:
    """Accounts in both ledgers, and money in every funding account of ours."""
    ids = [CLEARING, FUNDING, *SOURCES, *MEMBERS]
    funding = 1 + len(SOURCES)
    parameters = {
        "ids": ids,
        "purposes": ["clearing", *["funding"] * funding, *["payable"] * ACCOUNTS],
        "minima": [None, *[0] * (funding + ACCOUNTS)],
    }
    with psycopg.connect(found.url, options="-c sheaf.branches={1}") as admin, psycopg.ClientCursor(admin) as cursor:
        cursor.execute(_GROUND, parameters)
        cursor.execute(_BARE, parameters)
        cursor.execute("analyze sheaf.ledger_account; analyze bare.account")


def payment(number: int, *, source: UUID = FUNDING) -> Transfer:
    """One satang from a funding account to a member's."""
    legs = (Leg(source, posted=-1), Leg(MEMBERS[number % ACCOUNTS], posted=1))
    now = datetime.now(UTC)
    return Transfer(id=new_id_at(now), branch_id=BRANCH, kind=Kind.TRANSFER, legs=legs, subject=f"PV2611-{number:07}")


class Ours:
    """The product's ledger, through the executor's role, with an audit entry in every transaction."""

    def __init__(self, found: Cluster, connections: int = 4) -> None:
        self._actor = Actor(name="bench", branch_id=BRANCH, branch_codes={"AAA": BRANCH})
        self.database = Database(
            found.role(EXECUTOR), Services(vault=Vault(bytes(32))), connections=connections, name="bench"
        )

    async def open(self) -> None:
        """Give the funding accounts their money."""
        legs = tuple(Leg(account, posted=ENOUGH) for account in (FUNDING, *SOURCES))
        opening = Leg(CLEARING, posted=-ENOUGH * len(legs))
        now = datetime.now(UTC)
        await self.post(
            [
                Transfer(
                    id=new_id_at(now), branch_id=BRANCH, kind=Kind.TRANSFER, legs=(opening, *legs), subject="opening"
                )
            ]
        )

    async def post(self, transfers: Sequence[Transfer]) -> int:
        """One transaction with all its laws; how many were posted, which is all of them."""
        now = datetime.now(UTC)
        async with self.database.transaction([BRANCH]) as tx:
            answers = await posting.answer_each(tx, transfers, now)
            if not all(isinstance(answer, Posted) for answer in answers):
                raise AssertionError("the ledger refused a payment of the bench")
            detail = {"transfers": len(transfers)}
            await audit.append(tx, self._actor, BRANCH, AuditTag.INTENT_SETTLED, str(transfers[0].id), detail, now)
        return len(transfers)

    def lane(self) -> Coalescer[Transfer, Posted]:
        """The same for callers who ask at the same time, coalesced as a branch's submissions and outcomes are."""

        async def flush(asked: Sequence[Transfer]) -> list[Posted]:
            await self.post(asked)
            return [Posted()] * len(asked)

        return Coalescer(flush, TOGETHER)


class Bare:
    """The least that can be called posting, in one statement."""

    def __init__(self, connection: AsyncConnection[tuple[object, ...]]) -> None:
        self._connection = connection

    async def post(self, transfers: Sequence[Transfer]) -> int:
        """The same transfers."""
        await self._connection.execute(
            _BARE_POST,
            {
                "ids": _literal([transfer.id.hex for transfer in transfers]),
                "debits": _literal([transfer.legs[0].account_id.hex for transfer in transfers]),
                "credits": _literal([transfer.legs[1].account_id.hex for transfer in transfers]),
                "amounts": _literal([str(transfer.legs[1].posted) for transfer in transfers]),
                "now": datetime.now(UTC),
            },
        )
        return len(transfers)


def _literal(values: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}"
