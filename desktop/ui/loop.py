"""One event loop for Qt and asyncio, with the hooks CPython's own loop sets and qasync leaves out."""

from __future__ import annotations

import asyncio
import sys
import weakref
from collections.abc import AsyncGenerator
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication


def install_asyncgen_hooks(loop: asyncio.AbstractEventLoop) -> None:
    """Close abandoned async generators on the loop: else leaving an event stream early ends in the wrong task."""
    live: weakref.WeakSet[AsyncGenerator[Any, Any]] = weakref.WeakSet()

    def finalise(generator: AsyncGenerator[Any, Any]) -> None:
        live.discard(generator)
        if not loop.is_closed():
            loop.call_soon_threadsafe(loop.create_task, generator.aclose())

    sys.set_asyncgen_hooks(firstiter=live.add, finalizer=finalise)


def make_loop(app: QApplication) -> qasync.QEventLoop:
    """The loop; use it as a context manager."""
    loop = qasync.QEventLoop(app)
    install_asyncgen_hooks(loop)
    return loop
