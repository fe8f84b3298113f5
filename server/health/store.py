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
          clock_timestamp() - heard_at silent, beat_at - heard_at apart
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
        apart=row["apart"],
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


async def last_fetches(tx: Transaction, soon: datetime) -> Row:
    """The last fetch that ended and its problems, since when they fail, and the one under way; none that is dated after
    `soon`, by a clock that was wrong."""
    return await tx.one(
        """
        with ended as (
          select * from sheaf.statement_fetch where state in ('done', 'failed') and finished_at <= %(soon)s)
        select l.state, l.problems, l.finished_at, l.files,
          (select min(finished_at) from ended where state = 'failed' and finished_at > coalesce(
             (select max(finished_at) from ended where state = 'done'), '-infinity')) failing_since,
          o.requested_at open_since, o.state open_state
        from (select 1) one left join lateral (
          select * from ended order by finished_at desc limit 1) l on true
        left join lateral (
          select * from sheaf.statement_fetch where state in ('requested', 'running') limit 1) o on true
        """,
        soon=soon,
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
    """Payments in doubt by channel: how many, satang, the oldest, of how many a day has passed."""
    return await tx.rows("select * from sheaf.doubts()")


async def mismatches(tx: Transaction) -> list[Row]:
    """Payments by channel under whose reference the bank has something else: how many, satang, since when."""
    return await tx.rows("select * from sheaf.mismatches()")


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


async def sessions(tx: Transaction) -> Row:
    """How many sessions of how many, since when one idles in a transaction and one writes, how many are hidden."""
    return await tx.one("select * from sheaf.sessions()")


async def waits_for_locks(tx: Transaction) -> Row:
    """How many sessions wait for a lock, how long the longest has, and who is in its way."""
    return await tx.one(
        """
        select count(*) waiting, coalesce(max(clock_timestamp() - w.waitstart), '0') longest,
          (select string_agg(distinct b.pid::text, ', ')
           from pg_locks n cross join unnest(pg_blocking_pids(n.pid)) b (pid) where not n.granted) blockers
        from pg_locks w where not w.granted
        """
    )


async def database_time(tx: Transaction) -> datetime:
    """The database's own clock."""
    value: datetime = await tx.value("select clock_timestamp()")
    return value


async def write(tx: Transaction, name: str, now: datetime) -> None:
    """Write a row, and some megabytes that need free space on the database's disk for a moment."""
    await tx.execute(
        """
        insert into sheaf.write_probe (name, at) values (%(name)s, %(now)s)
        on conflict (name) do update set at = excluded.at
        """,
        name=name,
        now=now,
    )
    # What does not fit into so little memory goes through a temporary file, in the folder of the database itself.
    await tx.execute("set local work_mem = '64kB'; set local temp_tablespaces = ''")
    await tx.value(
        """
        with wide as materialized (select repeat('x', 8000) piece from generate_series(1, 2000))
        select count(piece) from wide
        """
    )


async def data_directory(tx: Transaction) -> str | None:
    """Where the database lies, as its administrator may know; None for who may not."""
    value: str | None = await tx.value("select setting from pg_settings where name = 'data_directory'")
    return value


async def files_not_taken(tx: Transaction, since: datetime) -> list[Row]:
    """Delivered files that wait, and those refused since an instant: how many, the oldest, the newest one's name."""
    return await tx.rows(
        """
        select outcome, count(*) files, min(first_seen_at) oldest, (array_agg(name order by changed_at desc))[1] name,
          (array_agg(problem order by changed_at desc))[1] problem
        from sheaf.statement_file where outcome = 'waiting' or (outcome = 'refused' and changed_at >= %(since)s)
        group by outcome order by outcome
        """,
        since=since,
    )


async def executor_leases(tx: Transaction) -> dict[int, datetime | None]:
    """When each of the newest executors renewed its lease, by its number."""
    rows = await tx.rows("select id, beat_at from sheaf.executor order by id desc limit 200")
    return {row["id"]: row["beat_at"] for row in rows}


async def knows_instance(tx: Transaction, instance: str) -> bool:
    """Whether a process of this database is that one."""
    return bool(await tx.value("select exists (select from sheaf.process where instance::text = %(it)s)", it=instance))


async def alarm_ways(tx: Transaction) -> list[Row]:
    """How each way of telling alarms does."""
    return await tx.rows("select way, beat_at, failing_since, failure from sheaf.alarm_way order by way")


async def jobs(tx: Transaction) -> list[Row]:
    """Recurring work: when it is due (None for never), how often it has failed since it was done, and why."""
    return await tx.rows(
        """
        select name, case when due_at < 'infinity' then due_at end due_at, failures, told from sheaf.job order by name
        """
    )


async def holds_lock(tx: Transaction, key: int) -> bool:
    """Whether some session of this database holds the advisory lock of this number."""
    return bool(
        await tx.value(
            """
            select exists (select from pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 1
              and l.database = (select oid from pg_database where datname = current_database())
              and (l.classid::bigint << 32) + l.objid::bigint = %(key)s)
            """,
            key=key,
        )
    )
