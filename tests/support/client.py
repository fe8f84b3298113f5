"""A desk in a test: signs every call, signs in, mints operation tokens, makes idempotency keys. Blocking and simple."""

from __future__ import annotations

import base64
import secrets
import uuid
from typing import Any

import httpx
import msgspec

from server.wire_time import wire_time
from shared.canonical import device_proof_bytes, digest, operation_bytes, session_proof
from shared.wire.auth import MintReply, MintRequest, SessionReply, SignInRequest
from shared.wire.encode import encode
from shared.wire.resources import resources_of
from shared.wire.table import BY_NAME, Challenge, Verb
from tests.support import declared
from tests.support.world import PASSWORD, MovableClock, Person


class SignedClient:
    """One person at one desk. `call` gives the raw response, `ask` the reply's struct (a refusal fails the test)."""

    def __init__(self, base_url: str, person: Person, clock: MovableClock) -> None:
        self.person, self.clock = person, clock
        self.http = httpx.Client(base_url=base_url, timeout=30, trust_env=False)
        self.session: SessionReply | None = None

    def close(self) -> None:
        """Close all connections."""
        self.http.close()

    def sign_in(self, password: str = PASSWORD) -> SessionReply:
        """Begin a session and keep its tokens."""
        request = SignInRequest(username=self.person.username, password=password)
        self.session = msgspec.json.decode(self.call("sign_in", request).read(), type=SessionReply)
        return self.session

    def ask(self, verb_name: str, request: Any, *, key: str | None = None) -> Any:
        """Do a verb with all that it wants, a fresh idempotency key included, and decode its reply."""
        response = self.do(verb_name, request, key=key)
        assert response.status_code == BY_NAME[verb_name].status, response.text
        return msgspec.json.decode(response.content, type=BY_NAME[verb_name].reply)

    def do(self, verb_name: str, request: Any, *, key: str | None = None) -> httpx.Response:
        """The same, whatever the answer is."""
        verb = BY_NAME[verb_name]
        token = None if verb.challenge is Challenge.NONE else self.mint(verb_name, request)
        return self.call(verb_name, request, key=key or uuid.uuid4().hex, operation_token=token)

    def mint(self, verb_name: str, request: Any) -> str:
        """The operation token for exactly this request."""
        response = self.call("mint_operation_token", self.mint_request(verb_name, request))
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=MintReply).operation_token

    def mint_request(self, verb_name: str, request: Any, *, totp: str | None = None) -> MintRequest:
        """What asks for an operation token; a fresh code where the verb wants one and none is given."""
        verb = BY_NAME[verb_name]
        content, resources = digest(encode(verb, request).body), resources_of(verb_name, request)
        if totp is None:
            totp = self.person.totp(self.clock) if verb.challenge is Challenge.DEVICE_AND_CODE else ""
        return MintRequest(
            verb=verb_name,
            resources=resources,
            content_digest=content,
            signature=self.sign(operation_bytes(verb_name, resources, content)),
            totp=totp,
        )

    def call(
        self,
        verb_name: str,
        request: Any,
        *,
        key: str | None = None,
        operation_token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send one verb with exactly these extras."""
        verb: Verb = BY_NAME[verb_name]
        sent = encode(verb, request)
        extra = dict(headers or {})
        if key is not None and verb.idempotent:
            extra["Idempotency-Key"] = key
        if operation_token is not None:
            extra["Operation-Token"] = operation_token
        answer = self.send(sent.method, sent.target, sent.body, content_type=sent.content_type, headers=extra)
        if "json" in answer.headers.get("Content-Type", ""):
            declared.check(verb, answer.content)
        return answer

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send anything, signed; `headers` beat ours."""
        sent = self.proof(method, target, body)
        if body:
            sent["Content-Type"] = content_type
        return self.http.request(method, target, content=body or None, headers=sent | (headers or {}))

    def proof(self, method: str, target: str, body: bytes = b"") -> dict[str, str]:
        """The headers that prove this desk and, once signed in, this person."""
        time, nonce = wire_time(self.clock()), secrets.token_hex(16)
        headers = {
            "Device-Id": str(self.person.device_id),
            "Device-Time": time,
            "Device-Nonce": nonce,
            "Device-Signature": self.sign(device_proof_bytes(method, target, time, nonce, body)),
        }
        if self.session is not None:
            headers["Authorization"] = f"Bearer {self.session.shop_token}"
        return headers

    def session_proof(self, method: str, target: str, body: bytes = b"") -> dict[str, str]:
        """The same by the session's key, without the desk's signature."""
        assert self.session is not None
        headers = self.proof(method, target, body)
        del headers["Device-Signature"]
        proved = device_proof_bytes(method, target, headers["Device-Time"], headers["Device-Nonce"], body)
        key = base64.b64decode(self.session.proof_key)
        return headers | {"Device-Mac": base64.b64encode(session_proof(key, proved)).decode()}

    def sign(self, data: bytes) -> str:
        """Base64 of the desk's signature."""
        return base64.b64encode(self.person.key.sign(data)).decode()
