"""The field for the six digits of a code app: Thai layout and Thai digits type the digits that were meant."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from desktop.ui.keys.kedmanee import us_key
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow
from shared.thai import ascii_digits

DIGITS: Final = 6


class CodeEdit(QLineEdit):
    """`changed` on every edit; only digits get in, whatever layout is on. Enter does nothing."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("code", True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setPlaceholderText("0" * DIGITS)
        self.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.textChanged.connect(self._clean)
        follow(self._refresh)

    @property
    def complete(self) -> bool:
        """Six digits are there."""
        return len(self.text()) == DIGITS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The number row of the Thai layout types letters; take the digit on that key."""
        meant = us_key(event.text()) if len(event.text()) == 1 else None
        if meant is not None and meant.isascii() and meant.isdigit():
            self.insert(meant)
            return
        super().keyPressEvent(event)

    def _clean(self, text: str) -> None:
        digits = "".join(c for c in ascii_digits(text) if c.isascii() and c.isdigit())[:DIGITS]
        if digits != text:
            self.setText(digits)
            return
        self.changed.emit()

    def _refresh(self) -> None:
        self.setFixedWidth(scaled(190))
