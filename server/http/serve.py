"""Runs the API: several worker processes on one port, drained at SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import signal
import socket
import tempfile
from multiprocessing.connection import wait
from types import FrameType

import msgspec
import structlog
import uvloop
from aiohttp import web

from server.connections import API_POOL
from server.context import Policy, Services, Vault
from server.database.transaction import Database
from server.http.app import Limits, create_app
from server.logs import configure_logs
from server.settings import share_figures

_log = structlog.get_logger(__name__)
_DRAIN_SECONDS = 20.0
_END_SECONDS = 30.0
_BACKLOG = 512


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs; `database_url` is the API role's."""

    database_url: str
    vault_key: bytes
    policy: Policy
    host: str = "127.0.0.1"
    port: int = 8350
    workers: int = 2
    connections: int = API_POOL
    trusted_proxies: tuple[str, ...] = ()
    channels: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"ServeSettings({self.host}:{self.port})"


class _Stop(Exception):
    """A signal asked for the end."""


def run(settings: ServeSettings) -> int:
    """Serve until SIGTERM or SIGINT; the exit status.

    A worker that ends by itself ends all of them with status 1, so that whoever started us starts us anew.
    """
    configure_logs("api")
    with tempfile.TemporaryDirectory(prefix="sheaf-figures-") as folder:
        share_figures(folder)
        return _run(settings)


def _run(settings: ServeSettings) -> int:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_worker, args=(settings,), daemon=True) for _ in range(settings.workers)]
    status = 0
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, _stop)
    with contextlib.suppress(_Stop):
        for worker in workers:
            worker.start()
        _log.info("serving", host=settings.host, port=settings.port, workers=settings.workers)
        wait([worker.sentinel for worker in workers])
        _log.error("a worker ended by itself")
        status = 1
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, signal.SIG_IGN)
    for worker in (worker for worker in workers if worker.pid is not None):
        worker.terminate()
        worker.join(_END_SECONDS)
        worker.kill()
    return status


def database_of(settings: ServeSettings) -> Database:
    """The database as a worker reaches it."""
    services = Services(vault=Vault(settings.vault_key), policy=settings.policy, channels=settings.channels)
    return Database(settings.database_url, services, connections=settings.connections, name="sheaf-api")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


def _worker(settings: ServeSettings) -> None:
    configure_logs("api")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings))


async def _serve(settings: ServeSettings) -> None:
    stop = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(kind, stop.set)
    runner = web.AppRunner(
        create_app(
            database_of(settings),
            limits=Limits(trusted_proxies=settings.trusted_proxies),
            port=settings.port,
            workers=settings.workers,
        ),
        shutdown_timeout=_DRAIN_SECONDS,
        access_log=None,
    )
    await runner.setup()
    # What was imported lives as long as the worker: looking through it for garbage held every call up, some 100 ms.
    gc.collect()
    gc.freeze()
    listener = socket.create_server((settings.host, settings.port), backlog=_BACKLOG, reuse_port=True)
    await web.SockSite(runner, listener).start()
    await stop.wait()
    await runner.cleanup()
