"""Ends the cases that nobody decided in time."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from server.audit import store as audit
from server.bank_changes import store
from server.bank_changes.verbs import lapsed_state
from server.context import Actor
from server.database.transaction import Transaction
from shared.audit_tags import AuditTag


async def expire_overdue(tx: Transaction, actor: Actor, now: datetime, limit: int = 100) -> int:
    """Expire requested cases and cancel drafts of the branches in sight whose time has passed; how many.

    One audit entry for each branch, in the order of branches.
    """
    ended: dict[int, list[str]] = defaultdict(list)
    for case in await store.overdue(tx, now, limit):
        await store.change(tx, case["id"], lapsed_state(case), now)
        ended[case["branch_id"]].append(str(case["id"]))
    for branch_id, cases in sorted(ended.items()):
        detail = {"cases": cases, "why": "overdue"}
        await audit.append(tx, actor, branch_id, AuditTag.CANCEL_BANK_CHANGE, "bank_changes", detail, now)
    return sum(len(cases) for cases in ended.values())
