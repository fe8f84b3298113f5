"""What members have with the company: balance, movements, and whom a transfer may go to."""

from __future__ import annotations

from datetime import datetime

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.payments.pages import after, next_cursor
from server.treasury import balance_store
from server.wire_time import wire_time
from shared.money import Satang, format_amount
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
    row = await balance_store.balance(tx, request.id)
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


async def list_member_entries(
    tx: Transaction, actor: Actor, request: ListEntriesRequest, now: datetime
) -> EntryList | Refused:
    """A member's statement, newest first, each movement with the balance after it."""
    cursor = after(request.cursor)
    if isinstance(cursor, Refused):
        return cursor
    if await balance_store.balance(tx, request.id) is None:
        return Refused(R.NOT_FOUND)
    rows = await balance_store.entries(tx, request.id, cursor, request.limit)
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
    rows = await balance_store.recipients(tx, request.code)
    row = next((one for one in rows if len(rows) == 1 or one["code"] == request.code.strip()), None)
    if row is None:
        return Refused(R.RECIPIENT_UNKNOWN, field="code")
    return RecipientView(code=row["code"], name=row["name"], branch=row["branch"], status=row["status"])
