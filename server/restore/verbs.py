"""Going on after a restore: one person proposes it over a report, another signs, and an executor settles it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import TREASURY, clean_reason
from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.restore import store
from server.restore.report import read_report
from server.restore.views import is_complete, newest_view, restore_views, sheet_of, witness_view
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import RestoreState
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import Nothing
from shared.wire.restores import ProposeRestoreRequest, RestoreList, RestoreView

_NEWEST = 50


async def list_restores(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> RestoreList:
    """Whether payments stand still and why, and the newest proposals."""
    witnesses, newest = await store.open_witnesses(tx), await newest_view(tx)
    return RestoreList(
        behind=bool(witnesses),
        witnesses=[witness_view(row) for row in witnesses],
        report="" if newest is None else newest.digest,
        newest=newest,
        restores=await restore_views(tx, await store.case_ids(tx, _NEWEST)),
    )


async def propose_restore(
    tx: Transaction, actor: Actor, request: ProposeRestoreRequest, now: datetime
) -> RestoreView | Refused:
    """Propose to go on with what the newest report lists. REASON_NEEDED, INVALID, FORBIDDEN, ALREADY_EXISTS (one is
    open), RESTORE_REPORT (no report, not the newest, or more was found since)."""
    reason = clean_reason(request.reason)
    if isinstance(reason, Refused):
        return reason
    if not reason:
        return Refused(R.REASON_NEEDED, field="reason")
    if HEAD_OFFICE not in actor.branches:
        return Refused(R.FORBIDDEN)
    before = await store.open_case(tx)
    if before is not None and (before["state"] == RestoreState.APPROVED or now < before["expires_at"]):
        return Refused(R.ALREADY_EXISTS, params={"what": str(before["id"])})
    if before is not None:
        await store.move_case(tx, before["id"], RestoreState.EXPIRED, now)
    report_id = await store.report_named(tx, request.report)
    if report_id is None or await store.newest_report(tx) != request.report:
        return Refused(R.RESTORE_REPORT, field="report")
    if not await is_complete(tx, read_report(await store.report_body(tx, report_id))):
        return Refused(R.RESTORE_REPORT, field="report")
    case_id = tx.services.new_id(now)
    await store.insert_case(tx, case_id, report_id, reason, actor.user, now)
    view = (await restore_views(tx, [case_id]))[0]
    detail = {"report": request.report, "digest": view.digest}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.PROPOSE_RESTORE, str(case_id), detail, now)
    return view


async def _ready(tx: Transaction, hearing: Hearing, now: datetime) -> Refused | None:
    """RESTORE_REPORT: more was found since the report."""
    report = read_report(await store.report_body(tx, hearing.row["report_id"]))
    return None if await is_complete(tx, report) else Refused(R.RESTORE_REPORT)


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any]:
    state = RestoreState.APPROVED if hearing.approves else RestoreState.REJECTED
    await store.move_case(tx, hearing.row["id"], state, now)
    return {"report": hearing.row["report"]}


async def _sheet(tx: Transaction, row: Row) -> bytes:
    return canonical.sheet_bytes(sheet_of(row, read_report(await store.report_body(tx, row["report_id"]))))


async def _show(tx: Transaction, case_id: UUID, now: datetime) -> RestoreView:
    return (await restore_views(tx, [case_id]))[0]


sign_restore = sign_verb(
    CaseKind(
        name="restore",
        tag=AuditTag.SIGN_RESTORE,
        open_state=RestoreState.REQUESTED,
        quorum=TREASURY,
        lock=store.lock_case,
        sheet=_sheet,
        ready=_ready,
        decide=_decide,
        show=_show,
    )
)
