"""Group commit of single intents: what comes to a worker while groups are written goes into the next one together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from psycopg import errors

from server.coalesce import Coalescer
from server.database.transaction import Database
from server.handling import Group
from server.http import idempotency
from server.http.asked import Answer, Asked
from server.identity.operations import read_operation_token
from server.payments.facts import UsedKey
from server.payments.submission import own_branch
from server.payments.submitting import Result, Submission, Submitted
from shared.canonical import digest
from shared.refusals import RefusalCode, Refused
from shared.wire.resources import resources_of

_log = structlog.get_logger(__name__)
_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable, errors.UniqueViolation)
_TRIES = 3
_ROUNDS = 100
_MOST = 64
_LINGER_SECONDS = 0.005


class Submissions:
    """One worker's submissions, of all branches together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kinds: dict[Group[Any], _Kind] = {}

    async def answer(self, group: Group[Any], asked: Asked, now: datetime) -> Answer | Refused:
        """What one call is answered; it goes with the others, key and operation token included."""
        branch_id = own_branch(asked.actor, asked.request.branch)
        if isinstance(branch_id, Refused):
            return branch_id
        item = submission_of(self._database, asked, branch_id, now)
        kind = self._kinds.get(group)
        if kind is None:
            kind = self._kinds[group] = _Kind(self._database, group)
        result = await kind.submit(item)
        if isinstance(result, Submitted):
            return Answer(status=asked.verb.status, body=result.body)
        if isinstance(result, UsedKey):
            differs = idempotency.compare(result.fingerprint, item.fingerprint or "")
            return differs or Answer(status=result.status, body=result.reply.encode(), replayed=True)
        return result


class _Kind:
    """Those of all branches go together; where that fails, each branch goes by itself."""

    def __init__(self, database: Database, group: Group[Any]) -> None:
        self._database, self._group = database, group
        self._numbers: list[int] = []
        self._together: Coalescer[Submission, Result] = Coalescer(
            self._write, limit=_MOST, linger_seconds=_LINGER_SECONDS, flights=2
        )
        self._lanes: dict[int, _Lane] = {}

    async def submit(self, item: Submission) -> Submitted | UsedKey | Refused:
        """The outcome of one call; KEY_BUSY when another one with its key does not end.

        One that depended on another of its group, or on what has changed meanwhile, goes again; one whose group failed
        goes with those of its branch only, and then alone.
        """
        failures = 0
        for _ in range(_ROUNDS):
            try:
                result = await self._go(item, failures)
            except _PASSING as error:
                _log.warning("tried again", error=type(error).__name__, correlation_id=item.actor.correlation_id)
                failures += 1
                if failures > _TRIES:
                    break
            else:
                if result is not None:
                    return result
        return Refused(RefusalCode.OVERLOADED)

    async def _go(self, item: Submission, failures: int) -> Result:
        lane = self._lanes.get(item.branch_id)
        if failures == 0 and lane is None:
            return await self._together.submit(item)
        if lane is None:
            lane = self._lanes[item.branch_id] = _Lane(self._write)
        try:
            return await lane.submit(item, alone=failures > 1)
        finally:
            if not lane.under_way:
                self._lanes.pop(item.branch_id, None)

    async def _write(self, group: Sequence[Submission]) -> list[Result]:
        try:
            async with self._database.single_calls(()) as calls:
                return await self._group.write(calls, group, self._database.services.clock(), self._numbers)
        except errors.LockNotAvailable as error:
            if len(group) == 1 and _waited_for_key(error):
                return [Refused(RefusalCode.KEY_BUSY)]
            raise


class _Lane:
    """A branch that goes by itself: something there keeps others waiting. It ends with the last that goes so.

    However many wait, they hold no more than two connections.
    """

    def __init__(self, write: Callable[[Sequence[Submission]], Awaitable[list[Result]]]) -> None:
        self.under_way = 0
        self._write = write
        self._group: Coalescer[Submission, Result] = Coalescer(write, limit=_MOST, linger_seconds=_LINGER_SECONDS)
        self._one = asyncio.Lock()

    async def submit(self, item: Submission, *, alone: bool) -> Result:
        self.under_way += 1
        try:
            if not alone:
                return await self._group.submit(item)
            async with self._one:
                return (await self._write([item]))[0]
        finally:
            self.under_way -= 1


def submission_of(database: Database, asked: Asked, branch_id: int, now: datetime) -> Submission:
    """A call as its group takes it: what it asks for, by which key, with which operation token."""
    found = read_operation_token(
        database.services.vault,
        asked.actor,
        asked.operation_token,
        verb=asked.verb.name,
        resources=resources_of(asked.verb.name, asked.request),
        content_digest=digest(asked.call.body),
        now=now,
    )
    refused = found if isinstance(found, Refused) else None
    return Submission(
        actor=asked.actor,
        branch_id=branch_id,
        request=asked.request,
        key=asked.key,
        fingerprint=idempotency.fingerprint(asked.request, database.services.vault),
        token_id=None if isinstance(found, Refused) else found,
        token_refusal=refused,
    )


def _waited_for_key(error: errors.LockNotAvailable) -> bool:
    """Whether the lock that did not come was another call's claim of the same key."""
    return "idempotency_key" in (error.diag.context or "")
