"""The one door to the server: signs every call as this device, refreshes the session, answers with values."""

from __future__ import annotations

import asyncio
import base64
import secrets
import ssl
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from desktop.core.answers import REPLY_UNREADABLE, Failure, Offline, Problem, read_problem
from desktop.core.clock import ServerClock, wire_time
from desktop.core.device_key import DeviceKey
from shared.canonical import device_proof_bytes, digest, operation_bytes, session_proof
from shared.refusals import RefusalCode as R
from shared.wire.auth import MintReply, MintRequest, RefreshRequest, SessionReply
from shared.wire.encode import Encoded, encode
from shared.wire.resources import resources_of
from shared.wire.table import BY_NAME, Auth, Challenge, Verb

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)


class ApiClient:
    """Calls verbs of the wire table. `on_session` hears of every new pair of tokens, and None when they are over."""

    def __init__(
        self,
        base_url: str,
        key: DeviceKey,
        *,
        device_id: str = "",
        verify: ssl.SSLContext | None = None,
        clock: ServerClock | None = None,
    ) -> None:
        self.key = key
        self.device_id = device_id
        self.clock = clock or ServerClock()
        self.on_session: Callable[[SessionReply | None], None] = lambda _: None
        self.http = httpx.AsyncClient(
            base_url=base_url, verify=verify or ssl.create_default_context(), timeout=_TIMEOUT, trust_env=False
        )
        self._tokens: tuple[str, str] | None = None
        self._proof_key = b""
        self._refreshing = asyncio.Lock()

    async def close(self) -> None:
        """Close all connections."""
        await self.http.aclose()
        # asyncio lets go of a closed socket one turn later; a loop that ends at once would leave it open.
        await asyncio.sleep(0)

    @property
    def shop_token(self) -> str | None:
        """The token in use, None when nobody is signed in; the server may think otherwise."""
        return self._tokens[0] if self._tokens else None

    def adopt(self, session: SessionReply | None) -> None:
        """Use a session's tokens from now on, or forget them."""
        self._tokens = None if session is None else (session.shop_token, session.refresh_token)
        self._proof_key = b"" if session is None else base64.b64decode(session.proof_key)
        if session is not None:
            self.clock.learn_text(session.server_time)
        self.on_session(session)

    async def call(
        self, verb_name: str, request: Any, *, idempotency_key: str | None = None, operation_token: str | None = None
    ) -> Any:
        """The verb's reply, a `Problem`, or `Offline`. Never raises for what a server or a network may do.

        A call refused for a stale shop token is made again once after a refresh, and one refused for a wrong clock
        once after the clock was put right; neither had any effect the first time.
        """
        verb = BY_NAME[verb_name]
        sent = encode(verb, request)
        extra = {"Idempotency-Key": idempotency_key, "Operation-Token": operation_token}
        headers = {name: value for name, value in extra.items() if value is not None}
        used = self.shop_token
        answer = await self._send_with_proof(verb, sent, headers)
        if _is(answer, R.TOKEN) and verb.auth is Auth.SESSION and await self.refresh(used) is None:
            answer = await self._send_with_proof(verb, sent, headers)
        return answer

    async def perform(self, verb_name: str, request: Any, *, idempotency_key: str | None = None, totp: str = "") -> Any:
        """`call` for a verb that wants an operation token: gets the token over exactly this request first."""
        verb = BY_NAME[verb_name]
        if verb.challenge is Challenge.NONE:
            return await self.call(verb_name, request, idempotency_key=idempotency_key)
        token = await self.mint(verb_name, request, totp=totp)
        if not isinstance(token, str):
            return token
        return await self.call(verb_name, request, idempotency_key=idempotency_key, operation_token=token)

    async def mint(self, verb_name: str, request: Any, *, totp: str = "") -> str | Failure:
        """The one-time token for this request: its resources and the SHA-256 of the body that will be sent."""
        content = digest(encode(BY_NAME[verb_name], request).body)
        resources = resources_of(verb_name, request)
        asked = MintRequest(
            verb=verb_name,
            resources=resources,
            content_digest=content,
            signature=self.key.sign(operation_bytes(verb_name, resources, content)),
            totp=totp,
        )
        reply: MintReply | Failure = await self.call("mint_operation_token", asked)
        return reply.operation_token if isinstance(reply, MintReply) else reply

    def proof_headers(self, method: str, target: str, body: bytes, *, reading: bool = False) -> dict[str, str]:
        """Headers that prove this device for one request; `target` is path and query as sent.

        What is only `reading` is proved by the session's key where there is one: it costs the server a twentieth.
        """
        time, nonce = wire_time(self.clock.now()), secrets.token_hex(16)
        proved = device_proof_bytes(method, target, time, nonce, body)
        headers = {"Device-Time": time, "Device-Nonce": nonce, "Correlation-Id": uuid.uuid4().hex}
        if reading and self._proof_key:
            headers["Device-Mac"] = base64.b64encode(session_proof(self._proof_key, proved)).decode()
        else:
            headers["Device-Signature"] = self.key.sign(proved)
        if self.device_id:
            headers["Device-Id"] = self.device_id
        if self._tokens is not None:
            headers["Authorization"] = f"Bearer {self._tokens[0]}"
        return headers

    async def refresh(self, stale: str | None) -> Failure | None:
        """Exchange the refresh token, once, however many calls were refused with the shop token `stale`."""
        async with self._refreshing:
            if self._tokens is None:
                return Problem(code=R.TOKEN, status=401)
            if self._tokens[0] != stale:
                return None
            sent = encode(BY_NAME["refresh"], RefreshRequest(refresh_token=self._tokens[1]))
            answer = await self._send_with_proof(BY_NAME["refresh"], sent, {})
            if isinstance(answer, SessionReply):
                self.adopt(answer)
                return None
            failure: Failure = answer
            if isinstance(failure, Problem) and failure.status in (401, 403):
                self.adopt(None)
            return failure

    async def _send_with_proof(self, verb: Verb, sent: Encoded, headers: dict[str, str]) -> Any:
        answer, date = await self._send(verb, sent, headers)
        if _is(answer, R.DEVICE_PROOF) and self.clock.learn_header(date):
            answer, _ = await self._send(verb, sent, headers)
        return answer

    async def _send(self, verb: Verb, sent: Encoded, extra: dict[str, str]) -> tuple[Any, str]:
        """The answer, and the `Date` it came with."""
        request = self.http.build_request(sent.method, sent.target, content=sent.body or None, headers=extra)
        target = request.url.raw_path.decode()
        request.headers.update(self.proof_headers(sent.method, target, sent.body, reading=verb.reading))
        if sent.content_type:
            request.headers["Content-Type"] = sent.content_type
        try:
            response = await self.http.send(request)
        except (httpx.HTTPError, OSError) as error:
            return Offline(reason=type(error).__name__), ""
        return _read(verb, response, request.headers["Correlation-Id"]), response.headers.get("Date", "")


def _read(verb: Verb, response: httpx.Response, correlation_id: str) -> Any:
    if response.headers.get("Content-Type", "").startswith("text/html"):
        return Offline(reason="html")  # a proxy's or a captive portal's page
    if not response.is_success:
        return read_problem(
            response.status_code, response.content, correlation_id, response.headers.get("Retry-After", "")
        )
    if verb.raw_reply:
        return response.content
    try:
        return msgspec.json.decode(response.content, type=verb.reply)
    except msgspec.MsgspecError:
        return Problem(code=REPLY_UNREADABLE, status=response.status_code, correlation_id=correlation_id)


def _is(answer: Any, code: str) -> bool:
    return isinstance(answer, Problem) and answer.code == code
