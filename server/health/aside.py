"""Work that may block for longer than anybody waits: it is done in a thread that nobody waits for at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


async def aside(work: Callable[[], Result]) -> Result:
    """What `work` gives or raises. A name server, a network disk or a host can hang: then only its thread does."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def give(result: Result) -> None:
        if not done.done():
            done.set_result(result)

    def fail(error: BaseException) -> None:
        if not done.done():
            done.set_exception(error)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            _tell(loop, fail, error)
        else:
            _tell(loop, give, result)

    threading.Thread(target=run, daemon=True).start()
    return await done


def _tell(loop: asyncio.AbstractEventLoop, act: Callable[..., None], told: object) -> None:
    # the loop may have ended meanwhile: then nobody asks any more
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(act, told)
