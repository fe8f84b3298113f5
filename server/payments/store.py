"""The intents' tables: written set-based, a new version and an event for each change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from shared.lifecycle import IntentState


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One intent's next step, with the evidence for it; no personal data in the texts."""

    id: UUID
    target: IntentState
    evidence: str
    failure_code: str = ""
    failure_text: str = ""


@failpoint("intents.move")
async def move_intents(tx: Transaction, moves: Sequence[Move], actor: str, now: datetime) -> None:
    """Take each intent to its next state as a new version with an event; the caller has locked the rows."""
    if not moves:
        return
    await tx.execute(
        """
        with wanted as (
          select * from unnest(%(ids)s::uuid[], %(targets)s::text[], %(evidence)s::text[], %(codes)s::text[],
                               %(texts)s::text[]) as w (id, target, evidence, failure_code, failure_text)
        ), moved as (
          update sheaf.intent i set state = w.target, version = i.version + 1, changed_at = %(now)s,
            failure_code = w.failure_code, failure_text = w.failure_text
          from wanted w where i.id = w.id
          returning i.id, i.branch_id, i.version, i.state, w.evidence
        )
        insert into sheaf.intent_event (intent_id, branch_id, version, state, at, actor, evidence)
        select id, branch_id, version, state, %(now)s, %(actor)s, evidence from moved
        """,
        now=now,
        actor=actor,
        ids=[move.id for move in moves],
        targets=[move.target.value for move in moves],
        evidence=[move.evidence for move in moves],
        codes=[move.failure_code for move in moves],
        texts=[move.failure_text for move in moves],
    )


async def lock_intents(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Lock intents in the order of their ids (the one order everywhere) and give them by id."""
    rows = await tx.rows(
        "select * from sheaf.intent where id = any(%(ids)s) order by id for no key update", ids=list(ids)
    )
    return {row["id"]: row for row in rows}


def _line(row: Row) -> int:
    return int(row["line"])


async def sign_offs_given(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """Approvals of intents: intent_id, user_id, role, stands."""
    return await tx.rows(
        """
        select i.intent_id, i.user_id, s.role,
          sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at) stands
        from sheaf.sign_off_item i join sheaf.sign_off s on s.id = i.sign_off_id
        where i.intent_id = any(%(ids)s) and s.decision = 'approve'
        """,
        ids=list(ids),
    )


async def newest_intents(
    tx: Transaction,
    branches: Sequence[int],
    *,
    state: str,
    batch: UUID | None,
    member: UUID | None,
    cursor: UUID | None,
    limit: int,
) -> list[UUID]:
    """Ids of intents of these branches, newest first; of any state, batch and member where none is named."""
    rows = await tx.rows(
        """
        select i.id from sheaf.intent i
        where i.branch_id = any (%(branches)s)
          and (%(cursor)s::uuid is null or i.id < %(cursor)s)
          and (%(state)s = '' or i.state = %(state)s)
          and (%(batch)s::uuid is null or i.batch_id = %(batch)s)
          and (%(member)s::uuid is null or i.member_id = %(member)s)
        order by i.id desc limit %(limit)s
        """,
        branches=list(branches),
        cursor=cursor,
        state=state,
        batch=batch,
        member=member,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def events_of(tx: Transaction, intent_id: UUID) -> list[Row]:
    """What happened to an intent, in its order."""
    return await tx.rows(
        "select state, at, actor, evidence from sheaf.intent_event where intent_id = %(id)s order by version",
        id=intent_id,
    )


async def last_reference(tx: Transaction, intent_id: UUID) -> str:
    """The newest attempt's reference at the bank, empty before there is one."""
    found: str | None = await tx.value(
        "select bank_reference from sheaf.attempt where intent_id = %(id)s order by ordinal desc limit 1", id=intent_id
    )
    return found or ""
