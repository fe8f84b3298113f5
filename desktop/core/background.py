"""Work that nobody awaits: kept from the collector until it ends, and its failure told to the loop, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


def start(work: Coroutine[Any, Any, Any], tasks: set[asyncio.Task[Any]]) -> None:
    """Run `work` and keep it in `tasks` meanwhile; the window's exception handler shows what failed."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)

    def ended(task: asyncio.Task[Any]) -> None:
        tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            name = getattr(work, "__qualname__", task.get_name())
            task.get_loop().call_exception_handler({"message": name, "exception": problem, "task": task})

    task.add_done_callback(ended)
