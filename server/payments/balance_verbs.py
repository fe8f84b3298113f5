"""What members have with the company: balance, movements, and whom a transfer may go to."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.ledger.accounts import advance_account_id, payable_id
from server.payments.pages import after, next_cursor
from server.wire_time import wire_time
from shared.money import Satang, format_amount
from shared.normal import code_key
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.balances import (
    EntryList,
    EntryView,
    FindRecipientRequest,
    ListEntriesRequest,
    MemberBalance,
    RecipientView,
)
from shared.wire.common import ById


async def get_member_balance(tx: Transaction, actor: Actor, request: ById, now: datetime) -> MemberBalance | Refused:
    """A member's balance now. NOT_FOUND also for another branch's member; one without an account has nothing."""
    row = await tx.maybe(
        """
        select m.id, m.code, m.name, b.code branch, coalesce(a.posted, 0) posted, coalesce(a.held, 0) held,
          -coalesce(o.posted, 0) owed
        from sheaf.member m join sheaf.branch b on b.id = m.branch_id
        left join sheaf.ledger_account a on a.id = %(balance)s
        left join sheaf.ledger_account o on o.id = %(advance)s
        where m.id = %(id)s
        """,
        id=request.id,
        balance=payable_id(request.id),
        advance=advance_account_id(request.id),
    )
    if row is None:
        return Refused(R.NOT_FOUND)
    return MemberBalance(
        member_id=row["id"],
        member_code=row["code"],
        member_name=row["name"],
        branch=row["branch"],
        balance=format_amount(Satang(row["posted"])),
        held=format_amount(Satang(row["held"])),
        available=format_amount(Satang(row["posted"] - row["held"])),
        owed=format_amount(Satang(row["owed"])),
        as_of=wire_time(now),
    )


# Newest first; the balance after an entry is today's less what has moved since.
_ENTRIES: LiteralString = """
    with page as (
      select e.transfer_id, e.posted from sheaf.ledger_entry e
      where e.account_id = %(account)s and e.posted <> 0 and (%(cursor)s::uuid is null or e.transfer_id < %(cursor)s)
      order by e.transfer_id desc limit %(limit)s
    ), since as (
      select coalesce(sum(e.posted), 0)::bigint moved from sheaf.ledger_entry e
      where e.account_id = %(account)s and %(cursor)s::uuid is not null and e.transfer_id >= %(cursor)s
    )
    select p.transfer_id, p.posted, t.kind, t.at, t.subject, t.intent_id, coalesce(i.operation, '') operation,
      (a.posted - s.moved + p.posted - sum(p.posted) over (order by p.transfer_id desc))::bigint balance
    from page p cross join since s
    join sheaf.ledger_account a on a.id = %(account)s
    join sheaf.ledger_transfer t on t.id = p.transfer_id
    left join sheaf.intent i on i.id = t.intent_id
    order by p.transfer_id desc
"""


async def list_member_entries(
    tx: Transaction, actor: Actor, request: ListEntriesRequest, now: datetime
) -> EntryList | Refused:
    """A member's statement, newest first, each movement with the balance after it."""
    cursor = after(request.cursor)
    if isinstance(cursor, Refused):
        return cursor
    if await tx.maybe("select from sheaf.member where id = %(id)s", id=request.id) is None:
        return Refused(R.NOT_FOUND)
    rows = await tx.rows(_ENTRIES, account=payable_id(request.id), cursor=cursor, limit=request.limit)
    ids = [row["transfer_id"] for row in rows]
    return EntryList(entries=[_entry(row) for row in rows], cursor=next_cursor(ids, request.limit))


def _entry(row: Row) -> EntryView:
    return EntryView(
        id=row["transfer_id"],
        at=wire_time(row["at"]),
        amount=format_amount(Satang(row["posted"])),
        balance=format_amount(Satang(row["balance"])),
        kind=row["kind"],
        voucher=row["subject"],
        operation=row["operation"],
        intent_id=row["intent_id"],
    )


async def find_recipient(
    tx: Transaction, actor: Actor, request: FindRecipientRequest, now: datetime
) -> RecipientView | Refused:
    """Who a member's code belongs to, in any branch: a transfer's payee must be seen before it is made."""
    rows = await tx.rows("select * from sheaf.recipients(array[%(code)s]::text[])", code=code_key(request.code))
    row = next((one for one in rows if len(rows) == 1 or one["code"] == request.code.strip()), None)
    if row is None:
        return Refused(R.RECIPIENT_UNKNOWN, field="code")
    return RecipientView(code=row["code"], name=row["name"], branch=row["branch"], status=row["status"])
