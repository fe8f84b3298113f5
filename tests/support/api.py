"""A running API on a real socket, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from aiohttp import web

from server.http.app import Limits, create_app
from server.http.handlers import HANDLERS
from tests.support.client import SignedClient
from tests.support.world import Company

LIMITS = Limits(sign_in_burst=1000, silence_seconds=5)


class RunningApi:
    """One worker of the API. `client(user name)` is that person at their own desk, signed in unless told otherwise."""

    def __init__(self, company: Company, base_url: str, stack: ExitStack) -> None:
        self.company, self.base_url, self._stack = company, base_url, stack

    def client(self, username: str, *, signed_in: bool = True) -> SignedClient:
        """A desk; it is closed with the API."""
        desk = SignedClient(self.base_url, self.company.people[username], self.company.clock)
        self._stack.callback(desk.close)
        if signed_in:
            desk.sign_in()
        return desk


@contextmanager
def running_api(
    company: Company,
    *,
    handlers: Mapping[str, Any] = HANDLERS,
    limits: Limits = LIMITS,
    connections: int = 10,
) -> Iterator[RunningApi]:
    """Serve the company on a free port of the loopback until the block ends."""
    ready, stop = threading.Event(), asyncio.Event()
    state: dict[str, object] = {}

    async def serve() -> None:
        database = company.database(connections=connections)
        runner = web.AppRunner(create_app(database, handlers=handlers, limits=limits), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        state["port"] = runner.addresses[0][1]
        state["loop"] = asyncio.get_running_loop()
        ready.set()
        await stop.wait()
        await runner.cleanup()

    def target() -> None:
        try:
            asyncio.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=target, name="api of a test")
    thread.start()
    ready.wait()
    loop = state.get("loop")
    assert isinstance(loop, asyncio.AbstractEventLoop), "the API did not start"
    with ExitStack() as stack:
        stack.callback(thread.join)
        stack.callback(_call, loop, stop.set)
        yield RunningApi(company, f"http://127.0.0.1:{state['port']}", stack)


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(function)
