"""Submits a group of single intents, of one branch or several: facts, decisions, one write, an answer for each."""

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
from server.payments.facts import AskedAt, AskedIntent, Facts, UsedKey, read_facts
from server.payments.paying_again import paying_again
from server.payments.rules import CleanLine, Planned, asked, clean_line, decide
from server.payments.submission import enough
from server.payments.views import planned_view
from server.payments.writing import NotWritten, PlannedRow, planned_row, submit_intents
from server.routing.operations import Operation
from shared.ids import id_by_key, voucher_number
from shared.lifecycle import IntentState
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date, start_of_day
from shared.wire.payments import IntentView, SubmitIntentRequest

_STATUS = 201


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One call that wants to become an intent of `branch_id`, in the sight of who calls.

    `token_id` is None where `token_refusal` says what is wrong with the operation token; a call whose key was used
    before is answered all the same.
    """

    actor: Actor
    branch_id: int
    request: SubmitIntentRequest
    key: str
    fingerprint: str
    token_id: UUID | None
    token_refusal: Refused | None = None


class Submitted(msgspec.Struct, frozen=True):
    """The new intent, and the reply as it is stored beside its key."""

    view: IntentView
    body: bytes


Result = Submitted | UsedKey | Refused | None
"""None: not decided yet, because of another one of the group or of something that changed meanwhile; ask again."""


@failpoint("submission.group")
async def submit_group(
    tx: Transaction, group: Sequence[Submission], now: datetime, numbers: list[int] | None = None
) -> list[Result]:
    """Two round trips for all of them. A refused one writes nothing, and its key and token stay unused.

    `numbers` are voucher numbers that were drawn before and not used; what is left over now is put there.
    """
    spare = [] if numbers is None else numbers
    lines = [clean_line(item.request, tx.services.policy) for item in group]
    places = _by_branch(group, lines)
    drawn, spare[:] = spare[: len(group)], spare[len(group) :]
    found, fresh = await read_facts(tx, list(places.values()), len(group) - len(drawn), now)
    drawn += fresh
    facts = dict(zip(places, found, strict=True))
    paid_at = {branch_id: iter(one.paid_today) for branch_id, one in facts.items()}
    seen: set[tuple[object, ...]] = set()
    results: list[Result] = []
    rows: dict[int, PlannedRow] = {}
    for ordinal, (item, line) in enumerate(zip(group, lines, strict=True)):
        own, paid = facts[item.branch_id], next(paid_at[item.branch_id])
        result: Result = _admitted(item, own)
        if result is None and _is_first(item, line, own, seen):
            planned = (
                line
                if isinstance(line, Refused)
                else _decide(tx, item.branch_id, item.actor, line, own, paid, now, item.request.branch)
            )
            if isinstance(planned, Planned):
                row = _row(tx, item, planned, ordinal, drawn.pop(0), now)
                result = submitted = _submitted(row, item, own, now)
                rows[ordinal] = _with_proofs(row, item, submitted)
            else:
                result = planned
        results.append(result)
    if rows:
        sight = sorted({branch for at in places.values() for branch in at.sight})
        refused = await submit_intents(tx, sight, list(rows.values()), now)
        for ordinal, answer in refused.items():
            results[ordinal] = _not_written(answer, rows[ordinal], facts[rows[ordinal].branch_id])
            drawn.append(rows[ordinal].sequence)
    spare.extend(sorted(drawn))
    return results


async def plan_one(
    tx: Transaction, branch_id: int, maker: Actor, request: SubmitIntentRequest, now: datetime
) -> Planned | Refused:
    """What one submission would become; nothing is written."""
    line = clean_line(request, tx.services.policy)
    if isinstance(line, Refused):
        return line
    here = AskedAt(branch=branch_id, sight=maker.branches, items=[asked(line, maker.user)])
    (facts,), _ = await read_facts(tx, [here], 0, now)
    return _decide(tx, branch_id, maker, line, facts, facts.paid_today[0], now, request.branch)


def _by_branch(group: Sequence[Submission], lines: Sequence[CleanLine | Refused]) -> dict[int, AskedAt]:
    """What is asked at each branch, in the sight of those who ask there: it, and where they are at home."""
    wanted: dict[int, list[AskedIntent]] = {}
    homes: dict[int, set[int]] = {}
    for item, line in zip(group, lines, strict=True):
        wanted.setdefault(item.branch_id, []).append(_asked(item, line))
        homes.setdefault(item.branch_id, {item.branch_id}).add(item.actor.branch_id)
    return {
        branch_id: AskedAt(branch=branch_id, sight=tuple(sorted(homes[branch_id])), items=items)
        for branch_id, items in wanted.items()
    }


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


def _admitted(item: Submission, facts: Facts) -> UsedKey | Refused | None:
    for key in facts.keys:
        if (key.user_id, key.key) == (item.actor.user, item.key):
            return key
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
    tx: Transaction,
    branch_id: int,
    maker: Actor,
    line: CleanLine,
    facts: Facts,
    paid_today: int,
    now: datetime,
    branch_code: str,
) -> Planned | Refused:
    return paying_again(line, facts.originals) or decide(
        line,
        facts,
        maker=maker.user,
        branch_id=branch_id,
        branch_code=branch_code,
        policy=tx.services.policy,
        now=now,
        paid_today=paid_today,
    )


def _intent_id(actor: Actor, key: str, now: datetime) -> UUID:
    """The same for the same key but for its time: a desk that offers it to a restored database again gets it again."""
    return id_by_key(int(now.timestamp() * 1000), "submit_intent", str(actor.user), key)


def _row(tx: Transaction, item: Submission, planned: Planned, ordinal: int, sequence: int, now: datetime) -> PlannedRow:
    day = business_date(now)
    return planned_row(
        planned,
        item.actor,
        branch_id=item.branch_id,
        ordinal=ordinal,
        id=_intent_id(item.actor, item.key, now),
        hold_id=tx.services.new_id(now),
        sequence=sequence,
        number=voucher_number(day.year, day.month, sequence),
        state=IntentState.VALIDATED.value,
        expires_at=now + tx.services.policy.approval_life,
        radar_since=now - tx.services.policy.duplicate_window,
        business_day=start_of_day(day),
    )


def _submitted(row: PlannedRow, item: Submission, facts: Facts, now: datetime) -> Submitted:
    other = next((one for one in facts.recipients.values() if one.id == row.counterparty_member_id), None)
    named = (other.code, other.name) if other else ("", "")
    first = facts.originals[row.pays_again].number if row.pays_again is not None else ""
    payee, branch, maker = facts.payees[row.member_id], item.request.branch, item.actor.display_name
    view = planned_view(row, payee, branch, maker, now, named, first)
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
