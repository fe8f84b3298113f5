"""Submits a group of single intents of one branch: facts, decisions, one write, an answer for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.company_rules.rules import over_limit
from server.context import Actor
from server.database.transaction import Transaction
from server.failpoints import failpoint
from server.payments.binding import short_of
from server.payments.facts import AskedIntent, Facts, UsedKey, read_facts
from server.payments.operations import Operation
from server.payments.paying_again import paying_again
from server.payments.rules import CleanLine, Planned, asked, clean_line, decide
from server.payments.submission import enough
from server.payments.views import planned_view
from server.payments.writing import NotWritten, PlannedRow, planned_row, submit_intents
from shared.ids import id_by_key, voucher_number
from shared.lifecycle import IntentState
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date, start_of_day
from shared.wire.payments import IntentView, SubmitIntentRequest

_STATUS = 201


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One call that wants to become an intent.

    `token_id` is None where `token_refusal` says what is wrong with the operation token; a call whose key was used
    before is answered all the same.
    """

    actor: Actor
    request: SubmitIntentRequest
    key: str
    fingerprint: str
    token_id: UUID | None
    token_refusal: Refused | None = None


class Branch(msgspec.Struct, kw_only=True):
    """Where a group is submitted. `sight` is what its transactions see; `numbers` were drawn and not used yet."""

    id: int
    code: str
    sight: tuple[int, ...] = ()
    numbers: list[int] = []


class Submitted(msgspec.Struct, frozen=True):
    """The new intent, and the reply as it is stored beside its key."""

    view: IntentView
    body: bytes


Result = Submitted | UsedKey | Refused | None
"""None: not decided yet, because of another one of the group or of something that changed meanwhile; ask again."""


@failpoint("submission.group")
async def submit_group(tx: Transaction, branch: Branch, group: Sequence[Submission], now: datetime) -> list[Result]:
    """Two round trips for all of them. A refused one writes nothing, and its key and token stay unused."""
    lines = [clean_line(item.request, tx.services.policy) for item in group]
    wanted = [_asked(item, line) for item, line in zip(group, lines, strict=True)]
    facts = await read_facts(tx, branch.sight, branch.id, wanted, max(0, len(group) - len(branch.numbers)), now)
    branch.numbers.extend(facts.numbers)
    used = {(key.user_id, key.key): key for key in facts.keys}
    results: list[Result] = []
    rows: dict[int, PlannedRow] = {}
    seen: set[tuple[object, ...]] = set()
    for ordinal, (item, line) in enumerate(zip(group, lines, strict=True)):
        result: Result = used.get((item.actor.user, item.key)) or _admitted(item, facts)
        if result is None and _is_first(item, line, facts, seen):
            planned = line if isinstance(line, Refused) else _decide(tx, branch, item.actor, line, facts, ordinal, now)
            if isinstance(planned, Planned):
                row = _row(tx, branch, item.actor, planned, item.key, ordinal, now)
                result = _submitted(row, branch, facts, item.actor, now)
                rows[ordinal] = _with_proofs(row, item, result)
            else:
                result = planned
        results.append(result)
    if rows:
        await _write(tx, branch, facts, rows, results, now)
    return results


async def plan_one(
    tx: Transaction, branch: Branch, maker: Actor, request: SubmitIntentRequest, now: datetime
) -> Planned | Refused:
    """What one submission would become; nothing is written."""
    line = clean_line(request, tx.services.policy)
    if isinstance(line, Refused):
        return line
    facts = await read_facts(tx, branch.sight, branch.id, [asked(line, maker.user)], 0, now)
    return _decide(tx, branch, maker, line, facts, 0, now)


async def _write(
    tx: Transaction,
    branch: Branch,
    facts: Facts,
    rows: dict[int, PlannedRow],
    results: list[Result],
    now: datetime,
) -> None:
    refused = await submit_intents(tx, branch.sight, branch.id, list(rows.values()), now)
    for ordinal, answer in refused.items():
        results[ordinal] = _not_written(answer, rows[ordinal], facts)
        branch.numbers.append(rows[ordinal].sequence)
    branch.numbers.sort()


