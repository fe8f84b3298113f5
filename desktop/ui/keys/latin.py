"""Fields for amounts, codes and numbers take the key that was meant, whatever layout is on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from desktop.ui.keys.kedmanee import is_thai, untyped, us_key
from shared.thai import ascii_digits

# Where the digits 1 to 9 and 0 lie on a keyboard: X and Wayland count from 10, Windows from 2.
_FIRST_DIGIT: Final = 2 if sys.platform == "win32" else 10
_DIGIT_AT: Final = {_FIRST_DIGIT + place: digit for place, digit in enumerate("1234567890")}
_IN_BOTH: Final = "/-"
_CHORD: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class LatinEdit(QLineEdit):
    """A field of digits and Latin letters: Thai ones count as the key that they lie on, Thai digits as digits.

    Kedmanee has `/` and `-` on 2 and 3. Which key it was tells them from those of the US layout; where the system does
    not say, the last letter does. `only_digits`: they mean nothing else here.
    """

    only_digits = False

    def __init__(self) -> None:
        super().__init__()
        self._thai = False
        self.setInputMethodHints(Qt.InputMethodHint.ImhPreferLatin)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the character that was meant."""
        meant = None if event.modifiers() & _CHORD else self._meant(event)
        if meant is not None:
            event = QKeyEvent(QEvent.Type.KeyPress, ord(meant.upper()), event.modifiers(), meant)
        super().keyPressEvent(event)

    def _meant(self, event: QKeyEvent) -> str | None:
        letter = event.text()
        if len(letter) != 1 or event.modifiers() & Qt.KeyboardModifier.KeypadModifier:
            return None
        if is_thai(letter):
            self._thai = True
            return ascii_digits(letter) if ascii_digits(letter) != letter else us_key(letter)
        if letter in _IN_BOTH:
            thai = self._thai or self.only_digits
            digit = us_key(letter, thai_layout=True) if thai else None
            return _DIGIT_AT.get(event.nativeScanCode()) if event.nativeScanCode() else digit
        if letter.isalnum():
            self._thai = False
        return None


def readings(secret: str) -> Iterator[str]:
    """What a hidden text may have been meant as: typed under Thai by someone who saw no letter, or really Thai."""
    if is_thai(secret):
        yield untyped(secret)
    yield secret
