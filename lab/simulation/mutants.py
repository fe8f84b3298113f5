"""Wrong variants of the server, switched in at run time: a simulation that does not catch them proves nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from msgspec import structs

from lab.simulation import restore_mutants
from lab.simulation.schedule import Schedule
from server.approvals import rules
from server.audit import store as audit
from server.company_rules import rules as company_rules
from server.context import Actor, Policy
from server.database.transaction import Transaction
from server.executing import callbacks, outcomes, references, sending
from server.executing.outcomes import Again, Failed, Outcome, Settled
from server.executing.sending import Announced
from server.http import store as keys
from server.http import submissions
from server.payments import submission
from server.reconciliation import net
from server.reconciliation import rules as reconciliation
from server.sign_offs import batch as batch_sign_off
from server.sign_offs import verbs as sign_off_verbs
from server.sync import store as feed
from server.workers.attempts import Attempts
from server.workers.lease import Lease
from server.workers.references import ByReference
from shared.audit_tags import AuditTag
from shared.evidence import Evidence
from shared.money import Satang

Patch = tuple[Any, str, Any]


def _no_idempotency() -> list[Patch]:
    """Nobody looks at keys."""

    async def claim(*_: Any) -> None:
        return None

    async def keep(*_: Any) -> None:
        return None

    prepared, calls = submissions.submission_of, count()

    def without_key(*args: Any, **named: Any) -> Any:
        one = prepared(*args, **named)
        return structs.replace(one, key=f"{one.key}/{next(calls)}")

    return [(keys, "claim_key", claim), (keys, "store_reply", keep), (submissions, "submission_of", without_key)]


def _retry_on_timeout() -> list[Patch]:
    """An answer that did not come is taken for a failure, and the payment is tried again."""

    def again(self: Attempts, attempt: Any, evidence: Evidence, told: str = "") -> Again:
        return Again(evidence, told)

    return [(Attempts, "_doubt", again)]


def _no_fencing() -> list[Patch]:
    """Whoever has begun a payment goes on with it, whatever became of it and of the own lease meanwhile."""
    honest = sending.note_confirming

    async def mine(tx: Transaction, executor_id: int, announced: Sequence[Announced], now: datetime) -> set[UUID]:
        await honest(tx, executor_id, announced, now)
        return {one.attempt.id for one in announced}

    return [(sending, "note_confirming", mine), (Lease, "held", lambda *_: True)]


def _no_version_check() -> list[Patch]:
    """A decision counts for what stands there now, whatever the person was shown."""
    honest = rules.judge

    def judge(subject: Any, signer: Any, now: datetime) -> Any:
        return honest(subject, structs.replace(signer, version_seen=subject.version), now)

    return [(sign_off_verbs, "judge", judge), (batch_sign_off, "judge", judge)]


def _cursor_before_rows() -> list[Patch]:
    """The feed is read up to the newest transaction, though older ones have not committed yet."""

    honest = feed.look

    async def newest(tx: Transaction, after: Any) -> Any:
        end = int(await tx.value("select pg_snapshot_xmax(pg_current_snapshot())::text"))
        return structs.replace(await honest(tx, after), before=end)

    return [(feed, "look", newest)]


def _callback_settles() -> list[Patch]:
    """What anybody may post to us is taken for the bank's word."""
    honest = callbacks._ask

    async def believe(tx: Transaction, executor_id: int, callback: Any, now: datetime) -> str:
        row = await tx.maybe(
            """
            select a.*, i.channel, i.payout, i.correlation_id, '' bank, '' payee
            from sheaf.attempt a join sheaf.intent i on i.id = a.intent_id
            where a.bank_reference = %(reference)s and a.state not in ('accepted', 'rejected')
            """,
            reference=callback.partnerTransactionID,
        )
        if row is not None:
            settled = Outcome(sending._attempt(row), Settled(Evidence.CONFIRMED))
            await outcomes.record(tx, Actor(name="executor"), row["executor_id"], [settled], now)
        return await honest(tx, executor_id, callback, now)

    return [(callbacks, "_ask", believe)]


def _any_amount_proves() -> list[Patch]:
    """A line with a payment's reference proves it, whatever its amount."""
    honest = net.net_of

    def net_of(lines: Any, amount: Satang, currency: str) -> Any:
        alike = [structs.replace(one, amount=amount if one.amount > 0 else -amount) for one in lines]
        return honest(alike, amount, currency)

    return [(reconciliation, "net_of", net_of)]


def _silent(tag: AuditTag, decision: str = "") -> Callable[[], list[Patch]]:
    """Nothing is written into the trail of one kind of step."""

    def patches() -> list[Patch]:
        honest = audit.append

        async def append(
            tx: Any, actor: Any, branch: int, wanted: AuditTag, subject: str, detail: Any, now: datetime
        ) -> None:
            if wanted is not tag or detail.get("decision", "") != decision:
                await honest(tx, actor, branch, wanted, subject, detail, now)

        return [(audit, "append", append)]

    return patches


def _a_satang_more() -> list[Patch]:
    """Limits let one satang more through than was decided."""
    honest = company_rules._counted

    def counted(rule: Any, *args: Any) -> Any:
        more = None if rule.day_amount is None else Satang(rule.day_amount + 1)
        return honest(structs.replace(rule, day_amount=more), *args)

    return [(company_rules, "_counted", counted)]


