"""Group commit: who goes together, who waits for whom, and that one empty pool is not asked for each item."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.coalesce import Coalescer


async def test_an_empty_pool_is_not_asked_once_for_each_item() -> None:
    asked = 0

    async def flush(items: Sequence[int]) -> Sequence[str]:
        nonlocal asked
        asked += 1
        raise PoolTimeoutError("empty")

    together: Coalescer[int, str] = Coalescer(flush)
    answers = await asyncio.gather(*(together.submit(item) for item in range(50)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [PoolTimeoutError] * 50
    assert asked == 1


async def test_what_a_deadlock_undid_is_written_again_each_alone() -> None:
    flushed: list[list[int]] = []

    async def flush(items: Sequence[int]) -> Sequence[str]:
        flushed.append(list(items))
        if len(items) > 1 or (items == [2] and flushed.count([2]) == 1):
            raise psycopg.errors.DeadlockDetected("deadlock detected")
        return [str(item) for item in items]

    together: Coalescer[int, str] = Coalescer(flush)
    answers = await asyncio.gather(*(together.submit(item) for item in (1, 2, 3)))
    assert answers == ["1", "2", "3"]
    assert flushed == [[1, 2, 3], [1], [2], [2], [3]]


@pytest.mark.parametrize("undone", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
async def test_what_is_undone_every_time_is_told_after_some_tries(undone: type[psycopg.Error]) -> None:
    asked = 0

    async def flush(items: Sequence[int]) -> Sequence[str]:
        nonlocal asked
        asked += 1
        raise undone("undone")

    together: Coalescer[int, str] = Coalescer(flush)
    with pytest.raises(undone):
        await together.submit(1)
    assert asked == 4


class _Flushes:
    """What was flushed together; the first flush ends when `go_on` is set."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def flush(self, items: Sequence[int]) -> Sequence[str]:
        self.groups.append(list(items))
        self.begun.set()
        await self.go_on.wait()
        return [str(item) for item in items]


async def test_who_was_answered_and_comes_again_at_once_goes_with_those_who_waited() -> None:
    flushes = _Flushes()
    together: Coalescer[int, str] = Coalescer(flushes.flush, linger_seconds=60)

    async def twice() -> None:
        await together.submit(1)
        await together.submit(3)

    async with asyncio.timeout(10), asyncio.TaskGroup() as clients:
        clients.create_task(twice())
        await flushes.begun.wait()
        clients.create_task(together.submit(2))
        await asyncio.sleep(0)
        flushes.go_on.set()
    assert flushes.groups == [[1], [2, 3]]


async def test_who_does_not_come_again_is_not_waited_for_any_longer() -> None:
    flushes = _Flushes()
    together: Coalescer[int, str] = Coalescer(flushes.flush, linger_seconds=0.01)
    async with asyncio.timeout(10), asyncio.TaskGroup() as clients:
        clients.create_task(together.submit(1))
        await flushes.begun.wait()
        clients.create_task(together.submit(2))
        await asyncio.sleep(0)
        flushes.go_on.set()
    assert flushes.groups == [[1], [2]]


@pytest.mark.parametrize("times", [1, 3])
async def test_nobody_waits_who_is_alone(times: int) -> None:
    flushes = _Flushes()
    flushes.go_on.set()
    together: Coalescer[int, str] = Coalescer(flushes.flush, linger_seconds=60)
    async with asyncio.timeout(10):
        answers = [await together.submit(item) for item in range(times)]
    assert answers == [str(item) for item in range(times)]


async def test_two_lists_of_about_the_same_length_are_under_way_at_once() -> None:
    flushed: list[int] = []
    go_on = asyncio.Event()

    async def flush(items: Sequence[int]) -> Sequence[int]:
        flushed.append(len(items))
        await go_on.wait()
        return items

    together: Coalescer[int, int] = Coalescer(flush, flights=2)
    first = [asyncio.create_task(together.submit(item)) for item in range(16)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert flushed == [8, 8]
    rest = [asyncio.create_task(together.submit(item)) for item in range(16, 20)]
    await asyncio.sleep(0)
    assert flushed == [8, 8]
    go_on.set()
    assert await asyncio.gather(*first, *rest) == list(range(20))
    assert sum(flushed) == 20
