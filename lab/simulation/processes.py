"""Simulated processes: a group of tasks that live, stall and die together, with whatever they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

_CURRENT: ContextVar[Process] = ContextVar("process")


class Process:
    """One simulated process. What it holds outside (connections) is given back by `at_death`."""

    def __init__(self, name: str, *, mortal: bool = True) -> None:
        self.name = name
        self.mortal = mortal
        self.dead = False
        self.tasks: dict[asyncio.Task[Any], None] = {}
        """In the order in which they began: a set's order would differ from run to run."""
        self.at_death: list[Callable[[], None]] = []
        self.stalled_until = 0.0
        self.ended = asyncio.Event()
        self.bug: BaseException | None = None

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin a task of this process."""
        before = _CURRENT.set(self)
        try:
            return asyncio.create_task(work)
        finally:
            _CURRENT.reset(before)

    async def awake(self) -> None:
        """Where a stalled process stands still, and a dead one ends."""
        while (left := self.stalled_until - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110 - time is the event
            await asyncio.sleep(left)
        self.check()

    def check(self) -> None:
        """End the task here when the process is dead."""
        if self.dead:
            raise asyncio.CancelledError("the process is dead")

    def die(self) -> None:
        """End at once: no task gets to do anything that others could see."""
        if self.dead:
            return
        self.dead = True
        self.ended.set()
        for task in list(self.tasks):
            task.cancel()

    def forget(self, task: asyncio.Task[Any]) -> None:
        """A task has ended."""
        self.tasks.pop(task, None)

    async def bury(self) -> None:
        """Wait until nothing of a dead process is left, then give its connections back."""
        while left := [task for task in self.tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=1)
        for give_back in self.at_death:
            give_back()
        self.at_death.clear()


def current() -> Process:
    """The process of the running task."""
    return _CURRENT.get()


def factory(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
    """Makes tasks and writes them down with the process that begins them."""
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
    process = _CURRENT.get(None)
    if process is not None:
        process.tasks[task] = None
        task.add_done_callback(process.forget)
    return task


def be(process: Process) -> None:
    """The task that calls this, and all that it begins, are of the process."""
    _CURRENT.set(process)


async def forever() -> None:
    """Wait until cancelled."""
    await asyncio.Event().wait()
