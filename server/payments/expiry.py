"""Ends what nobody decided in time: intents, batches, funding and advance requests, with their money given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.payments import batches, store, submission
from server.payments.advance_store import move_advance
from server.payments.funding_store import move_funding
from shared.audit_tags import AuditTag
from shared.lifecycle import AdvanceState, BatchState, FundingState, IntentState

_LINES = 10_000
"""After so many lines no further batch is ended in the same transaction."""


@failpoint("expiry.expire")
async def expire(tx: Transaction, actor: Actor, now: datetime, limit: int = 200) -> int:
    """Expire up to `limit` of each kind; how many ended. Intents under way are never touched."""
    ended = [*await _batches(tx, actor, now, limit), *await _intents(tx, actor, now, limit)]
    ended += [*await _funding(tx, now, limit), *await _advances(tx, now, limit)]
    for branch_id in sorted({row["branch_id"] for row in ended}):
        numbers = [row["number"] for row in ended if row["branch_id"] == branch_id]
        await audit.append(tx, actor, branch_id, AuditTag.INTENT_EXPIRED, numbers[0], {"numbers": numbers}, now)
    return len(ended)


async def _batches(tx: Transaction, actor: Actor, now: datetime, limit: int) -> Sequence[Row]:
    # What somebody is deciding at this moment is skipped: waiting here for a second batch with the first one's money
    # in hand would be against the order of locks.
    rows = await tx.rows(
        """
        select * from sheaf.batch where state in ('open', 'validated') and expires_at <= %(now)s
        order by id limit %(limit)s for no key update skip locked
        """,
        now=now,
        limit=limit,
    )
    ended: list[Row] = []
    for row in rows:
        if sum(before["count"] for before in ended) >= _LINES:
            break  # the others have their turn next time: one transaction takes no more than it can in a few seconds
        ended.append(row)
        # An open batch was never submitted, so its lines are cancelled; a submitted one expires.
        open_batch = row["state"] == BatchState.OPEN
        target = BatchState.CANCELLED if open_batch else BatchState.EXPIRED
        line_target = IntentState.CANCELLED if open_batch else IntentState.EXPIRED
        await batches.end_batch(tx, actor.name, row, target, line_target, "expired", now)
    return ended


@failpoint("expiry.intents")
async def _intents(tx: Transaction, actor: Actor, now: datetime, limit: int) -> Sequence[Row]:
    rows = await tx.rows(
        """
        select * from sheaf.intent
        where expires_at <= %(now)s and (state = 'authorized' or (state = 'validated' and batch_id is null))
        order by id limit %(limit)s for no key update skip locked
        """,
        now=now,
        limit=limit,
    )
    moves = [store.Move(id=row["id"], target=IntentState.EXPIRED, evidence="not paid in time") for row in rows]
    await store.move_intents(tx, moves, actor.name, now)
    for row in rows:
        held = [(row["id"], row["amount"] + row["fee"])]
        await submission.release(tx, row["branch_id"], row["hold_id"], held, "expired", now)
    return rows


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
