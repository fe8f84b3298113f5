"""Record an advance to a member, sign it, and list what members owe."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from server.amounts import check_amount
from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import clean_reason, payment_quorum
from server.audit import store as audit
from server.context import Actor, Policy
from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.ledger.accounts import open_advance_accounts, open_branch_accounts
from server.members.rules import member_refusal
from server.members.store import payees
from server.payments.pages import after, next_cursor
from server.treasury.advance_store import (
    advance_sheet,
    advance_views,
    document_taken,
    granting,
    insert_advance,
    lock_advance,
    move_advance,
    newest_advances,
)
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


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any]:
    """With the last approval the member owes it."""
    row, told = hearing.row, {"amount": format_amount(Satang(hearing.row["amount"]))}
    if not (hearing.approves and hearing.verdict.complete):
        await move_advance(tx, row["id"], AdvanceState.REQUESTED if hearing.approves else AdvanceState.REJECTED, now)
        return told
    await move_advance(tx, row["id"], AdvanceState.EFFECTIVE, now)
    await open_branch_accounts(tx, row["branch_id"], row["branch"])
    await open_advance_accounts(tx, [(row["member_id"], row["branch_id"])])
    await posting.post(tx, [granting(tx.services.new_id(now), row)], now)
    return told


async def _sheet(tx: Transaction, row: Row) -> bytes:
    return canonical.sheet_bytes(advance_sheet(row))


async def _show(tx: Transaction, advance_id: UUID, now: datetime) -> AdvanceView:
    return (await advance_views(tx, [advance_id]))[0]


sign_advance = sign_verb(
    CaseKind(
        name="advance",
        tag=AuditTag.SIGN_ADVANCE,
        open_state=AdvanceState.REQUESTED,
        quorum=None,
        lock=lock_advance,
        sheet=_sheet,
        decide=_decide,
        show=_show,
    )
)
