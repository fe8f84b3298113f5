"""Open what will be signed, and sign it: a set of intents or a whole batch under one signature."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.approvals.rules import Signed, Signer, Subject, Verdict, judge, signing_roles
from server.approvals.signatures import sign_off_is_valid
from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.identity.signatures import from_base64
from server.members.rules import changed_refusal
from server.members.store import payees
from server.payments import batches, store, submission
from server.payments.batch_verbs import end_batch, item_refused
from server.payments.rules import clean_reason
from server.payments.sheets import SignedSet, load_sheets, signed_set
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import BatchState, IntentState
from shared.money import format_amount
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.payments import (
    OpenSheetReply,
    OpenSheetRequest,
    SheetItem,
    SignOffReply,
    SignOffRequest,
    SignOffResult,
)


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is being signed: the locked rows in the order of the set, and the batch when it is one."""

    rows: list[Row]
    batch: Row | None
    branch_id: int
    signed: SignedSet


async def open_sign_off_sheet(
    tx: Transaction, actor: Actor, request: OpenSheetRequest, now: datetime
) -> OpenSheetReply | Refused:
    """Canonical bytes with accounts in full, in the order asked (a batch: in its own). The look is audited."""
    case = await _load(tx, request.batch_id, request.intents)
    if isinstance(case, Refused):
        return case
    found = await payees(tx, [row["member_id"] for row in case.rows])
    items = []
    for row, sheet in zip(case.rows, case.signed.sheets, strict=True):
        account = found[row["member_id"]].account
        check = account.check if account is not None and account.id == row["bank_account_id"] else None
        items.append(
            SheetItem(
                id=row["id"],
                version=row["version"],
                sheet=base64.b64encode(canonical.sheet_bytes(sheet)).decode(),
                bank_name=check.bank_name if check else "",
                match=check.match if check else 0,
            )
        )
    subject = str(request.batch_id or case.rows[0]["id"])
    detail = {"digest": case.signed.digest, "count": len(items)}
    await audit.append(tx, actor, case.branch_id, AuditTag.OPEN_SIGN_OFF_SHEET, subject, detail, now)
    return OpenSheetReply(
        items=items,
        count=len(items),
        total=format_amount(case.signed.total),
        digest=case.signed.digest,
        batch_version=case.batch["version"] if case.batch else 0,
    )


async def _load(tx: Transaction, batch_id: UUID | None, ids: Sequence[UUID]) -> _Case | Refused:
    """Lock and load a batch or a set of single intents of one branch."""
    batch = None
    if batch_id is not None:
        batch = await batches.lock_batch(tx, batch_id)
        rows = await store.lock_batch_lines(tx, batch_id)
    else:
        found = await store.lock_intents(tx, ids)
        rows = [found[intent_id] for intent_id in ids if intent_id in found]
    refusal = _one_set(rows, batch_id, batch, ids)
    if refusal is not None:
        return refusal
    sheets = await load_sheets(tx, [row["id"] for row in rows])
    return _Case(
        rows=rows,
        batch=batch,
        branch_id=rows[0]["branch_id"],
        signed=signed_set([sheets[row["id"]] for row in rows]),
    )


def _one_set(rows: Sequence[Row], batch_id: UUID | None, batch: Row | None, ids: Sequence[UUID]) -> Refused | None:
    if not rows or (batch_id is not None and batch is None):
        return Refused(R.NOT_FOUND)
    if batch_id is not None:
        return Refused(R.INVALID, field="items", params={"problem": "batch_whole"}) if ids else None
    if len(rows) != len(ids) or len(set(ids)) != len(ids):
        return Refused(R.NOT_FOUND, field="items")
    if any(row["batch_id"] is not None for row in rows):
        return Refused(R.INVALID, field="items", params={"problem": "line_of_batch"})
    if len({row["branch_id"] for row in rows}) > 1:
        return Refused(R.INVALID, field="items", params={"problem": "one_branch"})
    return None


