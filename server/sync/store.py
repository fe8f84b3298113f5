"""Reads the change feed below the oldest running transaction, so that a late commit is never skipped.

No number of one server is a position: turns are the feed's own (`sheaf.feed_turn`), and a cursor names the life of the
server in which it was given, so that one of another history is known as such.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from server.context import Vault
from server.database.transaction import Transaction

_CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,18})(?:-([0-9a-f]{16})?([0-9a-f]{12}))?")
_ESTIMATE_MOST: Final = 100_000


class Position(msgspec.Struct, frozen=True):
    """A place in the feed: the turn of the transaction that made the change, and the change's number."""

    turn: int = 0
    id: int = 0
    life: str = ""
    """The server's life in which a desk was given this place; empty at the beginning and before version 4."""
    seal: str = ""

    def cursor(self, life: str, vault: Vault) -> str:
        """As it crosses the network, given in the server's present life, and sealed by this installation."""
        seal = _seal(vault, f"{self.turn}-{self.id}-{life}")
        return f"{self.turn}-{self.id}-{seal}{life}"

    def is_ours(self, vault: Vault) -> bool:
        """Whether a server of this installation has given it: nobody else can say a place that it never reached."""
        expected = _seal(vault, f"{self.turn}-{self.id}-{self.life}")
        return hmac.compare_digest(self.seal, expected)


class Standing(StrEnum):
    """How a desk's place stands to this database."""

    GOES_ON = "goes_on"
    MOVED = "moved"
    """The place is known here, but the database was put back or moved since: what the desk has may not be here."""
    AHEAD = "ahead"
    """The desk has seen what this database has not: it was put back to an earlier state."""


class Look(msgspec.Struct, frozen=True):
    """What a reader knows before it reads: what is below `before` has ended, and any later look says no less."""

    before: int
    life: str
    standing: Standing


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
    return Position(int(found[1]), int(found[2]), found[4] or "", found[3] or "") if found else None


def _seal(vault: Vault, text: str) -> str:
    return hmac.digest(vault.derive(b"sheaf-cursor"), text.encode(), "sha256")[:8].hex()


async def look(tx: Transaction, after: Position) -> Look:
    """The turn of the oldest transaction that may still commit, the server's present life, and how a place stands."""
    row = await tx.one(
        "select before::text::bigint, token, standing from sheaf.feed_look(%(life)s, %(turn)s::text::xid8)",
        life=after.life,
        turn=str(after.turn),
    )
    return Look(row["before"], row["token"], Standing(row["standing"]))


async def changes_after(tx: Transaction, after: Position, before: int, limit: int) -> list[Change]:
    """The next things that changed, each once, at its newest place; `before` is what a `look` said."""
    rows = await tx.rows(
        """
        select f.entity, f.entity_id, f.xid::text::bigint turn, f.id from sheaf.change_feed f
        where (f.xid, f.id) > (%(turn)s::text::xid8, %(id)s::bigint) and f.xid < %(before)s::text::xid8
          and not exists (
            select from sheaf.change_feed newer
            where newer.entity_id = f.entity_id and newer.entity = f.entity
              and (newer.xid, newer.id) > (f.xid, f.id) and newer.xid < %(before)s::text::xid8)
        order by f.xid, f.id limit %(limit)s
        """,
        turn=str(after.turn),
        id=after.id,
        before=str(before),
        limit=limit,
    )
    return [Change(row["entity"], row["entity_id"], Position(row["turn"], row["id"])) for row in rows]


async def how_many_after(tx: Transaction, after: Position, before: int) -> int:
    """About how many things are still to come: counted among the next hundred thousand changes."""
    return int(
        await tx.value(
            """
            select count(distinct entity_id) from (
              select entity_id from sheaf.change_feed
              where (xid, id) > (%(turn)s::text::xid8, %(id)s::bigint) and xid < %(before)s::text::xid8
              order by xid, id limit %(most)s) next
            """,
            turn=str(after.turn),
            id=after.id,
            before=str(before),
            most=_ESTIMATE_MOST,
        )
    )


def ids_of(changes: Sequence[Change], entity: str) -> list[UUID]:
    """The ids of one kind, in the order of their changes."""
    return [change.entity_id for change in changes if change.entity == entity]
