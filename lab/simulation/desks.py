"""People at their desks: what they send, over a network that loses, delays and doubles, and what they were answered."""

from __future__ import annotations

import asyncio
import base64
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec
from multidict import MultiDict

from lab.simulation.company import TOTP_SECRET, VAULT, Person
from lab.simulation.processes import Process
from server.context import Actor
from server.http.asked import Answer, Asked
from server.http.gate import Call
from server.identity import second_factor
from server.identity.tokens import ShopClaims, keys_of
from server.wire_time import wire_time
from shared.canonical import device_proof_bytes, digest, operation_bytes, sign_off_bytes
from shared.ids import uuid7_from
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.auth import MintReply, MintRequest
from shared.wire.encode import Encoded, encode
from shared.wire.resources import resources_of
from shared.wire.table import BY_NAME, Challenge, Verb

_PATIENCE = 40.0
"""Seconds after which a desk thinks that its call was lost."""


class Weather(msgspec.Struct, kw_only=True):
    """How likely (0 to 1) the network between desks and API does each of these."""

    request_lost: float = 0.0
    reply_lost: float = 0.0
    doubled: float = 0.0
    slow: float = 0.0


@dataclass
class Reply:
    """What came of one verb: `value` is the decoded reply, None when refused or never answered."""

    value: Any = None
    refused: Refused | None = None
    key: str = ""

    @property
    def unknown(self) -> bool:
        """Whether the desk never learnt what came of it."""
        return self.value is None and self.refused is None


class Worker(Protocol):
    """An API process, whatever kind of process it is."""

    process: Process

    def answer(self, call: Call, asked: Asked) -> asyncio.Task[Answer | Refused]:
        """Begin to answer one call."""
        ...


