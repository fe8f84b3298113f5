"""The verbs of whoever decides a bank change: look at exactly what is signed, then sign."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import BOTH
from server.audit import store as audit
from server.bank_changes import rules, store
from server.bank_changes.sheet import case_bytes
from server.bank_changes.verbs import altered_document, member_refusal
from server.bank_changes.views import bank_change_view
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.members import store as members
from shared.audit_tags import AuditTag
from shared.canonical import digest
from shared.lifecycle import BankChangeState
from shared.refusals import RefusalCode, Refused
from shared.wire.bank_changes import BankChangeSheetReply, BankChangeView
from shared.wire.common import ById


async def open_bank_change_sheet(
    tx: Transaction, actor: Actor, request: ById, now: datetime
) -> BankChangeSheetReply | Refused:
    """What is about to be signed, both accounts in full; the look is audited. Refuses with NOT_FOUND, STATE."""
    case = await store.read(tx, request.id)
    if case is None:
        return Refused(RefusalCode.NOT_FOUND)
    if refusal := rules.state_refusal(case["state"], BankChangeState.REQUESTED):
        return refusal
    data = await _bytes(tx, case)
    detail = {"digest": digest(data), "version": case["version"]}
    subject = f"bank_change/{request.id}"
    await audit.append(tx, actor, case["branch_id"], AuditTag.OPEN_BANK_CHANGE_SHEET, subject, detail, now)
    return BankChangeSheetReply(sheet=base64.b64encode(data).decode(), digest=digest(data), version=case["version"])


async def _lock(tx: Transaction, case_id: UUID) -> Row | None:
    member_id = await store.member_of(tx, case_id)
    # The member's row first: request_bank_change takes both in this order too.
    member = await members.lock_member(tx, member_id) if member_id else None
    case = await store.lock(tx, case_id)
    return None if case is None or member is None else {**case, "member": member}


async def _ready(tx: Transaction, hearing: Hearing, now: datetime) -> Refused | None:
    """DOCUMENTS_UNREAD, CASE_ALTERED, MEMBER_NOT_ACTIVE, MEMBER_CHANGED.

    A case of which the store no longer holds what was handed in, or what those before have signed, is frozen: nobody
    approves it any more. To reject or withdraw it stays possible.
    """
    case = hearing.row
    if await store.has_unread(tx, case["id"], hearing.actor.user):
        return Refused(RefusalCode.DOCUMENTS_UNREAD)
    if hearing.before - {hearing.digest} or await altered_document(tx, case["id"]):
        return Refused(RefusalCode.CASE_ALTERED)
    return member_refusal(case["member"], case["old_version"])


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any]:
    """The last approval makes the account effective, with what the bank said when it was asked.

    The bank is asked anew where it has not answered or long ago; until it has, payments to the new account are refused
    as ACCOUNT_UNVERIFIED.
    """
    state = BankChangeState.REQUESTED if hearing.approves else BankChangeState.REJECTED
    if hearing.approves and hearing.verdict.complete:
        state = BankChangeState.EFFECTIVE
    await store.change(tx, hearing.row["id"], state, now)
    if state is BankChangeState.EFFECTIVE:
        await _make_effective(tx, hearing.actor, hearing.row, now)
    return {"to": state.value}


async def _make_effective(tx: Transaction, actor: Actor, case: Row, now: datetime) -> None:
    account_id = tx.services.new_id(now)
    await store.make_effective(tx, case, account_id, now)
    if await members.is_being_checked(tx, account_id, now - tx.services.policy.check_life):
        return
    await members.request_check(
        tx,
        check_id=tx.services.new_id(now),
        branch_id=case["branch_id"],
        member_id=case["member_id"],
        account_id=account_id,
        by=actor.name,
        now=now,
    )


async def _bytes(tx: Transaction, case: Row) -> bytes:
    member = (await members.payees(tx, [case["member_id"]]))[case["member_id"]]
    return await case_bytes(tx, case, member)


async def _show(tx: Transaction, case_id: UUID, now: datetime) -> BankChangeView:
    return await bank_change_view(tx, case_id)


sign_bank_change = sign_verb(
    CaseKind(
        name="bank_change",
        tag=AuditTag.SIGN_BANK_CHANGE,
        prefix="bank_change/",
        open_state=BankChangeState.REQUESTED,
        quorum=BOTH,
        lock=_lock,
        sheet=_bytes,
        ready=_ready,
        decide=_decide,
        show=_show,
    )
)
