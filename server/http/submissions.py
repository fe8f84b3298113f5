"""Group commit of single intents: what comes to a worker while one group is written goes into its branch's next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from psycopg import errors

from server.coalesce import Coalescer
from server.context import Actor
from server.database.transaction import Database
from server.http import idempotency
from server.identity.operations import read_operation_token
from server.payments.facts import UsedKey
from server.payments.submitting import Branch, Result, Submission, Submitted, submit_group
from shared.canonical import digest
from shared.refusals import RefusalCode, Refused
from shared.wire.payments import SubmitIntentRequest
from shared.wire.resources import resources_of

VERB = "submit_intent"
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

    async def submit(self, branch_id: int, item: Submission) -> Submitted | UsedKey | Refused:
        """The outcome of one call; KEY_BUSY when another one with its key does not end.

        One that depended on another of its group, or on what has changed meanwhile, goes again; one whose group failed
        goes alone.
        """
        lane = self._lanes.get(branch_id)
        if lane is None:
            lane = self._lanes[branch_id] = _Lane(self._database, Branch(id=branch_id, code=item.request.branch))
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
    def __init__(self, database: Database, branch: Branch) -> None:
        self._database, self._branch = database, branch
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
                return await submit_group(calls, branch, group, self._database.services.clock())
        except errors.LockNotAvailable as error:
            if len(group) == 1 and _waited_for_key(error):
                return [Refused(RefusalCode.KEY_BUSY)]
            raise


def submission_of(
    database: Database, actor: Actor, request: SubmitIntentRequest, *, key: str, token: str, body: bytes, now: datetime
) -> Submission:
    """A call as its group takes it: what it asks for, by which key, with which operation token."""
    found = read_operation_token(
        database.services.vault,
        actor,
        token,
        verb=VERB,
        resources=resources_of(VERB, request),
        content_digest=digest(body),
        now=now,
    )
    refused = found if isinstance(found, Refused) else None
    return Submission(
        actor=actor,
        request=request,
        key=key,
        fingerprint=idempotency.fingerprint(request, database.services.vault),
        token_id=None if isinstance(found, Refused) else found,
        token_refusal=refused,
    )


def _waited_for_key(error: errors.LockNotAvailable) -> bool:
    """Whether the lock that did not come was another call's claim of the same key."""
    return "idempotency_key" in (error.diag.context or "")
