"""What stands in the books of members: looked at, never written here."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from server.database.transaction import Row, Transaction
from server.ledger.accounts import advance_account_id, payable_id
from shared.normal import code_key


async def balance(tx: Transaction, member_id: UUID) -> Row | None:
    """A member in sight with the balance, what is held of it, and what is owed; satang."""
    return await tx.maybe(
        """
        select m.id, m.code, m.name, b.code branch, coalesce(a.posted, 0) posted, coalesce(a.held, 0) held,
          -coalesce(o.posted, 0) owed
        from sheaf.member m join sheaf.branch b on b.id = m.branch_id
        left join sheaf.ledger_account a on a.id = %(balance)s
        left join sheaf.ledger_account o on o.id = %(advance)s
        where m.id = %(id)s
        """,
        id=member_id,
        balance=payable_id(member_id),
        advance=advance_account_id(member_id),
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


async def entries(tx: Transaction, member_id: UUID, cursor: UUID | None, limit: int) -> list[Row]:
    """The movements of a member's balance, newest first, each with the balance after it."""
    return await tx.rows(_ENTRIES, account=payable_id(member_id), cursor=cursor, limit=limit)


async def recipients(tx: Transaction, code: str) -> list[Row]:
    """The members of any branch whose code is this one in any writing."""
    return await tx.rows("select * from sheaf.recipients(array[%(code)s]::text[])", code=code_key(code))
