"""The bank's callbacks: stored raw before anything else, acknowledged, acted on later by the executor."""

from __future__ import annotations

from aiohttp import web

from server.database.transaction import Database
from server.http import store
from server.http.problems import refuse
from server.http.receive import read_at_most
from shared.refusals import RefusalCode, Refused
from shared.wire.verb import KB

_LIMIT = 64 * KB


def add_to(app: web.Application, database: Database) -> None:
    """Add `POST /callbacks/scb`: no authentication, because a callback moves nothing; it only asks for an inquiry."""

    async def scb(request: web.Request) -> web.StreamResponse:
        body = await read_at_most(request, _LIMIT)
        if body is None:
            return refuse(request, Refused(RefusalCode.TOO_LARGE, params={"limit": str(_LIMIT)}))
        async with database.transaction(()) as tx:
            callback_id = await store.store_callback(tx, body, database.services.clock())
        return web.json_response({"resCode": "00", "resDesc": "success", "confirmId": str(callback_id)})

    app.router.add_post("/callbacks/scb", scb, name="callback_scb")
