"""Propose a company rule, try it on history, sign it, list what binds."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import TREASURY, clean_reason
from server.audit import store as audit
from server.company_rules import history, replay, store
from server.company_rules.rules import Kind, rules_of
from server.company_rules.writing import read_day, read_rule
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.ledger.accounts import open_branch_accounts
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import RuleState
from shared.money import format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import Nothing
from shared.wire.rules import (
    ProposeRuleRequest,
    RuleList,
    RuleView,
    TryRuleReply,
    TryRuleRequest,
)


async def propose_rule(tx: Transaction, actor: Actor, request: ProposeRuleRequest, now: datetime) -> RuleView | Refused:
    """Write the next revision of a rule; it binds nobody before the treasury signs.

    RULE_INVALID names the character of the expression that is wrong; RULE_OPEN when a proposal for it is open.
    """
    read, day, reason = read_rule(request), read_day(request, now), clean_reason(request.reason)
    for problem in (read, day, reason):
        if isinstance(problem, Refused):
            return problem
    assert not isinstance(read, Refused)
    if HEAD_OFFICE not in actor.branches:
        return Refused(R.FORBIDDEN)
    before = await store.newest_revision(tx, request.code)
    refusal = await _follows(tx, before, request, now)
    if refusal is not None:
        return refusal
    rule_id = tx.services.new_id(now)
    values = {
        **read,
        "id": rule_id,
        "revision": before["revision"] + 1 if before else 1,
        "enabled": request.enabled,
        "effective_from": day,
        "reason": reason,
        "maker": actor.user,
        "expires": now + tx.services.policy.approval_life,
    }
    await store.insert_rule(tx, values, now)
    view = (await store.rule_views(tx, [rule_id], now))[0]
    detail = {"code": view.code, "revision": view.revision, "digest": view.digest}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.PROPOSE_RULE, str(rule_id), detail, now)
    return view


async def _follows(tx: Transaction, before: Row | None, request: ProposeRuleRequest, now: datetime) -> Refused | None:
    """Whether a revision may follow this one; a proposal whose time is over makes room."""
    if before is None:
        return None
    if before["kind"] != request.kind:
        return Refused(R.INVALID, field="kind", params={"problem": "rule_kind"})
    if before["state"] != RuleState.PROPOSED:
        return None
    if now < before["expires_at"]:
        return Refused(R.RULE_OPEN, field="code", params={"rule": request.code})
    await store.move_rule(tx, before["id"], RuleState.EXPIRED, now)
    return None


async def list_rules(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> RuleList | Refused:
    """Every open proposal, and each rule's newest revisions."""
    return RuleList(rules=await store.rule_views(tx, await store.rule_ids(tx), now))


async def try_rule(tx: Transaction, actor: Actor, request: TryRuleRequest, now: datetime) -> TryRuleReply | Refused:
    """What the rule alone would have done to the payments of the last days (history.py says which count)."""
    read = read_rule(request)
    if isinstance(read, Refused):
        return read
    rule = rules_of([{**read, "id": UUID(int=0), "revision": 1}])[0]
    groups = await history.read_groups(tx, rule, now - timedelta(days=request.days), now)
    # Away from the event loop: a million payments take seconds.
    outcome = await asyncio.to_thread(replay.play, rule, groups)
    return TryRuleReply(
        looked_at=outcome.looked_at,
        charged=outcome.charged,
        fees=format_amount(outcome.fees),
        refused=outcome.refused,
        refused_amount=format_amount(outcome.refused_amount),
        broken=outcome.broken,
    )


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any]:
    """An approved rule binds from its day on. A fee needs its account in every branch: they are opened with it."""
    row = hearing.row
    await store.move_rule(tx, row["id"], RuleState.APPROVED if hearing.approves else RuleState.REJECTED, now)
    if hearing.approves and row["kind"] != Kind.LIMIT:
        for code, branch_id in sorted(hearing.actor.branch_codes.items()):
            await open_branch_accounts(tx, branch_id, code)
    return {}


async def _sheet(tx: Transaction, row: Row) -> bytes:
    return canonical.sheet_bytes(store.rule_sheet(row))


async def _show(tx: Transaction, rule_id: UUID, now: datetime) -> RuleView:
    return (await store.rule_views(tx, [rule_id], now))[0]


sign_rule = sign_verb(
    CaseKind(
        name="rule",
        tag=AuditTag.SIGN_RULE,
        open_state=RuleState.PROPOSED,
        quorum=TREASURY,
        lock=store.lock_rule,
        sheet=_sheet,
        decide=_decide,
        show=_show,
    )
)
