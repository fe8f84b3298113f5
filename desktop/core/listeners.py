"""Plain callbacks: who wants to know is told, in order, on the loop's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Listeners(Generic[T]):
    """A list of callbacks that take one value."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[T], None]] = []

    def add(self, callback: Callable[[T], None]) -> Callable[[], None]:
        """Tell `callback` from now on; the returned function ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def tell(self, value: T) -> None:
        """Tell everyone; a callback may add or remove callbacks meanwhile."""
        for callback in tuple(self._callbacks):
            callback(value)
