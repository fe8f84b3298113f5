"""The batches' table, and what a batch's lines have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.payments import submission
from server.payments.radar import Likeness
from server.payments.writing import PlannedRow
from shared.ids import batch_number
from shared.lifecycle import BatchState, IntentState
from shared.money import Satang
from shared.permissions import Role
from shared.thai import business_date


async def insert_batch(tx: Transaction, values: dict[str, object], now: datetime) -> None:
    """Write a batch that was just declared."""
    day = business_date(now)
    sequence = await tx.value("select nextval('sheaf.batch_numbers')")
    await tx.execute(
        """
        insert into sheaf.batch (id, branch_id, number, state, count, total, note, file_sha256, maker_id, created_at,
          expires_at, changed_at)
        values (%(id)s, %(branch_id)s, %(number)s, 'open', %(count)s, %(total)s, %(note)s, %(file_sha256)s,
          %(maker_id)s, %(now)s, %(expires_at)s, %(now)s)
        """,
        number=batch_number(day.year, day.month, sequence),
        now=now,
        **values,
    )


async def keep_open(tx: Transaction, batch_id: UUID, until: datetime) -> None:
    """Somebody goes on with an open batch: it is not abandoned before `until`. The batch is locked."""
    await tx.execute(
        "update sheaf.batch set expires_at = greatest(expires_at, %(until)s) where id = %(id)s",
        id=batch_id,
        until=until,
    )


async def lock_batch(tx: Transaction, batch_id: UUID) -> Row | None:
    """Lock a batch; lines and ledger come after it in the order of locks."""
    return await tx.maybe(
        """
        select t.*, b.code branch from sheaf.batch t join sheaf.branch b on b.id = t.branch_id
        where t.id = %(id)s for no key update of t
        """,
        id=batch_id,
    )


async def find_batch(tx: Transaction, batch_id: UUID) -> Row | None:
    """A batch as it stands, without a lock."""
    return await tx.maybe("select * from sheaf.batch where id = %(id)s", id=batch_id)


async def newest_batches(tx: Transaction, state: str, cursor: UUID | None, limit: int) -> list[UUID]:
    """Ids of batches in sight, newest first; of any state where none is named."""
    rows = await tx.rows(
        """
        select id from sheaf.batch
        where (%(cursor)s::uuid is null or id < %(cursor)s) and (%(state)s = '' or state = %(state)s)
        order by id desc limit %(limit)s
        """,
        cursor=cursor,
        state=state,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def line_page(tx: Transaction, batch_id: UUID, after: int, limit: int) -> list[Row]:
    """Up to `limit` lines after line `after`, in the order of the batch, with what a sheet's reader and a rule need."""
    return await tx.rows(
        """
        select i.id, i.line, i.version, i.member_id, i.bank_account_id, i.account_version, i.destination,
          i.amount, i.operation, i.channel, i.produce, i.tags, i.batch_id, b.code branch, m.code member_code,
          coalesce(a.bank, '') bank
        from sheaf.intent i
        join sheaf.branch b on b.id = i.branch_id
        join sheaf.member m on m.id = i.member_id
        left join sheaf.bank_account a on a.id = i.bank_account_id
        where i.batch_id = %(batch)s and i.line > %(after)s order by i.line limit %(limit)s
        """,
        batch=batch_id,
        after=after,
        limit=limit,
    )


async def pages(tx: Transaction, batch_id: UUID, size: int) -> AsyncIterator[list[Row]]:
    """All lines in the order of the batch, some at a time."""
    after = 0
    while rows := await line_page(tx, batch_id, after, size):
        yield rows
        after = rows[-1]["line"]


async def lines_at(tx: Transaction, batch_id: UUID, first: int, last: int) -> list[Row]:
    """The lines that stand from line `first` to `last`."""
    return await tx.rows(
        "select * from sheaf.intent where batch_id = %(batch)s and line between %(first)s and %(last)s order by line",
        batch=batch_id,
        first=first,
        last=last,
    )


async def write_lines(tx: Transaction, branch_id: int, rows: Sequence[PlannedRow], now: datetime) -> list[int]:
    """Write new lines, or none and the lines that must be decided again."""
    stale: list[int] = await tx.value(
        "select sheaf.add_batch_lines(%(branch)s::int, %(items)s::jsonb, %(now)s::timestamptz)",
        branch=branch_id,
        items=msgspec.json.encode(rows).decode(),
        now=now,
    )
    return stale


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a batch: lines, what is approved of them, and what is held for them (with the fees on top).

    `disputed`: a line is paid although it looks like one of before.
    """

    count: int
    total: Satang
    held: Satang
    disputed: bool


async def sums(tx: Transaction, batch_id: UUID) -> Sums:
    """Add a batch's lines up."""
    row = await tx.one(
        """
        select count(*) count, coalesce(sum(amount), 0)::bigint total, coalesce(sum(amount + fee), 0)::bigint held,
          coalesce(bool_or(duplicate_reason <> ''), false) disputed
        from sheaf.intent where batch_id = %(batch)s
        """,
        batch=batch_id,
    )
    return Sums(**row)


