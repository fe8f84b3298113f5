"""The in-doubt desk: what is known of each payment in doubt, and the few things that a person may safely do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.executing import doubt_store
from server.executing.schedule import flag_from
from server.payments.binding import too_little
from server.payments.pages import after, next_cursor
from server.payments.paying_again import paid_again
from server.payments.verbs import state_refusal
from server.payments.views import intent_views
from server.routing.operations import Operation
from server.wire_time import wire_time
from shared.audit_tags import AuditTag
from shared.evidence import Evidence
from shared.lifecycle import MAY_HAVE_MOVED, PAYABLE_AGAIN, IntentState
from shared.money import AmountProblem, Satang, format_amount, parse_amount
from shared.permissions import Permission, Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import ById
from shared.wire.doubt import (
    AskReply,
    AttemptView,
    CallbackSeen,
    DoubtList,
    DoubtView,
    LineSeen,
    ListInDoubtRequest,
    RetryView,
)
from shared.wire.payments import IntentView


async def list_in_doubt(
    tx: Transaction, actor: Actor, request: ListInDoubtRequest, now: datetime
) -> DoubtList | Refused:
    """Payments in doubt of the branches that the actor sees, oldest first."""
    cursor = after(request.cursor)
    if isinstance(cursor, Refused):
        return cursor
    wanted = [number for code, number in actor.branch_codes.items() if request.branch in ("", code)]
    ids = await doubt_store.oldest(tx, wanted, cursor, request.limit)
    return DoubtList(payments=await _views(tx, actor, ids, now), cursor=next_cursor(ids, request.limit))


async def _views(tx: Transaction, actor: Actor, ids: Sequence[UUID], now: datetime) -> list[DoubtView]:
    attempts = _by_intent(await doubt_store.attempts(tx, ids))
    callbacks = _by_intent(await doubt_store.callbacks(tx, ids))
    lines = _by_intent(await doubt_store.lines(tx, ids))
    since = {row["intent_id"]: row["at"] for row in await doubt_store.began(tx, ids)}
    until = await doubt_store.statements_until(tx)
    managers = await doubt_store.managers(tx, ids)
    treasurers = await doubt_store.treasurers(tx)
    views = []
    for intent in await intent_views(tx, ids):
        tries = attempts.get(intent.id, [])
        begun = tries[-1]["prepared_at"] if tries else since[intent.id]
        deadline = flag_from(begun)
        flagged = now >= deadline or bool(tries and tries[-1]["mismatched_at"])
        views.append(
            DoubtView(
                intent=intent,
                since=wire_time(since.get(intent.id)),
                next_inquiry_at=wire_time(tries[-1]["inquire_at"]) if tries else "",
                deadline_at=wire_time(deadline),
                flagged=flagged,
                owner_role=(Role.TREASURER if flagged else Role.MANAGER).value,
                owners=treasurers if flagged else managers.get(intent.id, []),
                inquiries=sum(row["inquiries"] for row in tries),
                attempts=[_attempt(row, intent) for row in tries],
                callbacks=[_callback(row) for row in callbacks.get(intent.id, [])],
                lines=[_line(row) for row in lines.get(intent.id, [])],
                statements_until=until.isoformat() if until else "",
                safe=["ask_bank_now"] if actor.may(Permission.SIGN_INTENT) else [],
            )
        )
    return views


def _by_intent(rows: Sequence[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["intent_id"], []).append(row)
    return found


def _attempt(row: Row, intent: IntentView) -> AttemptView:
    return AttemptView(
        ordinal=row["ordinal"],
        channel=intent.channel,
        bank_reference=row["bank_reference"],
        state=row["state"],
        token=row["token"],
        prepared_at=wire_time(row["prepared_at"]),
        confirming_at=wire_time(row["confirming_at"]),
        ended_at=wire_time(row["ended_at"]),
        inquiries=row["inquiries"],
        evidence=Evidence(row["evidence"]),
        told=row["told"],
    )


def _callback(row: Row) -> CallbackSeen:
    return CallbackSeen(
        at=wire_time(row["at"]),
        outcome=row["outcome"],
        transaction_id=row["transaction_id"],
        bank_reference=row["reference"],
    )


def _line(row: Row) -> LineSeen:
    return LineSeen(
        date=row["date"].isoformat(),
        amount=format_amount(Satang(abs(row["amount"]))),
        kind=row["kind"],
        bank_reference=row["bank_reference"],
        statement=row["number"],
    )


async def ask_bank_now(tx: Transaction, actor: Actor, request: ById, now: datetime) -> AskReply | Refused:
    """Make the next inquiry due now. STATE when nothing is under way; it never sends and never resends."""
    row = await doubt_store.intent(tx, request.id)
    if row is None:
        return Refused(R.NOT_FOUND)
    if row["state"] not in (IntentState.IN_DOUBT, IntentState.SENT):
        return state_refusal(row["state"])
    asked = await doubt_store.ask_now(tx, row["id"], now)
    detail = {"number": row["number"], "asked": asked}
    await audit.append(tx, actor, row["branch_id"], AuditTag.ASK_BANK_NOW, str(row["id"]), detail, now)
    return AskReply(id=row["id"], asked=asked)


async def retry_intent(tx: Transaction, actor: Actor, request: ById, now: datetime) -> RetryView | Refused:
    """The same payment to submit again: one that certainly did not happen, or one that came back and is owed.

    RETRY_UNSAFE with the evidence while money may have moved: a payment in doubt is resolved by the bank, never by
    paying again. PAID_AGAIN while another payment does it; BALANCE when the member has been given out what came back.
    """
    views = await intent_views(tx, [request.id])
    if not views:
        return Refused(R.NOT_FOUND)
    intent = views[0]
    if intent.state in MAY_HAVE_MOVED:
        return Refused(R.RETRY_UNSAFE, params=await _unsafe(tx, intent))
    if intent.state not in PAYABLE_AGAIN:
        return state_refusal(intent.state)
    returned = intent.state == IntentState.RETURNED
    if intent.paid_again_number:
        return paid_again(intent.number, intent.paid_again_number)
    if returned and (short := await _given_out(tx, intent)) is not None:
        return short
    version = await doubt_store.account_version(tx, intent.member_id)
    kept = intent.operation == Operation.DISBURSEMENT and intent.destination == "balance"
    return RetryView(
        id=intent.id,
        number=intent.number,
        state=intent.state,
        failure_code=intent.failure_code,
        branch=intent.branch,
        operation=Operation.WITHDRAWAL.value if returned else intent.operation,
        member_id=intent.member_id,
        account_version=version,
        amount=intent.payout if returned else intent.amount,
        currency=intent.currency,
        produce="" if returned else intent.produce,
        weigh_ticket="" if returned else intent.weigh_ticket,
        note=intent.note,
        to="balance" if kept else "bank",
        to_member=intent.counterparty_code,
    )


async def _given_out(tx: Transaction, intent: IntentView) -> Refused | None:
    """BALANCE when less of it is free than came back."""
    free = await doubt_store.free(tx, intent.member_id)
    owed = parse_amount(intent.payout)
    return None if isinstance(owed, AmountProblem) or free >= owed else too_little(free)


async def _unsafe(tx: Transaction, intent: IntentView) -> dict[str, str]:
    """The evidence, in words that both languages share: references at the bank with their times and inquiries."""
    attempts = await doubt_store.attempts(tx, [intent.id])
    evidence = [
        f"{row['bank_reference']} {wire_time(row['confirming_at'] or row['prepared_at'])} ({row['inquiries']})"
        for row in attempts
    ]
    return {"state": intent.state, "evidence": "; ".join(evidence) or "-"}
