"""Takes connections from sockets that several workers share, so that each worker gets its part.

Whoever is awake would take all that come: of 64 connections at once one worker of two got up to all, for as long
as they are kept. So who has many takes the next one a moment later than who has few.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from socket import socket

import structlog
from aiohttp import web

_log = structlog.get_logger(__name__)
_AGAIN_SECONDS = 0.2
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.0002, 0.002
"""For each connection that it has; at most."""


class Acceptor:
    """What was taken is answered, also after `stop`."""

    def __init__(self, sockets: Sequence[socket], server: web.Server) -> None:
        self._sockets, self._server = sockets, server
        self._loop = asyncio.get_running_loop()
        self._beginning: set[asyncio.Task[object]] = set()
        self._stopped = False

    def start(self) -> None:
        """Take connections from now on."""
        for one in self._sockets:
            one.setblocking(False)
            self._loop.add_reader(one.fileno(), self._take, one)

    async def stop(self) -> None:
        """Take no more; whoever waits in the socket's queue is for others."""
        self._stopped = True
        for one in self._sockets:
            self._loop.remove_reader(one.fileno())
        if self._beginning:
            await asyncio.wait(self._beginning)
        for one in self._sockets:
            one.close()

    def _take(self, one: socket) -> None:
        try:
            connection, _ = one.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker was quicker, or the caller has left
        except OSError as error:  # no descriptors or no memory for one more: later perhaps
            _log.error("a connection could not be taken", error=error.strerror)
            self._pause(one, _AGAIN_SECONDS)
            return
        self._pause(one, min(_LONGEST_PAUSE_SECONDS, len(self._server.connections) * _PAUSE_SECONDS))
        connection.setblocking(False)
        task = self._loop.create_task(self._begin(connection))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: socket) -> object:
        try:
            return await self._loop.connect_accepted_socket(self._server, connection)
        except OSError as error:
            _log.info("a caller left at once", error=type(error).__name__)
            return None

    def _pause(self, one: socket, seconds: float) -> None:
        if seconds:
            self._loop.remove_reader(one.fileno())
            self._loop.call_later(seconds, self._go_on, one)

    def _go_on(self, one: socket) -> None:
        if not self._stopped:
            self._loop.add_reader(one.fileno(), self._take, one)
