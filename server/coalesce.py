"""Group commit: what comes while one transaction runs goes into the next one together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import psycopg
from sqlalchemy.exc import SQLAlchemyError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_UNDONE = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""psycopg calls them operational errors too: nothing is wrong with the database, nor with what was asked."""
_AWAY = (psycopg.OperationalError, SQLAlchemyError, ConnectionError, TimeoutError)
"""A database that is away would refuse each item, after as long a wait; so would an empty pool, of which SQLAlchemy
tells, and a lock that does not come."""
_TRIES = 3


class Coalescer(Generic[Item, Answer]):
    """Hands items to `flush` in lists of up to `limit`; each caller gets its own answer or its own exception.

    When a flush of several is refused, each is flushed alone: one that can't be written must not keep the others back.
    What the database has undone for the sake of others (a deadlock) is flushed again, alone and some times at most.

    `linger_seconds`: where items waited during a flush, those that were answered may come again at once, and one list
    of both costs less than two that take turns. So long the next flush waits for as many at most; nobody waits who is
    alone.

    `flights` lists are under way at once at most, of about the same length: while the database works on one, another is
    made ready or answered.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]],
        limit: int = 100,
        linger_seconds: float = 0.0,
        flights: int = 1,
    ) -> None:
        self._flush = flush
        self._limit, self._linger_seconds, self._flights = limit, linger_seconds, flights
        self._lingering: list[tuple[int, asyncio.Event]] = []
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._flying = 0
        self._running: set[asyncio.Task[None]] = set()

    async def submit(self, item: Item) -> Answer:
        """Wait for the item's turn and its answer."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        for wanted, gathered in self._lingering:
            if len(self._waiting) >= wanted:
                gathered.set()
        if len(self._running) < self._flights:
            self._running.add(asyncio.create_task(self._run()))
        return await future

    async def _run(self) -> None:
        while self._waiting:
            share = -(-(len(self._waiting) + self._flying) // self._flights)
            taken = self._waiting[: min(share, self._limit)]
            del self._waiting[: len(taken)]
            self._flying += len(taken)
            error = await self._answer(taken)
            self._flying -= len(taken)
            if error is None:
                await self._linger(len(taken))
                continue
            again = isinstance(error, _UNDONE) or (len(taken) > 1 and not isinstance(error, _AWAY))
            for one in taken:
                failure = await self._alone(one) if again else error
                if failure is not None and not one[1].done():
                    one[1].set_exception(failure)
        self._running.discard(asyncio.current_task())

    async def _alone(self, one: tuple[Item, asyncio.Future[Answer]]) -> Exception | None:
        failure = await self._answer([one])
        for _ in range(_TRIES - 1):
            if not isinstance(failure, _UNDONE):
                break
            failure = await self._answer([one])
        return failure

    async def _linger(self, answered: int) -> None:
        if not self._linger_seconds or not self._waiting:
            return
        wait = min(self._limit, answered + len(self._waiting)), asyncio.Event()
        self._lingering.append(wait)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._linger_seconds):
                await wait[1].wait()
        self._lingering.remove(wait)

    async def _answer(self, taken: Sequence[tuple[Item, asyncio.Future[Answer]]]) -> Exception | None:
        try:
            answers = await self._flush([item for item, _ in taken])
        except Exception as error:  # the callers decide what their item's failure means
            return error
        for (_, future), answer in zip(taken, answers, strict=True):
            if not future.done():
                future.set_result(answer)
        return None
