"""Group commit of single intents: what comes to a worker while one group is written goes into its branch's next one."""

from __future__ import annotations

from collections.abc import Sequence
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
from server.payments.submitting import Branch, Result, Submission, Submitted
from shared.canonical import digest
from shared.refusals import RefusalCode, Refused
from shared.wire.resources import resources_of

_log = structlog.get_logger(__name__)
_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable, errors.UniqueViolation)
_TRIES = 3
_ROUNDS = 100
_LINGER_SECONDS = 0.005


class Submissions:
    """One worker's submissions, a lane for each branch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lanes: dict[int, _Lane] = {}

    async def answer(self, group: Group[Any], asked: Asked, now: datetime) -> Answer | Refused:
        """What one call is answered; it goes with the others of its branch, key and operation token included."""
        branch_id = own_branch(asked.actor, asked.request.branch)
        if isinstance(branch_id, Refused):
            return branch_id
        item = submission_of(self._database, asked, now)
        result = await self._submit(group, branch_id, item)
        if isinstance(result, Submitted):
            return Answer(status=asked.verb.status, body=result.body)
        if isinstance(result, UsedKey):
            differs = idempotency.compare(result.fingerprint, item.fingerprint or "")
            return differs or Answer(status=result.status, body=result.reply.encode(), replayed=True)
        return result

    async def _submit(self, group: Group[Any], branch_id: int, item: Submission) -> Submitted | UsedKey | Refused:
        """The outcome of one call; KEY_BUSY when another one with its key does not end.

        One that depended on another of its group, or on what has changed meanwhile, goes again; one whose group failed
        goes alone.
        """
        lane = self._lanes.get(branch_id)
        if lane is None:
            branch = Branch(id=branch_id, code=item.request.branch)
            lane = self._lanes[branch_id] = _Lane(self._database, group, branch)
        failures = 0
        for _ in range(_ROUNDS):
            try:
                result = await (lane.alone(item) if failures else lane.submit(item))
            except _PASSING as error:
                _log.warning("tried again", error=type(error).__name__, correlation_id=item.actor.correlation_id)
                failures += 1
                if failures > _TRIES:
                    break
            else:
                if result is not None:
                    return result
        return Refused(RefusalCode.OVERLOADED)


class _Lane:
    def __init__(self, database: Database, group: Group[Any], branch: Branch) -> None:
        self._database, self._write, self._branch = database, group.write, branch
        self._coalescer: Coalescer[Submission, Result] = Coalescer(
            self._together, limit=64, linger_seconds=_LINGER_SECONDS
        )

    async def submit(self, item: Submission) -> Result:
        return await self._coalescer.submit(item)

    async def alone(self, item: Submission) -> Result:
        branch = Branch(id=self._branch.id, code=self._branch.code)
        results = await self._flush(branch, [item])
        self._branch.numbers.extend(branch.numbers)
        return results[0]

    async def _together(self, group: Sequence[Submission]) -> list[Result]:
        return await self._flush(self._branch, group)

    async def _flush(self, branch: Branch, group: Sequence[Submission]) -> list[Result]:
        branch.sight = tuple(sorted({branch.id, *(item.actor.branch_id for item in group)}))
        try:
            async with self._database.single_calls(branch.sight) as calls:
                return await self._write(calls, branch, group, self._database.services.clock())
        except errors.LockNotAvailable as error:
            if len(group) == 1 and _waited_for_key(error):
                return [Refused(RefusalCode.KEY_BUSY)]
            raise


def submission_of(database: Database, asked: Asked, now: datetime) -> Submission:
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
        request=asked.request,
        key=asked.key,
        fingerprint=idempotency.fingerprint(asked.request, database.services.vault),
        token_id=None if isinstance(found, Refused) else found,
        token_refusal=refused,
    )


def _waited_for_key(error: errors.LockNotAvailable) -> bool:
    """Whether the lock that did not come was another call's claim of the same key."""
    return "idempotency_key" in (error.diag.context or "")