def _no_fence_on_outcomes() -> list[Patch]:
    """Whoever once had an attempt may still say what it came to, though another has it now."""

    async def anybodys(tx: Transaction, executor_id: int, ids: Sequence[UUID]) -> tuple[dict[UUID, str], set[UUID]]:
        rows = await tx.rows(
            """
            select id, state from sheaf.attempt where id = any(%(ids)s) and state not in ('accepted', 'rejected')
            order by id for no key update
            """,
            ids=list(ids),
        )
        return {row["id"]: row["state"] for row in rows}, set()

    honest = outcomes._counts

    def counts(outcome: Outcome, executor_id: int, mine: Any) -> bool:
        return honest(outcome, outcome.attempt.executor_id, mine)

    return [(outcomes, "_lock_attempts", anybodys), (outcomes, "_counts", counts)]


def _first_void_only() -> list[Patch]:
    """Of several payments that end together only the first gives its money back."""
    honest = submission.voids

    async def first(tx: Transaction, releases: Sequence[Any], subject: str, now: datetime) -> list[Any]:
        return (await honest(tx, releases, subject, now))[:1]

    return [(submission, "voids", first)]


def _another_reference() -> list[Patch]:
    """What the bank says it has had already is tried under another reference."""

    async def again(self: ByReference, attempt: Any, otherwise: Any = None) -> Any:
        return Again(Evidence.REFUSED, spent=True) if otherwise is None else otherwise

    return [(ByReference, "find", again)]


def _counted_tries() -> list[Patch]:
    """Every try has a reference of its own, whether the bank holds the one before or not."""
    honest = references.next_try

    def next_try(row: Any, attempt_id: UUID) -> Any:
        return honest({**row, "last_spent": True}, attempt_id)

    return [(references, "next_try", next_try)]


def _duplicate_fails() -> list[Patch]:
    """What the bank says it has had already is called failed."""

    async def failed(self: ByReference, attempt: Any, otherwise: Any = None) -> Any:
        return Failed("1111", "duplicate") if otherwise is None else otherwise

    return [(ByReference, "find", failed)]


MUTANTS: dict[str, Callable[[], list[Patch]]] = {
    "no_idempotency": _no_idempotency,
    "retry_on_timeout": _retry_on_timeout,
    "no_fencing": _no_fencing,
    "no_version_check": _no_version_check,
    "cursor_before_rows": _cursor_before_rows,
    "a_callback_settles": _callback_settles,
    "any_amount_proves_a_payment": _any_amount_proves,
    "a_rejection_is_not_audited": _silent(AuditTag.SIGN_OFF, "reject"),
    "a_settlement_is_not_audited": _silent(AuditTag.INTENT_SETTLED),
    "a_limit_is_off_by_a_satang": _a_satang_more,
    "no_fence_on_outcomes": _no_fence_on_outcomes,
    "only_the_first_void_of_a_group": _first_void_only,
    "a_duplicate_is_tried_under_another_reference": _another_reference,
    "every_try_has_a_reference_of_its_own": _counted_tries,
    "a_duplicate_is_failed": _duplicate_fails,
    "a_restored_database_goes_on_at_once": restore_mutants.goes_on_at_once,
    "a_report_hides_what_nobody_knows": restore_mutants.hides_what_nobody_knows,
}

RESTORED = frozenset({"a_restored_database_goes_on_at_once", "a_report_hides_what_nobody_knows"})
"""Those that come out on days on which an old copy is put back."""


_STALLS = {
    "no_fencing": ("commit.note_confirming.before", 0.2, 3000.0),
    "cursor_before_rows": ("", 0.6, 0.5),
    "no_fence_on_outcomes": ("commit.note_confirming.after", 0.3, 100.0),
}
"""Where a process must stand still for a mistake to come out (empty: anywhere), how often, and for how many seconds."""


_MOODS: dict[str, dict[str, float]] = {
    "a_callback_settles": {"callback_unpaid": 0.9, "callback_lies": 0.0, "refused": 0.6},
    "any_amount_proves_a_payment": {"booked_otherwise": 0.8},
    # a bank that remembers references pays nothing twice even so
    "no_fencing": {"forgets": 1.0},
    "retry_on_timeout": {"forgets": 1.0},
    "no_fence_on_outcomes": {"lost_after": 0.9, "inquiry_lost": 0.5, "forgets": 1.0},
    "a_duplicate_is_tried_under_another_reference": {"initiate_lost": 0.6},
    "every_try_has_a_reference_of_its_own": {"initiate_lost": 0.6},
    "a_duplicate_is_failed": {"initiate_lost": 0.6},
}
"""What the bank must do for a mistake to come out."""


def provoke(name: str, schedule: Schedule) -> None:
    """Make the day one on which the mistake comes out: everybody at once, and processes that stand still."""
    if name in RESTORED:
        return
    schedule.length, schedule.intents, schedule.executors, schedule.apis = 2.0, 12, 3, 2
    schedule.pauses = (0.0, 0.02)
    if name in _STALLS:
        schedule.deaths.stall_at, schedule.deaths.stall, seconds = _STALLS[name]
        schedule.deaths.stalls = (seconds,)
    schedule.mood = structs.replace(schedule.mood, **_MOODS.get(name, {}))
    if name == "no_fence_on_outcomes":
        # The bank must still be unwell when another executor takes over from the one that stands still.
        schedule.settings, schedule.length = (
            dataclasses.replace(schedule.settings, lease=40.0, housekeeping=10.0),
            300.0,
        )
    if name == "only_the_first_void_of_a_group":
        # All that nobody decides runs out together.
        schedule.courses, schedule.evening = {"forget": 1}, 4000.0
        schedule.policy = Policy(approval_life=timedelta(minutes=20))


@contextmanager
def mutated(name: str) -> Iterator[None]:
    """The server is wrong in this way inside the block."""
    patches = MUTANTS[name]()
    before = [getattr(place, attribute) for place, attribute, _ in patches]
    for place, attribute, wrong in patches:
        setattr(place, attribute, wrong)
    try:
        yield
    finally:
        for (place, attribute, _), right in zip(patches, before, strict=True):
            setattr(place, attribute, right)
