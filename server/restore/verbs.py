"""Going on after a restore: one person proposes it over a report, another signs, and an executor settles it."""

from __future__ import annotations

from datetime import datetime

from server.approvals.cases import approvals_of, record_sign_off, signer_of, subject_of, verified_signature
from server.approvals.rules import RESTORE_QUORUM, clean_reason, judge
from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Transaction
from server.restore import store
from server.restore.report import read_report
from server.restore.views import is_complete, newest_view, restore_views, sheet_of, witness_view
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import RestoreState
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import Nothing
from shared.wire.restores import ProposeRestoreRequest, RestoreList, RestoreView, SignRestoreRequest

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


async def sign_restore(
    tx: Transaction, actor: Actor, request: SignRestoreRequest, now: datetime
) -> RestoreView | Refused:
    """Approve or reject over the canonical bytes.

    NOT_FOUND, INVALID, what `judge` names, RESTORE_REPORT (more was found since the report), SIGNATURE.
    """
    row = await store.lock_case(tx, request.id)
    reason = clean_reason(request.reason)
    if row is None:
        return Refused(R.NOT_FOUND)
    if isinstance(reason, Refused) or reason != request.reason:
        return reason if isinstance(reason, Refused) else Refused(R.INVALID, field="reason")
    subject = subject_of(row, await approvals_of(tx, "restore", request.id), RestoreState.REQUESTED, RESTORE_QUORUM)
    verdict = judge(subject, signer_of(actor, request, HEAD_OFFICE, request.version), now)
    if isinstance(verdict, Refused):
        return verdict
    report = read_report(await store.report_body(tx, row["report_id"]))
    if request.decision == "approve" and not await is_complete(tx, report):
        return Refused(R.RESTORE_REPORT)
    digest = canonical.digest(canonical.sheet_bytes(sheet_of(row, report)))
    signature = await verified_signature(tx, actor, request, digest)
    if signature is None:
        return Refused(R.SIGNATURE, field="signature")
    await record_sign_off(tx, "restore", (request.id, HEAD_OFFICE), actor, request, verdict.role, signature, now)
    state = RestoreState.REJECTED if request.decision == "reject" else RestoreState.APPROVED
    await store.move_case(tx, request.id, state, now)
    detail = {
        "decision": request.decision,
        "role": verdict.role.value,
        "digest": digest,
        "report": row["report"],
    }
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.SIGN_RESTORE, str(request.id), detail, now)
    return (await restore_views(tx, [request.id]))[0]
