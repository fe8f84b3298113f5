"""What the bank's statements prove about a payment that the bank does not speak of."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from server.database.transaction import Row, Transaction
from server.executing.schedule import next_business_day
from server.executing.sending import Attempt
from shared.thai import business_date


class StatementWord(StrEnum):
    """paid: the lines carry the payment; absent: complete statements are without it; silent: neither."""

    PAID = "paid"
    ABSENT = "absent"
    SILENT = "silent"


async def statement_word(tx: Transaction, attempt: Attempt) -> StatementWord:
    """What the statements say: statements of an account are a chain without a gap, so a later one closes a day.

    ABSENT only of the account that pays, when its chain begins before the attempt's day and has come past the business
    day that follows the last confirm, and when no debit stands there that is nobody's and could hide this payment: a
    bank may book without our reference, or many payments in one line. Of a reference that the bank had before us, the
    chain must begin before the payment was asked for.
    """
    begun = attempt.created_at if attempt.token else attempt.since or attempt.created_at
    row = await tx.one(
        """
        select a.confirming_at, l.lines, l.left_us, exists (
            select from sheaf.accepted_line x where x.reference = a.bank_reference and x.amount <> 0) named,
          (select min(s.date) from sheaf.accepted_statement s where s.account_digest = a.payer_digest) begins,
          (select max(s.date) from sheaf.accepted_statement s where s.account_digest = a.payer_digest) ends,
          exists (select from sheaf.accepted_statement s join sheaf.accepted_line u on u.statement_id = s.id
            where s.account_digest = a.payer_digest and s.date >= %(day)s and u.amount <= %(debit)s
              and (not exists (select from sheaf.attempt o where o.bank_reference = u.reference)
                   or exists (select from sheaf.reconciliation r where r.statement_line_id = u.id
                                and r.result in ('unexpected', 'mismatched')))) hidden
        from sheaf.attempt a cross join lateral (
          select count(*) lines, coalesce(sum(x.amount) = %(debit)s, false)
              or coalesce(bool_or(x.kind = 'debit' and x.amount = %(debit)s), false) left_us
          from sheaf.accepted_line x join sheaf.accepted_statement s on s.id = x.statement_id
          where x.reference = a.bank_reference and x.kind <> 'fee' and x.amount <> 0
            and s.account_digest = coalesce(a.payer_digest, s.account_digest)) l
        where a.id = %(id)s
        """,
        id=attempt.id,
        day=business_date(begun),
        debit=-attempt.amount,
    )
    if row["lines"]:
        # It has left once, whether or not it is back: reconciliation says that from all lines once it is settled.
        # Another amount is a difference for people: it is no proof of this payment, nor that there was none.
        return StatementWord.PAID if row["left_us"] else StatementWord.SILENT
    is_absent = _covered(row, business_date(begun)) and not row["hidden"] and not row["named"]
    return StatementWord.ABSENT if is_absent else StatementWord.SILENT


def _covered(row: Row, first: date) -> bool:
    """Whether a debit of this attempt would have to stand on the statements, on whatever day it was booked."""
    if row["begins"] is None or row["confirming_at"] is None:
        return False
    begins_before: bool = row["begins"] < first
    ends_after: bool = row["ends"] > next_business_day(row["confirming_at"])
    return begins_before and ends_after
