"""What the checks read, and what was proved: SQL that looks and hardly ever writes."""

from __future__ import annotations

from datetime import datetime

import msgspec

from server.context import HEAD_OFFICE
from server.database.transaction import Row, Transaction
from server.health.rules import Heard

SIGHT = (HEAD_OFFICE,)
"""What a transaction sees for what belongs to the company; the rest comes from functions that give numbers."""


async def processes(tx: Transaction, kind: str = "") -> list[Heard]:
    """Every process that has a name, of one kind or of all."""
    rows = await tx.rows(
        """
        select kind, name, place, host, pid, started_at, heard_at, stopped_at, facts,
          clock_timestamp() - heard_at silent
        from sheaf.process where kind = %(kind)s or %(kind)s = '' order by kind, name
        """,
        kind=kind,
    )
    return [_heard(row) for row in rows]


def _heard(row: Row) -> Heard:
    return Heard(
        kind=row["kind"],
        name=row["name"],
        place=row["place"],
        host=row["host"],
        pid=row["pid"],
        silent=row["silent"],
        heard_at=row["heard_at"],
        stopped_at=row["stopped_at"],
        started_at=row["started_at"],
        facts=msgspec.json.decode(row["facts"], type=dict[str, object]),
    )


async def company_accounts(tx: Transaction) -> list[Row]:
    """The accounts that we pay from, each with its last accepted statement: its day and when it came."""
    return await tx.rows(
        """
        select encode(c.digest, 'hex') digest, c.last4, c.changed_at, s.date, s.imported_at
        from sheaf.company_account c left join lateral (
          select a.date, a.imported_at from sheaf.accepted_statement a where a.account_digest = c.digest
          order by a.position desc limit 1) s on true
        where c.active order by c.last4, c.digest
        """
    )


async def last_fetches(tx: Transaction) -> Row:
    """The last fetch that ended and its problem, the last that worked, since when they fail, and the one under way."""
    return await tx.one(
        """
        select l.state, l.problem, l.finished_at, l.files,
          (select max(finished_at) from sheaf.statement_fetch where state = 'done') done_at,
          (select min(finished_at) from sheaf.statement_fetch f where state = 'failed' and finished_at > coalesce(
             (select max(finished_at) from sheaf.statement_fetch where state = 'done'), '-infinity')) failing_since,
          (select min(requested_at) from sheaf.statement_fetch where state in ('requested', 'running')) open_since
        from (select 1) one left join lateral (
          select * from sheaf.statement_fetch where state in ('done', 'failed')
          order by finished_at desc limit 1) l on true
        """
    )


async def forget(tx: Transaction, name: str) -> int:
    """Let a process' name go that will not come back; how many had it. One that lives comes back with its next beat."""
    return await tx.execute("delete from sheaf.process where name = %(name)s", name=name)


async def note_proof(tx: Transaction, name: str, good: bool, told: str, now: datetime) -> None:
    """Write down how a recomputation went."""
    await tx.execute(
        """
        insert into sheaf.last_proof as p (name, at, good, told, bad_since)
        values (%(name)s, %(now)s, %(good)s, %(told)s, case when not %(good)s then %(now)s::timestamptz end)
        on conflict (name) do update set at = excluded.at, good = excluded.good, told = excluded.told,
          bad_since = case when excluded.good then null else coalesce(p.bad_since, excluded.bad_since) end
        """,
        name=name,
        good=good,
        told=told[:300],
        now=now,
    )


async def last_proof(tx: Transaction, name: str) -> Row | None:
    """When the records of a name were last recomputed, and how it went."""
    return await tx.maybe("select * from sheaf.last_proof where name = %(name)s", name=name)


async def schema_version(tx: Transaction) -> str | None:
    """The schema version that the database says it has."""
    value: str | None = await tx.value("select version_num from sheaf.alembic_version")
    return value


async def waiting_by_lane(tx: Transaction) -> list[Row]:
    """Signed payments not yet sent: branch, channel, how many, since when the oldest."""
    return await tx.rows("select * from sheaf.waiting_by_lane()")


async def doubts(tx: Transaction) -> list[Row]:
    """Payments in doubt by channel: how many, satang, the oldest, how many a person was told of."""
    return await tx.rows("select * from sheaf.doubts()")


async def under_way(tx: Transaction) -> list[Row]:
    """Attempts not ended by channel, and since when the one that is most overdue should have been asked about."""
    return await tx.rows("select * from sheaf.under_way()")


async def endings(tx: Transaction, since: datetime) -> list[Row]:
    """How signed payments ended since an instant, by channel, state and by whom."""
    return await tx.rows("select * from sheaf.endings(%(since)s)", since=since)


async def exceptions(tx: Transaction) -> list[Row]:
    """What reconciliation could not explain, by result."""
    return await tx.rows("select * from sheaf.exceptions()")


async def executor_queues(tx: Transaction, now: datetime) -> list[Row]:
    """Other work of executors that waits: which, how much, since when."""
    return await tx.rows("select * from sheaf.executor_queues(%(now)s)", now=now)
