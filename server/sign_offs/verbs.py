"""Open what will be signed, and sign it: a set of intents, or a whole batch, under one signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.approvals.cases import given, signer_of, subject_of, verified_signature
from server.approvals.rules import Verdict, judge, reason_refusal
from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.members.rules import changed_refusal
from server.members.store import payees
from server.members.views import item_refused
from server.payments import store, submission
from server.payments.binding import recipient_refusal
from server.payments.ending import may_decide
from server.payments.views import members_anywhere
from server.sign_offs import batch as batch_sign_off
from server.sign_offs.sheets import signed_set
from server.sign_offs.signing import (
    Given,
    record_set,
    rows_of,
    sheet_items,
    sheets_in_order,
)
from shared.audit_tags import AuditTag
from shared.lifecycle import IntentState
from shared.money import format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.payments import OpenSheetReply, OpenSheetRequest, SignOffReply, SignOffRequest, SignOffResult


@failpoint("sign_off.sheet")
async def open_sign_off_sheet(
    tx: Transaction, actor: Actor, request: OpenSheetRequest, now: datetime
) -> OpenSheetReply | Refused:
    """Canonical bytes with accounts in full, in the order asked; of a batch one page. The look is audited."""
    if request.batch_id is not None:
        return await batch_sign_off.open_page(tx, actor, request.batch_id, request, now)
    found = {row["id"]: row for row in await rows_of(tx, request.intents)}
    rows = _one_set(found, request.intents)
    if isinstance(rows, Refused):
        return rows
    sheets = await sheets_in_order(tx, request.intents)
    items = await sheet_items(tx, rows, sheets, now)
    signed = signed_set(sheets)
    detail = {"digest": signed.digest, "count": len(items)}
    await audit.append(tx, actor, rows[0]["branch_id"], AuditTag.OPEN_SIGN_OFF_SHEET, str(rows[0]["id"]), detail, now)
    return OpenSheetReply(items=items, count=len(items), total=format_amount(signed.total), digest=signed.digest)


def _one_set(found: dict[UUID, Row], ids: Sequence[UUID]) -> list[Row] | Refused:
    """The rows in the order asked; a set is of different single intents of one branch."""
    rows = [found[intent_id] for intent_id in ids if intent_id in found]
    if not rows:
        return Refused(R.NOT_FOUND)
    if len(rows) != len(ids) or len(found) != len(ids):
        return Refused(R.NOT_FOUND, field="items")
    if any(row["batch_id"] is not None for row in rows):
        return Refused(R.INVALID, field="items", params={"problem": "line_of_batch"})
    if len({row["branch_id"] for row in rows}) > 1:
        return Refused(R.INVALID, field="items", params={"problem": "one_branch"})
    return rows


_ONE_ROLE = Refused(R.INVALID, field="items", params={"problem": "one_role"})


@failpoint("sign_off.sign")
async def sign_off(tx: Transaction, actor: Actor, request: SignOffRequest, now: datetime) -> SignOffReply | Refused:
    """Record one signature over the set: all its items or none.

    The digest must be of what stands in the database now; the signature must be the actor's desk's over it.
    """
    unclean = reason_refusal(request.reason)
    if unclean is not None:
        return unclean
    if request.batch_id is not None:
        return await batch_sign_off.sign_batch(tx, actor, request.batch_id, request, now)
    ids = [item.id for item in request.items]
    rows = _one_set(await store.lock_intents(tx, ids), ids)
    if isinstance(rows, Refused):
        return rows
    verdicts = await _judge_all(tx, actor, request, rows, now)
    refused = [verdict for verdict in verdicts if isinstance(verdict, Refused)]
    if refused:
        return refused[0] if len(verdicts) == 1 else _results(rows, verdicts)
    signed = signed_set(await sheets_in_order(tx, ids))
    signature = await verified_signature(tx, actor, request, signed.digest)
    if signature is None:
        return Refused(R.SIGNATURE, field="signature")
    good = [verdict for verdict in verdicts if isinstance(verdict, Verdict)]
    one_role = len({verdict.role for verdict in good}) == 1
    refusal = await may_decide(tx, actor, request, rows[0]["branch_id"], now) if one_role else _ONE_ROLE
    if refusal is not None:
        return refusal
    given = Given(role=good[0].role, signature=signature, intents=ids, signed=signed)
    await record_set(tx, actor, request, rows[0]["branch_id"], given, now)
    await _apply(tx, actor, request, rows, good, now)
    detail = {"decision": request.decision, "role": given.role, "digest": request.digest, "count": len(rows)}
    await audit.append(tx, actor, rows[0]["branch_id"], AuditTag.SIGN_OFF, str(rows[0]["id"]), detail, now)
    return await _reply(tx, ids)


async def _judge_all(
    tx: Transaction, actor: Actor, request: SignOffRequest, rows: Sequence[Row], now: datetime
) -> list[Verdict | Refused]:
    """One verdict for each item.

    Nobody approves a payment to an account that has been replaced since it was submitted; rejecting it is what helps.
    """
    signed = await store.sign_offs_given(tx, [row["id"] for row in rows])
    verdicts = [
        judge(
            subject_of(row, given([one for one in signed if one["intent_id"] == row["id"]]), IntentState.VALIDATED),
            signer_of(actor, request, row["branch_id"], item.version),
            now,
        )
        for row, item in zip(rows, request.items, strict=True)
    ]
    if request.decision == "reject":
        return verdicts
    found = await payees(tx, [row["member_id"] for row in rows], lock=True)
    others = await members_anywhere(tx, [row["counterparty_member_id"] for row in rows])
    changed = [
        changed_refusal(found.get(row["member_id"]), row["account_version"])
        or recipient_refusal(others.get(row["counterparty_member_id"]))
        for row in rows
    ]
    return [
        verdict if isinstance(verdict, Refused) or refusal is None else refusal
        for verdict, refusal in zip(verdicts, changed, strict=True)
    ]


def _results(rows: Sequence[Row], verdicts: Sequence[Verdict | Refused]) -> SignOffReply:
    """Why nothing of the set was signed, item by item."""
    return SignOffReply(
        results=[
            SignOffResult(
                id=row["id"],
                state=row["state"],
                version=row["version"],
                refused=item_refused(verdict) if isinstance(verdict, Refused) else None,
            )
            for row, verdict in zip(rows, verdicts, strict=True)
        ]
    )


@failpoint("sign_off.apply")
async def _apply(
    tx: Transaction,
    actor: Actor,
    request: SignOffRequest,
    rows: Sequence[Row],
    verdicts: Sequence[Verdict],
    now: datetime,
) -> None:
    """Take what was signed to its next state; a first signature of two makes a new version in the same state."""
    if request.decision == "reject":
        await _reject(tx, actor, request, rows, now)
        return
    role = verdicts[0].role.value
    moves = [
        store.Move(
            id=row["id"],
            target=IntentState.AUTHORIZED if verdict.complete else IntentState.VALIDATED,
            evidence=f"signed as {role}",
        )
        for row, verdict in zip(rows, verdicts, strict=True)
    ]
    await store.move_intents(tx, moves, actor.name, now)


async def _reject(tx: Transaction, actor: Actor, request: SignOffRequest, rows: Sequence[Row], now: datetime) -> None:
    moves = [
        store.Move(id=row["id"], target=IntentState.REJECTED, evidence="rejected", failure_text=request.reason)
        for row in rows
    ]
    await store.move_intents(tx, moves, actor.name, now)
    await submission.release(tx, [submission.release_of(row) for row in rows], "rejected", now)


async def _reply(tx: Transaction, ids: Sequence[UUID]) -> SignOffReply:
    stands = {row["id"]: row for row in await rows_of(tx, ids)}
    return SignOffReply(
        results=[SignOffResult(id=one, state=stands[one]["state"], version=stands[one]["version"]) for one in ids]
    )
