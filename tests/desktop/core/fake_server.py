"""A small real HTTP server that checks what a desk sends and can lose answers; enough verbs to prove the desk."""

from __future__ import annotations

import asyncio
import base64
import secrets
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desktop.core.clock import parse_instant, wire_time
from shared.canonical import device_proof_bytes, digest, operation_bytes, session_proof
from shared.permissions import ROLE_PERMISSIONS, Role
from shared.wire.auth import BranchView, MintReply, MintRequest, SessionReply, UserView
from shared.wire.common import ItemRefused
from shared.wire.members import AccountView, MemberView, ValidationView
from shared.wire.payments import Approvals, IntentView, PaidAccount, SubmitIntentRequest
from shared.wire.records import PolicyView, SyncReply
from shared.wire.resources import resources_of
from shared.wire.table import EVENTS_PATH, PREFIX

BRANCH = BranchView(id=1, code="NSN", name_th="นครสวรรค์", name_en="Nakhon Sawan")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def uid(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def member(number: int, *, name: str = "สมชาย ใจดี", version: int = 1, last4: str = "4412") -> MemberView:
    account = AccountView(version=version, bank="034", last4=last4, name=name, effective_at="2026-01-01T00:00:00.000Z")
    return MemberView(
        id=uid(number), code=f"M{number:05}", branch="NSN", name=name, id_last4="9012", phone="0812345678",
        status="active", version=version, account=account,
    )  # fmt: skip


def intent(number: int, request: SubmitIntentRequest, *, state: str = "validated", version: int = 1) -> IntentView:
    return IntentView(
        id=uid(10_000 + number), number=f"PV2611-{number:07}", state=state, operation=request.operation, branch="NSN",
        member_id=request.member_id, member_code="M00001", member_name="สมชาย ใจดี",
        account=PaidAccount(bank="034", last4="4412", name="สมชาย ใจดี"), account_version=request.account_version,
        amount=request.amount, fee="0.00", currency="THB", channel="scb", produce=request.produce,
        weigh_ticket=request.weigh_ticket, note=request.note, maker="มะลิ", maker_id=uid(7),
        approvals=Approvals(needed=1, given=0, roles=["manager"]), batch_id=None, line=0, failure_code="",
        failure_text="", created_at=f"2026-11-21T02:00:{number % 60:02}.000Z",
        expires_at="2026-11-24T02:00:00.000Z", changed_at="2026-11-21T02:00:00.000Z", version=version,
    )  # fmt: skip


REQUEST = SubmitIntentRequest(branch="NSN", member_id=uid(1), account_version=1, amount="48250.00")


def validation(number: int, *, payable: bool = True) -> ValidationView:
    reasons = [] if payable else [ItemRefused(code="member.not_active", detail_th="ไม่ใช้งาน", detail_en="Not active")]
    return ValidationView(member=member(number), payable=payable, reasons=reasons, as_of="2026-11-21T03:00:00.000Z")


class FakeServer:
    """State is plain attributes; tests set them. `lose` counts answers that vanish after the work was done."""

    def __init__(self, public_key: str) -> None:
        self.key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        self.role = Role.CASHIER
        self.shop, self.refresh_token, self.refreshes = "", "", 0
        self.skew = timedelta(0)
        self.nonces: set[str] = set()
        self.minted: dict[str, tuple[str, str]] = {}
        self.by_key: dict[str, bytes] = {}
        self.intents: list[IntentView] = []
        self.members: list[MemberView] = []
        self.feed: list[Any] = []
        self.page_size = 3
        self.proof_key = b""
        self.lose = 0
        self.lose_before = 0
        self.hold: asyncio.Event | None = None
        self.html = False
        self.gone = False
        self.policy = PolicyView(
            name_match_minimum=80,
            check_seconds=86_400,
            duplicate_days=30,
            new_account_days=7,
            production_accounts=False,
        )
        self.listeners: list[asyncio.Queue[None]] = []
        self.calls: list[str] = []
        self.extra: dict[tuple[str, str], Callable[[web.Request, bytes], Any]] = {}
        self.url = ""

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skew

    def publish(self, *views: Any) -> None:
        self.feed.extend(views)
        for queue in self.listeners:
            queue.put_nowait(None)

    async def start(self) -> web.AppRunner:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_get(EVENTS_PATH, self.events)
        app.router.add_route("*", "/{tail:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def stamped(self, response: web.StreamResponse) -> Any:
        response.headers["Date"] = self.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        return response

    def proof_problem(self, request: web.Request, body: bytes) -> str:
        time, nonce = request.headers.get("Device-Time", ""), request.headers.get("Device-Nonce", "")
        signed = device_proof_bytes(request.method, request.raw_path, time, nonce, body)
        if request.method == "GET" and "Device-Mac" in request.headers:
            if not self.bearer_ok(request):
                return "auth.token"
            if request.headers["Device-Mac"] != base64.b64encode(session_proof(self.proof_key, signed)).decode():
                return "device.proof"
        else:
            try:
                self.key.verify(base64.b64decode(request.headers["Device-Signature"]), signed)
            except (InvalidSignature, KeyError):
                return "device.proof"
        if nonce in self.nonces or abs(parse_instant(time) - self.now()) > timedelta(seconds=60):
            return "device.proof"
        self.nonces.add(nonce)
        return ""

    async def events(self, request: web.Request) -> web.StreamResponse:
        if self.proof_problem(request, b"") or not self.bearer_ok(request):
            return self.stamped(self.problem(401, "auth.token"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue: asyncio.Queue[None] = asyncio.Queue()
        self.listeners.append(queue)
        try:
            while True:
                await queue.get()
                await response.write(b"event: news\ndata: {}\n\n")
        finally:
            self.listeners.remove(queue)

    def bearer_ok(self, request: web.Request) -> bool:
        return bool(self.shop) and request.headers.get("Authorization") == f"Bearer {self.shop}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        path = request.path.removeprefix(PREFIX)
        self.calls.append(f"{request.method} {path}")
        if self.hold is not None and path == "/intents":
            await self.hold.wait()
        if self.html:
            return web.Response(text="<html>Pay for your wifi</html>", content_type="text/html")
        if self.lose_before:
            self.lose_before -= 1
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        response = self.stamped(self.answer(request, path, body))
        if self.lose and request.method == "POST" and path != "/auth/operation-tokens":
            self.lose -= 1
            assert request.transport is not None
            request.transport.close()
        return response

    def answer(self, request: web.Request, path: str, body: bytes) -> web.Response:
        if problem := self.proof_problem(request, body):
            return self.problem(401, problem)
        if path == "/auth/sign-in":
            return self.session()
        if path == "/auth/refresh":
            self.refreshes += 1
            known = msgspec.json.decode(body)["refresh_token"] == self.refresh_token
            return self.session() if known else self.problem(401, "auth.token")
        if not self.bearer_ok(request):
            return self.problem(401, "auth.token")
        if found := self.extra.get((request.method, path)):
            answer = found(request, body)
            return answer if isinstance(answer, web.Response) else self.reply(answer)
        return getattr(self, "do_" + path.strip("/").replace("/", "_").replace("-", "_"))(request, body)

    def session(self) -> web.Response:
        self.shop, self.refresh_token, self.proof_key = uuid.uuid4().hex, uuid.uuid4().hex, secrets.token_bytes(32)
        user = UserView(
            id=uid(7), username="mali", name="มะลิ", roles=[self.role],
            permissions=sorted(ROLE_PERMISSIONS[self.role]), branch=BRANCH,
        )  # fmt: skip
        return self.reply(
            SessionReply(
                shop_token=self.shop, refresh_token=self.refresh_token, expires_at=wire_time(self.now()),
                proof_key=base64.b64encode(self.proof_key).decode(), server_time=wire_time(self.now()), user=user,
                branches=[BRANCH],
            )
        )  # fmt: skip

    def do_auth_sign_out(self, request: web.Request, body: bytes) -> web.Response:
        self.shop = ""
        return self.reply({"ok": True})

    def do_auth_operation_tokens(self, request: web.Request, body: bytes) -> web.Response:
        asked = msgspec.json.decode(body, type=MintRequest)
        signed = operation_bytes(asked.verb, asked.resources, asked.content_digest)
        self.key.verify(base64.b64decode(asked.signature), signed)
        token = uuid.uuid4().hex
        self.minted[token] = (asked.content_digest, ",".join(asked.resources))
        return self.reply(MintReply(operation_token=token, expires_at=wire_time(self.now())))

    def token_problem(self, request: web.Request, verb: str, asked: Any, body: bytes) -> str:
        bound = self.minted.pop(request.headers.get("Operation-Token", ""), None)
        if bound is None:
            return "operation_token.invalid"
        return "" if bound == (digest(body), ",".join(resources_of(verb, asked))) else "operation_token.mismatch"

    def do_intents(self, request: web.Request, body: bytes) -> web.Response:
        key = request.headers["Idempotency-Key"]
        asked = msgspec.json.decode(body, type=SubmitIntentRequest)
        if problem := self.token_problem(request, "submit_intent", asked, body):
            return self.problem(409, problem)
        if key in self.by_key:
            return web.Response(body=self.by_key[key], content_type="application/json", status=201)
        current = next((m for m in self.members if m.id == asked.member_id), None)
        if current is None or current.account is None or current.account.version != asked.account_version:
            return self.problem(409, "member.changed", field="account_version")
        view = intent(len(self.intents) + 1, asked)
        self.intents.append(view)
        self.by_key[key] = msgspec.json.encode(view)
        self.publish(view)
        return self.reply(view, 201)

    def do_sync(self, request: web.Request, body: bytes) -> web.Response:
        if self.gone:
            self.gone = False
            return self.problem(410, "cursor.gone")
        start = int(request.query.get("cursor", "0"))
        rows = self.feed[start : start + self.page_size]
        end = start + len(rows)
        return self.reply(
            SyncReply(
                cursor=str(end), more=end < len(self.feed), remaining=len(self.feed) - end,
                server_time=wire_time(self.now()), members=[r for r in rows if isinstance(r, MemberView)],
                intents=[r for r in rows if isinstance(r, IntentView)], batches=[], bank_changes=[], funding=[],
                policy=self.policy if end == len(self.feed) else None,
            )
        )  # fmt: skip

    @staticmethod
    def reply(value: Any, status: int = 200) -> web.Response:
        return web.Response(body=msgspec.json.encode(value), content_type="application/json", status=status)

    @staticmethod
    def problem(status: int, code: str, **more: Any) -> web.Response:
        details = {"code": code, "status": status, "detail_th": "ไม่", "detail_en": "no"} | more
        return web.Response(body=msgspec.json.encode(details), content_type="application/problem+json", status=status)
