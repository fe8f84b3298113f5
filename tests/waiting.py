"""The one way a test waits: for a condition, with a limit. No test sleeps and hopes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

PAUSE_SECONDS = 0.01
T = TypeVar("T")


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Return as soon as `condition()` is true; fail the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(PAUSE_SECONDS)


async def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    """The same without blocking the event loop."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        await asyncio.sleep(PAUSE_SECONDS)


async def until(ask: Callable[[], Awaitable[T]], enough: Callable[[T], bool], seconds: float = 20) -> T:
    """Ask again and again, for who has to be asked; the first answer that is enough."""
    deadline = time.monotonic() + seconds
    while not enough(answer := await ask()):
        assert time.monotonic() < deadline, f"the last answer was {answer}"
        await asyncio.sleep(PAUSE_SECONDS)
    return answer
