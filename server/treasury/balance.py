"""Reads the two sides that must agree: the ledger's accounts, and what the bank's statements say."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from server.database.transaction import Row, Transaction
from server.treasury.rules import Bank, Books, Unproved

_UNKNOWN: Final = ("unexpected", "mismatched", "settlement_pending", "fee")
"""Results of lines whose money the books have not moved."""


class Statements(msgspec.Struct, frozen=True):
    """What the statements say, and the days of the first and the newest."""

    said: Bank
    first_day: date
    last_day: date


async def books(tx: Transaction) -> Books:
    """All accounts of all branches; the caller sees them all."""
    rows = await tx.rows("select purpose, sum(posted)::bigint posted from sheaf.ledger_account group by purpose")
    of = {row["purpose"]: int(row["posted"]) for row in rows}
    others = ("clearing", "fees", "advance", "lent")
    return Books(
        treasury=of.get("treasury", 0),
        branches=of.get("funding", 0),
        members=of.get("payable", 0),
        others=sum(of.get(purpose, 0) for purpose in others),
        transit=of.get("transit", 0),
        outside=-of.get("capital", 0),
    )


async def bank(tx: Transaction) -> Statements | None:
    """None before the first statement. Of several accounts of ours the balances are added up."""
    ends = await tx.maybe(
        """
        select min(s.date) first_day, max(s.date) last_day,
               sum(s.opening) filter (where s.position = e.first)::bigint opening,
               sum(s.closing) filter (where s.position = e.last)::bigint closing
        from sheaf.accepted_statement s join (
          select account_digest, min(position) first, max(position) last from sheaf.accepted_statement
          group by account_digest) e
        using (account_digest)
        """
    )
    if ends is None or ends["first_day"] is None:
        return None
    unknown = await tx.one(
        """
        select count(*) filter (where l.amount > 0) credits, count(*) filter (where l.amount < 0) debits,
               coalesce(sum(l.amount) filter (where l.amount > 0), 0)::bigint came,
               coalesce(sum(l.amount) filter (where l.amount < 0), 0)::bigint went
        from sheaf.accepted_line l join sheaf.reconciliation r on r.statement_line_id = l.id
        where r.result = any(%(unknown)s)
        """,
        unknown=list(_UNKNOWN),
    )
    said = Bank(
        opening=ends["opening"],
        closing=ends["closing"],
        credits=(unknown["credits"], unknown["came"]),
        debits=(unknown["debits"], unknown["went"]),
    )
    return Statements(said, ends["first_day"], ends["last_day"])


async def unproved(tx: Transaction, first_day: date) -> Unproved:
    """What was recorded and stands on no statement, and what lines have proved."""
    row = await tx.one(
        """
        select count(*) filter (where state = 'recorded' and received_on >= %(first)s) count,
               coalesce(sum(amount) filter (where state = 'recorded' and received_on >= %(first)s), 0)::bigint since,
               coalesce(sum(amount) filter (where state = 'reconciled'), 0)::bigint proved
        from sheaf.deposit
        """,
        first=first_day,
    )
    return Unproved(**row)


async def open_credits(tx: Transaction, limit: int) -> list[Row]:
    """Money on statements that no payment explains and nobody has recorded, newest first."""
    return await tx.rows(
        """
        select l.id, l.amount, l.reference, l.description, (l.booked_at at time zone 'Asia/Bangkok')::date booked_on,
               s.number || '/' || s.date || '/' || l.sequence line
        from sheaf.reconciliation r join sheaf.accepted_line l on l.id = r.statement_line_id
        join sheaf.statement s on s.id = l.statement_id
        where r.result = 'unexpected' and r.attempt_id is null and l.kind = 'credit' and not exists (
          select from sheaf.deposit d
          where d.statement_line_id = l.id and d.state in ('requested', 'recorded', 'reconciled'))
        order by l.booked_at desc, l.id desc limit %(limit)s
        """,
        limit=limit,
    )
