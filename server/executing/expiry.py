"""Ends what nobody decided in time: intents, batches, funding and advance requests, with their money given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from server.audit import store as audit
from server.batches import batches
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.payments import store, submission
from server.treasury.advance_store import move_advance
from server.treasury.funding_store import move_funding
from shared.audit_tags import AuditTag
from shared.lifecycle import AdvanceState, BatchState, FundingState, IntentState

_LINES = 10_000
"""After so many lines no further batch is ended in the same transaction."""


@failpoint("expiry.expire")
async def expire(tx: Transaction, actor: Actor, now: datetime, limit: int = 200) -> int:
    """Expire up to `limit` of each kind; how many ended. Intents under way are never touched.

    What somebody is deciding at this moment is skipped. All that ends is locked before anything does: what the endings
    give back comes later in the order of locks.
    """
    due, intents = await _due_batches(tx, now, limit), await _due_intents(tx, now, limit)
    if due or intents:
        await tx.execute(
            "select sheaf.lock_endings(%(intents)s::uuid[], %(batches)s::uuid[])",
            intents=[row["id"] for row in intents],
            batches=[row["id"] for row in due],
        )
    await _end_batches(tx, actor, due, now)
    await _end_intents(tx, actor, intents, now)
    ended = [*due, *intents]
    ended += [*await _funding(tx, now, limit), *await _advances(tx, now, limit)]
    for branch_id in sorted({row["branch_id"] for row in ended}):
        numbers = [row["number"] for row in ended if row["branch_id"] == branch_id]
        await audit.append(tx, actor, branch_id, AuditTag.INTENT_EXPIRED, numbers[0], {"numbers": numbers}, now)
    return len(ended)


async def _due_batches(tx: Transaction, now: datetime, limit: int) -> Sequence[Row]:
    """With no more lines than one transaction can end in a few seconds; the others have their turn next time.

    An open batch whose maker was shut out can't be closed by anybody, so it is due at once.
    """
    rows = await tx.rows(
        """
        select * from sheaf.batch b where state in ('open', 'validated') and (expires_at <= %(now)s
          or state = 'open' and not (select u.enabled from sheaf.app_user u where u.id = b.maker_id))
        order by id limit %(limit)s for no key update skip locked
        """,
        now=now,
        limit=limit,
    )
    due: list[Row] = []
    for row in rows:
        if sum(before["count"] for before in due) >= _LINES:
            break
        due.append(row)
    return due


async def _end_batches(tx: Transaction, actor: Actor, rows: Sequence[Row], now: datetime) -> None:
    for row in rows:
        # An open batch was never submitted, so its lines are cancelled; a submitted one expires.
        open_batch = row["state"] == BatchState.OPEN
        target = BatchState.CANCELLED if open_batch else BatchState.EXPIRED
        line_target = IntentState.CANCELLED if open_batch else IntentState.EXPIRED
        await batches.end_batch(tx, actor.name, row, target, line_target, "expired", now)


async def _due_intents(tx: Transaction, now: datetime, limit: int) -> Sequence[Row]:
    return await tx.rows(
        """
        select * from sheaf.intent
        where expires_at <= %(now)s and (state = 'authorized' or (state = 'validated' and batch_id is null))
        order by id limit %(limit)s for no key update skip locked
        """,
        now=now,
        limit=limit,
    )


@failpoint("expiry.intents")
async def _end_intents(tx: Transaction, actor: Actor, rows: Sequence[Row], now: datetime) -> None:
    moves = [store.Move(id=row["id"], target=IntentState.EXPIRED, evidence="not paid in time") for row in rows]
    await store.move_intents(tx, moves, actor.name, now)
    await submission.release(tx, [submission.release_of(row) for row in rows], "expired", now)


async def _funding(tx: Transaction, now: datetime, limit: int) -> Sequence[Row]:
    rows = await tx.rows(
        """
        select id, number, branch_id from sheaf.funding where state = 'requested' and expires_at <= %(now)s
        order by id limit %(limit)s for no key update skip locked
        """,
        now=now,
        limit=limit,
    )
    for row in rows:
        await move_funding(tx, row["id"], FundingState.EXPIRED, now)
    return rows


async def _advances(tx: Transaction, now: datetime, limit: int) -> Sequence[Row]:
    rows = await tx.rows(
        """
        select id, number, branch_id from sheaf.advance where state = 'requested' and expires_at <= %(now)s
        order by id limit %(limit)s for no key update skip locked
        """,
        now=now,
        limit=limit,
    )
    for row in rows:
        await move_advance(tx, row["id"], AdvanceState.EXPIRED, now)
    return rows
