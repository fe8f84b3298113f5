"""Wrong variants of the server, switched in at run time: a simulation that does not catch them proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.approvals import rules
from server.database.transaction import Transaction
from server.http import dispatch
from server.http import store as keys
from server.http.submissions import submission_of
from server.payments import batch_sign_off, sending, sign_off_verbs
from server.payments.outcomes import Again
from server.payments.sending import Announced
from server.simulation.schedule import Schedule
from server.sync import store as feed
from server.workers.attempts import Attempts
from server.workers.lease import Lease

Patch = tuple[Any, str, Any]


def _no_idempotency() -> list[Patch]:
    """Nobody looks at keys."""

    async def claim(*_: Any) -> None:
        return None

    async def keep(*_: Any) -> None:
        return None

    prepared = submission_of

    def without_key(*args: Any, **named: Any) -> Any:
        return msgspec.structs.replace(prepared(*args, **named), key=None, fingerprint=None)

    return [(keys, "claim_key", claim), (keys, "store_reply", keep), (dispatch, "submission_of", without_key)]


def _retry_on_timeout() -> list[Patch]:
    """An answer that did not come is taken for a failure, and the payment is tried again."""

    def again(self: Attempts, attempt: Any, reason: str) -> Again:
        return Again(reason)

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
        return honest(subject, msgspec.structs.replace(signer, version_seen=subject.version), now)

    return [(sign_off_verbs, "judge", judge), (batch_sign_off, "judge", judge)]


def _cursor_before_rows() -> list[Patch]:
    """The feed is read up to the newest transaction, though older ones have not committed yet."""

    async def newest(tx: Transaction) -> int:
        return int(await tx.value("select pg_snapshot_xmax(pg_current_snapshot())::text"))

    return [(feed, "horizon", newest)]


MUTANTS: dict[str, Callable[[], list[Patch]]] = {
    "no idempotency": _no_idempotency,
    "retry on timeout": _retry_on_timeout,
    "no fencing": _no_fencing,
    "no version check": _no_version_check,
    "cursor before rows": _cursor_before_rows,
}


_STALLS = {
    "no fencing": ("commit.note_confirming.before", 0.2, 3000.0),
    "cursor before rows": ("", 0.6, 0.5),
}
"""Where a process must stand still for a mistake to come out (empty: anywhere), how often, and for how many seconds."""


def provoke(name: str, schedule: Schedule) -> None:
    """Make the day one on which the mistake comes out: everybody at once, and processes that stand still."""
    schedule.length, schedule.intents, schedule.executors, schedule.apis = 2.0, 12, 3, 2
    schedule.pauses = (0.0, 0.02)
    if name in _STALLS:
        schedule.deaths.stall_at, schedule.deaths.stall, seconds = _STALLS[name]
        schedule.deaths.stalls = (seconds,)


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
