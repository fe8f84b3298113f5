"""What is not a verb: health, readiness, metrics, the API's description and the page that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
import structlog
from aiohttp import web
from psycopg import Error as DatabaseError
from sqlalchemy.exc import SQLAlchemyError

from server.database.migrations import newest_version
from server.database.transaction import Database
from server.health.store import schema_version
from server.http import metrics as figures
from server.http.metrics import Metrics
from server.http.openapi import describe
from server.http.push import RevocationPush
from server.payments.channel_alarms import Lane, lanes_of_all

_log = structlog.get_logger(__name__)
_LANES_SECONDS = 2.0
_STATIC = Path(__file__).parent / "static"
# The page brings styles of its own and draws icons from data; nothing may come from elsewhere.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DOCS = {
    "/docs": ("docs.html", "text/html"),
    "/docs/docs.js": ("docs.js", "text/javascript"),
    "/docs/swagger-ui.css": ("swagger-ui.css", "text/css"),
    "/docs/swagger-ui-bundle.js": ("swagger-ui-bundle.js", "text/javascript"),
}


def add_to(app: web.Application, database: Database, push: RevocationPush, metrics: Metrics) -> None:
    """Add `/healthz`, `/readyz`, `/metrics`, `/openapi.json` and `/docs`."""
    description = msgspec.json.encode(describe())
    expected = newest_version()

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readyz(_: web.Request) -> web.Response:
        version = await _version(database)
        checks = {"database": version is not None, "schema": version == expected, "push": not push.silent}
        return web.json_response(checks, status=200 if all(checks.values()) else 503)

    lanes = _Lanes(database)

    async def metrics_page(_: web.Request) -> web.Response:
        body = metrics.text(await lanes.read(), database.services.clock())
        return web.Response(body=body, headers={"Content-Type": figures.CONTENT_TYPE})

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(body=description, content_type="application/json")

    app.router.add_route("GET", "/healthz", healthz, name="healthz")
    app.router.add_route("GET", "/readyz", readyz, name="readyz")
    app.router.add_route("GET", "/metrics", metrics_page, name="metrics")
    app.router.add_route("GET", "/openapi.json", openapi, name="openapi")
    for path, (name, kind) in _DOCS.items():
        app.router.add_route("GET", path, _file(name, kind), name="docs" + path.removeprefix("/docs").replace("/", "_"))


class _Lanes:
    """What waits for which channel, read at most every few seconds: anybody may ask for the figures."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Sequence[Lane] | None = None
        self._until = 0.0

    async def read(self) -> Sequence[Lane] | None:
        """The lanes, or None when the database does not say."""
        moment = asyncio.get_running_loop().time()
        if moment >= self._until:
            self._until = moment + _LANES_SECONDS
            try:
                async with self._database.transaction(()) as tx:
                    self._known = await lanes_of_all(tx, self._database.services.clock())
            except (DatabaseError, SQLAlchemyError, OSError) as error:
                _log.warning("channels not read", error=type(error).__name__)
                self._known = None
        return self._known


async def _version(database: Database) -> str | None:
    try:
        async with database.transaction(()) as tx:
            return await schema_version(tx)
    except (DatabaseError, SQLAlchemyError, OSError) as error:
        _log.warning("not ready", error=type(error).__name__)
        return None


def _file(name: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    body = (_STATIC / name).read_bytes()

    async def send(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers={"Content-Security-Policy": _POLICY})

    return send
