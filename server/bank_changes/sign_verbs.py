"""The verbs of whoever decides a bank change: look at exactly what is signed, then sign."""

from __future__ import annotations

import base64
from datetime import datetime

from server.approvals.signatures import sign_off_is_valid
from server.audit import store as audit
from server.bank_changes import rules, store
from server.bank_changes.sheet import case_bytes
from server.bank_changes.verbs import altered_document, member_refusal
from server.bank_changes.views import bank_change_view
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.identity.signatures import from_base64
from server.members import store as members
from shared.audit_tags import AuditTag
from shared.canonical import digest
from shared.lifecycle import BankChangeState
from shared.limits import LONG_TEXT
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused
from shared.text import clean_text
from shared.wire.bank_changes import BankChangeSheetReply, BankChangeView, SignBankChangeRequest
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
    data = await _bytes(tx, actor, case)
    detail = {"digest": digest(data), "version": case["version"]}
    subject = f"bank_change/{request.id}"
    await audit.append(tx, actor, case["branch_id"], AuditTag.OPEN_BANK_CHANGE_SHEET, subject, detail, now)
    return BankChangeSheetReply(sheet=base64.b64encode(data).decode(), digest=digest(data), version=case["version"])


async def sign_bank_change(
    tx: Transaction, actor: Actor, request: SignBankChangeRequest, now: datetime
) -> BankChangeView | Refused:
    """Approve or reject; the last approval makes the account effective, with what the bank said when it was asked.

    The bank is asked anew where it has not answered or long ago; until it has, payments to the new account are refused
    as ACCOUNT_UNVERIFIED. Refuses with NOT_FOUND, the refusals of `rules.sign_refusal`, INVALID (a reason that is not
    clean text), SIGNATURE, CASE_ALTERED, MEMBER_NOT_ACTIVE, MEMBER_CHANGED.
    """
    member_id = await store.member_of(tx, request.id)
    # The member's row first: request_bank_change takes both in this order too.
    member = await members.lock_member(tx, member_id) if member_id else None
    case = await store.lock(tx, request.id)
    if case is None or member is None:
        return Refused(RefusalCode.NOT_FOUND)
    facts = await store.facts(tx, case)
    decision = await _decision(tx, actor, request)
    refusal = rules.sign_refusal(facts, decision, now) or await _evidence_refusal(tx, actor, request, case)
    if refusal is None and decision.approve:
        refusal = await _altered_refusal(tx, facts, request) or member_refusal(member, case["old_version"])
    role = rules.signing_role(facts, decision)
    if refusal or role is None:
        return refusal or Refused(RefusalCode.NOT_YOUR_TURN)
    await _store_sign_off(tx, actor, request, case, role, now)
    state = _next_state(facts, role, approve=decision.approve)
    await store.change(tx, request.id, state, now)
    if state is BankChangeState.EFFECTIVE:
        await _make_effective(tx, actor, case, now)
    view = await bank_change_view(tx, request.id)
    detail = {"decision": request.decision, "digest": request.digest, "role": role.value, "to": state.value}
    subject = f"bank_change/{request.id}"
    await audit.append(tx, actor, case["branch_id"], AuditTag.SIGN_BANK_CHANGE, subject, detail, now)
    return view


async def _decision(tx: Transaction, actor: Actor, request: SignBankChangeRequest) -> rules.Decision:
    return rules.Decision(
        user_id=actor.user,
        user_branch=actor.branch_id,
        roles=actor.roles,
        version=request.version,
        approve=request.decision == "approve",
        reason=request.reason,
        unread=await store.has_unread(tx, request.id, actor.user),
    )


async def _evidence_refusal(tx: Transaction, actor: Actor, request: SignBankChangeRequest, case: Row) -> Refused | None:
    """Whether the signature is this desk's, over this reason and over what stands in the database now."""
    if clean_text(request.reason, LONG_TEXT, required=False) != request.reason:
        return Refused(RefusalCode.INVALID, field="reason", params={"problem": "not_clean"})
    if digest(await _bytes(tx, actor, case)) != request.digest:
        return Refused(RefusalCode.SIGNATURE, field="digest")
    key = await store.device_key(tx, actor.device)
    signature = from_base64(request.signature)
    if key is None or not sign_off_is_valid(key, request.decision, request.digest, request.reason, signature):
        return Refused(RefusalCode.SIGNATURE, field="signature")
    return None


async def _altered_refusal(tx: Transaction, case: rules.Case, request: SignBankChangeRequest) -> Refused | None:
    """CASE_ALTERED when the store no longer holds what was handed in, or what those before have signed.

    Such a case is frozen: nobody approves it any more. To reject or withdraw it stays possible.
    """
    unlike = case.approved_digests - {request.digest}
    return Refused(RefusalCode.CASE_ALTERED) if unlike or await altered_document(tx, request.id) else None


def _next_state(case: rules.Case, role: Role, *, approve: bool) -> BankChangeState:
    if not approve:
        return BankChangeState.REJECTED
    return BankChangeState.EFFECTIVE if rules.outstanding(case.approved) == [role] else BankChangeState.REQUESTED


async def _store_sign_off(
    tx: Transaction, actor: Actor, request: SignBankChangeRequest, case: Row, role: Role, now: datetime
) -> None:
    await store.insert_sign_off(
        tx,
        sign_off_id=tx.services.new_id(now),
        case=case,
        user_id=actor.user,
        role=role,
        device_id=actor.device,
        decision=request.decision,
        reason=request.reason,
        digest=request.digest,
        signature=from_base64(request.signature),
        now=now,
    )


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


async def _bytes(tx: Transaction, actor: Actor, case: Row) -> bytes:
    member = (await members.payees(tx, [case["member_id"]]))[case["member_id"]]
    return await case_bytes(tx, actor.branch_code(case["branch_id"]), case, member)
