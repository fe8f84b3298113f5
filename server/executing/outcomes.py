"""What an attempt came to, and everything that follows from it in one transaction: states, money, batch, audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.executing.sending import Attempt
from server.failpoints import failpoint
from server.ledger import posting
from server.payments import store, submission
from server.routing import operations
from shared.audit_tags import AuditTag
from shared.evidence import Evidence
from shared.lifecycle import IntentState


class Settled(msgspec.Struct, frozen=True):
    """The bank says that the money has moved."""

    evidence: Evidence
    told: str = ""


class Failed(msgspec.Struct, frozen=True):
    """Proof that nothing moved, and that trying again would not help."""

    code: str
    text: str

    @property
    def evidence(self) -> Evidence:
        """The word for all of them."""
        return Evidence.FAILED

    @property
    def told(self) -> str:
        """What stands beside it."""
        return f"{self.code} {self.text}"


class Again(msgspec.Struct, frozen=True):
    """Proof that nothing moved; the intent goes back to the queue as it was signed.

    `unconfirmed`: it is a proof only as long as nobody has gone on to confirm the attempt meanwhile.
    `held_up`: its whole lane waits, so that it needs no rest of its own.
    `spent`: the bank holds the reference and has ended it: the next try is under another one. Else it is the same.
    """

    evidence: Evidence
    told: str = ""
    unconfirmed: bool = False
    held_up: bool = False
    spent: bool = False


class InDoubt(msgspec.Struct, frozen=True):
    """No proof of anything: the hold stays, the inquiry is due at this time."""

    evidence: Evidence
    inquire_at: datetime
    told: str = ""
    flag: bool = False
    """A person must look: the next business day has begun."""
    taken: bool = False
    """The bank has taken it for processing, and has not ended it; or it has the reference, and does not say more."""
    mismatched: bool = False
    """The bank has another amount or payee under the reference."""


class Waiting(msgspec.Struct, frozen=True):
    """The bank has taken the payment for processing: no doubt, and no end before it is asked at this time."""

    evidence: Evidence
    inquire_at: datetime
    told: str = ""


Result = Settled | Failed | Again | InDoubt | Waiting


class Outcome(msgspec.Struct, frozen=True):
    """What one attempt came to."""

    attempt: Attempt
    result: Result


_TAGS: dict[type, AuditTag] = {
    Settled: AuditTag.INTENT_SETTLED,
    Failed: AuditTag.INTENT_FAILED,
    Again: AuditTag.INTENT_REQUEUED,
    InDoubt: AuditTag.INTENT_IN_DOUBT,
}
_ATTEMPT_STATES: dict[type, str] = {
    Settled: "accepted",
    Failed: "rejected",
    Again: "rejected",
    InDoubt: "unknown",
    Waiting: "confirming",
}


@failpoint("outcomes.record")
async def record(
    tx: Transaction, actor: Actor, executor_id: int, outcomes: Sequence[Outcome], now: datetime
) -> set[UUID]:
    """Write the outcomes; gives the attempts that were written. One whose fence has passed on is left alone."""
    rows = await store.lock_intents(tx, [outcome.attempt.intent_id for outcome in outcomes])
    mine, flagged = await _lock_attempts(tx, executor_id, [outcome.attempt.id for outcome in outcomes])
    live = [outcome for outcome in outcomes if _counts(outcome, executor_id, mine)]
    if not live:
        return set()
    await _move_attempts(tx, live, now)
    moves = [move for outcome in live if (move := _move(outcome, rows[outcome.attempt.intent_id])) is not None]
    await store.move_intents(tx, moves, actor.name, now)
    await _money(tx, live, rows, now)
    news = [(_TAGS[type(one.result)], one) for one in live if _is_news(one, rows[one.attempt.intent_id])]
    news += [
        (AuditTag.INTENT_FLAGGED, one)
        for one in live
        if isinstance(one.result, InDoubt) and one.result.flag and one.attempt.id not in flagged
    ]
    await _audit(tx, actor, news, now)
    return {outcome.attempt.id for outcome in live}


def _counts(outcome: Outcome, executor_id: int, mine: Mapping[UUID, str]) -> bool:
    """Whether who says it still has the attempt under the id with which it began, and the proof still holds."""
    state = mine.get(outcome.attempt.id)
    if state is None or outcome.attempt.executor_id != executor_id:
        return False
    overtaken = isinstance(outcome.result, Again) and outcome.result.unconfirmed
    return not overtaken or state in ("prepared", "initiated")


async def _lock_attempts(tx: Transaction, executor_id: int, ids: Sequence[UUID]) -> tuple[dict[UUID, str], set[UUID]]:
    """Those that this executor may still write with their states, and those of them that were flagged before."""
    rows = await tx.rows(
        """
        select id, state, flagged_at from sheaf.attempt where id = any(%(ids)s) and executor_id = %(executor)s
          and state not in ('accepted', 'rejected') order by id for no key update
        """,
        ids=list(ids),
        executor=executor_id,
    )
    flagged = {row["id"] for row in rows if row["flagged_at"] is not None}
    return {row["id"]: row["state"] for row in rows}, flagged


@failpoint("outcomes.attempts")
async def _move_attempts(tx: Transaction, outcomes: Sequence[Outcome], now: datetime) -> None:
    open_until = [one.result.inquire_at if isinstance(one.result, InDoubt | Waiting) else None for one in outcomes]
    await tx.execute(
        """
        update sheaf.attempt a set state = n.state, evidence = n.evidence, told = n.told, inquire_at = n.inquire_at,
          inquiries = a.inquiries + (n.inquire_at is not null)::int,
          flagged_at = case when n.flag then coalesce(a.flagged_at, %(now)s) else a.flagged_at end,
          taken_at = case when n.taken then coalesce(a.taken_at, %(now)s) else a.taken_at end,
          mismatched_at = case when n.mismatched then coalesce(a.mismatched_at, %(now)s) else a.mismatched_at end,
          spent = n.spent, ended_at = case when n.inquire_at is null then %(now)s::timestamptz end
        from unnest(%(ids)s::uuid[], %(states)s::text[], %(evidence)s::text[], %(told)s::text[],
                    %(times)s::timestamptz[], %(flags)s::bool[], %(taken)s::bool[], %(mismatched)s::bool[],
                    %(spent)s::bool[])
          as n (id, state, evidence, told, inquire_at, flag, taken, mismatched, spent)
        where a.id = n.id
        """,
        now=now,
        ids=[outcome.attempt.id for outcome in outcomes],
        states=[_ATTEMPT_STATES[type(outcome.result)] for outcome in outcomes],
        evidence=[outcome.result.evidence.value for outcome in outcomes],
        told=[outcome.result.told[:300] for outcome in outcomes],
        times=open_until,
        flags=[isinstance(outcome.result, InDoubt) and outcome.result.flag for outcome in outcomes],
        taken=[_is_taken(outcome.result) for outcome in outcomes],
        mismatched=[isinstance(outcome.result, InDoubt) and outcome.result.mismatched for outcome in outcomes],
        spent=[isinstance(outcome.result, Again) and outcome.result.spent for outcome in outcomes],
    )


def _is_taken(result: Result) -> bool:
    return isinstance(result, Waiting) or (isinstance(result, InDoubt) and result.taken)


def _is_news(outcome: Outcome, row: Row) -> bool:
    """Whether a state changes; one more fruitless inquiry is no news."""
    if isinstance(outcome.result, Waiting):
        return False
    return not (isinstance(outcome.result, InDoubt) and row["state"] == IntentState.IN_DOUBT)


def _move(outcome: Outcome, row: Row) -> store.Move | None:
    """The intent's step; an intent that is in doubt and stays so takes none."""
    result = outcome.result
    evidence = f"{outcome.attempt.bank_reference} {result.evidence} {result.told}".rstrip()[:320]
    if not _is_news(outcome, row):
        return None
    if isinstance(result, Failed):
        return store.Move(
            id=row["id"],
            target=IntentState.FAILED,
            evidence=evidence,
            failure_code=result.code,
            failure_text=result.text[:300],
        )
    targets = {Settled: IntentState.SETTLED, Again: IntentState.AUTHORIZED, InDoubt: IntentState.IN_DOUBT}
    return store.Move(id=row["id"], target=targets[type(result)], evidence=evidence)


@failpoint("outcomes.money")
async def _money(tx: Transaction, outcomes: Sequence[Outcome], rows: dict[UUID, Row], now: datetime) -> None:
    """In one posting: it locks all the accounts in their one order."""
    paid = [rows[one.attempt.intent_id] for one in outcomes if isinstance(one.result, Settled)]
    unpaid = [rows[one.attempt.intent_id] for one in outcomes if isinstance(one.result, Failed)]
    settled = await operations.settlements(tx, paid, now)
    freed = await submission.voids(tx, [submission.release_of(row) for row in unpaid], "failed", now)
    await posting.post(tx, [*settled, *freed], now)


async def _audit(tx: Transaction, actor: Actor, news: Sequence[tuple[AuditTag, Outcome]], now: datetime) -> None:
    groups: dict[tuple[int, str], list[str]] = {}
    for tag, outcome in news:
        groups.setdefault((outcome.attempt.branch_id, tag.value), []).append(outcome.attempt.bank_reference)
    for (branch_id, value), references in sorted(groups.items()):
        detail = {"count": len(references), "references": references}
        await audit.append(tx, actor, branch_id, AuditTag(value), references[0], detail, now)
