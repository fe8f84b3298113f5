"""One run of reconciliation: judge the lines, move money and intents, and record why, in one transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.ledger.accounts import Purpose, account_id, open_payables, payable_id
from server.ledger.posting import Kind, Leg, Transfer, post
from server.payments.store import Move, lock_intents, move_intents
from server.reconciliation import store
from server.reconciliation.rules import Finding, Horizon, Result, decide
from server.treasury.proving import prove_deposits
from shared.audit_tags import AuditTag
from shared.lifecycle import IntentState

CUT_OFF: Final = timedelta(hours=4)
"""How long after its answer a bank may take to book a payment; the business day must be over, too."""


class Reconciled(msgspec.Struct, frozen=True):
    """What one run changed: results written by kind, intents that were matched and that came back."""

    results: dict[str, int]
    matched: int
    returned: int


class _Effect(msgspec.Struct, frozen=True):
    """An intent that moves because of a line, and between which two accounts its money goes."""

    move: Move
    intent: Row
    source: Purpose
    target: UUID


async def reconcile(tx: Transaction, actor: Actor, now: datetime, cut_off: timedelta = CUT_OFF) -> Reconciled:
    """Judge all that is open; a second run over the same facts changes nothing.

    `actor` and the transaction see all branches. A line of a payment whose answer is unknown moves nothing: the line
    waits until the executor has settled the payment, and is judged again by each run.
    """
    lines = await store.open_lines(tx)
    references = {line.reference for line in lines if line.reference}
    intents = await lock_intents(tx, await store.intents_of(tx, references))
    horizon = Horizon(now=now, covered_until=await store.covered_until(tx), cut_off=cut_off)
    findings = decide(lines, await store.payments(tx, references), horizon)
    changed = await store.put_findings(tx, findings, now)

    matched = _matched(actor, findings, intents)
    returned = _returned(actor, findings, intents)
    await open_payables(tx, [(effect.intent["member_id"], effect.intent["branch_id"]) for effect in returned])
    await post(tx, [_transfer(tx, actor, effect, now) for effect in (*matched, *returned)], now)
    await move_intents(tx, [effect.move for effect in matched], actor.name, now)
    await move_intents(tx, [effect.move for effect in returned], actor.name, now)
    await _audit(tx, actor, changed, [*matched, *returned], now)
    await prove_deposits(tx, actor, now)
    return Reconciled(dict(Counter(row["result"] for row in changed)), len(matched), len(returned))


def _matched(actor: Actor, findings: Sequence[Finding], intents: Mapping[UUID, Row]) -> list[_Effect]:
    effects = []
    for finding in findings:
        intent = _intent(finding, Result.MATCHED, intents)
        if intent is not None and intent["state"] == IntentState.SETTLED.value:
            paid = account_id(actor.branch_code(intent["branch_id"]), Purpose.PAID)
            effects.append(_effect(finding, intent, IntentState.RECONCILED, Purpose.TRANSIT, paid))
    return effects


def _returned(actor: Actor, findings: Sequence[Finding], intents: Mapping[UUID, Row]) -> list[_Effect]:
    """Money that came back is owed to the member; it comes from where the payment stands after this run's matches."""
    seen_paid = {
        finding.payment.intent_id for finding in findings if finding.payment and finding.result is Result.MATCHED
    }
    effects = []
    for finding in findings:
        intent = _intent(finding, Result.RETURNED, intents)
        if intent is not None and intent["state"] != IntentState.RETURNED.value:
            paid = intent["state"] == IntentState.RECONCILED.value or intent["id"] in seen_paid
            source = Purpose.PAID if paid else Purpose.TRANSIT
            effects.append(_effect(finding, intent, IntentState.RETURNED, source, payable_id(intent["member_id"])))
    return effects


def _intent(finding: Finding, result: Result, intents: Mapping[UUID, Row]) -> Row | None:
    if finding.result is not result or finding.payment is None:
        return None
    return intents[finding.payment.intent_id]


def _effect(finding: Finding, intent: Row, target: IntentState, source: Purpose, account: UUID) -> _Effect:
    evidence = finding.line.name if finding.line else ""
    return _Effect(Move(id=intent["id"], target=target, evidence=evidence), intent, source, account)


def _transfer(tx: Transaction, actor: Actor, effect: _Effect, now: datetime) -> Transfer:
    intent = effect.intent
    source = account_id(actor.branch_code(intent["branch_id"]), effect.source)
    return Transfer(
        id=tx.services.new_id(now),
        branch_id=intent["branch_id"],
        kind=Kind.TRANSFER,
        legs=(Leg(source, posted=-intent["payout"]), Leg(effect.target, posted=intent["payout"])),
        subject=f"{effect.move.target.value} {intent['number']}",
        intent_id=intent["id"],
    )


async def _audit(
    tx: Transaction, actor: Actor, changed: Sequence[Row], effects: Sequence[_Effect], now: datetime
) -> None:
    """One entry for each branch in which something changed: counts, and a digest of every intent that moved."""
    for branch_id in sorted({row["branch_id"] for row in changed}):
        own = [effect for effect in effects if effect.intent["branch_id"] == branch_id]
        moved = "".join(sorted(f"{effect.intent['id']} {effect.move.target.value}\n" for effect in own))
        detail = {
            "results": dict(Counter(row["result"] for row in changed if row["branch_id"] == branch_id)),
            "intents": dict(Counter(effect.move.target.value for effect in own)),
            "digest": hashlib.sha256(moved.encode()).hexdigest(),
        }
        await audit.append(tx, actor, branch_id, AuditTag.RECONCILED, "reconciliation", detail, now)
