"""Reads the change feed below the oldest running transaction, so that a late commit is never skipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from server.database.transaction import Transaction

_CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")
_ESTIMATE_MOST: Final = 100_000


class Position(msgspec.Struct, frozen=True):
    """A place in the feed: the transaction that made the change, and the change's number."""

    xid: int = 0
    id: int = 0

    @property
    def cursor(self) -> str:
        """As it crosses the network."""
        return f"{self.xid}-{self.id}"


class Change(msgspec.Struct, frozen=True):
    """One thing that has changed, at the place of its newest change."""

    entity: str
    entity_id: UUID
    position: Position


def parse_cursor(cursor: str) -> Position | None:
    """The place that a cursor names, the beginning for the empty one, None for what is no cursor of ours."""
    if not cursor:
        return Position()
    found = _CURSOR.fullmatch(cursor)
    return Position(int(found[1]), int(found[2])) if found else None


async def horizon(tx: Transaction) -> int:
    """The oldest transaction that may still commit; a later snapshot never has an older one."""
    return int(await tx.value("select pg_snapshot_xmin(pg_current_snapshot())::text"))


async def changes_after(tx: Transaction, after: Position, before: int, limit: int) -> list[Change]:
    """The next things that changed, each once, at its newest place; `before` is a `horizon`."""
    rows = await tx.rows(
        """
        select f.entity, f.entity_id, f.xid::text::bigint xid, f.id from sheaf.change_feed f
        where (f.xid, f.id) > (%(xid)s::text::xid8, %(id)s::bigint) and f.xid < %(before)s::text::xid8
          and not exists (
            select from sheaf.change_feed newer
            where newer.entity_id = f.entity_id and newer.entity = f.entity
              and (newer.xid, newer.id) > (f.xid, f.id) and newer.xid < %(before)s::text::xid8)
        order by f.xid, f.id limit %(limit)s
        """,
        xid=str(after.xid),
        id=after.id,
        before=str(before),
        limit=limit,
    )
    return [Change(row["entity"], row["entity_id"], Position(row["xid"], row["id"])) for row in rows]


async def how_many_after(tx: Transaction, after: Position, before: int) -> int:
    """About how many things are still to come: counted among the next hundred thousand changes."""
    return int(
        await tx.value(
            """
            select count(distinct entity_id) from (
              select entity_id from sheaf.change_feed
              where (xid, id) > (%(xid)s::text::xid8, %(id)s::bigint) and xid < %(before)s::text::xid8
              order by xid, id limit %(most)s) next
            """,
            xid=str(after.xid),
            id=after.id,
            before=str(before),
            most=_ESTIMATE_MOST,
        )
    )


def ids_of(changes: Sequence[Change], entity: str) -> list[UUID]:
    """The ids of one kind, in the order of their changes."""
    return [change.entity_id for change in changes if change.entity == entity]
