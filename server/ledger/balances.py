"""What accounts held at an instant, added up from the entries; balances of the present stand in the accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.database.transaction import Transaction

Standing = tuple[int, int]
"""Satang posted, and satang of these set aside."""


async def balances_at(tx: Transaction, account_ids: Sequence[UUID], instant: datetime) -> dict[UUID, Standing]:
    """Each account after everything that was posted up to and including the instant; an unknown account has nothing."""
    rows = await tx.rows(
        """
        select e.account_id, sum(e.posted)::bigint posted, sum(e.held)::bigint held
        from sheaf.ledger_entry e join sheaf.ledger_transfer t on t.id = e.transfer_id
        where e.account_id = any(%(ids)s::uuid[]) and t.at <= %(instant)s group by e.account_id
        """,
        ids=list(account_ids),
        instant=instant,
    )
    found = {row["account_id"]: (row["posted"], row["held"]) for row in rows}
    return {account_id: found.get(account_id, (0, 0)) for account_id in account_ids}


async def balance_at(tx: Transaction, account_id: UUID, instant: datetime) -> Standing:
    """One account; see `balances_at`."""
    return (await balances_at(tx, [account_id], instant))[account_id]
