"""The control door: plain HTTP on loopback behind a secret, for demos, tests and their oracles; no partner sees it."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import msgspec
from aiohttp import web

from lab.sandbox_bank.books import Account
from lab.sandbox_bank.faults import DESCRIPTIONS, Fault, FaultRule

if TYPE_CHECKING:
    from lab.sandbox_bank.bank import RunningBank

_MAX_BODY = 64 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Clock(msgspec.Struct, forbid_unknown_fields=True):
    offset_seconds: int


class _Deposit(msgspec.Struct, forbid_unknown_fields=True):
    amount: Annotated[int, msgspec.Meta(gt=0)]


class _CallbackUrl(msgspec.Struct, forbid_unknown_fields=True):
    url: str | None


class ControlDoor:
    """The routes under `/control`; every one wants `Authorization: Bearer <control_secret>`."""

    def __init__(self, bank: RunningBank, secret: str) -> None:
        self._bank, self._expected = bank, f"Bearer {secret}".encode()

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=_MAX_BODY, middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/control/health", self._health),
                web.post("/control/accounts", self._put_accounts),
                web.get("/control/faults", self._list_faults),
                web.post("/control/faults", self._set_fault),
                web.delete("/control/faults", self._clear_faults),
                web.delete("/control/faults/{fault}", self._clear_faults),
                web.post("/control/statements", self._cut_statement),
                web.get("/control/statements", self._list_statements),
                web.get("/control/transactions", self._list_transactions),
                web.get("/control/lines", self._list_lines),
                web.post("/control/clock", self._move_clock),
                web.post("/control/callback-url", self._set_callback_url),
                web.post("/control/deposits", self._deposit),
                web.post("/control/drop-connections", self._drop_connections),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._expected):
            return _json({"error": "the control secret is missing or wrong"}, 401)
        try:
            return await handler(request)
        except (msgspec.MsgspecError, ValueError) as error:
            return _json({"error": str(error)}, 400)

    async def _health(self, _request: web.Request) -> web.Response:
        bank = self._bank
        return _json(
            {
                "handshakes": bank.tls.handshakes,
                "calls": dict(bank.api.calls),
                "balance": bank.books.fact("balance"),
                "opening_balance": bank.books.fact("opening"),
                "clock_offset_seconds": bank.clock.offset_seconds,
                "callback_url": bank.callbacks.url,
            }
        )

    async def _put_accounts(self, request: web.Request) -> web.Response:
        accounts = msgspec.json.decode(await request.read(), type=list[Account])
        return _json({"accounts": self._bank.books.put_accounts(accounts)})

    async def _list_faults(self, _request: web.Request) -> web.Response:
        return _json({"known": DESCRIPTIONS, "active": self._bank.faults.active()})

    async def _set_fault(self, request: web.Request) -> web.Response:
        self._bank.faults.set(msgspec.json.decode(await request.read(), type=FaultRule))
        return _json({"active": self._bank.faults.active()})

    async def _clear_faults(self, request: web.Request) -> web.Response:
        name = request.match_info.get("fault")
        self._bank.faults.clear(Fault(name) if name else None)
        return _json({"active": self._bank.faults.active()})

    async def _cut_statement(self, _request: web.Request) -> web.Response:
        return _json(self._bank.cut_statement())

    async def _list_statements(self, _request: web.Request) -> web.Response:
        return _json(self._bank.books.statements())

    async def _list_transactions(self, _request: web.Request) -> web.Response:
        self._bank.api.settle()
        return _json(self._bank.books.transactions())

    async def _list_lines(self, request: web.Request) -> web.Response:
        number = request.query.get("statement")
        return _json(self._bank.books.lines(int(number) if number else None))

    async def _move_clock(self, request: web.Request) -> web.Response:
        self._bank.move_clock(msgspec.json.decode(await request.read(), type=_Clock).offset_seconds)
        return await self._health(request)

    async def _set_callback_url(self, request: web.Request) -> web.Response:
        self._bank.callbacks.url = msgspec.json.decode(await request.read(), type=_CallbackUrl).url
        return await self._health(request)

    async def _deposit(self, request: web.Request) -> web.Response:
        amount = msgspec.json.decode(await request.read(), type=_Deposit).amount
        return _json({"balance": self._bank.books.deposit(amount, self._bank.clock.now())})

    async def _drop_connections(self, request: web.Request) -> web.Response:
        self._bank.drop_connections()
        return await self._health(request)


def _json(content: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")
