"""The treasury's decision about money paid in: the signature, and the money into the books with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import TREASURY
from server.bank_changes.documents import DocumentProblem
from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.treasury import store
from server.treasury.rules import LineProblem
from server.treasury.verbs import document_content
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import DepositState
from shared.money import Satang, format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.treasury import DepositView


async def _ready(tx: Transaction, hearing: Hearing, now: datetime) -> Refused | None:
    """The evidence is there, as it was given, and was looked at.

    DOCUMENT_INVALID (no more what was given), DOCUMENTS_UNREAD, DEPOSIT_LINE (a payment has explained it meanwhile).
    """
    row = hearing.row
    if row["document_sha256"]:
        if await document_content(tx, row["id"]) is None:
            return Refused(R.DOCUMENT_INVALID, field="document", params={"problem": DocumentProblem.DAMAGED.value})
        if not await store.has_looked(tx, row["id"], hearing.actor.user):
            return Refused(R.DOCUMENTS_UNREAD)
    line = row["statement_line_id"]
    if line is not None and not await store.still_unexplained(tx, line):
        return Refused(R.DEPOSIT_LINE, params={"problem": LineProblem.CHANGED.value})
    return None


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any]:
    """An approval brings the money into the treasury."""
    row, told = hearing.row, {"amount": format_amount(Satang(hearing.row["amount"]))}
    if not hearing.approves:
        await store.move_deposit(tx, row["id"], DepositState.REJECTED, now)
        return told
    transfer = store.bringing(tx.services.new_id(now), row)
    # The state first: the ledger takes money from outside only for a deposit that is recorded.
    await store.record_money(tx, row["id"], transfer.id, now)
    await posting.post(tx, [transfer], now)
    if row["statement_line_id"] is not None:
        await store.move_deposit(tx, row["id"], DepositState.RECONCILED, now)
    return told


async def _sheet(tx: Transaction, row: Row) -> bytes:
    return canonical.sheet_bytes(store.deposit_sheet(row))


async def _show(tx: Transaction, deposit_id: UUID, now: datetime) -> DepositView:
    return (await store.deposit_views(tx, [deposit_id]))[0]


sign_deposit = sign_verb(
    CaseKind(
        name="deposit",
        tag=AuditTag.SIGN_DEPOSIT,
        open_state=DepositState.REQUESTED,
        quorum=TREASURY,
        lock=store.lock_deposit,
        sheet=_sheet,
        ready=_ready,
        decide=_decide,
        show=_show,
    )
)
