"""Who else has payments under way, and how an executor takes over what a dead one leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from server.database.transaction import Transaction
from server.failpoints import failpoint


async def others_at_work(tx: Transaction, executor_id: int, channels: Sequence[str], late: datetime) -> dict[int, bool]:
    """Other executors with attempts under way on the channels, and whether the last beat of each was before `late`."""
    rows = await tx.rows(
        """
        select e.id, coalesce(e.beat_at < %(late)s, false) late from sheaf.executor e
        where e.id <> %(executor)s and exists (select from sheaf.attempt a join sheaf.intent i on i.id = a.intent_id
          where a.executor_id = e.id and a.state not in ('accepted', 'rejected') and i.channel = any(%(channels)s))
        order by e.id
        """,
        executor=executor_id,
        channels=list(channels),
        late=late,
    )
    return {row["id"]: row["late"] for row in rows}


async def untended(tx: Transaction, channels: Sequence[str]) -> dict[str, int]:
    """Channels beside these with attempts under way, and how many: nobody with these channels asks about them."""
    rows = await tx.rows(
        """
        select i.channel, count(*) under_way from sheaf.attempt a join sheaf.intent i on i.id = a.intent_id
        where a.state not in ('accepted', 'rejected') and i.channel <> all(%(channels)s)
        group by i.channel order by i.channel
        """,
        channels=list(channels),
    )
    return {row["channel"]: row["under_way"] for row in rows}


@failpoint("sending.adopt")
async def adopt(tx: Transaction, executor_id: int, channels: Sequence[str], dead: int, now: datetime) -> int:
    """Take over what a dead executor had under way on these channels; everything is due for inquiry at once."""
    return await tx.execute(
        """
        update sheaf.attempt a set executor_id = %(executor)s, inquire_at = %(now)s from sheaf.intent i
        where a.executor_id = %(dead)s and a.state not in ('accepted', 'rejected')
          and i.id = a.intent_id and i.channel = any(%(channels)s)
        """,
        executor=executor_id,
        channels=list(channels),
        dead=dead,
        now=now,
    )
