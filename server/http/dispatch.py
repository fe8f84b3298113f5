"""One call of a verb: who calls, what may be asked how often, decoding; then it runs as its row says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.context import Actor
from server.database.transaction import Database
from server.http import idempotency, store
from server.http.asked import Answer, Asked
from server.http.decode import decode
from server.http.gate import Desk, Gate
from server.http.health import Health
from server.http.limits import Limiter, Rate, TokenBuckets
from server.http.push import RevocationPush
from server.http.running import Runner
from server.identity.devices import plain_code, public_key_of
from server.identity.rules import CLOCK_SKEW
from server.wire_time import wire_time
from shared.refusals import RefusalCode, Refused
from shared.wire.verb import Auth, Challenge

_log = structlog.get_logger(__name__)
_STRANGERS = Rate(burst=20, seconds=60.0)
"""Refusals of callers without a desk that are journalled: enough to see that it happens, too few to fill a disk."""
_BROKEN = (
    PoolTimeoutError,
    DBAPIError,
    errors.QueryCanceled,
    errors.IdleInTransactionSessionTimeout,  # psycopg calls it an internal error
    errors.OperationalError,
    errors.InterfaceError,
)


class Dispatcher:
    """Runs verbs for one worker."""

    def __init__(
        self,
        database: Database,
        gate: Gate,
        push: RevocationPush,
        handlers: Mapping[str, Any],
        *,
        limiter: Limiter,
        sign_ins: Rate,
        logged_refusals: TokenBuckets,
        monotonic: Callable[[], float],
        health: Health | None = None,
    ) -> None:
        self.database = database
        self._gate, self._push = gate, push
        self._limiter, self._sign_ins = limiter, sign_ins
        self._logged, self._monotonic = logged_refusals, monotonic
        self._strangers = TokenBuckets(_STRANGERS.burst, _STRANGERS.seconds)
        self._runner = Runner(database, handlers, health)

    async def run(self, asked: Asked) -> Answer | Refused:
        """The answer, or the refusal after which nothing has happened."""
        try:
            outcome = await self._admit(asked) or await self._runner.run(asked)
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
        person = self._gate.session(asked.call, desk, now) if asked.verb.auth is Auth.SESSION else None
        asked.actor = person if isinstance(person, Actor) else self._gate.visitor(asked.call, desk)
        return person if isinstance(person, Refused) else desk

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
        if verb.idempotent and not idempotency.valid_key(asked.key):
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
        if verb.repeatable or verb.challenge is not Challenge.NONE:
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
