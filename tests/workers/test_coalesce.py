"""One that waits for an empty pool does not wait once for each item."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

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
