"""Submit, list, read and cancel intents."""

from __future__ import annotations

from datetime import datetime

from server.approvals.rules import clean_reason
from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.handling import Group
from server.payments import store, submission
from server.payments.ending import behind
from server.payments.pages import after, next_cursor
from server.payments.submitting import plan_one, submit_group
from server.payments.views import intent_views, signatures_of_intent
from server.wire_time import wire_time
from shared.audit_tags import AuditTag
from shared.lifecycle import EDGES, IntentState
from shared.money import Satang, format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import ById
from shared.wire.payments import (
    CancelIntentRequest,
    IntentDetail,
    IntentList,
    IntentPreview,
    IntentView,
    ListIntentsRequest,
    SubmitIntentRequest,
    TimelineEvent,
)

submit_intent: Group[IntentView] = Group(submit_group)
"""Check, hold the money, write the intent. Nothing is sent here."""


async def preview_intent(
    tx: Transaction, actor: Actor, request: SubmitIntentRequest, now: datetime
) -> IntentPreview | Refused:
    """Fees, payout, channel and signers of a request before it is sent; the refusals of submission but for money."""
    branch_id = submission.own_branch(actor, request.branch)
    if isinstance(branch_id, Refused):
        return branch_id
    planned = await plan_one(tx, branch_id, actor, request, now)
    if isinstance(planned, Refused):
        return planned
    amount = planned.line.amount
    return IntentPreview(
        amount=format_amount(amount),
        fee=format_amount(planned.fee),
        post_fee=format_amount(planned.post_fee),
        advance=format_amount(planned.advance),
        payout=format_amount(Satang(amount - planned.post_fee - planned.advance)),
        channel=planned.line.channel,
        roles=[role.value for role in planned.quorum],
    )


async def list_intents(
    tx: Transaction, actor: Actor, request: ListIntentsRequest, now: datetime
) -> IntentList | Refused:
    """Newest first; filters that name nothing give an empty list."""
    cursor = after(request.cursor)
    if isinstance(cursor, Refused):
        return cursor
    ids = await store.newest_intents(
        tx,
        _branches(actor, request.branch),
        state=request.state,
        batch=request.batch_id,
        member=request.member_id,
        cursor=cursor,
        limit=request.limit,
    )
    return IntentList(intents=await intent_views(tx, ids), cursor=next_cursor(ids, request.limit))


def _branches(actor: Actor, code: str) -> list[int]:
    if not code:
        return list(actor.branches)
    return [number for name, number in actor.branch_codes.items() if name == code]


async def get_intent(tx: Transaction, actor: Actor, request: ById, now: datetime) -> IntentDetail | Refused:
    """One intent with everything that happened to it."""
    views = await intent_views(tx, [request.id])
    if not views:
        return Refused(R.NOT_FOUND)
    return IntentDetail(
        intent=views[0],
        timeline=[
            TimelineEvent(state=row["state"], at=wire_time(row["at"]), actor=row["actor"], evidence=row["evidence"])
            for row in await store.events_of(tx, request.id)
        ],
        signatures=await signatures_of_intent(tx, request.id),
        bank_reference=await store.last_reference(tx, request.id),
    )


@failpoint("intent.cancel")
async def cancel_intent(
    tx: Transaction, actor: Actor, request: CancelIntentRequest, now: datetime
) -> IntentView | Refused:
    """The maker takes a single intent back before it is sent. A line of a batch goes with its batch."""
    row = (await store.lock_intents(tx, [request.id])).get(request.id)
    reason = clean_reason(request.reason)
    if row is None:
        return Refused(R.NOT_FOUND)
    if isinstance(reason, Refused):
        return reason
    refusal = _may_cancel(row, actor, request.version) or await behind(tx)
    if refusal is not None:
        return refusal
    move = store.Move(id=row["id"], target=IntentState.CANCELLED, evidence="cancelled by maker", failure_text=reason)
    await store.move_intents(tx, [move], actor.name, now)
    await submission.release(tx, [submission.release_of(row)], "cancelled", now)
    view = (await intent_views(tx, [row["id"]]))[0]
    await audit.append(
        tx, actor, row["branch_id"], AuditTag.CANCEL_INTENT, str(row["id"]), {"number": row["number"]}, now
    )
    return view


def _may_cancel(row: Row, actor: Actor, version: int) -> Refused | None:
    if row["maker_id"] != actor.user_id:
        return Refused(R.FORBIDDEN)
    if row["batch_id"] is not None or row["state"] not in (IntentState.VALIDATED, IntentState.AUTHORIZED):
        return state_refusal(row["state"])
    if row["version"] != version:
        return Refused(R.STALE_VERSION, params={"version": str(row["version"])})
    return None


def state_refusal(state: str, machine: str = "intent") -> Refused:
    """STATE, naming where it stands and where it may go."""
    allowed = sorted(target for source, target in EDGES[machine] if source == state)
    return Refused(R.STATE, params={"state": state, "allowed": ", ".join(allowed) or "-"})
