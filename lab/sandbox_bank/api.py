"""The partner's door: headers, quota, tokens and the envelope of docs/bank.md, and the faults of the wire."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from lab.sandbox_bank.books import Books
from lab.sandbox_bank.callbacks import Callbacks
from lab.sandbox_bank.clock import BankClock
from lab.sandbox_bank.dialect_v2 import CONFIRM_V2, INITIATE_V2, INQUIRY_V2, incoming, outgoing
from lab.sandbox_bank.faults import Fault, FaultBoard, FaultRule, Subject
from lab.sandbox_bank.fields import CONFIRM, INITIATE, INQUIRY, TOKEN, VERIFY, Shape, Wrong, read_body
from lab.sandbox_bank.settings import BankSettings
from lab.sandbox_bank.teller import Answer, Teller

BASE: Final = "/partners/sandbox"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9]{32}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_HANG_SECONDS: Final = 120.0
_SLOW_SECONDS: Final = 5.0
_MAX_BODY: Final = 64 * 1024


class Call(msgspec.Struct, frozen=True):
    """One path of the bank."""

    name: str
    method: str
    shape: Shape | None
    needs_token: bool = True
    older: bool = False
    """Spoken in the dialect of dialect_v2."""


CALLS: Final[dict[str, Call]] = {
    "/v1/oauth/token": Call("token", "POST", TOKEN, needs_token=False),
    "/v1/payment/transfer/fcd/credit/initiate": Call("initiate", "POST", INITIATE),
    "/v1/payment/transfer/fcd/credit/confirm": Call("confirm", "POST", CONFIRM),
    "/v1/payment/transfer/fcd/inquiry": Call("inquiry", "POST", INQUIRY),
    "/v2/payment/transfer/credit/initiate": Call("initiate", "POST", INITIATE_V2, older=True),
    "/v2/payment/transfer/confirm": Call("confirm", "POST", CONFIRM_V2, older=True),
    "/v1/payment/transfer/inquiry": Call("inquiry", "POST", INQUIRY_V2, older=True),
    "/v1/payment/transfer/account/verify": Call("verify", "POST", VERIFY),
    "/v1/util/echo": Call("echo", "GET", None, needs_token=False),
}


class PartnerApi:
    """Takes one request from the wire to its answer, and spoils it where a fault says so."""

    def __init__(
        self,
        settings: BankSettings,
        api_key: str,
        teller: Teller,
        books: Books,
        faults: FaultBoard,
        callbacks: Callbacks,
        clock: BankClock,
    ) -> None:
        self._settings, self._api_key, self._teller = settings, api_key, teller
        self._books, self._faults, self._callbacks, self._clock = books, faults, callbacks, clock
        self._handlers: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "token": teller.token,
            "initiate": teller.initiate,
            "inquiry": teller.inquiry,
            "verify": teller.verify,
            "echo": teller.echo,
        }
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self.calls: defaultdict[str, int] = defaultdict(int)
        self.stopping = asyncio.Event()

    def application(self) -> web.Application:
        """The aiohttp application; every path and method ends in `_serve` so that all errors wear the envelope."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix(BASE)
        call = CALLS.get(path) if request.path.startswith(BASE) else None
        if call is None:
            return _reply(Answer(404, 1104, "The requested record does not exist"))
        self.calls[call.name] += 1
        raw = await request.read()
        problem = self._problem(call, path, request)
        body = {} if call.shape is None else read_body(raw, call.shape)
        if problem is None and isinstance(body, Wrong):
            problem = Answer(400, body.code, body.description)
        if problem is not None or isinstance(body, Wrong):
            return _reply(problem or Answer(500, 9700, "Generic server error"))
        if self._settings.latency_seconds:
            await asyncio.sleep(self._settings.latency_seconds)
        if call.older:
            translated = incoming(call.name, body, self._books)
            return (
                _reply(translated) if isinstance(translated, Answer) else await self._answer(call, translated, request)
            )
        return await self._answer(call, body, request)

    async def _answer(self, call: Call, body: dict[str, Any], request: web.Request) -> web.StreamResponse:
        subject = self._teller.subject(call.name, body)
        spoiled = await self._spoil_before(call, subject, request)
        if spoiled is not None:
            return spoiled
        self.settle()
        if call.name != "confirm":
            told = self._handlers[call.name](body)
            announced = self._books.by_reference(subject.reference or "") if call.name == "initiate" else None
            if announced is not None:
                self._callbacks.after_initiate(announced)
            return _reply(self._said(call, told))
        before = self._books.transaction(body["tokenizerId"])
        answer = self._said(call, self._teller.confirm(body))
        after = self._books.transaction(body["tokenizerId"])
        finished = after and before and before.status != after.status in ("CONFIRM_COMPLETED", "CONFIRM_FAILED")
        if after and finished and not await self._callbacks.before_answer(after):
            self._callbacks.after_answer(after)
        return await self._spoil_after(subject, answer, request)

    def _said(self, call: Call, answer: Answer) -> Answer:
        """The answer in the dialect that was spoken."""
        return outgoing(call.name, answer, self._books) if call.older else answer

    def settle(self) -> None:
        """Finish what is due by now and tell the partner."""
        for payment in self._books.settle(self._clock.now()):
            self._callbacks.after_answer(payment)

    def _problem(self, call: Call, path: str, request: web.Request) -> Answer | None:
        """The first thing wrong with a request apart from its body."""
        if request.method != call.method:
            return Answer(405, 9900, "Method not allowed")
        if not self._is_our_client(request):
            return Answer(403, 9503, "Invalid access rights")
        if self._over_quota(path):
            return Answer(503, 9900, "Server overloaded (transactions per second)")
        if call.name == "echo":
            return None
        return self._header_problem(call, request)

    def _header_problem(self, call: Call, request: web.Request) -> Answer | None:
        if request.content_type != "application/json":
            return Answer(415, 9900, "Unsupported content type")
        for name in ("resourceOwnerId", "requestUId"):
            if not request.headers.get(name):
                return Answer(400, 9100, f"Required standard headers ({name}) not found")
        if not _REQUEST_ID.fullmatch(request.headers["requestUId"]):
            return Answer(400, 1102, "Invalid parameters (requestUId)")
        if request.headers["resourceOwnerId"] != self._api_key:
            return Answer(401, 9500, "Invalid API key or credentials")
        if call.needs_token and not self._teller.token_is_good(request.headers.get("authorization", "")):
            return Answer(401, 9300, "Invalid or expired access token")
        return None

    def _is_our_client(self, request: web.Request) -> bool:
        certificate = request.get_extra_info("peercert") or {}
        names = {value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"}
        return self._settings.corporate_id in names

    def _over_quota(self, path: str) -> bool:
        limit = self._settings.calls_per_second
        if not limit:
            return False
        now, recent = asyncio.get_running_loop().time(), self._recent[path]
        while recent and now - recent[0] >= 1:
            recent.popleft()
        if len(recent) >= limit:
            return True
        recent.append(now)
        return False

    async def _spoil_before(self, call: Call, subject: Subject, request: web.Request) -> web.StreamResponse | None:
        """Faults that strike before anything executes."""
        strike = self._faults.strike
        if rule := strike(Fault.SLOW, call.name, subject):
            await self._hold(rule, _SLOW_SECONDS)
        if strike(Fault.UNAVAILABLE, call.name, subject):
            return _reply(Answer(503, 9900, "Service unavailable (maintenance)"))
        if strike(Fault.TOKEN_EXPIRED, call.name, subject):
            return _reply(Answer(401, 9300, "Invalid or expired access token"))
        if strike(Fault.TLS_RESET, call.name, subject):
            return _cut(request)
        if rule := strike(Fault.TIMEOUT_BEFORE_EXECUTION, call.name, subject):
            await self._hold(rule, _HANG_SECONDS)
            return _cut(request)
        return None

    async def _spoil_after(self, subject: Subject, answer: Answer, request: web.Request) -> web.StreamResponse:
        """Faults that strike a confirm once it has executed."""
        if self._faults.strike(Fault.LOST_ANSWER, "confirm", subject):
            return _cut(request)
        if self._faults.strike(Fault.GATEWAY_TIMEOUT, "confirm", subject):
            return _reply(Answer(504, 9900, "API timeout"))
        if self._faults.strike(Fault.MALFORMED_JSON, "confirm", subject):
            return web.Response(body=b'{"status":{"code":1000,', content_type="application/json")
        if self._faults.strike(Fault.REPLY_CUT, "confirm", subject):
            return await _break_off(answer, request)
        if rule := self._faults.strike(Fault.TIMEOUT_AFTER_EXECUTION, "confirm", subject):
            await self._hold(rule, _HANG_SECONDS)
        return _reply(answer)

    async def _hold(self, rule: FaultRule, default: float) -> None:
        """Wait out a fault, but never hold up the bank's own end."""
        try:
            async with asyncio.timeout(default if rule.seconds is None else rule.seconds):
                await self.stopping.wait()
        except TimeoutError:
            return


def _reply(answer: Answer) -> web.Response:
    status = {"code": answer.code, "description": answer.description}
    body = msgspec.json.encode({"status": status, "data": answer.data})
    return web.Response(status=answer.http, body=body, content_type="application/json")


def _cut(request: web.Request) -> web.Response:
    """Drop the connection; what is returned has nowhere to go."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _break_off(answer: Answer, request: web.Request) -> web.StreamResponse:
    whole = _reply(answer).body
    if not isinstance(whole, bytes):
        raise TypeError("a reply is bytes")
    reply = web.StreamResponse(headers={"content-type": "application/json"})
    reply.content_length = len(whole)
    await reply.prepare(request)
    await reply.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return reply
