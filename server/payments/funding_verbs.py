"""Ask for money for a branch, and let the treasury decide (maker-checker)."""

from __future__ import annotations

from datetime import datetime

from server.approvals.cases import approvals_of, record_sign_off, signer_of, subject_of, verified_signature
from server.approvals.rules import FUNDING_QUORUM, clean_reason, judge
from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id
from server.payments import submission
from server.payments.funding_store import (
    HEAD_OFFICE_CODE,
    funding_sheet,
    funding_transfers,
    funding_views,
    insert_funding,
    lock_funding_request,
    move_funding,
    newest_funding,
)
from server.payments.rules import check_amount
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import FundingState
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import Nothing
from shared.wire.payments import FundingList, FundingView, RequestFundingRequest, SignFundingRequest

_NEWEST = 200


async def request_funding(
    tx: Transaction, actor: Actor, request: RequestFundingRequest, now: datetime
) -> FundingView | Refused:
    """Write the request; no money moves before the treasury signs."""
    branch_id = submission.own_branch(actor, request.branch)
    if isinstance(branch_id, Refused):
        return branch_id
    amount, reason = check_amount(request.amount), clean_reason(request.reason)
    if isinstance(amount, Refused):
        return amount
    if isinstance(reason, Refused):
        return reason
    if branch_id == HEAD_OFFICE or not reason:
        return Refused(R.INVALID, field="reason" if reason else "branch", params={"problem": "needed"})
    funding_id = tx.services.new_id(now)
    values: dict[str, object] = {
        "id": funding_id,
        "branch_id": branch_id,
        "amount": amount,
        "reason": reason,
        "maker_id": actor.user,
        "expires_at": now + tx.services.policy.approval_life,
    }
    await insert_funding(tx, values, now)
    detail = {"amount": request.amount}
    await audit.append(tx, actor, branch_id, AuditTag.REQUEST_FUNDING, str(funding_id), detail, now)
    return (await funding_views(tx, [funding_id]))[0]


async def list_funding(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> FundingList | Refused:
    """The newest requests."""
    return FundingList(funding=await funding_views(tx, await newest_funding(tx, _NEWEST)))


async def sign_funding(
    tx: Transaction, actor: Actor, request: SignFundingRequest, now: datetime
) -> FundingView | Refused:
    """The treasury's decision; an approval moves the money in the same transaction."""
    row = await lock_funding_request(tx, request.id)
    reason = clean_reason(request.reason)
    if row is None:
        return Refused(R.NOT_FOUND)
    if isinstance(reason, Refused) or reason != request.reason:
        return reason if isinstance(reason, Refused) else Refused(R.INVALID, field="reason")
    subject = subject_of(row, await approvals_of(tx, "funding", request.id), FundingState.REQUESTED, FUNDING_QUORUM)
    verdict = judge(subject, signer_of(actor, request, row["branch_id"], request.version), now)
    if isinstance(verdict, Refused):
        return verdict
    digest = canonical.digest(canonical.sheet_bytes(funding_sheet(row)))
    signature = await verified_signature(tx, actor, request, digest)
    if signature is None:
        return Refused(R.SIGNATURE, field="signature")
    await record_sign_off(tx, "funding", (request.id, row["branch_id"]), actor, request, verdict.role, signature, now)
    refusal = await _decide(tx, request, row, now)
    if refusal is not None:
        return refusal
    detail = {"decision": request.decision, "role": verdict.role.value, "digest": digest}
    await audit.append(tx, actor, row["branch_id"], AuditTag.SIGN_FUNDING, str(request.id), detail, now)
    return (await funding_views(tx, [request.id]))[0]


async def _decide(tx: Transaction, request: SignFundingRequest, row: Row, now: datetime) -> Refused | None:
    if request.decision == "reject":
        await move_funding(tx, request.id, FundingState.REJECTED, now)
        return None
    treasury = account_id(HEAD_OFFICE_CODE, Purpose.TREASURY)
    available = await posting.lock_available(tx, treasury)
    if available < row["amount"]:
        return submission.lacking(available)
    transfers = funding_transfers(
        tx, row["branch_id"], row["branch"], Satang(row["amount"]), f"funding {row['number']}", now
    )
    await posting.post(tx, transfers, now)
    await move_funding(tx, request.id, FundingState.EFFECTIVE, now)
    return None
