"""Pieces of the sign-off dialog: a check, a name to compare, an acknowledgement, a button that Enter misses."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from desktop.i18n import Text
from desktop.ui.widgets.basics import BusyButton, IconLabel, Label, Words, column, row


class SignButton(BusyButton):
    """Signs by mouse or by Space; some platforms let Enter press a focused button, and no Enter may move money."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter to the dialog, which swallows it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)


class CheckLine(QWidget):
    """One finding: icon, words, colour."""

    def __init__(self, good: bool, words: Words) -> None:
        super().__init__()
        icon, token = ("circle-check", "ok") if good else ("triangle-alert", "wait")
        label = Label(words, wrap=True, ink="" if good else "wait")
        layout = row(spacing=10)
        layout.addWidget(IconLabel(icon, token, 19), 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(label, 1)
        self.setLayout(layout)


class Compared(QWidget):
    """A small title over a large value; two of them side by side are compared by eye."""

    def __init__(self, title: Words, value: str, *, doubtful: bool = False) -> None:
        super().__init__()
        self.value = Label(value, size="title", wrap=True, ink="wait" if doubtful else "")
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.value.setAccessibleName(f"{title()} {value}")
        self.setLayout(column(Label(title, size="small", ink="muted"), self.value, spacing=2))


class _Words(Label):
    """Words beside a check box that tick it too; QCheckBox itself never wraps its text."""

    pressed = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick."""
        self.pressed.emit()
        super().mouseReleaseEvent(event)


class Acknowledgement(QWidget):
    """One warning that a person ticks; `given(index, ticked)`."""

    given = Signal(int, bool)

    def __init__(self, index: int, text: Text, subject: str) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.box.setObjectName(f"sign_off_ack_{index}")
        self.box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.box.setAccessibleName(f"{text()} {subject}".strip())
        words = _Words(text, wrap=True, weight="medium")
        words.pressed.connect(self.box.toggle)
        layout = row(spacing=8)
        layout.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        beside = column(words, spacing=0)
        if subject:
            beside.addWidget(Label(subject, size="small", ink="muted", wrap=True))
        layout.addLayout(beside, 1)
        self.setLayout(layout)
        self.box.toggled.connect(partial(self.given.emit, index))
