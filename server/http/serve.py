"""One API worker: serves on sockets that it has inherited, and drains without failing a call."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Sequence
from socket import socket
from typing import Final

import msgspec
import structlog
from aiohttp import web

from server.connections import API_POOL
from server.context import Policy, Services, Vault
from server.database.transaction import AWAY, Database
from server.http.acceptor import Acceptor
from server.http.app import Limits, create_app
from server.http.door import NOT_LOOKED_AT, Door
from server.http.metrics import count_as
from server.life import Life, StartRefused

_log = structlog.get_logger(__name__)
DRAIN_SECONDS: Final = 20.0
"""How long calls under way may take when a worker ends."""

_KEEP_ALIVE_SECONDS: Final = 75.0
"""Longer than a proxy in front keeps a connection to us (60 s where nothing is said), or it would send into a wall."""

_LINGER_SECONDS: Final = 12.0
"""So long a worker that others follow keeps idle connections: who sends on one meanwhile is answered, and told that it
was the last time. Closing at once would cut off what is on its way: a caller may not send a POST again by itself."""

_LAST_LINGER_SECONDS: Final = 1.0
_NOTICE_SECONDS: Final = 0.5
"""For so long a worker that nobody follows says that it is not ready, and still takes calls."""

_LOOK_SECONDS: Final = 0.02


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs: it is one of `workers` on `port`; `number` is no other living one's.

    `database_url` is the API role's.
    """

    database_url: str
    vault_key: bytes
    policy: Policy
    port: int = 0
    workers: int = 1
    connections: int = API_POOL
    trusted_proxies: tuple[str, ...] = ()
    channels: frozenset[str] | None = None
    number: int = 0

    def __repr__(self) -> str:
        return f"ServeSettings({self.number})"


def database_of(settings: ServeSettings) -> Database:
    """The database as a worker reaches it."""
    services = Services(vault=Vault(settings.vault_key), policy=settings.policy, channels=settings.channels)
    return Database(settings.database_url, services, connections=settings.connections, name="sheaf-api")


async def serve(settings: ServeSettings, sockets: Sequence[socket], life: Life) -> None:
    """Serve until `life` ends. Raises StartRefused when the schema is not one that this code can work on."""
    count_as(settings.number)
    database, door = database_of(settings), Door(NOT_LOOKED_AT)
    runner = web.AppRunner(
        create_app(
            database,
            limits=Limits(trusted_proxies=settings.trusted_proxies),
            port=settings.port,
            workers=settings.workers,
            door=door,
        ),
        shutdown_timeout=_LAST_LINGER_SECONDS,
        keepalive_timeout=_KEEP_ALIVE_SECONDS,
        access_log=None,
    )
    why: list[str] = []

    def refused(text: str) -> None:
        why.append(text)
        life.end(last=True)

    await runner.setup()
    watching = asyncio.create_task(door.watch(database, life, refused), name="schema")
    try:
        if await _may_begin(door, life):
            # What was imported lives as long as the worker: looking through it for garbage held every call up, 100 ms.
            gc.collect()
            gc.freeze()
            assert runner.server is not None
            acceptor = Acceptor(sockets, runner.server)
            acceptor.start()
            await _first_of(door.fits, life.stop)
            if door.fits.is_set():
                life.told.ready()
            await life.stop.wait()
            await _drain(acceptor, runner.server, door, life, database)
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await runner.cleanup()
    if why:
        raise StartRefused(why[0])


async def _may_begin(door: Door, life: Life) -> bool:
    """At once where nobody else answers, be it that it is not ready; else when it is."""
    if not life.at_once:
        await _first_of(door.fits, life.stop)
    return not life.stop.is_set()


async def _first_of(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def _drain(acceptor: Acceptor, server: web.Server, door: Door, life: Life, database: Database) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    door.drain(last=life.last)
    if life.last:
        await asyncio.sleep(_NOTICE_SECONDS)
    await acceptor.stop()
    with contextlib.suppress(*AWAY):
        await database.renew()  # others need the connections more
    while server.connections and loop.time() - began < DRAIN_SECONDS:
        door.drain(last=life.last)  # what began gently may become the end of everything
        if loop.time() - began > (_LAST_LINGER_SECONDS if door.last else _LINGER_SECONDS):
            _close_idle(server, door)
        await asyncio.sleep(_LOOK_SECONDS)
    if door.busy:
        _log.warning("calls are cut off; they took too long", calls=len(door.busy))


def _close_idle(server: web.Server, door: Door) -> None:
    for connection in server.connections:
        if connection not in door.busy:
            connection.close()
