"""Tells a barcode scanner that types from a person who types, wherever the focus is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.ui.keys.kedmanee import untyped

GAP_SECONDS: Final = 0.035
MIN_LENGTH: Final = 6
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ScannerFilter(QObject):
    """Emits `scanned(code)` for at least six keys, each within 35 ms of the last, ended by Enter.

    The field that had the focus gets its text back, so a scan never lands in an amount or a name.
    """

    scanned = Signal(str)

    def __init__(self, clock: Callable[[], float] = time.monotonic, gap_seconds: float = GAP_SECONDS) -> None:
        super().__init__()
        self._clock, self._gap = clock, gap_seconds
        self._burst = ""
        self._last = float("-inf")
        self._before: tuple[QLineEdit, str] | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the keys that go to the focused widget."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        focused = QApplication.focusWidget()
        if focused is None or watched is not focused:
            return False
        now = self._clock()
        quick, self._last = now - self._last <= self._gap, now
        if event.key() in _ENTERS:
            return self._finish(quick)
        if event.text() and event.text().isprintable():
            if not quick:
                self._burst = ""
                self._before = (focused, focused.text()) if isinstance(focused, QLineEdit) else None
            self._burst += event.text()
        return False

    def _finish(self, quick: bool) -> bool:
        burst, before = self._burst, self._before
        self._burst, self._before = "", None
        if not quick or len(burst) < MIN_LENGTH:
            return False
        if before is not None:
            before[0].setText(before[1])
        self.scanned.emit(untyped(burst))
        return True
