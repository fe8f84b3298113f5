"""The field for the six digits of a code app: Thai layout and Thai digits type the digits that were meant."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal

from desktop.ui.keys.latin import LatinEdit
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow
from shared.thai import ascii_digits

DIGITS: Final = 6


class CodeEdit(LatinEdit):
    """`changed` on every edit; only digits get in, whatever layout is on. Enter goes on to the next control."""

    changed = Signal()
    only_digits = True

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

    def _clean(self, text: str) -> None:
        digits = "".join(c for c in ascii_digits(text) if c.isascii() and c.isdigit())[:DIGITS]
        if digits != text:
            self.setText(digits)
            return
        self.changed.emit()

    def _refresh(self) -> None:
        self.setFixedWidth(scaled(190))
