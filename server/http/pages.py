"""What is not a verb: health, readiness, metrics, the API's description and the page that shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from aiohttp import web

from server.http import metrics as figures
from server.http.health import Health
from server.http.metrics import Metrics
from server.http.openapi import describe

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


def add_to(app: web.Application, health: Health, metrics: Metrics) -> None:
    """Add `/healthz`, `/readyz`, `/metrics`, `/openapi.json` and `/docs`."""
    description = msgspec.json.encode(describe())

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readyz(_: web.Request) -> web.Response:
        answers = await health.ready()
        # The name says to which database it belongs: status looks for it in its own.
        told = {"process": health.beats.name, "instance": str(health.beats.instance), **answers}
        return web.json_response(told, status=200 if all(answers.values()) else 503)

    async def metrics_page(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(await health.told()), headers={"Content-Type": figures.CONTENT_TYPE})

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(body=description, content_type="application/json")

    app.router.add_route("GET", "/healthz", healthz, name="healthz")
    app.router.add_route("GET", "/readyz", readyz, name="readyz")
    app.router.add_route("GET", "/metrics", metrics_page, name="metrics")
    app.router.add_route("GET", "/openapi.json", openapi, name="openapi")
    for path, (name, kind) in _DOCS.items():
        app.router.add_route("GET", path, _file(name, kind), name="docs" + path.removeprefix("/docs").replace("/", "_"))


def _file(name: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    body = (_STATIC / name).read_bytes()

    async def send(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers={"Content-Security-Policy": _POLICY})

    return send
