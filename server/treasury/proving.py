"""Ends the wait of recorded money: the statement's line that proves it, or the time in which nobody signed."""

from __future__ import annotations

from datetime import datetime

from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Transaction
from server.treasury import store
from server.treasury.rules import Credit, Recorded, pairs
from shared.audit_tags import AuditTag
from shared.lifecycle import DepositState


async def unprove_deposits(tx: Transaction, actor: Actor, now: datetime) -> None:
    """Deposits whose line stands on a statement that was set aside wait for another line."""
    rows = await tx.rows(
        """
        update sheaf.deposit d set state = 'recorded', version = version + 1, changed_at = %(now)s
        where state = 'reconciled' and exists (
          select from sheaf.statement_line l join sheaf.statement s on s.id = l.statement_id
          where l.id = d.statement_line_id and s.set_aside_at is not null)
        returning id
        """,
        now=now,
    )
    if rows:
        detail = {"waiting": [str(row["id"]) for row in rows]}
        await audit.append(tx, actor, HEAD_OFFICE, AuditTag.DEPOSIT_RECONCILED, "deposits", detail, now)


async def prove_deposits(tx: Transaction, actor: Actor, now: datetime) -> int:
    """Give recorded deposits the credit lines that show them; how many. Runs after the lines were judged.

    What is said to have come in before the first statement stands in its opening balance, on no line.
    """
    recorded = await tx.rows(
        """
        select id, amount, received_on from sheaf.deposit
        where state = 'recorded' and received_on >= (select min(date) from sheaf.accepted_statement)
        """
    )
    if not recorded:
        return 0
    credits = await tx.rows(
        """
        select l.id line_id, l.amount, (l.booked_at at time zone 'Asia/Bangkok')::date booked_on
        from sheaf.reconciliation r join sheaf.accepted_line l on l.id = r.statement_line_id
        where r.result = 'unexpected' and r.attempt_id is null and l.kind = 'credit'
          and l.amount = any(%(amounts)s) and not exists (
            select from sheaf.deposit d
            where d.statement_line_id = l.id and d.state in ('requested', 'recorded', 'reconciled'))
        """,
        amounts=[row["amount"] for row in recorded],
    )
    found = pairs([Recorded(**row) for row in recorded], [Credit(**row) for row in credits])
    for deposit_id, line_id in found:
        await tx.execute(
            """
            update sheaf.deposit set state = 'reconciled', statement_line_id = %(line)s, version = version + 1,
              changed_at = %(now)s where id = %(id)s
            """,
            id=deposit_id,
            line=line_id,
            now=now,
        )
    if found:
        detail = {"deposits": {str(deposit_id): str(line_id) for deposit_id, line_id in found}}
        await audit.append(tx, actor, HEAD_OFFICE, AuditTag.DEPOSIT_RECONCILED, "deposits", detail, now)
    return len(found)


async def expire_deposits(tx: Transaction, actor: Actor, now: datetime, limit: int = 100) -> int:
    """Expire records that nobody signed in time; how many."""
    rows = await store.overdue(tx, now, limit)
    for row in rows:
        await store.move_deposit(tx, row["id"], DepositState.EXPIRED, now)
    if rows:
        detail = {"numbers": [row["number"] for row in rows]}
        await audit.append(tx, actor, HEAD_OFFICE, AuditTag.DEPOSIT_EXPIRED, rows[0]["number"], detail, now)
    return len(rows)
