"""Record an advance to a member, sign it, and list what members owe."""

from __future__ import annotations

from datetime import datetime

from server.approvals.cases import approvals_of, record_sign_off, signer_of, subject_of, verified_signature
from server.approvals.rules import Verdict, clean_reason, judge, payment_quorum
from server.audit import store as audit
from server.context import Actor, Policy
from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.ledger.accounts import open_advance_accounts, open_branch_accounts
from server.members.rules import member_refusal
from server.members.store import payees
from server.payments.advance_store import (
    advance_sheet,
    advance_views,
    document_taken,
    granting,
    insert_advance,
    lock_advance,
    move_advance,
    newest_advances,
)
from server.payments.pages import after, next_cursor
from server.payments.rules import check_amount
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import AdvanceState
from shared.money import Satang, format_amount
from shared.normal import ticket_key
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.text import TextProblem, clean_text
from shared.wire.balances import (
    AdvanceList,
    AdvanceView,
    ListAdvancesRequest,
    RequestAdvanceRequest,
    SignAdvanceRequest,
)

_DOCUMENT_LENGTH = 60
_NO_BRANCH = -1


async def request_advance(
    tx: Transaction, actor: Actor, request: RequestAdvanceRequest, now: datetime
) -> AdvanceView | Refused:
    """Write the request; nothing is owed before others than its maker have signed.

    MEMBER_UNKNOWN, MEMBER_NOT_ACTIVE, MONEY_INVALID, INVALID, or ALREADY_EXISTS for a document that was lent upon.
    """
    payee = (await payees(tx, [request.member_id])).get(request.member_id)
    terms = _terms(request, tx.services.policy)
    refusal = member_refusal(payee) or (terms if isinstance(terms, Refused) else None)
    if payee is None or isinstance(terms, Refused) or refusal is not None:
        return refusal or Refused(R.MEMBER_UNKNOWN, field="member_id")
    taken = await document_taken(tx, payee.branch_id, str(terms["document"]))
    if taken is not None:
        return Refused(R.ALREADY_EXISTS, field="document")
    advance_id = tx.services.new_id(now)
    values = {
        **terms,
        "id": advance_id,
        "branch_id": payee.branch_id,
        "member_id": request.member_id,
        "maker_id": actor.user,
        "expires_at": now + tx.services.policy.approval_life,
    }
    await insert_advance(tx, values, now)
    view = (await advance_views(tx, [advance_id]))[0]
    detail = {"number": view.number, "amount": view.amount, "digest": view.digest}
    await audit.append(tx, actor, payee.branch_id, AuditTag.REQUEST_ADVANCE, str(advance_id), detail, now)
    return view


def _terms(request: RequestAdvanceRequest, policy: Policy) -> dict[str, object] | Refused:
    """What is lent and how it is repaid, checked; the company's default where the request says nothing."""
    document = clean_text(request.document, _DOCUMENT_LENGTH)
    note, amount = clean_reason(request.note, "note"), check_amount(request.amount)
    least, most = _optional(request.least, "least"), _optional(request.most, "most")
    if isinstance(document, TextProblem):
        return Refused(R.INVALID, field="document", params={"problem": document.value})
    for problem in (note, amount, least, most):
        if isinstance(problem, Refused):
            return problem
    assert not isinstance(amount, Refused)
    points = policy.advance_basis_points if request.basis_points is None else request.basis_points
    if not (points or least) or (isinstance(least, int) and isinstance(most, int) and most < least):
        return Refused(R.INVALID, field="basis_points", params={"problem": "advance_terms"})
    return {
        "document": ticket_key(document),
        "note": note,
        "amount": amount,
        "basis_points": points,
        "least": least or Satang(0),
        "most": most,
        "quorum": [role.value for role in payment_quorum(amount, policy)],
    }


def _optional(text: str, field: str) -> Satang | Refused | None:
    if not text:
        return None
    amount = check_amount(text)
    return Refused(amount.code, field=field, params=amount.params) if isinstance(amount, Refused) else amount


async def list_advances(
    tx: Transaction, actor: Actor, request: ListAdvancesRequest, now: datetime
) -> AdvanceList | Refused:
    """Newest first; filters that name nothing give an empty list."""
    cursor = after(request.cursor)
    if isinstance(cursor, Refused):
        return cursor
    ids = await newest_advances(
        tx,
        branch=actor.branch_codes.get(request.branch, _NO_BRANCH) if request.branch else None,
        member=request.member_id,
        state=request.state,
        cursor=cursor,
        limit=request.limit,
    )
    return AdvanceList(advances=await advance_views(tx, ids), cursor=next_cursor(ids, request.limit))


async def sign_advance(
    tx: Transaction, actor: Actor, request: SignAdvanceRequest, now: datetime
) -> AdvanceView | Refused:
    """Approve or reject over the canonical bytes; with the last approval the member owes it."""
    row = await lock_advance(tx, request.id)
    reason = clean_reason(request.reason)
    if row is None:
        return Refused(R.NOT_FOUND)
    if isinstance(reason, Refused) or reason != request.reason:
        return reason if isinstance(reason, Refused) else Refused(R.INVALID, field="reason")
    subject = subject_of(row, await approvals_of(tx, "advance", request.id), AdvanceState.REQUESTED)
    verdict = judge(subject, signer_of(actor, request, row["branch_id"], request.version), now)
    if isinstance(verdict, Refused):
        return verdict
    digest = canonical.digest(canonical.sheet_bytes(advance_sheet(row)))
    signature = await verified_signature(tx, actor, request, digest)
    if signature is None:
        return Refused(R.SIGNATURE, field="signature")
    await record_sign_off(tx, "advance", (row["id"], row["branch_id"]), actor, request, verdict.role, signature, now)
    await _decide(tx, request, row, verdict, now)
    detail = {
        "decision": request.decision,
        "role": verdict.role.value,
        "digest": digest,
        "amount": format_amount(Satang(row["amount"])),
    }
    await audit.append(tx, actor, row["branch_id"], AuditTag.SIGN_ADVANCE, str(request.id), detail, now)
    return (await advance_views(tx, [request.id]))[0]


async def _decide(tx: Transaction, request: SignAdvanceRequest, row: Row, verdict: Verdict, now: datetime) -> None:
    if request.decision == "reject":
        await move_advance(tx, row["id"], AdvanceState.REJECTED, now)
        return
    if not verdict.complete:
        await move_advance(tx, row["id"], AdvanceState.REQUESTED, now)
        return
    await move_advance(tx, row["id"], AdvanceState.EFFECTIVE, now)
    await open_branch_accounts(tx, row["branch_id"], row["branch"])
    await open_advance_accounts(tx, [(row["member_id"], row["branch_id"])])
    await posting.post(tx, [granting(tx.services.new_id(now), row)], now)
