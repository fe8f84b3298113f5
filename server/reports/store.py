"""The reports' SQL: sums over the ledger, intents and their events."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from server.database.transaction import Row, Transaction

_WAITING: Final = ("validated", "authorized", "sent", "in_doubt")


async def liquidity(tx: Transaction) -> list[Row]:
    """For each branch in sight that pays: its funding and transit accounts, and how many payments are on their way."""
    return await tx.rows(
        """
        select b.code, b.name_th, b.name_en, f.posted, f.held, t.posted transit,
               (select count(*) from sheaf.intent i
                where i.branch_id = b.id and i.state = any(%(states)s)) waiting
        from sheaf.branch b
        join sheaf.ledger_account f on f.branch_id = b.id and f.purpose = 'funding'
        join sheaf.ledger_account t on t.branch_id = b.id and t.purpose = 'transit'
        order by b.code
        """,
        states=list(_WAITING),
    )


async def treasury(tx: Transaction) -> int | None:
    """Satang in head office's treasury; None for those who may not see head office."""
    value: int | None = await tx.value(
        "select sum(posted)::bigint from sheaf.ledger_account where purpose = 'treasury'"
    )
    return value


async def reached_since(tx: Transaction, since: datetime) -> list[Row]:
    """Payments that reached settled, failed or returned since an instant: Bangkok day, state, number, satang.

    Reports count `settled` as reached at any time, whatever the bank's statement made of it later, and each once;
    a return counts while it stands.
    """
    return await tx.rows(
        """
        select (e.at at time zone 'Asia/Bangkok')::date as day, e.state, count(*) number, sum(i.amount)::bigint total
        from sheaf.intent_event e join sheaf.intent i on i.id = e.intent_id
        where e.state in ('settled', 'failed', 'returned') and e.at >= %(since)s
          and (e.state <> 'returned' or i.state = 'returned')
          and not exists (select from sheaf.intent_event b
                          where b.intent_id = e.intent_id and b.version < e.version and b.state = e.state)
        group by 1, 2
        """,
        since=since,
    )


async def waiting(tx: Transaction) -> list[Row]:
    """Payments that are not settled yet: Bangkok day of submission, state, number, satang, the oldest's time."""
    return await tx.rows(
        """
        select (created_at at time zone 'Asia/Bangkok')::date as day, state, count(*) number, sum(amount)::bigint total,
               min(created_at) oldest
        from sheaf.intent where state = any(%(states)s)
        group by 1, 2
        """,
        states=list(_WAITING),
    )


async def unreconciled(tx: Transaction) -> int:
    """Results that a person must look at."""
    return int(
        await tx.value(
            """
            select count(*) from sheaf.reconciliation
            where result in ('mismatched', 'missing_settlement', 'unexpected')
            """
        )
    )


async def open_bank_changes(tx: Transaction) -> int:
    """Cases that wait for documents or sign-offs."""
    return int(await tx.value("select count(*) from sheaf.bank_change where state in ('draft', 'requested')"))
