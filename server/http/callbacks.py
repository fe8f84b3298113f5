"""The bank's callbacks: stored raw before anything else, acknowledged, acted on later by the executor."""

from __future__ import annotations

import time

from aiohttp import web

from server.database.transaction import Database
from server.http import store
from server.http.limits import TokenBuckets
from server.http.problems import refuse
from server.http.receive import read_at_most
from shared.refusals import RefusalCode, Refused
from shared.wire.verb import KB

_LIMIT = 64 * KB


def add_to(app: web.Application, database: Database, taken: TokenBuckets) -> None:
    """Add `POST /callbacks/scb`: no authentication, because a callback moves nothing; it only asks for an inquiry.

    A flood is not all stored: what is lost is found by the inquiries that come anyway.
    """

    async def scb(request: web.Request) -> web.StreamResponse:
        seconds = taken.wait(None, time.monotonic())
        if seconds:
            return refuse(request, Refused(RefusalCode.TOO_MANY, params={"seconds": str(seconds)}))
        body = await read_at_most(request, _LIMIT)
        if body is None:
            return refuse(request, Refused(RefusalCode.TOO_LARGE, params={"limit": str(_LIMIT)}))
        async with database.transaction(()) as tx:
            callback_id = await store.store_callback(tx, body, database.services.clock())
        return web.json_response({"resCode": "00", "resDesc": "success", "confirmId": str(callback_id)})

    app.router.add_post("/callbacks/scb", scb, name="callback_scb")
