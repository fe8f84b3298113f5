"""What real processes of a simulation share: time that runs faster than the world's, and a line to talk over."""

from __future__ import annotations

import asyncio
import itertools
import pickle
import selectors
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

FASTER = 30.0
"""Simulated seconds in one real second."""
_LENGTH = 4


class _Quick(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found: list[tuple[selectors.SelectorKey, int]] = super().select(timeout and timeout / FASTER)
        return found


class FastLoop(asyncio.SelectorEventLoop):
    """Its seconds are shorter, and every process of one machine reads the same time."""

    def __init__(self) -> None:
        super().__init__(_Quick())

    def time(self) -> float:
        """Fast seconds since the machine began."""
        return time.monotonic() * FASTER


class Link:
    """Calls between two processes over one socket: each side answers what the other asks until one of them is gone."""

    def __init__(self, answer: Callable[..., Awaitable[Any]]) -> None:
        """`answer` is called with what the other side gave to `ask`."""
        self._answer = answer
        self._writer: asyncio.StreamWriter | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._ready = asyncio.Event()
        self._gone = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, end: socket.socket) -> None:
        """Answer until the other side is gone."""
        reader, self._writer = await asyncio.open_connection(sock=end)
        self._ready.set()
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(_LENGTH))
                # Both ends are processes of one command.
                self._take(pickle.loads(await reader.readexactly(size)))  # noqa: S301
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._gone = True
            self._ready.set()
            self._writer.close()
            for future in self._asked.values():
                future.cancel()

    async def ask(self, *what: Any) -> Any:
        """The other side's answer. CancelledError when it is gone: nothing comes of a call to the dead."""
        await self._ready.wait()
        if self._gone:
            raise asyncio.CancelledError("the other process is dead")
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        self._send(number, True, what)
        try:
            return await self._asked[number]
        finally:
            del self._asked[number]

    def tell(self, *what: Any) -> None:
        """Say something to which no answer matters."""
        self._send(next(self._numbers), True, what)

    def _take(self, message: tuple[int, bool, Any]) -> None:
        number, is_question, content = message
        if is_question:
            task = asyncio.create_task(self._reply(number, content))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif (future := self._asked.get(number)) is not None and not future.done():
            if isinstance(content, Exception):
                future.set_exception(content)
            else:
                future.set_result(content)

    async def _reply(self, number: int, what: tuple[Any, ...]) -> None:
        try:
            answer = await self._answer(*what)
        except Exception as error:
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        self._send(number, False, answer)

    def _send(self, number: int, is_question: bool, content: Any) -> None:
        if self._writer is not None and not self._gone:
            data = pickle.dumps((number, is_question, content))
            self._writer.write(len(data).to_bytes(_LENGTH) + data)
