"""Named places where a simulated process may die: before and after each function that changes what others can see.

Unless a simulation has armed them, a failpoint costs one comparison with None.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

Reached = Callable[[str], Awaitable[None]]

P = ParamSpec("P")
R = TypeVar("R")

_reached: Reached | None = None
_names: set[str] = set()


def failpoint(name: str) -> Callable[[Callable[P, Coroutine[Any, Any, R]]], Callable[P, Coroutine[Any, Any, R]]]:
    """Name two points, `name.before` and `name.after` an async function; `name` is `room.step` and used once."""
    if name in _names:
        raise ValueError(f"the failpoint {name} is there already")
    _names.add(name)

    def decorate(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
        async def watched(reached: Reached, *args: P.args, **kwargs: P.kwargs) -> R:
            await reached(f"{name}.before")
            result = await function(*args, **kwargs)
            await reached(f"{name}.after")
            return result

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R]:
            return function(*args, **kwargs) if _reached is None else watched(_reached, *args, **kwargs)

        return call

    return decorate


def arm(reached: Reached | None) -> None:
    """Call `reached` with a point's name whenever one is come to; None disarms."""
    global _reached
    _reached = reached


def kill_at(point: str) -> None:
    """This process ends by SIGKILL when it comes to the point: nothing is undone, said or closed."""

    async def reached(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    arm(reached)


def points() -> list[str]:
    """Every point of the modules that have been imported, in order."""
    return sorted(f"{name}.{side}" for name in _names for side in ("before", "after"))
