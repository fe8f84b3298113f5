"""What the bank's statements prove about a payment that the bank does not speak of."""

from __future__ import annotations

from enum import StrEnum

from server.database.transaction import Transaction
from server.payments.sending import Attempt
from shared.thai import business_date


class StatementWord(StrEnum):
    """paid: a line carries the payment; absent: complete statements are without it; silent: neither."""

    PAID = "paid"
    ABSENT = "absent"
    SILENT = "silent"


async def statement_word(tx: Transaction, attempt: Attempt) -> StatementWord:
    """What the statements say: statements of an account are a chain without a gap, so a later one closes a day.

    ABSENT only when every account that has statements has one of a day after the next Bangkok day.
    """
    row = await tx.one(
        """
        select
          (select l.amount from sheaf.statement_line l
           where l.reference = %(reference)s and l.kind = 'debit' order by l.booked_at limit 1) paid,
          (select coalesce(min(latest), date '-infinity') from
            (select max(s.date) latest from sheaf.statement s group by s.account_digest) accounts)
            > %(day)s::date + 1 closed
        """,
        reference=attempt.bank_reference,
        day=business_date(attempt.created_at),
    )
    if row["paid"] is not None:
        # Another amount is a difference for people: it is no proof of this payment.
        return StatementWord.PAID if abs(row["paid"]) == attempt.amount else StatementWord.SILENT
    return StatementWord.ABSENT if row["closed"] else StatementWord.SILENT
