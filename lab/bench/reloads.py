"""`sheaf bench reloads`: calls of every kind while the API is told to reload again and again; none may fail.

Nobody repeats anything here: a connection that is refused, cut or answered by anything but the expected status is a
failed call. Some desks send all the time, some rest on a connection that they keep, some listen to events.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg

from lab.bench.harness import BenchResult, BenchSettings, Figure, at_least, at_most, cluster, machine, server_version
from lab.bench.http_company import Company, Requests, api_service, found

_BRANCHES: Final = 4
_LOOKING, _SUBMITTING, _RESTING, _LISTENING = 10, 6, 6, 6
_EVERY: Final = 0.085
"""Seconds between two calls of a desk that sends all the time: all of them together some hundred a second."""
_FIRST_SECONDS: Final = 150.0
"""A busy machine gets so long for its first reload."""
_PROVEN_SECONDS, _PROVEN_CALLS = 600, 60_000
_RESTS: Final = 4.5
"""Seconds that a desk keeps an unused connection for (5 s in its library)."""
_ANSWER_SECONDS: Final = 30.0
_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")
_RETRY = re.compile(rb"retry: ([0-9]+)\n")


class Failed(Exception):
    """A call that was not answered as it must be."""


class _Desk:
    """One caller with one connection that it keeps as long as the server does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, request: bytes, status: int) -> None:
        """Send once. Raises Failed."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._call(request, status)
        except (OSError, EOFError) as error:  # a TimeoutError is an OSError
            raise Failed(f"{request.split(b'?')[0][:40].decode()}: {type(error).__name__}") from error

    async def _call(self, request: bytes, status: int) -> None:
        reader, writer = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        self._streams = reader, writer
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: ([0-9]+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        if re.search(rb"(?i)connection: close", head):
            await self.close()
        found = _STATUS.match(head)
        if found is None or int(found[1]) != status:
            raise Failed(f"{request[:30].decode()}: {head[:15].decode()}")

    async def close(self) -> None:
        """Let the connection go."""
        streams, self._streams = self._streams, None
        if streams is not None:
            await _closed(streams[1])

    async def listen(self, request: bytes, stop: asyncio.Event) -> float:
        """Hear events until the server ends the stream in order; seconds after which to come back. Raises Failed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head[:15]:
                raise Failed(f"events: {head[:15].decode()}")
            heard = await self._until_end(reader, stop)
        except (OSError, EOFError) as error:
            raise Failed(f"events: {type(error).__name__}") from error
        finally:
            await _closed(writer)
        told = _RETRY.findall(heard)
        if not told and not stop.is_set():
            raise Failed("events: ended without a time to come back")
        return int(told[-1]) / 1000 if told else 0.0

    async def _until_end(self, reader: asyncio.StreamReader, stop: asyncio.Event) -> bytes:
        heard = b""
        while not stop.is_set() and not heard.endswith(b"0\r\n\r\n"):
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    piece = await reader.read(4096)
                    if not piece:
                        raise Failed("events: cut off")
                    heard = heard[-200:] + piece
        return heard


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


class _Crowd:
    """All desks, and what became of their calls."""

    def __init__(self, port: int, requests: Requests) -> None:
        self._port, self._requests = port, requests
        self.answered: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Until `stop` is set."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_LOOKING):
                group.create_task(self._send("read", 200, self._requests.lookups, _EVERY))
            for _ in range(_SUBMITTING):
                group.create_task(self._send("write", 201, lambda n: self._requests.submissions(n, _BRANCHES), _EVERY))
            for number in range(_RESTING):
                pause = _RESTS * (number + 1) / _RESTING
                group.create_task(self._send("read after a rest", 200, self._requests.lookups, pause))
            for number in range(_LISTENING):
                group.create_task(self._hear(number % _BRANCHES))

    async def _send(self, kind: str, status: int, make: Callable[[int], list[bytes]], every: float) -> None:
        desk = _Desk(self._port)
        ready: list[bytes] = []
        while not self.stop.is_set():
            if not ready:
                ready = make(max(1, min(20, int(20 / every))))
            try:
                await desk.call(ready.pop(), status)
                self.answered[kind] += 1
            except Failed as failure:
                self.failed[str(failure)] += 1
                await desk.close()
            await self._rest(every)
        await desk.close()

    async def _hear(self, place: int) -> None:
        while not self.stop.is_set():
            try:
                again = await _Desk(self._port).listen(self._requests.events(place), self.stop)
                self.answered["events"] += 1
            except Failed as failure:
                self.failed[str(failure)] += 1
                again = 1.0
            await self._rest(again)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stop.wait()


async def run(settings: BenchSettings) -> BenchResult:
    """For `soak` seconds; a signal every half second, the next reload as soon as the last one is over."""
    async with cluster(settings) as place:
        company = await found(place, _BRANCHES, 1_000)
        with tempfile.TemporaryDirectory(prefix="sheaf-bench-") as folder:
            log = Path(folder, "log")
            crowd, reloads = await _under_reloads(settings, company, log)
        with psycopg.connect(place.url) as admin:
            row = admin.execute("select count(*) from sheaf.intent").fetchone()
        written, version = int(row[0]) if row else 0, server_version(place.url)
    calls, failed = sum(crowd.answered.values()), sum(crowd.failed.values())
    enough = _PROVEN_CALLS * settings.soak / _PROVEN_SECONDS if settings.soak >= _PROVEN_SECONDS else 1
    once = float(written == crowd.answered["write"])
    figures = [Figure(kind, "calls", count) for kind, count in sorted(crowd.answered.items())]
    return BenchResult(
        name="reloads",
        figures=[*figures, Figure("reloads", "times", reloads), Figure("payments written", "payments", written)],
        goals=[
            at_most("calls that failed", failed, 0),
            at_least("calls", calls, enough),
            at_least("reloads", reloads, 1),
            at_least("each payment that was answered is there, once (1 = yes)", once, 1),
        ],
        remarks=[f"{calls:,} calls; failed: {dict(crowd.failed) or 'none'}.", "Nothing was sent a second time."],
        machine=machine() | {"postgresql": version},
    )


async def _under_reloads(settings: BenchSettings, company: Company, log: Path) -> tuple[_Crowd, int]:
    async with api_service(company, 2, log) as (port, master):
        while _count(log, "serving") == 0:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.1)
        crowd = _Crowd(port, Requests(company))
        calling = asyncio.create_task(crowd.run())
        told, began = 0, time.monotonic()
        while (passed := time.monotonic() - began) < settings.soak or (told == 0 and passed < _FIRST_SECONDS):
            master.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.5)
            done = _count(log, "reloaded")
            if done // 10 > told // 10:
                calls, failed = sum(crowd.answered.values()), dict(crowd.failed) or "none"
                settings.say(f"{done} reloads, {calls:,} calls, {failed} failed")
            told = done
        crowd.stop.set()
        await calling
        return crowd, _count(log, "reloaded")


def _count(log: Path, event: str) -> int:
    text = json.dumps({"event": event})[1:-1].encode()
    return log.read_bytes().count(text)
