"""Calls verbs as a desk does, from the command line: signs, signs in, gets operation tokens, reads the answers."""

from __future__ import annotations

import base64
import secrets
import ssl
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.identity import second_factor
from server.wire_time import wire_time
from shared.canonical import device_proof_bytes, digest, operation_bytes
from shared.refusals import RefusalCode
from shared.wire.auth import MintReply, MintRequest, SessionReply, SignInRequest
from shared.wire.encode import Encoded, encode
from shared.wire.resources import resources_of
from shared.wire.table import BY_NAME, Auth, Challenge, Verb

_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)
DESK_FILE: Final = "desk.json"
DEMO_FILE: Final = "demo.json"
_CODE_TRIES: Final = 3
"""Below the five wrong codes that lock a user."""


class DeskIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, from which desk: the device's Ed25519 seed in hex, and the user's secrets where they are needed."""

    device_id: str
    device_seed: str
    username: str
    password: str
    totp_secret: str = ""

    def __repr__(self) -> str:
        return f"DeskIdentity({self.username})"


class CallingDesk(msgspec.Struct, frozen=True):
    """`desk.json`: a desk without a window. Its seed is all that its signature takes: readable by its owner only."""

    server: str
    device_id: str
    seed: str

    def __repr__(self) -> str:
        return f"CallingDesk({self.server})"


def read_desk(folder: Path) -> CallingDesk:
    """The desk in a folder; raises what reading a file or msgspec raises."""
    return msgspec.json.decode((folder / DESK_FILE).read_bytes(), type=CallingDesk)


class Demo(msgspec.Struct, frozen=True):
    """What `demo.json` tells of a running demo to whoever calls it."""

    url: str
    users: list[DeskIdentity]


def read_demo(folder: Path) -> Demo:
    """The demo in a folder; raises FileNotFoundError when none was started there."""
    return msgspec.json.decode((folder / DEMO_FILE).read_bytes(), type=Demo)


class Refusal(msgspec.Struct, frozen=True):
    """The server said no: its problem details."""

    status: int
    problem: dict[str, Any]

    @property
    def code(self) -> str:
        """The refusal's code."""
        return str(self.problem.get("code", ""))

    def __str__(self) -> str:
        text = self.problem.get("detail_en") or self.problem.get("title") or "the answer can't be read"
        return f"{text} ({self.status} {self.code}, correlation {self.problem.get('correlation_id', '-')})"


class Caller:
    """One desk with one user; use as a context manager. One connection, so that answers come from one worker."""

    def __init__(self, base_url: str, identity: DeskIdentity, ask_code: Callable[[], str] = str) -> None:
        """`ask_code` gives a code of the second factor where the identity has no secret to compute one from."""
        self._identity, self._ask_code = identity, ask_code
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(identity.device_seed))
        self.http = httpx.Client(
            base_url=base_url,
            timeout=_TIMEOUT,
            trust_env=False,
            limits=httpx.Limits(max_connections=1),
            # The machine's authorities, as the desk takes them; reading them takes longer than a call without TLS.
            verify=ssl.create_default_context() if base_url.startswith("https:") else False,
        )
        self._shop_token = ""

    def __enter__(self) -> Caller:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.http.close()

    def sign(self, data: bytes) -> str:
        """Base64 of the device key's signature, as sign-offs carry it."""
        return base64.b64encode(self._key.sign(data)).decode()

    @property
    def public_key(self) -> str:
        """Base64 of the device's 32 bytes, as it enrols."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign_in(self) -> SessionReply | Refusal:
        """Open a session; later calls carry its token."""
        request = SignInRequest(username=self._identity.username, password=self._identity.password)
        reply = self._send(BY_NAME["sign_in"], request, {})
        if isinstance(reply, bytes):
            session = msgspec.json.decode(reply, type=SessionReply)
            self._shop_token = session.shop_token
            return session
        return reply

    def call(self, verb_name: str, request: Any, *, idempotency_key: str | None = None) -> bytes | Refusal:
        """The reply's body. Signs in first where needed, and gets the operation token where the verb wants one."""
        verb = BY_NAME[verb_name]
        if verb.auth is Auth.SESSION and not self._shop_token:
            session = self.sign_in()
            if isinstance(session, Refusal):
                return session
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())} if verb.idempotent else {}
        if verb.challenge is not Challenge.NONE:
            token = self._mint(verb, request)
            if isinstance(token, Refusal):
                return token
            headers["Operation-Token"] = token
        return self._send(verb, request, headers)

    def _mint(self, verb: Verb, request: Any) -> str | Refusal:
        content, resources = digest(encode(verb, request).body), resources_of(verb.name, request)
        signature = self.sign(operation_bytes(verb.name, resources, content))
        codes = self._codes() if verb.challenge is Challenge.DEVICE_AND_CODE else iter([""])
        reply: bytes | Refusal = Refusal(0, {})
        for code in codes:
            asked = MintRequest(
                verb=verb.name, resources=resources, content_digest=content, signature=signature, totp=code
            )
            reply = self._send(BY_NAME["mint_operation_token"], asked, {})
            if isinstance(reply, bytes):
                return msgspec.json.decode(reply, type=MintReply).operation_token
            if reply.code != RefusalCode.CODE_WRONG:
                break
        return reply if isinstance(reply, Refusal) else Refusal(0, {})

    def _codes(self) -> Iterator[str]:
        """Codes to try, as they are typed or computed: a step that was used a moment ago is refused, so the next one
        follows, then a later one."""
        for attempt in range(_CODE_TRIES):
            if not self._identity.totp_secret:
                yield self._ask_code()
                continue
            step = second_factor.step_of(datetime.now(UTC))
            if attempt == _CODE_TRIES - 1:
                time.sleep((step + 1) * second_factor.STEP_SECONDS - time.time())
                step = second_factor.step_of(datetime.now(UTC))
            yield second_factor.code_at(self._identity.totp_secret, step + min(attempt, 1))

    def _send(self, verb: Verb, request: Any, extra: Mapping[str, str]) -> bytes | Refusal:
        sent = encode(verb, request)
        built = self.http.build_request(sent.method, sent.target, content=sent.body or None, headers=dict(extra))
        built.headers.update(self._proof(sent, built.url.raw_path.decode()))
        response = self.http.send(built)
        if response.is_success:
            return response.content
        try:
            problem = msgspec.json.decode(response.content, type=dict[str, Any])
        except msgspec.MsgspecError:
            problem = {}
        return Refusal(response.status_code, problem)

    def _proof(self, sent: Encoded, target: str) -> dict[str, str]:
        moment, nonce = wire_time(datetime.now(UTC)), secrets.token_hex(16)
        headers = {
            "Device-Id": self._identity.device_id,
            "Device-Time": moment,
            "Device-Nonce": nonce,
            "Device-Signature": self.sign(device_proof_bytes(sent.method, target, moment, nonce, sent.body)),
            "Correlation-Id": uuid.uuid4().hex,
        }
        if sent.content_type:
            headers["Content-Type"] = sent.content_type
        if self._shop_token:
            headers["Authorization"] = f"Bearer {self._shop_token}"
        return headers
