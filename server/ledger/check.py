"""Recomputes every balance and hold from the entries and names any difference."""

from __future__ import annotations

import msgspec

from server.database.transaction import Transaction


class LedgerDifference(msgspec.Struct, frozen=True):
    """One thing that is not as the entries say; amounts in satang."""

    what: str
    name: str
    stored: int
    recomputed: int


class LedgerReport(msgspec.Struct, frozen=True):
    """What the check saw. `transit` is the sum over all transit accounts in satang."""

    accounts: int
    entries: int
    transit: int
    differences: list[LedgerDifference]

    @property
    def balanced(self) -> bool:
        """Whether everything is as the entries say."""
        return not self.differences


async def check(tx: Transaction) -> LedgerReport:
    """Compare accounts, holds and transfers with their entries, in all branches that the transaction sees."""
    rows = await tx.rows(
        """
        with legs as (select account_id, sum(posted)::bigint posted, sum(held)::bigint held
                      from sheaf.ledger_entry group by account_id),
        holds as (select t.hold_id id, sum(e.held)::bigint remaining
                  from sheaf.ledger_transfer t join sheaf.ledger_entry e on e.transfer_id = t.id
                  where t.hold_id is not null group by t.hold_id)
        select 'posted' what, a.name, a.posted stored, coalesce(l.posted, 0) recomputed
          from sheaf.ledger_account a left join legs l on l.account_id = a.id where a.posted <> coalesce(l.posted, 0)
        union all
        select 'held', a.name, a.held, coalesce(l.held, 0)
          from sheaf.ledger_account a left join legs l on l.account_id = a.id where a.held <> coalesce(l.held, 0)
        union all
        select 'hold', id::text, coalesce(s.remaining, 0), coalesce(h.remaining, 0)
          from sheaf.ledger_hold s full join holds h using (id) where s.remaining is distinct from h.remaining
        union all
        select 'transfer', transfer_id::text, 0, sum(posted)::bigint from sheaf.ledger_entry
          group by transfer_id having sum(posted) <> 0
        union all
        select 'leg without transfer or account', e.transfer_id::text, e.posted, 0 from sheaf.ledger_entry e
          left join sheaf.ledger_transfer t on t.id = e.transfer_id and t.branch_id = e.branch_id
          left join sheaf.ledger_account a on a.id = e.account_id and a.branch_id = e.branch_id
          where t.id is null or a.id is null
        union all
        select 'reversal', r.id::text, coalesce(e.posted, 0), coalesce(-o.posted, 0)
          from sheaf.ledger_transfer r
          left join sheaf.ledger_entry o on o.transfer_id = r.reverses and o.posted <> 0
          full join (select e.* from sheaf.ledger_entry e join sheaf.ledger_transfer t on t.id = e.transfer_id
                     where t.kind = 'reversal') e on e.transfer_id = r.id and e.account_id = o.account_id
          where coalesce(r.kind, 'reversal') = 'reversal' and coalesce(e.posted, 0) <> coalesce(-o.posted, 0)
        union all
        select 'minimum', name, posted - held, minimum from sheaf.ledger_account where posted - held < minimum
        """
    )
    totals = await tx.one(
        """
        select (select count(*) from sheaf.ledger_account) accounts, (select count(*) from sheaf.ledger_entry) entries,
               coalesce((select sum(posted) from sheaf.ledger_account where purpose = 'transit'), 0)::bigint transit
        """
    )
    differences = [LedgerDifference(**row) for row in rows]
    return LedgerReport(totals["accounts"], totals["entries"], totals["transit"], differences)
