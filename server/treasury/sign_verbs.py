"""The treasury's decision about money paid in: the signature, and the money into the books with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.approvals.cases import given, signer_of, subject_of, verified_signature
from server.approvals.rules import DEPOSIT_QUORUM, Signed, Verdict, judge
from server.audit import store as audit
from server.bank_changes.documents import DocumentProblem
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.payments.rules import clean_reason
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
    subject = subject_of(row, await _signed(tx, request.id), DepositState.REQUESTED, DEPOSIT_QUORUM)
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
    await _record(tx, actor, request, verdict, signature, now)
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


async def _signed(tx: Transaction, deposit_id: UUID) -> list[Signed]:
    rows = await tx.rows(
        """
        select user_id, role, sheaf.signature_stands(user_id, role, branch_id, device_id, at) stands
        from sheaf.deposit_sign_off where deposit_id = %(id)s and decision = 'approve'
        """,
        id=deposit_id,
    )
    return given(rows)


async def _record(
    tx: Transaction, actor: Actor, request: SignDepositRequest, verdict: Verdict, signature: bytes, now: datetime
) -> None:
    await tx.execute(
        """
        insert into sheaf.deposit_sign_off (id, branch_id, deposit_id, user_id, role, device_id, decision, reason,
          digest, signature, at)
        values (%(id)s, %(branch)s, %(deposit)s, %(user)s, %(role)s, %(device)s, %(decision)s, %(reason)s, %(digest)s,
          %(signature)s, %(now)s)
        """,
        id=tx.services.new_id(now),
        branch=HEAD_OFFICE,
        deposit=request.id,
        user=actor.user,
        role=verdict.role.value,
        device=actor.device,
        decision=request.decision,
        reason=request.reason,
        digest=request.digest,
        signature=signature,
        now=now,
    )
