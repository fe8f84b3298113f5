"""One call of a verb: proofs, decoding, then claim, operation token, verb and reply in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from multidict import MultiMapping
from psycopg import errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.context import Actor
from server.database.transaction import Database, Transaction
from server.failpoints import failpoint
from server.http import idempotency, lookups, store, submissions
from server.http.decode import decode
from server.http.gate import Call, Desk, Gate
from server.http.limits import Limiter, Rate, TokenBuckets
from server.http.lookups import Lookups
from server.http.push import RevocationPush
from server.http.submissions import Submissions, submission_of
from server.identity.devices import plain_code, public_key_of
from server.identity.operations import use_operation_token
from server.identity.rules import CLOCK_SKEW
from server.payments.facts import UsedKey
from server.payments.submitting import Submitted
from server.wire_time import wire_time
from shared.canonical import digest
from shared.refusals import RefusalCode, Refused
from shared.wire.resources import resources_of
from shared.wire.verb import Auth, Challenge, Verb

Handler = Callable[[Transaction, Actor, Any, datetime], Awaitable[Any]]

HOT_READS = frozenset({"list_members", "validate_members"})
"""Verbs whose one statement says itself what it may see: no transaction is begun around it."""

_log = structlog.get_logger(__name__)
_TRIES = 3
_STRANGERS = Rate(burst=20, seconds=60.0)
"""Refusals of callers without a desk that are journalled: enough to see that it happens, too few to fill a disk."""
_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
_BROKEN = (
    PoolTimeoutError,
    DBAPIError,
    errors.QueryCanceled,
    errors.IdleInTransactionSessionTimeout,  # psycopg calls it an internal error
    errors.OperationalError,
    errors.InterfaceError,
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back when nothing was refused."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass(kw_only=True)
class Asked:
    """One call as far as it is understood; `actor` is who the log names when it is refused.

    `address` says who it counts for as long as nothing is proved.
    """

    verb: Verb
    call: Call
    path: dict[str, str]
    query: MultiMapping[str]
    address: Callable[[], str] = "-".__str__
    actor: Actor = field(default_factory=lambda: Actor(name="unknown"))
    request: Any = None

    def header(self, name: str) -> str:
        """A header's value, empty when it is not there."""
        return self.call.headers.get(name, "")


