"""Show a batch page by page, and sign it whole: its lines are read again in pages and never all held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.approvals.cases import approvals_of, given, signer_of, subject_of, verified_signature
from server.approvals.rules import Verdict, judge
from server.audit import store as audit
from server.batches import batches
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.members.rules import changed_refusal
from server.members.store import payees
from server.payments.ending import may_decide
from server.payments.verbs import state_refusal
from server.sign_offs.sheets import SignedSet, set_of, signed_set
from server.sign_offs.signing import (
    Given,
    record_set,
    sheet_items,
    sheets_in_order,
)
from shared.audit_tags import AuditTag
from shared.lifecycle import BatchState, IntentState
from shared.money import Satang, format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.payments import OpenSheetReply, OpenSheetRequest, SignOffReply, SignOffRequest, SignOffResult

PAGE = 1000
"""Lines that are read at once: their sheets take some 2 MB and 20 ms of this worker."""


async def open_page(
    tx: Transaction, actor: Actor, batch_id: UUID, request: OpenSheetRequest, now: datetime
) -> OpenSheetReply | Refused:
    """The sheets of up to `limit` lines after line `after`. Nothing is locked: what lines ask for never changes."""
    batch = await batches.find_batch(tx, batch_id)
    if batch is None:
        return Refused(R.NOT_FOUND)
    if request.intents:
        return Refused(R.INVALID, field="items", params={"problem": "batch_whole"})
    if batch["state"] == BatchState.OPEN:
        return state_refusal(batch["state"], "batch")
    rows = await batches.line_page(tx, batch_id, request.after, request.limit)
    if not rows:
        return Refused(R.NOT_FOUND, field="after")
    sheets = await sheets_in_order(tx, [row["id"] for row in rows])
    items = await sheet_items(tx, rows, sheets, now)
    shown = signed_set(sheets)
    detail = {"digest": shown.digest, "after": request.after, "count": len(items)}
    await audit.append(tx, actor, batch["branch_id"], AuditTag.OPEN_SIGN_OFF_SHEET, str(batch_id), detail, now)
    last: int = rows[-1]["line"]
    return OpenSheetReply(
        items=items,
        count=batch["count"],
        total=format_amount(Satang(batch["total"])),
        digest=shown.digest,
        batch_version=batch["version"],
        next=last if last < batch["count"] else 0,
    )


class _Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it stands: its lines' ids and digests in order, and how many payees have changed."""

    intents: list[UUID]
    signed: SignedSet
    changed: int


@failpoint("sign_off.batch")
async def sign_batch(
    tx: Transaction, actor: Actor, batch_id: UUID, request: SignOffRequest, now: datetime
) -> SignOffReply | Refused:
    """One signature over all lines in their order. The batch's lock keeps the lines of a waiting batch as they are."""
    batch = await batches.lock_batch(tx, batch_id)
    if batch is None:
        return Refused(R.NOT_FOUND)
    if request.items:
        return Refused(R.INVALID, field="items", params={"problem": "batch_whole"})
    verdict = judge(
        subject_of(batch, given(await approvals_of(tx, batch_id)), BatchState.VALIDATED),
        signer_of(actor, request, batch["branch_id"], request.batch_version),
        now,
    )
    if isinstance(verdict, Refused):
        return verdict
    approve = request.decision == "approve"
    if approve:
        await batches.share_payees(tx, batch_id)
    whole = await _read_whole(tx, batch_id, judged=approve)
    if whole.changed:
        return Refused(R.BATCH_LINES, params={"count": str(whole.changed)})
    signature = await verified_signature(tx, actor, request, whole.signed.digest)
    if signature is None or (len(whole.intents), whole.signed.total) != (batch["count"], batch["total"]):
        return Refused(R.SIGNATURE, field="signature")
    refusal = await may_decide(tx, actor, request, batch["branch_id"], now)
    if refusal is not None:
        return refusal
    taken = Given(role=verdict.role, signature=signature, intents=whole.intents, signed=whole.signed)
    await record_set(tx, actor, request, batch["branch_id"], taken, now)
    await _apply(tx, actor, request, batch, verdict, now)
    detail = {
        "decision": request.decision,
        "role": verdict.role,
        "digest": request.digest,
        "count": len(whole.intents),
    }
    await audit.append(tx, actor, batch["branch_id"], AuditTag.SIGN_OFF, str(batch_id), detail, now)
    after = await batches.find_batch(tx, batch_id) or batch
    return SignOffReply(results=[SignOffResult(id=batch_id, state=after["state"], version=after["version"])])


async def _read_whole(tx: Transaction, batch_id: UUID, *, judged: bool) -> _Whole:
    """Every line's digest from what stands in the database now. `judged`: whether a changed payee counts."""
    intents: list[UUID] = []
    items: list[tuple[str, Satang]] = []
    changed = 0
    async for rows in batches.pages(tx, batch_id, PAGE):
        ids = [row["id"] for row in rows]
        intents += ids
        page = signed_set(await sheets_in_order(tx, ids))
        items += zip(page.digests, (Satang(row["amount"]) for row in rows), strict=True)
        changed += await _changed(tx, rows) if judged else 0
    return _Whole(intents=intents, signed=set_of(items), changed=changed)


async def _changed(tx: Transaction, rows: Sequence[Row]) -> int:
    found = await payees(tx, [row["member_id"] for row in rows])
    return sum(changed_refusal(found.get(row["member_id"]), row["account_version"]) is not None for row in rows)


async def _apply(
    tx: Transaction, actor: Actor, request: SignOffRequest, batch: Row, verdict: Verdict, now: datetime
) -> None:
    """A rejection ends the batch; the last signature authorizes every line. Until then only the batch moves on."""
    if request.decision == "reject":
        await batches.end_batch(tx, actor.name, batch, BatchState.REJECTED, IntentState.REJECTED, request.reason, now)
        return
    target = BatchState.AUTHORIZED if verdict.complete else BatchState.VALIDATED
    await batches.move_batch(tx, batch["id"], target, now)
    if verdict.complete:
        evidence = f"signed as {verdict.role.value}"
        await batches.move_lines(tx, batch["id"], IntentState.AUTHORIZED, actor.name, evidence, "", now)
