"""Notices that nobody has touched the desk for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

IDLE_SECONDS: Final = 300.0
_LOOK_EVERY_MS: Final = 5_000
_TOUCHES: Final = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel}
)


class IdleWatch(QObject):
    """Install on the application; `idle` comes once after five minutes without a key or the mouse."""

    idle = Signal()

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock, self._touched, self._told = clock, clock(), False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """See how long it has been."""
        if not self._told and self._clock() - self._touched >= IDLE_SECONDS:
            self._told = True
            self.idle.emit()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note a touch; never keep it."""
        if event.type() in _TOUCHES:
            self._touched, self._told = self._clock(), False
        return False