class Dispatcher:
    """Runs verbs for one worker."""

    def __init__(
        self,
        database: Database,
        gate: Gate,
        push: RevocationPush,
        handlers: Mapping[str, Handler],
        *,
        limiter: Limiter,
        sign_ins: Rate,
        logged_refusals: TokenBuckets,
        monotonic: Callable[[], float],
    ) -> None:
        self.database = database
        self._gate, self._push, self._handlers = gate, push, handlers
        self._limiter, self._sign_ins = limiter, sign_ins
        self._logged, self._monotonic = logged_refusals, monotonic
        self._strangers = TokenBuckets(_STRANGERS.burst, _STRANGERS.seconds)
        self._submissions, self._lookups = Submissions(database), Lookups(database)

    async def run(self, asked: Asked) -> Answer | Refused:
        """The answer, or the refusal after which nothing has happened."""
        try:
            outcome = await self._admit(asked) or await self._tries(asked)
        except _BROKEN as error:
            _log.error("database failed", error=type(error).__name__, correlation_id=asked.call.correlation_id)
            outcome = Refused(RefusalCode.OVERLOADED)
        if isinstance(outcome, Refused):
            await self.log_refusal(asked, outcome)
        return outcome

    async def identify(self, asked: Asked) -> Desk | Refused:
        """Put who calls into `asked.actor`: a desk, and a person where the verb wants a session."""
        now = self.database.services.clock()
        desk = await self._gate.desk(asked.call, now, reading=asked.verb.reading)
        if isinstance(desk, Refused):
            return desk
        asked.actor = self._gate.visitor(asked.call, desk)
        if asked.verb.auth is Auth.SESSION:
            person = self._gate.session(asked.call, desk, now)
            if isinstance(person, Refused):
                return person
            asked.actor = person
        return desk

    def still_admitted(self, asked: Asked) -> bool:
        """Whether the session of a call that was admitted before lives on."""
        return self._gate.lives(asked.call, self.database.services.clock())

    async def log_refusal(self, asked: Asked, refused: Refused) -> None:
        """Write the refusal into its journal, in a transaction of its own; a flood is not all written."""
        actor = asked.actor
        _log.info("refused", verb=asked.verb.name, code=refused.code.value, correlation_id=asked.call.correlation_id)
        # when the pool is empty, asking it for another connection would only make the caller wait longer
        buckets = self._logged if actor.device_id is not None else self._strangers
        if refused.code is RefusalCode.OVERLOADED or buckets.wait(actor.device_id, self._monotonic()):
            return
        try:
            async with self.database.transaction(()) as tx:
                await store.log_refusal(
                    tx,
                    verb=asked.verb.name,
                    code=refused.code.value,
                    user_id=actor.user_id,
                    device_id=actor.device_id,
                    correlation_id=asked.call.correlation_id,
                    now=self.database.services.clock(),
                )
        except _BROKEN as error:
            _log.error("refusal not logged", error=type(error).__name__, correlation_id=asked.call.correlation_id)

    async def _admit(self, asked: Asked) -> Refused | None:
        """Everything that is decided before a transaction begins."""
        verb = asked.verb
        if verb.auth is Auth.OPEN:
            return await self._open(asked)
        desk = await self.identify(asked)
        if isinstance(desk, Refused):
            return desk
        if verb.money and self._push.silent:
            return Refused(RefusalCode.PUSH_SILENT)
        if verb.permission is not None and not asked.actor.may(verb.permission):
            return Refused(RefusalCode.FORBIDDEN)
        if verb.idempotent and not idempotency.valid_key(asked.header("Idempotency-Key")):
            return Refused(RefusalCode.KEY_MISSING, field="Idempotency-Key")
        return await self._limited(asked, str(desk.id)) or await self._replayed(asked) or self._decode(asked)

    async def _open(self, asked: Asked) -> Refused | None:
        """A desk that is not known yet proves the key that it brings; its address may try so often, and its code."""
        asked.actor = self._gate.visitor(asked.call, None)
        refused = await self._limited(asked, asked.address()) or self._decode(asked)
        if refused is not None:
            return refused
        key = public_key_of(asked.request)
        if key is None:
            return Refused(RefusalCode.INVALID, field="public_key", params={"problem": "new_device_key"})
        now = self.database.services.clock()
        refused = self._gate.prove(asked.call, None, Ed25519PublicKey.from_public_bytes(key), now)
        return (
            refused
            or await self._limited(asked, f"code {plain_code(asked.request.code)}")
            or await self._replayed(asked)
        )

    async def _limited(self, asked: Asked, key: str) -> Refused | None:
        """Signing in and enrolling can be tried only so often at all workers; everything else is a session's."""
        if asked.verb.auth is Auth.SESSION:
            return None
        seconds = await self._limiter.wait(self._sign_ins, asked.verb.name, key)
        return Refused(RefusalCode.TOO_MANY, params={"seconds": str(seconds)}) if seconds else None

    async def _replayed(self, asked: Asked) -> Refused | None:
        """Whether this very call was made before at another worker.

        Looked at where nothing else makes a second time harmless: what is read changes nothing, and what has a
        challenge carries a token that is used up.
        """
        verb = asked.verb
        if verb.method == "GET" or verb.challenge is not Challenge.NONE or verb.name in HOT_READS:
            return None
        nonce = asked.header("Device-Nonce")
        if await self._limiter.first_use(asked.actor.device_id, nonce, 2 * CLOCK_SKEW):
            return None
        return Refused(RefusalCode.DEVICE_PROOF, params={"server_time": wire_time(self.database.services.clock())})

    def _decode(self, asked: Asked) -> Refused | None:
        request = decode(asked.verb, asked.path, asked.query, asked.call.body)
        if isinstance(request, Refused):
            return request
        asked.request = request
        return None

    async def _tries(self, asked: Asked) -> Answer | Refused:
        """A deadlock or a lock that did not come undid everything, so the same may be tried again."""
        if asked.verb.name == submissions.VERB and asked.request.branch in asked.actor.branch_codes:
            return await self._submit(asked)
        for _ in range(_TRIES):
            try:
                return await self._once(asked)
            except _PASSING as error:
                _log.warning("tried again", error=type(error).__name__, correlation_id=asked.call.correlation_id)
        return Refused(RefusalCode.OVERLOADED)

    async def _submit(self, asked: Asked) -> Answer | Refused:
        """A single intent goes with the others of its branch; everything that `_effect` does is in there."""
        item = submission_of(
            self.database,
            asked.actor,
            asked.request,
            key=asked.header("Idempotency-Key"),
            token=asked.header("Operation-Token"),
            body=asked.call.body,
            now=self.database.services.clock(),
        )
        result = await self._submissions.submit(asked.actor.branch_codes[asked.request.branch], item)
        if isinstance(result, Submitted):
            return Answer(status=asked.verb.status, body=result.body)
        if isinstance(result, UsedKey):
            differs = idempotency.compare(result.fingerprint, item.fingerprint or "")
            return differs or Answer(status=result.status, body=result.reply.encode(), replayed=True)
        return result

    @failpoint("http.transaction")
    async def _once(self, asked: Asked) -> Answer | Refused:
        now = self.database.services.clock()
        if asked.verb.name in lookups.ANSWERS:
            row = await self._lookups.member(asked.actor.branches, asked.request.id)
            reply = lookups.ANSWERS[asked.verb.name](row, self.database.services.policy, now)
            return reply if isinstance(reply, Refused) else _answer(asked.verb, reply)
        if asked.verb.name in HOT_READS:
            async with self.database.single_calls(asked.actor.branches) as calls:
                return await self._effect(calls, asked, now)
        async with self.database.transaction(asked.actor.branches) as tx:
            outcome = await self._effect(tx, asked, now)
            tx.refused = isinstance(outcome, Refused) and not tx.remember
        return outcome

    @failpoint("http.effect")
    async def _effect(self, tx: Transaction, asked: Asked, now: datetime) -> Answer | Refused:
        verb, actor, key = asked.verb, asked.actor, asked.header("Idempotency-Key")
        if verb.idempotent:
            before = await self._claim(tx, asked, key, now)
            if before is not None:
                return before
        if verb.challenge is not Challenge.NONE:
            refused = await use_operation_token(
                tx,
                actor,
                asked.header("Operation-Token"),
                verb=verb.name,
                resources=resources_of(verb.name, asked.request),
                content_digest=digest(asked.call.body),
                now=now,
            )
            if refused is not None:
                return refused
        if verb.idempotent:
            actor = replace(actor, key=key)
        reply = await self._handlers[verb.name](tx, actor, asked.request, now)
        if isinstance(reply, Refused):
            return reply
        answer = _answer(verb, reply)
        if verb.idempotent:
            await store.store_reply(tx, actor, verb.name, key, answer.status, answer.body)
        return answer

    async def _claim(self, tx: Transaction, asked: Asked, key: str, now: datetime) -> Answer | Refused | None:
        """None when the key is new; the stored answer, KEY_REUSED or KEY_BUSY when it is not."""
        given = idempotency.fingerprint(asked.request, tx.services.vault)
        try:
            before = await store.claim_key(tx, asked.actor, asked.verb.name, key, given, now)
        except errors.LockNotAvailable:
            return Refused(RefusalCode.KEY_BUSY)
        if before is None:
            return None
        differs = idempotency.compare(before["body_digest"], given)
        return differs or Answer(status=before["status"], body=before["reply"], replayed=True)


def _answer(verb: Verb, reply: Any) -> Answer:
    return Answer(status=verb.status, body=reply if verb.raw_reply else msgspec.json.encode(reply))