async def sign_off(tx: Transaction, actor: Actor, request: SignOffRequest, now: datetime) -> SignOffReply | Refused:
    """Record one signature over the set: all its items or none.

    The digest must be of what stands in the database now; the signature must be the actor's desk's over it.
    """
    reason = clean_reason(request.reason)
    if isinstance(reason, Refused) or reason != request.reason:
        return reason if isinstance(reason, Refused) else Refused(R.INVALID, field="reason")
    case = await _load(tx, request.batch_id, [item.id for item in request.items])
    if isinstance(case, Refused):
        return case
    verdicts = await _judge_all(tx, actor, request, case, now)
    refused = [verdict for verdict in verdicts if isinstance(verdict, Refused)]
    if refused and len(verdicts) == 1:
        return refused[0]
    if refused:
        return _results(case, verdicts)
    signature = from_base64(request.signature)
    key = await store.public_key(tx, actor.device)
    if request.digest != case.signed.digest or not sign_off_is_valid(
        key, request.decision, request.digest, reason, signature
    ):
        return Refused(R.SIGNATURE, field="signature")
    good = [verdict for verdict in verdicts if isinstance(verdict, Verdict)]
    if len({verdict.role for verdict in good}) > 1:
        return Refused(R.INVALID, field="items", params={"problem": "one_role"})
    await _record(tx, actor, request, case, good[0].role, signature, now)
    await _apply(tx, actor, request, case, good, now)
    subject = str(request.batch_id or case.rows[0]["id"])
    detail = {"decision": request.decision, "role": good[0].role, "digest": request.digest, "count": len(case.rows)}
    await audit.append(tx, actor, case.branch_id, AuditTag.SIGN_OFF, subject, detail, now)
    return await _reply(tx, case)


async def _judge_all(
    tx: Transaction, actor: Actor, request: SignOffRequest, case: _Case, now: datetime
) -> list[Verdict | Refused]:
    """One verdict for each item; a batch has one, as it is signed whole.

    Nobody approves a payment to an account that has been replaced since it was submitted; rejecting it is what helps.
    """
    given = await store.sign_offs_given(tx, [row["id"] for row in case.rows])
    by_intent: dict[UUID, list[Signed]] = {}
    for row in given:
        by_intent.setdefault(row["intent_id"], []).append(Signed(row["user_id"], Role(row["role"])))
    if case.batch is not None:
        subjects = [(case.batch, by_intent.get(case.rows[0]["id"], []), request.batch_version)]
    else:
        subjects = [
            (row, by_intent.get(row["id"], []), item.version)
            for row, item in zip(case.rows, request.items, strict=True)
        ]
    signer = _signer(actor, request, case.branch_id)
    verdicts = [
        judge(_subject(row, signed), msgspec.structs.replace(signer, version_seen=seen), now)
        for row, signed, seen in subjects
    ]
    if request.decision == "reject":
        return verdicts
    changed = await _changed(tx, case)
    if case.batch is not None:
        count = sum(refusal is not None for refusal in changed)
        changed = [Refused(R.BATCH_LINES, params={"count": str(count)}) if count else None]
    return [
        verdict if isinstance(verdict, Refused) or refusal is None else refusal
        for verdict, refusal in zip(verdicts, changed, strict=True)
    ]


async def _changed(tx: Transaction, case: _Case) -> list[Refused | None]:
    found = await payees(tx, [row["member_id"] for row in case.rows], lock=True)
    return [changed_refusal(found.get(row["member_id"]), row["account_version"]) for row in case.rows]


def _subject(row: Row, signed: Sequence[Signed]) -> Subject:
    return Subject(
        state=row["state"],
        open_state="validated",
        version=row["version"],
        maker_id=row["maker_id"],
        expires_at=row["expires_at"],
        quorum=tuple(Role(role) for role in row["quorum"]),
        signed=tuple(signed),
    )


def _signer(actor: Actor, request: SignOffRequest, branch_id: int) -> Signer:
    return Signer(
        user_id=actor.user,
        roles=signing_roles(actor.roles, actor.branch_id, branch_id),
        decision=request.decision,
        reason=request.reason,
        version_seen=0,
    )


