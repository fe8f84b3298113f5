"""Takes from an approver's limits what a set needs that stands or falls together: a sign-off."""

from __future__ import annotations

from collections.abc import Sequence
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


async def take_for_sign_off(
    tx: Transaction, actor: Actor, request: SignOffRequest, branch_id: int, now: datetime
) -> Refused | None:
    """What is approved, counted in its approver's limits, all or nothing; a rejection needs nothing.

    LIMIT_REACHED, LIMIT_SINGLE or LIMIT_RULE_ERROR. The counters are locked before ledger accounts.
    """
    rules = [rule for rule in await effective_rules(tx, now) if (rule.kind, rule.scope) == (Kind.LIMIT, Scope.APPROVER)]
    if not rules or request.decision != "approve":
        return None
    wanted = await _wanted(tx, rules, Subjects(approver=actor.user), request, now)
    if isinstance(wanted, Refused):
        return wanted
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


async def _wanted(
    tx: Transaction, rules: Sequence[Rule], approver: Subjects, request: SignOffRequest, now: datetime
) -> list[IntentClaim] | Refused:
    wanted: list[IntentClaim] = []
    for row in await _rows(tx, request.batch_id, [item.id for item in request.items]):
        found = claims(rules, Payment(facts_of(row)), Satang(row["amount"]), approver, now)
        if isinstance(found, Refused):
            return found
        wanted += of_intent(row["id"], found)
    return wanted


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