def _asked(item: Submission, line: CleanLine | Refused) -> AskedIntent:
    if isinstance(line, CleanLine):
        return asked(line, item.actor.user, item.key, item.token_id)
    return AskedIntent(
        member_id=item.request.member_id,
        ticket_key="",
        operation="",
        amount=0,
        user_id=item.actor.user,
        key=item.key,
        token_id=item.token_id,
    )


def _admitted(item: Submission, facts: Facts) -> Refused | None:
    if item.token_refusal is not None:
        return item.token_refusal
    if item.token_id is not None and item.token_id not in facts.tokens:
        return Refused(R.OPERATION_TOKEN_USED)
    return None


def _is_first(item: Submission, line: CleanLine | Refused, facts: Facts, seen: set[tuple[object, ...]]) -> bool:
    """Of several with one key, token, ticket, member or account, only the first is decided.

    The others depend on what it becomes.
    """
    marks: set[tuple[object, ...]] = {("key", item.actor.user, item.key)}
    if item.token_id is not None:
        marks.add(("token", item.token_id))
    if not isinstance(line, Refused) and line.ticket_key:
        marks.add(("ticket", line.ticket_key))
    if not isinstance(line, Refused) and line.pays_again is not None:
        marks.add(("again", line.pays_again))
    if not isinstance(line, Refused):
        payee = facts.payees.get(line.member_id)
        marks |= {("member", line.member_id), ("account", (payee and payee.digest) or line.member_id)}
    first = seen.isdisjoint(marks)
    seen |= marks
    return first


def _decide(
    tx: Transaction, branch: Branch, maker: Actor, line: CleanLine, facts: Facts, ordinal: int, now: datetime
) -> Planned | Refused:
    return paying_again(line, facts.originals) or decide(
        line,
        facts,
        maker=maker.user,
        branch_id=branch.id,
        branch_code=branch.code,
        policy=tx.services.policy,
        now=now,
        paid_today=facts.paid_today[ordinal],
    )


def _intent_id(actor: Actor, key: str, now: datetime) -> UUID:
    """The same for the same key but for its time: a desk that offers it to a restored database again gets it again."""
    return id_by_key(int(now.timestamp() * 1000), "submit_intent", str(actor.user), key)


def _row(
    tx: Transaction, branch: Branch, actor: Actor, planned: Planned, key: str, ordinal: int, now: datetime
) -> PlannedRow:
    day, sequence = business_date(now), branch.numbers.pop(0)
    return planned_row(
        planned,
        actor,
        ordinal=ordinal,
        id=_intent_id(actor, key, now),
        hold_id=tx.services.new_id(now),
        sequence=sequence,
        number=voucher_number(day.year, day.month, sequence),
        state=IntentState.VALIDATED.value,
        expires_at=now + tx.services.policy.approval_life,
        radar_since=now - tx.services.policy.duplicate_window,
        business_day=start_of_day(day),
    )


def _submitted(row: PlannedRow, branch: Branch, facts: Facts, actor: Actor, now: datetime) -> Submitted:
    other = next((one for one in facts.recipients.values() if one.id == row.counterparty_member_id), None)
    named = (other.code, other.name) if other else ("", "")
    first = facts.originals[row.pays_again].number if row.pays_again is not None else ""
    view = planned_view(row, facts.payees[row.member_id], branch.code, actor.display_name, now, named, first)
    return Submitted(view, msgspec.json.encode(view))


def _with_proofs(row: PlannedRow, item: Submission, submitted: Submitted) -> PlannedRow:
    view = submitted.view
    detail: dict[str, object] = {"number": view.number, "amount": view.amount, "account_version": row.account_version}
    if row.duplicate_reason:
        detail["likely_duplicate"] = True
    return msgspec.structs.replace(
        row,
        key=item.key,
        fingerprint=item.fingerprint,
        token_id=item.token_id,
        status=_STATUS,
        reply=submitted.body.decode(),
        detail=msgspec.json.encode(detail, order="deterministic").decode(),
    )


def _not_written(answer: NotWritten, row: PlannedRow, facts: Facts) -> Refused | None:
    if answer.outcome == "limit":
        return over_limit(facts.rules, answer.rule, answer.period, answer.left_amount, answer.left_count)
    if answer.outcome != "funds":
        return None
    short = enough if row.operation == Operation.DISBURSEMENT else short_of
    return short(Satang(answer.free), Satang(row.amount), Satang(row.held - row.amount))