def _results(case: _Case, verdicts: Sequence[Verdict | Refused]) -> SignOffReply:
    """Why nothing of the set was signed, item by item."""
    return SignOffReply(
        results=[
            SignOffResult(
                id=row["id"],
                state=row["state"],
                version=row["version"],
                refused=item_refused(verdict) if isinstance(verdict, Refused) else None,
            )
            for row, verdict in zip(case.rows, verdicts, strict=True)
        ]
    )


async def _record(
    tx: Transaction,
    actor: Actor,
    request: SignOffRequest,
    case: _Case,
    role: Role,
    signature: bytes,
    now: datetime,
) -> None:
    sign_off_id = tx.services.new_id(now)
    await tx.execute(
        """
        insert into sheaf.sign_off (id, branch_id, batch_id, user_id, role, device_id, decision, reason, set_bytes,
          digest, signature, at)
        values (%(id)s, %(branch)s, %(batch)s, %(user)s, %(role)s, %(device)s, %(decision)s, %(reason)s, %(bytes)s,
          %(digest)s, %(signature)s, %(now)s)
        """,
        id=sign_off_id,
        branch=case.branch_id,
        batch=request.batch_id,
        user=actor.user,
        role=role.value,
        device=actor.device,
        decision=request.decision,
        reason=request.reason,
        bytes=case.signed.set_bytes,
        digest=request.digest,
        signature=signature,
        now=now,
    )
    await tx.execute(
        """
        insert into sheaf.sign_off_item (sign_off_id, branch_id, intent_id, user_id, item_digest)
        select %(id)s, %(branch)s, intent_id, %(user)s, item_digest
        from unnest(%(intents)s::uuid[], %(digests)s::text[]) as item (intent_id, item_digest)
        """,
        id=sign_off_id,
        branch=case.branch_id,
        user=actor.user,
        intents=[row["id"] for row in case.rows],
        digests=list(case.signed.digests),
    )


async def _apply(
    tx: Transaction, actor: Actor, request: SignOffRequest, case: _Case, verdicts: Sequence[Verdict], now: datetime
) -> None:
    """Take what was signed to its next state; a first signature of two makes a new version in the same state."""
    if request.decision == "reject":
        await _reject(tx, actor, request, case, now)
        return
    role = verdicts[0].role.value
    complete = [verdict.complete for verdict in verdicts]
    if case.batch is not None:
        complete = complete * len(case.rows)
        target = BatchState.AUTHORIZED if complete[0] else BatchState.VALIDATED
        await batches.move_batch(tx, case.batch["id"], target, now)
    moves = [
        store.Move(
            id=row["id"],
            target=IntentState.AUTHORIZED if done else IntentState.VALIDATED,
            evidence=f"signed as {role}",
        )
        for row, done in zip(case.rows, complete, strict=True)
    ]
    await store.move_intents(tx, moves, actor.name, now)


async def _reject(tx: Transaction, actor: Actor, request: SignOffRequest, case: _Case, now: datetime) -> None:
    if case.batch is not None:
        await end_batch(tx, actor.name, case.batch, BatchState.REJECTED, IntentState.REJECTED, request.reason, now)
        return
    moves = [
        store.Move(id=row["id"], target=IntentState.REJECTED, evidence="rejected", failure_text=request.reason)
        for row in case.rows
    ]
    await store.move_intents(tx, moves, actor.name, now)
    for row in case.rows:
        await submission.release(tx, row["branch_id"], row["hold_id"], [(row["id"], row["amount"])], "rejected", now)


async def _reply(tx: Transaction, case: _Case) -> SignOffReply:
    rows = await tx.rows(
        "select id, state, version from sheaf.intent where id = any(%(ids)s)", ids=[row["id"] for row in case.rows]
    )
    now_stands = {row["id"]: row for row in rows}
    return SignOffReply(
        results=[
            SignOffResult(id=row["id"], state=now_stands[row["id"]]["state"], version=now_stands[row["id"]]["version"])
            for row in case.rows
        ]
    )
