"""Reads the inbox of bank callbacks: unsigned, so they prove nothing and only make us ask the bank now."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from server.database.transaction import Transaction
from server.failpoints import failpoint

# Anyone may post a callback: what PostgreSQL can't store (a NUL) must not come as far as a statement.
_Id = Annotated[str, Meta(max_length=64, pattern="^[ -~]*$")]


class _Callback(msgspec.Struct):
    transactionId: _Id = ""
    partnerTransactionID: _Id = ""


def reference_of(body: bytes) -> str:
    """The reference that a callback names, empty when it names none."""
    callback = _read(body)
    return callback.partnerTransactionID if callback else ""


@failpoint("callbacks.drain")
async def drain(tx: Transaction, executor_id: int, now: datetime, limit: int = 200) -> int:
    """Take stored callbacks in order: known references become due for inquiry, the rest is parked; how many taken."""
    rows = await tx.rows(
        """
        select id, body from sheaf.callback_inbox where outcome = 'stored' order by id
        limit %(limit)s for update skip locked
        """,
        limit=limit,
    )
    for row in rows:
        callback = _read(bytes(row["body"]))
        outcome = "unreadable" if callback is None else await _ask(tx, executor_id, callback, now)
        await tx.execute(
            """
            update sheaf.callback_inbox set outcome = %(outcome)s, reference = %(reference)s,
              transaction_id = %(transaction)s
            where id = %(id)s
            """,
            id=row["id"],
            outcome=outcome,
            reference=callback.partnerTransactionID if callback else "",
            transaction=callback.transactionId if callback else "",
        )
    return len(rows)


def _read(body: bytes) -> _Callback | None:
    try:
        return msgspec.json.decode(body, type=_Callback)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


async def _ask(tx: Transaction, executor_id: int, callback: _Callback, now: datetime) -> str:
    found: Any = await tx.value(
        "select state from sheaf.attempt where bank_reference = %(reference)s", reference=callback.partnerTransactionID
    )
    if found is None:
        return "unknown_reference"
    await tx.execute(
        """
        update sheaf.attempt set inquire_at = %(now)s
        where bank_reference = %(reference)s and state = 'unknown' and executor_id <= %(executor)s
        """,
        now=now,
        reference=callback.partnerTransactionID,
        executor=executor_id,
    )
    return "noted"
