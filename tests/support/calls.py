"""One call of a verb as a worker of the API runs it once it is admitted: by its row, with a key and a token."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from multidict import MultiDict

from server.context import Actor
from server.database.transaction import Database, Transaction
from server.handling import Group, Lookup
from server.http.asked import Asked
from server.http.gate import Call
from server.http.handlers import HANDLERS
from server.http.running import Runner
from server.identity import session_store
from server.identity.tokens import OperationClaims, keys_of, resources_digest
from shared.canonical import digest
from shared.refusals import Refused
from shared.wire.encode import encode
from shared.wire.resources import resources_of
from shared.wire.table import VERBS, Challenge, Verb
from tests.support import declared

Reply = TypeVar("Reply")
Answers = Callable[[Transaction, Actor, Any, datetime], Awaitable[Reply | Refused]] | Lookup[Reply] | Group[Reply]


def row_of(answers: Any) -> Verb:
    """The row of what stands in the table of handlers, which is all that a person can reach."""
    return next(verb for verb in VERBS if HANDLERS[verb.name] is answers)


async def call(
    database: Database, actor: Actor, answers: Answers[Reply], request: Any, at: datetime
) -> Reply | Refused:
    """The reply or the refusal of one call at this instant, by a worker of its own."""
    worker = copy.copy(database)
    worker.services = replace(database.services, clock=lambda: at)
    verb = row_of(answers)
    sent = encode(verb, request)
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    if verb.challenge is not Challenge.NONE:
        headers["Operation-Token"] = await token_for(worker, actor, verb, request, sent.body)
    made = Call(method=sent.method, target=sent.target, body=sent.body, headers=headers, correlation_id="-")
    asked = Asked(verb=verb, call=made, path={}, query=MultiDict(), actor=actor, request=request)
    outcome = await Runner(worker, HANDLERS).run(asked)
    if isinstance(outcome, Refused):
        return outcome
    if not verb.raw_reply:
        declared.check(verb, outcome.body)
    decoded: Reply = outcome.body if verb.raw_reply else msgspec.json.decode(outcome.body, type=verb.reply)
    return decoded


async def token_for(database: Database, actor: Actor, verb: Verb, request: Any, body: bytes) -> str:
    """An operation token, as if its challenge had been met."""
    now = database.services.clock()
    claims = OperationClaims(
        sub=actor.user,
        did=actor.device,
        verb=verb.name,
        resources=resources_digest(resources_of(verb.name, request)),
        content=digest(body),
        jti=database.services.new_id(now),
        iat=now.timestamp(),
        exp=now.timestamp() + 60,
    )
    async with database.transaction(actor.branches) as tx:
        await session_store.add_operation_token(
            tx,
            token_id=claims.jti,
            branch_id=actor.branch_id,
            user_id=claims.sub,
            device_id=claims.did,
            verb=verb.name,
            resources_digest=claims.resources,
            content_digest=claims.content,
            signature=b"",
            with_code=verb.challenge is Challenge.DEVICE_AND_CODE,
            now=now,
            expires_at=now,
        )
    return keys_of(database.services.vault).issue(claims)