async def suspect_line(tx: Transaction, batch: Row, since: datetime) -> Likeness | None:
    """What the first line of an open batch looks like that is to be paid without a reason for it."""
    row = await tx.maybe(
        """
        select kind, branch_id, number, at
        from sheaf.suspect_line(%(batch)s::uuid, %(branch)s::int, %(since)s::timestamptz)
        """,
        batch=batch["id"],
        branch=batch["branch_id"],
        since=since,
    )
    return None if row is None else Likeness(**row)


async def day_sum(tx: Transaction, batch_id: UUID, day: datetime) -> Satang:
    """The most that any member or account of an open batch gets on the business day that begins then, in all pieces."""
    return Satang(
        await tx.value("select sheaf.batch_day_sum(%(batch)s::uuid, %(day)s::timestamptz)", batch=batch_id, day=day)
    )


async def share_payees(tx: Transaction, batch_id: UUID) -> int:
    """Keep every payee's account of a batch as it is until this transaction ends; how many payees.

    A statement of its own, before they are read: one that had waited would still read what was before the wait.
    """
    return int(
        await tx.value(
            """
            with shared as materialized (
              select id from sheaf.member where id in (select member_id from sheaf.intent where batch_id = %(batch)s)
              order by id for share
            )
            select count(*) from shared
            """,
            batch=batch_id,
        )
    )


async def move_batch(tx: Transaction, batch_id: UUID, target: BatchState, now: datetime) -> None:
    """Take a batch to its next state (or the same) as a new version."""
    await tx.execute(
        """
        update sheaf.batch set state = %(target)s, version = version + 1, changed_at = %(now)s where id = %(id)s
        """,
        id=batch_id,
        target=target.value,
        now=now,
    )


async def submit_batch(
    tx: Transaction,
    batch_id: UUID,
    *,
    hold_id: UUID,
    quorum: Sequence[Role],
    expires_at: datetime,
    actor: str,
    now: datetime,
) -> None:
    """Take an open batch and all its lines to validated, with the quorum and the hold they now share."""
    await tx.execute(
        """
        with batch as (
          update sheaf.batch set state = 'validated', quorum = %(quorum)s, hold_id = %(hold)s, expires_at = %(expires)s,
            version = version + 1, changed_at = %(now)s
          where id = %(id)s
        ), lines as (
          update sheaf.intent set state = 'validated', quorum = %(quorum)s, hold_id = %(hold)s,
            expires_at = %(expires)s, version = version + 1, changed_at = %(now)s
          where batch_id = %(id)s
          returning id, branch_id, version, state
        )
        insert into sheaf.intent_event (intent_id, branch_id, version, state, at, actor, evidence)
        select id, branch_id, version, state, %(now)s, %(actor)s, 'batch submitted' from lines
        """,
        id=batch_id,
        hold=hold_id,
        quorum=[role.value for role in quorum],
        expires=expires_at,
        actor=actor,
        now=now,
    )


async def move_lines(
    tx: Transaction, batch_id: UUID, target: IntentState, actor: str, evidence: str, why: str, now: datetime
) -> None:
    """Take every line of a batch to one state, as a new version with an event. The caller holds the batch's lock.

    Nobody else moves a line before its batch is authorized, so the lines themselves need no lock before.
    """
    await tx.execute(
        """
        with moved as (
          update sheaf.intent set state = %(target)s, version = version + 1, changed_at = %(now)s,
            failure_text = %(why)s
          where batch_id = %(batch)s
          returning id, branch_id, version, state
        )
        insert into sheaf.intent_event (intent_id, branch_id, version, state, at, actor, evidence)
        select id, branch_id, version, state, %(now)s, %(actor)s, %(evidence)s from moved
        """,
        batch=batch_id,
        target=target.value,
        why=why,
        actor=actor,
        evidence=evidence,
        now=now,
    )


async def end_batch(
    tx: Transaction, actor: str, batch: Row, target: BatchState, line_target: IntentState, reason: str, now: datetime
) -> None:
    """End a batch that was not authorized, with every line, and give the held money back."""
    evidence = f"batch {target.value}"
    await move_lines(tx, batch["id"], line_target, actor, evidence, reason, now)
    await move_batch(tx, batch["id"], target, now)
    await release_rest(tx, [batch], evidence, now)


async def release_rest(tx: Transaction, batches: Sequence[Row], why: str, now: datetime) -> None:
    """Give back what the holds of batches still keep."""
    held = {batch["hold_id"]: batch["branch_id"] for batch in batches if batch["hold_id"] is not None}
    left = await posting.hold_remaining(tx, list(held))
    releases = [
        submission.Release(branch_id=held[hold_id], hold_id=hold_id, amount=amount)
        for hold_id, (_, amount) in left.items()
    ]
    await submission.release(tx, releases, why, now)