@dataclass
class Network:
    """All desks of a schedule; `answers` are all bodies by idempotency key, which must be one and the same."""

    draw: random.Random
    weather: Weather
    clock: Callable[[], datetime]
    workers: Callable[[], Sequence[Worker]]
    wake: Callable[[], None]
    """Lets executors look for work soon, so that they need not look all the time."""
    counts: Counter[str] = field(default_factory=Counter)
    answers: dict[str, set[bytes]] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    bugs: list[str] = field(default_factory=list)
    broken_replays: list[str] = field(default_factory=list)
    """Calls that were refused although they began after the same key had been answered."""

    def chance(self, what: str) -> bool:
        """Whether this misbehaviour happens now."""
        share: float = getattr(self.weather, what)
        hit = share > 0 and self.draw.random() < share
        if hit:
            self.counts[what] += 1
        return hit

    async def send(self, verb: Verb, make: Callable[[], Call], asked: Asked) -> Answer | Refused | None:
        """One call to some worker; None when nothing came back."""
        await self._travel()
        if self.chance("request_lost"):
            await asyncio.sleep(_PATIENCE)
            return None
        if self.chance("doubled"):
            task = asyncio.create_task(self._doubled(make(), asked))
            task.add_done_callback(lambda _: None)
        workers = self.workers()
        if not workers:
            return None
        worker = self.draw.choice(workers)
        answer = await self._answered(worker, make(), asked)
        if answer is None or self.chance("reply_lost"):
            await asyncio.sleep(self.draw.choice([0.0, _PATIENCE]))
            return None
        await self._travel()
        return answer

    async def _doubled(self, call: Call, asked: Asked) -> None:
        await asyncio.sleep(self.draw.choice([0.0, 0.01, 5.0, 50.0]))
        workers = self.workers()
        if workers:
            await self._answered(self.draw.choice(workers), call, asked)

    async def _answered(self, worker: Worker, call: Call, asked: Asked) -> Answer | Refused | None:
        key = f"{asked.verb.name} {asked.header('Idempotency-Key')}" if asked.verb.idempotent else ""
        known = key in self.answers
        task = worker.answer(call, asked)
        task.add_done_callback(self._look_for_bug)
        await asyncio.wait([task], timeout=_PATIENCE)
        if not task.done() or task.cancelled() or task.exception() or worker.process.dead:
            return None
        answer = task.result()
        if asked.verb.name == "sign_off":
            asyncio.get_running_loop().call_later(self.draw.uniform(0, 10), self.wake)
        if isinstance(answer, Answer) and key:
            self.answers.setdefault(key, set()).add(answer.body)
        elif isinstance(answer, Refused) and known and answer.code.value not in _AGAIN:
            self.broken_replays.append(f"{key} {answer.code.value}")
        return answer

    def _look_for_bug(self, task: asyncio.Task[Answer | Refused]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self.bugs.append(f"{type(error).__name__}: {error}")

    async def _travel(self) -> None:
        await asyncio.sleep(self.draw.uniform(1, 20) if self.chance("slow") else self.draw.uniform(0.001, 0.2))


class Desk:
    """One person at their desk."""

    def __init__(self, network: Network, person: Person, actor: Actor) -> None:
        self.network, self.person, self.actor = network, person, actor
        self._draw = network.draw
        self._token, self._until = "", network.clock()

    async def do(self, verb_name: str, request: Any, *, tries: int = 5, key: str = "") -> Reply:
        """Do a verb, again and again under one key until an answer comes or patience ends."""
        verb, key = BY_NAME[verb_name], key or self._draw.randbytes(8).hex()
        token = ""
        for _ in range(tries):
            if verb.challenge is not Challenge.NONE and (not token or self._draw.random() < 0.7):
                token = await self._mint(verb, request) or token
                if not token:
                    continue
            answer = await self._call(verb, request, key, token)
            if isinstance(answer, Answer):
                return Reply(value=msgspec.json.decode(answer.body, type=verb.reply), key=key)
            if isinstance(answer, Refused):
                self.network.refusals[f"{verb_name} {answer.code.value}"] += 1
                if answer.code.value in _AGAIN:
                    await asyncio.sleep(self._draw.uniform(1, 10))
                    continue
                return Reply(refused=answer, key=key)
            await asyncio.sleep(self._draw.uniform(0.5, 20))
        return Reply(key=key)

    async def ask(self, verb_name: str, request: Any) -> Any:
        """The reply of a verb that only reads, or None."""
        reply = await self.do(verb_name, request)
        return reply.value

    async def _mint(self, verb: Verb, request: Any) -> str:
        content, resources = digest(encode(verb, request).body), resources_of(verb.name, request)
        code = await self._code() if verb.challenge is Challenge.DEVICE_AND_CODE else ""
        signature = self._sign(operation_bytes(verb.name, resources, content))
        wanted = MintRequest(
            verb=verb.name, resources=resources, content_digest=content, signature=signature, totp=code
        )
        answer = await self._call(BY_NAME["mint_operation_token"], wanted, "", "")
        if isinstance(answer, Refused):
            self.network.refusals[f"mint {answer.code.value}"] += 1
        if not isinstance(answer, Answer):
            return ""
        return msgspec.json.decode(answer.body, type=MintReply).operation_token

    async def _code(self) -> str:
        """A code that was not used before, waiting for the next one if need be."""
        while True:
            step = second_factor.step_of(self.network.clock())
            for one in (step, step + 1):
                if one not in self.person.used_steps:
                    self.person.used_steps.add(one)
                    return second_factor.code_at(TOTP_SECRET, one)
            await asyncio.sleep(float(second_factor.STEP_SECONDS))

    async def _call(self, verb: Verb, request: Any, key: str, token: str) -> Answer | Refused | None:
        sent = encode(verb, request)
        extra = {"Idempotency-Key": key} if verb.idempotent else {}
        if token:
            extra["Operation-Token"] = token

        def make() -> Call:
            headers = self._proof(sent) | extra
            return Call(
                method=sent.method,
                target=sent.target,
                body=sent.body,
                headers=headers,
                correlation_id=self._draw.randbytes(4).hex(),
            )

        path = {name: str(getattr(request, name)) for name in request.__struct_fields__ if f"{{{name}}}" in verb.path}
        asked = Asked(verb=verb, call=make(), path=path, query=MultiDict())
        return await self.network.send(verb, make, asked)

    def _proof(self, sent: Encoded) -> dict[str, str]:
        time, nonce = wire_time(self.network.clock()), self._draw.randbytes(16).hex()
        return {
            "Device-Id": str(self.person.device_id),
            "Device-Time": time,
            "Device-Nonce": nonce,
            "Device-Signature": self._sign(device_proof_bytes(sent.method, sent.target, time, nonce, sent.body)),
            "Authorization": f"Bearer {self._shop_token()}",
        }

    def _shop_token(self) -> str:
        now = self.network.clock()
        if now >= self._until:
            self._until = now + timedelta(days=6)
            claims = ShopClaims(
                sub=self.person.user_id,
                sid=self._id(now),
                did=self.person.device_id,
                bid=self.person.branch_id,
                usr=self.person.name,
                name=self.person.name,
                roles=[self.person.role.value],
                jti=self._id(now),
                iat=now.timestamp(),
                exp=self._until.timestamp(),
            )
            self._token = keys_of(VAULT).issue(claims)
        return self._token

    def _id(self, now: datetime) -> UUID:
        return uuid7_from(int(now.timestamp() * 1000), self._draw.randbytes(10))

    def _sign(self, data: bytes) -> str:
        return base64.b64encode(self.person.key.sign(data)).decode()

    def signature(self, decision: str, subject: str, reason: str) -> str:
        """The desk's signature under a decision."""
        return self._sign(sign_off_bytes(decision, subject, reason))


_AGAIN = frozenset({R.OVERLOADED, R.KEY_BUSY, R.PUSH_SILENT, R.DEVICE_PROOF, R.OPERATION_TOKEN_USED})
