"""Setting a wrongly taken statement aside, or taking one again: one person proposes it, another signs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import TREASURY, clean_reason
from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.statements import set_aside_store as cases
from server.statements import store
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import SetAsideState
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import Nothing
from shared.wire.statements import ProposeSetAsideRequest, SetAsideList, SetAsideView

_NEWEST = 200


async def propose_set_aside(
    tx: Transaction, actor: Actor, request: ProposeSetAsideRequest, now: datetime
) -> SetAsideView | Refused:
    """Propose it with a reason. NOT_FOUND, REASON_NEEDED, INVALID, ALREADY_EXISTS (one is open).

    A statement that counts is to be set aside, one that people have set aside to be taken again. One that only rested
    on such a one is judged again by itself (STATE).
    """
    reason = clean_reason(request.reason)
    if isinstance(reason, Refused):
        return reason
    if not reason:
        return Refused(R.REASON_NEEDED, field="reason")
    row = await store.statement_by_id(tx, request.id)
    if row is None or HEAD_OFFICE not in actor.branches:
        return Refused(R.NOT_FOUND if row is None else R.FORBIDDEN)
    if row["set_aside_at"] is not None and not await cases.set_by_people(tx, request.id):
        return Refused(R.STATE, params={"state": cases.SET_ASIDE, "allowed": "-"})
    before = await cases.open_case(tx, request.id)
    if before is not None and now < before["expires_at"]:
        return Refused(R.ALREADY_EXISTS, params={"what": str(row["number"])})
    if before is not None:
        await cases.move_case(tx, before["id"], SetAsideState.EXPIRED, now)
    case_id = tx.services.new_id(now)
    action = cases.SET_ASIDE if row["set_aside_at"] is None else cases.TAKE_AGAIN
    await cases.insert_case(tx, case_id, request.id, action, reason, actor.user, now)
    view = (await cases.case_views(tx, [case_id]))[0]
    detail = {"action": action, "statement": str(request.id), "digest": view.digest}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.PROPOSE_SET_ASIDE, str(case_id), detail, now)
    return view


async def list_set_asides(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> SetAsideList:
    """The newest 200."""
    return SetAsideList(set_asides=await cases.case_views(tx, await cases.case_ids(tx, _NEWEST)))


async def _lock(tx: Transaction, case_id: UUID) -> Row | None:
    await store.one_at_a_time(tx)
    return await cases.lock_case(tx, case_id)


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any]:
    """With an approval the statement proves nothing from this moment on; the statements worker, which is asked at once,
    takes back what was concluded from it and judges again what rested on it.

    Tells which statements ceased to count. One that already had, with an earlier one, is not set aside twice.
    """
    row = hearing.row
    told: dict[str, Any] = {"action": row["action"], "statements": []}
    if not hearing.approves:
        await cases.move_case(tx, row["id"], SetAsideState.REJECTED, now)
        return told
    await cases.move_case(tx, row["id"], SetAsideState.APPROVED, now)
    if row["action"] == cases.TAKE_AGAIN:
        await cases.judge_file_again(tx, row["statement_id"], now)
    elif row["set_aside_at"] is None:
        told["statements"] = [str(one) for one in await cases.put_aside(tx, row, now)]
    await store.ask_for_fetch(tx, tx.services.new_id(now), HEAD_OFFICE, hearing.actor.name, now)
    return told


async def _sheet(tx: Transaction, row: Row) -> bytes:
    return canonical.sheet_bytes(cases.sheet_of(row))


async def _show(tx: Transaction, case_id: UUID, now: datetime) -> SetAsideView:
    return (await cases.case_views(tx, [case_id]))[0]


sign_set_aside = sign_verb(
    CaseKind(
        name="set_aside",
        tag=AuditTag.SIGN_SET_ASIDE,
        open_state=SetAsideState.REQUESTED,
        quorum=TREASURY,
        lock=_lock,
        sheet=_sheet,
        decide=_decide,
        show=_show,
    )
)
