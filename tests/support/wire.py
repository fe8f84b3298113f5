"""A wire between the API and PostgreSQL that counts round trips."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class CountingWire:
    """Passes bytes on; a round trip is what is sent after something was received. The push's connection is its own."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.round_trips = 0

    @property
    def url(self) -> str:
        """The same database through this wire."""
        host = f"{self._parts.netloc.rpartition('@')[0]}@127.0.0.1:{self._port}"
        return urlunsplit(self._parts._replace(netloc=host))

    @contextmanager
    def running(self) -> Iterator[CountingWire]:
        """Listen until the block ends."""
        thread = threading.Thread(target=asyncio.run, args=(self._serve(),), name="counting wire")
        thread.start()
        self._ready.wait()
        try:
            yield self
        finally:
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._pass(reader, writer))
        self._tasks.add(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        counted = answered = True

        async def there() -> None:
            nonlocal counted, answered
            while data := await reader.read(1 << 16):
                counted = counted and b"sheaf-push" not in data
                if answered and counted:
                    self.round_trips += 1
                answered = False
                far_writer.write(data)
                await far_writer.drain()
            far_writer.close()

        async def back() -> None:
            nonlocal answered
            while data := await far_reader.read(1 << 16):
                answered = True
                writer.write(data)
                await writer.drain()
            writer.close()

        try:
            with suppress(ConnectionError):
                await asyncio.gather(there(), back())
        finally:
            writer.close()
            far_writer.close()
