"""One run of reconciliation: judge the lines, move money and intents, and record why, in one transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
import psycopg
import structlog

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction, is_passing, told
from server.ledger.accounts import Purpose, account_id, open_payables, payable_id
from server.ledger.posting import Kind, Leg, Transfer, post
from server.payments.store import Move, lock_intents, move_intents
from server.reconciliation import store
from server.reconciliation.net import Booked
from server.reconciliation.rules import Horizon, Judgement, Payment, Step, judge, not_booked
from server.statements.store import one_at_a_time
from server.treasury.proving import prove_deposits, unprove_deposits
from server.treasury.store import one_at_a_time as deposits_one_at_a_time
from shared.audit_tags import AuditTag
from shared.lifecycle import IntentState

log = structlog.get_logger("reconciliation")

CUT_OFF: Final = timedelta(hours=4)
"""How long after its answer a bank may take to book a payment; the business day must be over, too."""


class Reconciled(msgspec.Struct, frozen=True):
    """What one run changed: results written by kind, intents that are reconciled now and that came back."""

    results: dict[str, int]
    matched: int
    returned: int


class _Effect(msgspec.Struct, frozen=True):
    """An intent that moves because of its lines, and between which two accounts its money goes."""

    move: Move
    intent: Row
    source: UUID
    target: UUID


async def reconcile(tx: Transaction, actor: Actor, now: datetime, cut_off: timedelta = CUT_OFF) -> Reconciled:
    """Judge all that is open; a second run over the same facts changes nothing.

    `actor` and the transaction see all branches. A line of a payment whose answer is unknown moves nothing: the line
    waits until the executor has settled the payment, and is judged again by each run. All moves are the net's: in any
    direction, but never out of a member's balance what the member has not had there all the time since. Of statements
    that were set aside since the last run, or count again, all conclusions are drawn anew. While it runs, no statement
    comes and none goes.
    """
    await one_at_a_time(tx)
    await deposits_one_at_a_time(tx)
    again = await store.put_aside(tx, await store.newly_set_aside(tx))
    lines = await store.open_lines(tx, again)
    references = {line.reference for line in lines if line.reference} | set(again)
    by_reference = await store.intents_of(tx, references)
    intents = await lock_intents(tx, sorted(set(by_reference.values())))
    credited = {by_reference[line.reference] for line in lines if line.amount > 0 and line.reference in by_reference}
    await open_payables(tx, [(intents[one]["member_id"], intents[one]["branch_id"]) for one in sorted(credited)])
    taken, free = await _taken(tx, actor, intents)
    horizon = _horizon(now, await store.covered(tx), cut_off)
    judgement = _within(free, intents, lines, await store.payments(tx, references, taken), horizon)
    wanted = [_effect(actor, step, intents[step.payment.intent_id]) for step in judgement.steps]
    effects = await _apply(tx, actor, wanted, now)
    stuck = {effect.move.id for effect in wanted} - {effect.move.id for effect in effects}
    changed = await store.put_findings(tx, not_booked(judgement.findings, stuck), now)
    await unprove_deposits(tx, actor, now)
    await prove_deposits(tx, actor, now)
    await _audit(tx, actor, changed, effects, now)
    moved = Counter(effect.move.target for effect in effects)
    results = dict(Counter(row["result"] for row in changed))
    return Reconciled(results, moved[IntentState.RECONCILED], moved[IntentState.RETURNED])


async def _apply(tx: Transaction, actor: Actor, effects: list[_Effect], now: datetime) -> list[_Effect]:
    """Move money and intents; gives those that moved. One that the database refuses, which is a bug, stops no other."""
    if await _moved(tx, actor, effects, now):
        return effects
    return [effect for effect in effects if await _moved(tx, actor, [effect], now)]


async def _moved(tx: Transaction, actor: Actor, effects: Sequence[_Effect], now: datetime) -> bool:
    if not effects:
        return True
    try:
        async with tx.attempt():
            await post(tx, [_transfer(tx, effect, now) for effect in effects], now)
            await move_intents(tx, [effect.move for effect in effects], actor.name, now)
    except psycopg.Error as refusal:
        if is_passing(refusal):
            raise
        log.error("not booked", intents=[str(effect.move.id) for effect in effects[:10]], **told(refusal))
        return False
    return True


def _horizon(now: datetime, covered: Mapping[str, datetime | None], cut_off: timedelta) -> Horizon:
    known = {account: until for account, until in covered.items() if until is not None}
    everywhere = min(known.values()) if known and len(known) == len(covered) else None
    return Horizon(now=now, covered_until=everywhere, cut_off=cut_off, covered=known)


async def _taken(tx: Transaction, actor: Actor, intents: Mapping[UUID, Row]) -> tuple[frozenset[UUID], dict[UUID, int]]:
    """Returned intents whose money can't be taken back, and what is free (satang) of their members' balances.

    All accounts that this run may touch are locked, in order.
    """
    returned = [intent["id"] for intent in intents.values() if intent["state"] == IntentState.RETURNED.value]
    if not returned:
        return frozenset(), {}
    states = (IntentState.SETTLED, IntentState.RECONCILED, IntentState.RETURNED)
    accounts = [_account(actor, intent, state) for intent in intents.values() for state in states]
    taken = await store.returns_taken(tx, accounts, returned)
    owed = {payable_id(intents[one]["member_id"]) for one in returned}
    return taken, await store.free_money(tx, owed)


def _within(
    free: Mapping[UUID, int],
    intents: Mapping[UUID, Row],
    lines: Sequence[Booked],
    payments: Sequence[Payment],
    horizon: Horizon,
) -> Judgement:
    """The judgement that takes no more out of a balance than it has: of several returns each was there, not the sum."""
    while True:
        judgement = judge(lines, payments, horizon)
        beyond: set[UUID] = set()
        left = dict(free)
        for step in judgement.steps:
            if step.payment.intent_state is not IntentState.RETURNED:
                continue
            owed = payable_id(intents[step.payment.intent_id]["member_id"])
            left[owed] -= step.payment.amount
            if left[owed] < 0:
                beyond.add(step.payment.attempt_id)
                left[owed] += step.payment.amount
        if not beyond:
            return judgement
        payments = [msgspec.structs.replace(one, taken=True) if one.attempt_id in beyond else one for one in payments]


def _account(actor: Actor, intent: Row, state: IntentState) -> UUID:
    """Where the payout of an intent is while it stands there."""
    if state is IntentState.RETURNED:
        return payable_id(intent["member_id"])
    purpose = Purpose.PAID if state is IntentState.RECONCILED else Purpose.TRANSIT
    return account_id(actor.branch_code(intent["branch_id"]), purpose)


def _effect(actor: Actor, step: Step, intent: Row) -> _Effect:
    source = _account(actor, intent, step.payment.intent_state)
    target = _account(actor, intent, step.target)
    return _Effect(Move(id=intent["id"], target=step.target, evidence=step.evidence), intent, source, target)


def _transfer(tx: Transaction, effect: _Effect, now: datetime) -> Transfer:
    intent = effect.intent
    return Transfer(
        id=tx.services.new_id(now),
        branch_id=intent["branch_id"],
        kind=Kind.TRANSFER,
        legs=(Leg(effect.source, posted=-intent["payout"]), Leg(effect.target, posted=intent["payout"])),
        subject=f"{effect.move.target.value} {intent['number']}",
        intent_id=intent["id"],
    )


async def _audit(
    tx: Transaction, actor: Actor, changed: Sequence[Row], effects: Sequence[_Effect], now: datetime
) -> None:
    """One entry for each branch in which something changed: counts, and a digest of every intent that moved."""
    for branch_id in sorted({row["branch_id"] for row in changed} | {one.intent["branch_id"] for one in effects}):
        own = [effect for effect in effects if effect.intent["branch_id"] == branch_id]
        moved = "".join(sorted(f"{effect.intent['id']} {effect.move.target.value}\n" for effect in own))
        detail = {
            "results": dict(Counter(row["result"] for row in changed if row["branch_id"] == branch_id)),
            "intents": dict(Counter(effect.move.target.value for effect in own)),
            "digest": hashlib.sha256(moved.encode()).hexdigest(),
        }
        await audit.append(tx, actor, branch_id, AuditTag.RECONCILED, "reconciliation", detail, now)
