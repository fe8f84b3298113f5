"""Closes every batch whose lines have come to their end, in a transaction of its own, and tells what keeps one open.

Not where lines end: two that end at once in two transactions each see the other's as open, and nobody would close; and
a batch's row comes before the ledger in the order of locks, which whoever settles a line has passed already.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from server.audit import store as audit
from server.batches import batches
from server.context import Actor
from server.database.transaction import Transaction
from shared.audit_tags import AuditTag
from shared.lifecycle import BatchState


async def close_finished(tx: Transaction, actor: Actor, now: datetime, limit: int = 50) -> int:
    """Close up to `limit` authorized batches without an open line and give back what their holds still keep.

    One that somebody else has in hand is left for the next time.
    """
    rows = await tx.rows(
        """
        select t.id, t.branch_id, t.number, t.hold_id from sheaf.batch t
        where t.state = 'authorized'
          and not exists (select from sheaf.intent i where i.batch_id = t.id
                          and i.state in ('created', 'validated', 'authorized', 'sent', 'in_doubt'))
        order by t.id limit %(limit)s for no key update skip locked
        """,
        limit=limit,
    )
    for row in rows:
        await batches.move_batch(tx, row["id"], BatchState.CLOSED, now)
    await batches.release_rest(tx, rows, "batch closed", now)
    for branch_id in sorted({row["branch_id"] for row in rows}):
        numbers = [row["number"] for row in rows if row["branch_id"] == branch_id]
        await audit.append(tx, actor, branch_id, AuditTag.BATCH_CLOSED, numbers[0], {"numbers": numbers}, now)
    return len(rows)


class Overdue(msgspec.Struct, frozen=True):
    """A batch that is open past its term, and how many of its lines stand where."""

    number: str
    states: dict[str, int]


async def overdue(tx: Transaction, now: datetime, limit: int = 50) -> list[Overdue]:
    """Authorized batches whose term is over. Their lines that were not sent have expired by then; the others are asked
    about at the bank, or wait for a person (in doubt).
    """
    rows = await tx.rows(
        """
        select t.number, (select jsonb_object_agg(state, n) from (
            select i.state, count(*) n from sheaf.intent i where i.batch_id = t.id group by i.state) counted) states
        from sheaf.batch t where t.state = 'authorized' and t.expires_at <= %(now)s order by t.id limit %(limit)s
        """,
        now=now,
        limit=limit,
    )
    return [Overdue(**row) for row in rows]
