"""Ask for money for a branch, and let the treasury decide (maker-checker)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from server.amounts import check_amount
from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import TREASURY, clean_reason
from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id
from server.payments import submission
from server.treasury.funding_store import (
    HEAD_OFFICE_CODE,
    funding_sheet,
    funding_transfers,
    funding_views,
    insert_funding,
    lock_funding_request,
    move_funding,
    newest_funding,
)
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import FundingState
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import Nothing
from shared.wire.payments import FundingList, FundingView, RequestFundingRequest

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


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any] | Refused:
    """The treasury's decision; an approval moves the money in the same transaction. FUNDS."""
    row = hearing.row
    if not hearing.approves:
        await move_funding(tx, row["id"], FundingState.REJECTED, now)
        return {}
    treasury, amount = account_id(HEAD_OFFICE_CODE, Purpose.TREASURY), Satang(row["amount"])
    available = await posting.lock_available(tx, treasury)
    if available < amount:
        return submission.lacking(available)
    transfers = funding_transfers(tx, row["branch_id"], row["branch"], amount, f"funding {row['number']}", now)
    await posting.post(tx, transfers, now)
    await move_funding(tx, row["id"], FundingState.EFFECTIVE, now)
    return {}


async def _sheet(tx: Transaction, row: Row) -> bytes:
    return canonical.sheet_bytes(funding_sheet(row))


async def _show(tx: Transaction, funding_id: UUID, now: datetime) -> FundingView:
    return (await funding_views(tx, [funding_id]))[0]


sign_funding = sign_verb(
    CaseKind(
        name="funding",
        tag=AuditTag.SIGN_FUNDING,
        open_state=FundingState.REQUESTED,
        quorum=TREASURY,
        lock=lock_funding_request,
        sheet=_sheet,
        decide=_decide,
        show=_show,
    )
)
