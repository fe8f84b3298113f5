"""What the statements prove, for people."""

from __future__ import annotations

from datetime import datetime

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.payments.pages import after, next_cursor
from server.reconciliation import store
from server.reconciliation.rules import Result
from shared.money import Satang, format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.records import ListReconciliationRequest, ReconciliationList, ReconciliationView


async def list_reconciliation(
    tx: Transaction, actor: Actor, request: ListReconciliationRequest, now: datetime
) -> ReconciliationList | Refused:
    """Counts of every kind of result (0 included) and one page of results, newest first, of the actor's branches."""
    if request.result and request.result not in set(Result):
        return Refused(R.INVALID, field="result")
    below = after(request.cursor)
    if isinstance(below, Refused):
        return below
    counted = await store.counts(tx)
    rows = await store.page(tx, request.result, below, request.limit)
    return ReconciliationList(
        counts={result.value: counted.get(result.value, 0) for result in Result},
        results=[_view(actor, row) for row in rows],
        cursor=next_cursor([row["id"] for row in rows], request.limit),
    )


def _view(actor: Actor, row: Row) -> ReconciliationView:
    return ReconciliationView(
        id=row["id"],
        result=row["result"],
        branch=actor.branch_code(row["branch_id"]),
        intent_id=row["intent_id"],
        intent_number=row["intent_number"],
        amount_expected=format_amount(Satang(row["amount_expected"])),
        amount_found=format_amount(Satang(row["amount_found"])),
        reference=row["reference"],
        reason=row["reason"],
        date=row["date"].isoformat(),
    )
