"""Pieces of the sign-off dialog: a check, a name to compare, an acknowledgement."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QProgressBar, QSizePolicy, QWidget

from desktop.i18n import Text, sign_off
from desktop.ui.screens.pieces import named
from desktop.ui.widgets.basics import Label, Words, column, row
from desktop.ui.widgets.states import Skeleton


class Reading(QWidget):
    """While sheets are read: a skeleton, and after a second how far it is."""

    def __init__(self) -> None:
        super().__init__()
        self._words = Label(sign_off.READING, weight="medium")
        self._far = named(Label(ink="muted"), "sign_off_far")
        self._bar = named(QProgressBar(), "sign_off_reading")
        self._bar.setTextVisible(False)
        self._shown = QWidget()
        self._shown.setLayout(column(self._words, self._bar, self._far, spacing=8))
        self._shown.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._shown.hide()
        layout = column(self._shown, spacing=18)
        layout.addWidget(Skeleton(8), 1)
        self.setLayout(layout)

    def draw_progress(self, done: int, count: int, *, slow: bool) -> None:
        """Of `count` payments `done` are read."""
        self._shown.setVisible(slow and count > 0)
        self._bar.setRange(0, count)
        self._bar.setValue(done)
        self._bar.setAccessibleName(sign_off.read_of(f"{done:,}", f"{count:,}"))
        self._far.setText(sign_off.read_of(f"{done:,}", f"{count:,}"))


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
