"""The bank's callbacks: stored raw before anything else, acknowledged, acted on later by the executor."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from server.database.transaction import Database
from server.http import store
from server.http.limits import Limiter, Rate, address_of
from server.http.problems import refuse
from server.http.receive import read_at_most
from shared.refusals import RefusalCode, Refused
from shared.wire.verb import KB

_LIMIT = 4 * KB
_FULL_SECONDS = 60


def add_to(app: web.Application, database: Database, limiter: Limiter, rate: Rate, trusted: Sequence[str]) -> None:
    """Add `POST /callbacks/scb`: no authentication, because a callback moves nothing; it only asks for an inquiry.

    Each address has its own share, small bodies, and of what names no payment of ours only little is kept: what is lost
    is found by the inquiries that come anyway.
    """

    async def scb(request: web.Request) -> web.StreamResponse:
        address = address_of(request.remote, request.headers.getall("X-Forwarded-For", ()), trusted)
        seconds = await limiter.wait(rate, "callback", address)
        if seconds:
            return refuse(request, Refused(RefusalCode.TOO_MANY, params={"seconds": str(seconds)}))
        body = await read_at_most(request, _LIMIT)
        if body is None:
            return refuse(request, Refused(RefusalCode.TOO_LARGE, params={"limit": str(_LIMIT)}))
        async with database.transaction(()) as tx:
            callback_id = await store.store_callback(tx, body, database.services.clock())
        if callback_id is None:
            return refuse(request, Refused(RefusalCode.TOO_MANY, params={"seconds": str(_FULL_SECONDS)}))
        return web.json_response({"resCode": "00", "resDesc": "success", "confirmId": str(callback_id)})

    app.router.add_post("/callbacks/scb", scb, name="callback_scb")
