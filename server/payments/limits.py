"""Takes from the limits what a set that stands or falls together needs: a batch when it is submitted, a sign-off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.company_rules.programs import Payment
from server.company_rules.rules import Kind, Rule, Scope, Subjects, claims, facts_of, over_limit
from server.company_rules.store import effective_rules
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.payments.rating import IntentClaim, of_intent
from shared.money import Satang
from shared.refusals import Refused
from shared.wire.payments import SignOffRequest


async def take_for_batch(tx: Transaction, branch_id: int, batch_id: UUID, now: datetime) -> Refused | None:
    """What the lines of a batch need of all limits but the approvers', all or nothing.

    LIMIT_REACHED, LIMIT_SINGLE or LIMIT_RULE_ERROR, and then nothing is taken. Call it before the hold is made: the
    counters are locked before ledger accounts.
    """
    return await _take(tx, branch_id, batch_id, (), _behind, now)


async def take_for_sign_off(
    tx: Transaction, actor: Actor, request: SignOffRequest, branch_id: int, now: datetime
) -> Refused | None:
    """What is approved, counted in its approver's limits; a rejection needs nothing. The same refusals."""
    if request.decision != "approve":
        return None
    approver = Subjects(approver=actor.user)
    ids = [item.id for item in request.items]
    return await _take(tx, branch_id, request.batch_id, ids, lambda _: approver, now)


def _behind(row: Row) -> Subjects:
    return Subjects(member=row["member_id"], branch=row["branch_id"], maker=row["maker_id"])


async def _take(
    tx: Transaction,
    branch_id: int,
    batch_id: UUID | None,
    ids: Sequence[UUID],
    subjects: Callable[[Row], Subjects],
    now: datetime,
) -> Refused | None:
    approving = subjects is not _behind
    rules = [rule for rule in await effective_rules(tx, now) if _counts(rule, approving)]
    if not rules:
        return None
    wanted: list[IntentClaim] = []
    for row in await _rows(tx, batch_id, ids):
        found = claims(rules, Payment(facts_of(row)), Satang(row["amount"]), subjects(row), now)
        if isinstance(found, Refused):
            return found
        wanted += of_intent(row["id"], found)
    if not wanted:
        return None
    over = await tx.value(
        "select sheaf.take_limits(%(claims)s::jsonb, %(branch)s)",
        claims=msgspec.json.encode(wanted).decode(),
        branch=branch_id,
    )
    if over is None:
        return None
    return over_limit(rules, over["rule"], over["period"], over["left_amount"], over["left_count"])


def _counts(rule: Rule, approving: bool) -> bool:
    return rule.kind is Kind.LIMIT and (rule.scope is Scope.APPROVER) == approving


async def _rows(tx: Transaction, batch_id: UUID | None, ids: Sequence[UUID]) -> list[Row]:
    return await tx.rows(
        """
        select i.id, i.branch_id, i.member_id, i.maker_id, i.operation, i.channel, i.produce, i.amount, i.batch_id,
          i.tags, b.code branch, m.code member_code, coalesce(a.bank, '') bank
        from sheaf.intent i join sheaf.branch b on b.id = i.branch_id join sheaf.member m on m.id = i.member_id
        left join sheaf.bank_account a on a.id = i.bank_account_id
        where case when %(batch)s::uuid is null then i.id = any(%(ids)s) else i.batch_id = %(batch)s end
        order by i.line, i.id
        """,
        batch=batch_id,
        ids=list(ids),
    )
