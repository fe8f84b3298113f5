"""Open a batch, add its lines, submit it whole, or take it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.amounts import check_amount
from server.approvals.cases import signatures_of
from server.approvals.rules import TIER_ROLE, clean_reason, payment_quorum
from server.audit import store as audit
from server.batches import batches
from server.batches.lines import add_lines, recheck
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.members.views import item_refused
from server.payments import submission
from server.payments.ending import behind
from server.payments.pages import after, next_cursor
from server.payments.radar import quorum_with
from server.payments.verbs import state_refusal
from server.payments.views import batch_views
from shared.audit_tags import AuditTag
from shared.ids import id_by_key
from shared.lifecycle import BatchState, IntentState
from shared.money import Satang, display_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date, start_of_day
from shared.wire.common import ById
from shared.wire.payments import (
    AddBatchLinesReply,
    AddBatchLinesRequest,
    BatchDetail,
    BatchList,
    BatchView,
    CancelBatchRequest,
    CloseBatchRequest,
    LineResult,
    ListBatchesRequest,
    OpenBatchRequest,
)


def _batch_id(actor: Actor, now: datetime) -> UUID:
    """As an intent's: the lines' names at the bank follow from it."""
    return id_by_key(int(now.timestamp() * 1000), "open_batch", str(actor.user), actor.key)


@failpoint("batch.open")
async def open_batch(tx: Transaction, actor: Actor, request: OpenBatchRequest, now: datetime) -> BatchView | Refused:
    """Declare count and total before the first line; no money is held yet.

    Its lines hold their weigh tickets. When nobody goes on with it in time, it is cancelled and lets go of them.
    """
    branch_id = submission.own_branch(actor, request.branch)
    if isinstance(branch_id, Refused):
        return branch_id
    total = check_amount(request.total)
    note = clean_reason(request.note, "note")
    if isinstance(total, Refused):
        return Refused(total.code, field="total", params=total.params)
    if isinstance(note, Refused):
        return note
    batch_id = _batch_id(actor, now)
    values: dict[str, object] = {
        "id": batch_id,
        "branch_id": branch_id,
        "count": request.count,
        "total": total,
        "note": note,
        "file_sha256": request.file_sha256,
        "maker_id": actor.user,
        "expires_at": now + tx.services.policy.open_batch_life,
    }
    await batches.insert_batch(tx, values, now)
    detail = {"count": request.count, "total": request.total, "file": request.file_sha256}
    await audit.append(tx, actor, branch_id, AuditTag.OPEN_BATCH, str(batch_id), detail, now)
    return (await batch_views(tx, [batch_id]))[0]


@failpoint("batch.lines")
async def add_batch_lines(
    tx: Transaction, actor: Actor, request: AddBatchLinesRequest, now: datetime
) -> AddBatchLinesReply | Refused:
    """Check every line and write all or none; a line that stands there with the same content is answered again."""
    batch = await batches.lock_batch(tx, request.id)
    refusal = _maker_of_open(batch, actor)
    if batch is None or refusal is not None:
        return refusal or Refused(R.NOT_FOUND)
    added = await add_lines(tx, actor, batch, request.first, request.lines, now)
    if added.written:
        latest = batch["created_at"] + tx.services.policy.approval_life
        await batches.keep_open(tx, request.id, min(latest, now + tx.services.policy.open_batch_life))
        detail = {"first": request.first, "lines": added.written}
        await audit.append(tx, actor, batch["branch_id"], AuditTag.ADD_BATCH_LINES, str(request.id), detail, now)
    return AddBatchLinesReply(results=[_line_result(number, answer) for number, answer in added.answers.items()])


def _line_result(number: int, answer: UUID | Refused | None) -> LineResult:
    if isinstance(answer, Refused):
        return LineResult(line=number, refused=item_refused(answer))
    return LineResult(line=number, intent_id=answer)


def _maker_of_open(batch: Row | None, actor: Actor) -> Refused | None:
    if batch is None:
        return Refused(R.NOT_FOUND)
    if batch["maker_id"] != actor.user_id:
        return Refused(R.FORBIDDEN)
    if batch["state"] != BatchState.OPEN:
        return state_refusal(batch["state"], "batch")
    return None


@failpoint("batch.close")
async def close_batch(tx: Transaction, actor: Actor, request: CloseBatchRequest, now: datetime) -> BatchView | Refused:
    """Submit the batch: count and total must be what was declared and what is there; one hold for the total."""
    batch = await batches.lock_batch(tx, request.id)
    refusal = _maker_of_open(batch, actor)
    if batch is None or refusal is not None:
        return refusal or Refused(R.NOT_FOUND)
    found = await batches.sums(tx, request.id)
    refusal = _totals(batch, request, found.count, found.total) or await recheck(tx, actor, batch, now)
    fees = Satang(found.held - found.total)
    refusal = refusal or submission.enough(await submission.lock_funding(tx, batch["branch"]), found.total, fees)
    if refusal is not None:
        return refusal
    tier_total = await _tier_total(tx, request.id, found.total, now)
    hold_id = tx.services.new_id(now)
    await batches.submit_batch(
        tx,
        request.id,
        hold_id=hold_id,
        quorum=quorum_with(payment_quorum(tier_total, tx.services.policy), disputed=found.disputed),
        expires_at=now + tx.services.policy.approval_life,
        actor=actor.name,
        now=now,
    )
    await submission.hold(tx, batch["branch_id"], batch["branch"], hold_id, found.held, str(request.id), now)
    detail = {"number": batch["number"], "count": found.count, "total": request.total}
    await audit.append(tx, actor, batch["branch_id"], AuditTag.CLOSE_BATCH, str(request.id), detail, now)
    return (await batch_views(tx, [request.id]))[0]


async def _tier_total(tx: Transaction, batch_id: UUID, total: Satang, now: datetime) -> Satang:
    """What the batch is tiered by: its total, or what any of its members or accounts gets today if that is more.

    A total that needs everybody already is not looked behind.
    """
    if TIER_ROLE in payment_quorum(total, tx.services.policy):
        return total
    return max(total, await batches.day_sum(tx, batch_id, start_of_day(business_date(now))))


def _totals(batch: Row, request: CloseBatchRequest, count: int, total: Satang) -> Refused | None:
    asked = check_amount(request.total)
    if isinstance(asked, Refused):
        return Refused(asked.code, field="total", params=asked.params)
    if (batch["count"], batch["total"]) == (count, total) == (request.count, asked):
        return None
    return Refused(R.BATCH_TOTALS, params={"count": str(count), "total": display_amount(total)})


@failpoint("batch.cancel")
async def cancel_batch(
    tx: Transaction, actor: Actor, request: CancelBatchRequest, now: datetime
) -> BatchView | Refused:
    """The maker takes a batch back while it is open or waits for sign-offs."""
    batch = await batches.lock_batch(tx, request.id)
    reason = clean_reason(request.reason)
    if batch is None:
        return Refused(R.NOT_FOUND)
    if isinstance(reason, Refused):
        return reason
    if batch["maker_id"] != actor.user_id:
        return Refused(R.FORBIDDEN)
    if batch["state"] not in (BatchState.OPEN, BatchState.VALIDATED):
        return state_refusal(batch["state"], "batch")
    if batch["version"] != request.version:
        return Refused(R.STALE_VERSION, params={"version": str(batch["version"])})
    if (refusal := await behind(tx)) is not None:
        return refusal
    await batches.end_batch(tx, actor.name, batch, BatchState.CANCELLED, IntentState.CANCELLED, reason, now)
    detail = {"number": batch["number"]}
    await audit.append(tx, actor, batch["branch_id"], AuditTag.CANCEL_BATCH, str(request.id), detail, now)
    return (await batch_views(tx, [request.id]))[0]


async def list_batches(
    tx: Transaction, actor: Actor, request: ListBatchesRequest, now: datetime
) -> BatchList | Refused:
    """Newest first."""
    cursor = after(request.cursor)
    if isinstance(cursor, Refused):
        return cursor
    ids = await batches.newest_batches(tx, request.state, cursor, request.limit)
    return BatchList(batches=await batch_views(tx, ids), cursor=next_cursor(ids, request.limit))


async def get_batch(tx: Transaction, actor: Actor, request: ById, now: datetime) -> BatchDetail | Refused:
    """One batch with how many lines stand in each state, and its sign-offs."""
    views = await batch_views(tx, [request.id])
    if not views:
        return Refused(R.NOT_FOUND)
    signed = await signatures_of(tx, [request.id])
    return BatchDetail(batch=views[0], signatures=signed[request.id])
