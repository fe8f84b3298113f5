"""The treasury's decision about money paid in: the signature, and the money into the books with it."""

from __future__ import annotations

from datetime import datetime

from server.approvals.cases import approvals_of, record_sign_off, signer_of, subject_of, verified_signature
from server.approvals.rules import DEPOSIT_QUORUM, clean_reason, judge
from server.audit import store as audit
from server.bank_changes.documents import DocumentProblem
from server.context import HEAD_OFFICE, Actor
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
from shared.wire.treasury import DepositView, SignDepositRequest


async def sign_deposit(
    tx: Transaction, actor: Actor, request: SignDepositRequest, now: datetime
) -> DepositView | Refused:
    """Approve or reject over the canonical bytes; an approval brings the money into the treasury.

    NOT_FOUND, INVALID (the reason), what `judge` names, DOCUMENTS_UNREAD, DOCUMENT_INVALID (no more what was given),
    DEPOSIT_LINE (a payment has explained the line meanwhile), SIGNATURE.
    """
    row = await store.lock_deposit(tx, request.id)
    reason = clean_reason(request.reason)
    if row is None:
        return Refused(R.NOT_FOUND)
    if isinstance(reason, Refused) or reason != request.reason:
        return reason if isinstance(reason, Refused) else Refused(R.INVALID, field="reason")
    subject = subject_of(row, await approvals_of(tx, "deposit", request.id), DepositState.REQUESTED, DEPOSIT_QUORUM)
    verdict = judge(subject, signer_of(actor, request, HEAD_OFFICE, request.version), now)
    if isinstance(verdict, Refused):
        return verdict
    refusal = await _evidence_refusal(tx, actor, row) if request.decision == "approve" else None
    if refusal is not None:
        return refusal
    digest = canonical.digest(canonical.sheet_bytes(store.deposit_sheet(row)))
    signature = await verified_signature(tx, actor, request, digest)
    if signature is None:
        return Refused(R.SIGNATURE, field="signature")
    await record_sign_off(tx, "deposit", (request.id, HEAD_OFFICE), actor, request, verdict.role, signature, now)
    await _decide(tx, request, row, now)
    detail = {
        "decision": request.decision,
        "role": verdict.role.value,
        "digest": digest,
        "amount": format_amount(Satang(row["amount"])),
    }
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.SIGN_DEPOSIT, str(request.id), detail, now)
    return (await store.deposit_views(tx, [request.id]))[0]


async def _evidence_refusal(tx: Transaction, actor: Actor, row: Row) -> Refused | None:
    """The evidence is there, as it was given, and was looked at."""
    if row["document_sha256"]:
        if await document_content(tx, row["id"]) is None:
            return Refused(R.DOCUMENT_INVALID, field="document", params={"problem": DocumentProblem.DAMAGED.value})
        if not await store.has_looked(tx, row["id"], actor.user):
            return Refused(R.DOCUMENTS_UNREAD)
    line = row["statement_line_id"]
    if line is not None and not await store.still_unexplained(tx, line):
        return Refused(R.DEPOSIT_LINE, params={"problem": LineProblem.CHANGED.value})
    return None


async def _decide(tx: Transaction, request: SignDepositRequest, row: Row, now: datetime) -> None:
    if request.decision == "reject":
        await store.move_deposit(tx, row["id"], DepositState.REJECTED, now)
        return
    transfer = store.bringing(tx.services.new_id(now), row)
    # The state first: the ledger takes money from outside only for a deposit that is recorded.
    await store.record_money(tx, row["id"], transfer.id, now)
    await posting.post(tx, [transfer], now)
    if row["statement_line_id"] is not None:
        await store.move_deposit(tx, row["id"], DepositState.RECONCILED, now)
