"""Appends to a branch's audit chain and reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from shared.audit_tags import AuditTag


@failpoint("audit.append")
async def append(
    tx: Transaction,
    actor: Actor,
    branch_id: int,
    tag: AuditTag,
    subject: str,
    detail: Mapping[str, object],
    now: datetime,
) -> None:
    """Write the transaction's one entry for a branch as its last statement: the chain's head stays locked till commit.

    `detail` holds ids, states and digests, never names, account numbers or national ids.
    """
    await tx.execute(
        "select sheaf.append_audit(%(branch)s, %(now)s, %(actor)s, %(device)s, %(tag)s, %(subject)s, %(detail)s)",
        branch=branch_id,
        now=now,
        actor=actor.name,
        device=actor.device_id,
        tag=tag.value,
        subject=subject,
        detail=msgspec.json.encode(detail, order="deterministic").decode(),
    )


GENESIS: Final = bytes(32)
"""What the first entry of every chain follows."""


async def open_chain(tx: Transaction, branch_id: int) -> None:
    """Give a new branch its chain, as the database's owner; nothing can be audited there before."""
    await tx.execute(
        "insert into sheaf.audit_head (branch_id, sequence, hash) values (%(branch)s, 0, %(genesis)s)",
        branch=branch_id,
        genesis=GENESIS,
    )


class Position(msgspec.Struct, frozen=True):
    """A place in the list of all entries, newest first."""

    at: datetime
    branch_id: int
    sequence: int


async def page(tx: Transaction, *, branch_id: int | None, tag: str, below: Position | None, limit: int) -> list[Row]:
    """Entries of the branches in sight, newest first; `branch_id` None and `tag` empty mean all."""
    return await tx.rows(
        """
        select branch_id, sequence, at, actor, tag, subject, detail, hash from sheaf.audit_entry
        where (%(branch)s::int is null or branch_id = %(branch)s)
          and (%(tag)s::text = '' or tag = %(tag)s)
          and (%(at)s::timestamptz is null
               or (at, branch_id, sequence) < (%(at)s, %(below)s::int, %(sequence)s::bigint))
        order by at desc, branch_id desc, sequence desc limit %(limit)s
        """,
        branch=branch_id,
        tag=tag,
        at=below.at if below else None,
        below=below.branch_id if below else None,
        sequence=below.sequence if below else None,
        limit=limit,
    )


async def heads(tx: Transaction) -> list[Row]:
    """Every chain: branch_id, sequence and hash of its head, and the newest entry's sequence; one snapshot."""
    return await tx.rows(
        """
        select coalesce(h.branch_id, b.id) branch_id, h.sequence, h.hash,
               coalesce((select max(e.sequence) from sheaf.audit_entry e where e.branch_id = b.id), 0) newest
        from sheaf.branch b left join sheaf.audit_head h on h.branch_id = b.id order by 1
        """
    )


async def anchors(tx: Transaction) -> list[Row]:
    """All anchors, oldest first: at, heads as the text that was hashed, hash."""
    return await tx.rows("select at, heads::text heads, hash from sheaf.audit_anchor order by at")


async def entries_after(tx: Transaction, branch_id: int, sequence: int, limit: int) -> list[Row]:
    """The next entries of one chain, in order."""
    return await tx.rows(
        """
        select sequence, at, actor, device_id, tag, subject, detail, previous, hash from sheaf.audit_entry
        where branch_id = %(branch)s and sequence > %(sequence)s order by sequence limit %(limit)s
        """,
        branch=branch_id,
        sequence=sequence,
        limit=limit,
    )
