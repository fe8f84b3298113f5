"""Runs one admitted call as its row says: claim, operation token, verb and reply in one transaction, or together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from psycopg import errors

from server.context import Actor
from server.database.transaction import Database, Transaction
from server.failpoints import failpoint
from server.handling import Group, Handler, Lookup
from server.http import idempotency, store, undeclared
from server.http.asked import Answer, Asked
from server.http.health import Health
from server.http.lookups import Lookups
from server.http.submissions import Submissions
from server.identity.operations import use_operation_token
from shared.canonical import digest
from shared.refusals import RefusalCode, Refused
from shared.wire.resources import resources_of
from shared.wire.verb import Challenge, Runs

OfWorker = Callable[[Health], Awaitable[Any]]
"""What answers from what the worker itself knows."""

_log = structlog.get_logger(__name__)
_TRIES = 3
_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)


class Runner:
    """One worker's calls, each in the way of its row; `handlers` have the shape that the way wants."""

    def __init__(self, database: Database, handlers: Mapping[str, Any], health: Health | None = None) -> None:
        self._database, self._handlers, self._health = database, handlers, health
        self._submissions, self._lookups = Submissions(database), Lookups(database)
        self._ways: Mapping[Runs, Callable[[Asked, datetime], Awaitable[Answer | Refused]]] = {
            Runs.TRANSACTION: self._in_transaction,
            Runs.STATEMENT: self._as_statement,
            Runs.LOOKUP: self._looked_up,
            Runs.WORKER: self._of_worker,
        }

    async def run(self, asked: Asked) -> Answer | Refused:
        """The answer, or the refusal after which nothing has happened."""
        outcome = await self._tries(asked)
        if isinstance(outcome, Refused):
            undeclared.note(asked.verb, outcome)
        return outcome

    async def _tries(self, asked: Asked) -> Answer | Refused:
        """A deadlock or a lock that did not come undid everything, so the same may be tried again."""
        if asked.verb.runs is Runs.GROUP:  # which tries again by itself, with others or alone
            group: Group[Any] = self._handlers[asked.verb.name]
            return await self._submissions.answer(group, asked, self._database.services.clock())
        for _ in range(_TRIES):
            try:
                return await self._once(asked)
            except _PASSING as error:
                _log.warning("tried again", error=type(error).__name__, correlation_id=asked.call.correlation_id)
        return Refused(RefusalCode.OVERLOADED)

    @failpoint("http.transaction")
    async def _once(self, asked: Asked) -> Answer | Refused:
        return await self._ways[asked.verb.runs](asked, self._database.services.clock())

    async def _in_transaction(self, asked: Asked, now: datetime) -> Answer | Refused:
        async with self._database.transaction(asked.actor.branches) as tx:
            outcome = await self._effect(tx, asked, now)
            tx.refused = isinstance(outcome, Refused) and not tx.remember
        return outcome

    async def _as_statement(self, asked: Asked, now: datetime) -> Answer | Refused:
        async with self._database.single_calls(asked.actor.branches) as calls:
            return await self._verb(calls, asked, asked.actor, now)

    async def _looked_up(self, asked: Asked, now: datetime) -> Answer | Refused:
        lookup: Lookup[Any] = self._handlers[asked.verb.name]
        row = await self._lookups.row(lookup.read, asked.actor.branches, asked.request.id)
        reply = lookup.answer(row, self._database.services.policy, now)
        return reply if isinstance(reply, Refused) else asked.answer(reply)

    async def _of_worker(self, asked: Asked, now: datetime) -> Answer | Refused:
        tell: OfWorker = self._handlers[asked.verb.name]
        return Refused(RefusalCode.OVERLOADED) if self._health is None else asked.answer(await tell(self._health))

    @failpoint("http.effect")
    async def _effect(self, tx: Transaction, asked: Asked, now: datetime) -> Answer | Refused:
        """What is committed together: that the key and the token are used, what the verb does, what was answered."""
        verb, actor = asked.verb, asked.actor
        if verb.idempotent:
            before = await _claim(tx, asked, now)
            if before is not None:
                return before
            actor = replace(actor, key=asked.key)
        if verb.challenge is not Challenge.NONE:
            refused = await use_operation_token(
                tx,
                actor,
                asked.operation_token,
                verb=verb.name,
                resources=resources_of(verb.name, asked.request),
                content_digest=digest(asked.call.body),
                now=now,
            )
            if refused is not None:
                return refused
        answer = await self._verb(tx, asked, actor, now)
        if verb.idempotent and isinstance(answer, Answer):
            await store.store_reply(tx, actor, verb.name, asked.key, answer.status, answer.body)
        return answer

    async def _verb(self, tx: Transaction, asked: Asked, actor: Actor, now: datetime) -> Answer | Refused:
        handler: Handler = self._handlers[asked.verb.name]
        reply = await handler(tx, actor, asked.request, now)
        return reply if isinstance(reply, Refused) else asked.answer(reply)


async def _claim(tx: Transaction, asked: Asked, now: datetime) -> Answer | Refused | None:
    """None when the key is new; the stored answer, KEY_REUSED or KEY_BUSY when it is not."""
    given = idempotency.fingerprint(asked.request, tx.services.vault)
    try:
        before = await store.claim_key(tx, asked.actor, asked.verb.name, asked.key, given, now)
    except errors.LockNotAvailable:
        return Refused(RefusalCode.KEY_BUSY)
    if before is None:
        return None
    differs = idempotency.compare(before["body_digest"], given)
    return differs or Answer(status=before["status"], body=before["reply"], replayed=True)
