"""Server-sent events: "there is news" for the branches that a desk may see. The news itself comes by sync."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from server.database.transaction import Database
from server.http import store
from server.http.asked import Asked
from server.http.dispatch import Dispatcher
from server.http.door import Door, come_back_in
from server.http.problems import refuse
from server.http.receive import asked_of
from shared.permissions import Permission
from shared.refusals import RefusalCode, Refused
from shared.wire.common import Done, Nothing
from shared.wire.table import EVENTS_PATH
from shared.wire.verb import Verb

EVENTS = Verb(
    name="events",
    method="GET",
    path="/events",
    request=Nothing,
    reply=Done,
    summary="Server-sent events: `news` means sync now; the stream ends when the session does.",
    permission=Permission.SYNC,
)
_log = structlog.get_logger(__name__)
_HEARTBEAT_SECONDS = 15.0
_CHECK_SECONDS = 0.25


class Newsroom:
    """One poller of the change feed for all listeners of a worker; it runs only while somebody listens."""

    def __init__(self, database: Database, feed_seconds: float) -> None:
        self._database, self._feed_seconds = database, feed_seconds
        self._listeners: dict[asyncio.Event, frozenset[int]] = {}
        self._task: asyncio.Task[None] | None = None
        self.closing = False

    async def close(self, _: web.Application) -> None:
        """Let all streams end, so that a worker that was told to stop need not wait for them."""
        self.closing = True

    @contextmanager
    def listening(self, branches: tuple[int, ...]) -> Iterator[asyncio.Event]:
        """An event that is set when one of the branches has news."""
        news = asyncio.Event()
        self._listeners[news] = frozenset(branches)
        if self._task is None:
            self._task = asyncio.create_task(self._poll(), name="change feed")
        try:
            yield news
        finally:
            del self._listeners[news]
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _poll(self) -> None:
        place: store.Place | None = None
        while True:
            try:
                place = await self._next(place)
            except (psycopg.Error, SQLAlchemyError, OSError) as error:
                _log.warning("change feed not read", error=type(error).__name__)
            await asyncio.sleep(self._feed_seconds)

    async def _next(self, place: store.Place | None) -> store.Place:
        async with self._database.transaction(()) as tx:
            reached, concerned = await store.news(tx, place)
        for listener, branches in self._listeners.items():
            if concerned is None or branches & concerned:
                listener.set()
        return reached


class EventStream:
    """Answers `GET /events`."""

    def __init__(self, dispatcher: Dispatcher, newsroom: Newsroom, door: Door) -> None:
        self._dispatcher, self._newsroom, self._door = dispatcher, newsroom, door

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """One desk's stream, from its proof until its session ends or it goes away."""
        asked = asked_of(EVENTS, request, b"")
        refused = await self._admit(asked)
        if refused is not None:
            await self._dispatcher.log_refusal(asked, refused)
            return refuse(request, refused)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        response.force_close()  # whoever comes back should come to a worker that stays
        await response.prepare(request)
        await response.write(b": hello\n\n")
        with self._newsroom.listening(asked.actor.branches) as news:
            await self._stream(asked, response, news)
        if self._door.draining:
            await response.write(f"retry: {come_back_in()}\n\n".encode())
        return response

    async def _admit(self, asked: Asked) -> Refused | None:
        desk = await self._dispatcher.identify(asked)
        if isinstance(desk, Refused):
            return desk
        return None if asked.actor.may(Permission.SYNC) else Refused(RefusalCode.FORBIDDEN)

    async def _stream(self, asked: Asked, response: web.StreamResponse, news: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        written = loop.time()
        while self._dispatcher.still_admitted(asked) and not (self._newsroom.closing or self._door.draining):
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await news.wait()
            except TimeoutError:
                text = b": still here\n\n" if loop.time() - written > _HEARTBEAT_SECONDS else b""
            else:
                news.clear()
                text = b"event: news\ndata: {}\n\n"
            if text:
                await response.write(text)
                written = loop.time()


def add_to(app: web.Application, dispatcher: Dispatcher, door: Door, feed_seconds: float) -> None:
    """Add `GET /events`."""
    newsroom = Newsroom(dispatcher.database, feed_seconds)
    stream = EventStream(dispatcher, newsroom, door)
    app.on_shutdown.append(newsroom.close)
    app.router.add_route("GET", EVENTS_PATH, stream.__call__, name="events")
