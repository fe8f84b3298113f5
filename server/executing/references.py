"""Under which reference an intent is sent, and the rows of its attempts: one for each reference, whoever tries it.

A reference is tried until the bank itself says that it holds it and has ended it unpaid (`spent`). So what a database
that has forgotten a part of its life says at the bank is what it has said there before, and the bank knows it: the next
reference is only ever used where the bank keeps us from using this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.database.transaction import Row, Transaction
from shared.ids import bank_reference


class Try(msgspec.Struct, frozen=True):
    """One try of an intent. `attempt_id` is new for each: who still works on an earlier try writes to nothing.

    `before` is the row of the same reference, which this try takes over; None for a reference's first try.
    """

    attempt_id: UUID
    branch_id: int
    intent_id: UUID
    ordinal: int
    reference: str
    before: UUID | None


def next_try(row: Row, attempt_id: UUID) -> Try:
    """The try that comes next of an intent that is to be sent; `row` has its last attempt, and Nones without one."""
    last = row["last_id"]
    if last is not None and not row["last_spent"]:
        return Try(attempt_id, row["branch_id"], row["id"], row["last_ordinal"], row["last_reference"], last)
    ordinal = (row["last_ordinal"] or 0) + 1
    return Try(attempt_id, row["branch_id"], row["id"], ordinal, bank_reference(row["id"], ordinal), None)


async def write(tx: Transaction, executor_id: int, tries: Sequence[Try], now: datetime) -> set[UUID]:
    """Write the attempts of these tries; which of them stand.

    Left out is one whose reference another intent has: it is never sent, and nobody else waits for it.
    """
    fresh = [one for one in tries if one.before is None]
    again = [one for one in tries if one.before is not None]
    rows = await tx.rows(
        """
        insert into sheaf.attempt (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id, prepared_at)
        select id, branch_id, intent_id, ordinal, reference, 'prepared', %(executor)s, %(now)s
        from unnest(%(ids)s::uuid[], %(branches)s::int[], %(intents)s::uuid[], %(ordinals)s::int[],
                    %(references)s::text[]) as a (id, branch_id, intent_id, ordinal, reference)
        on conflict (bank_reference) do nothing returning id
        """,
        executor=executor_id,
        now=now,
        ids=[one.attempt_id for one in fresh],
        branches=[one.branch_id for one in fresh],
        intents=[one.intent_id for one in fresh],
        ordinals=[one.ordinal for one in fresh],
        references=[one.reference for one in fresh],
    )
    if again:
        rows += await tx.rows(
            """
            update sheaf.attempt a set id = n.id, state = 'prepared', executor_id = %(executor)s, prepared_at = %(now)s,
              token = '', payee_name = '', payer_digest = null, evidence = '', told = '', confirming_at = null,
              ended_at = null, inquiries = 0, inquire_at = null, flagged_at = null, taken_at = null
            from unnest(%(ids)s::uuid[], %(before)s::uuid[]) as n (id, before)
            where a.id = n.before and a.state = 'rejected' and not a.spent returning a.id
            """,
            executor=executor_id,
            now=now,
            ids=[one.attempt_id for one in again],
            before=[one.before for one in again],
        )
    return {row["id"] for row in rows}
