"""Lines of what waits to be done: icon, words, a figure, and a press that opens its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.theme.tokens import Tone


@dataclass(frozen=True, slots=True)
class Task:
    """One line; `figure` is a count or an amount, already formatted."""

    key: str
    tone: Tone
    icon: str
    words: str
    figure: str


class TaskLine(QAbstractButton):
    """A painted line, pressed by mouse or Space."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{task.words} {task.figure}")
        follow(self._refresh)

    def sizeHint(self) -> QSize:
        """48 px high."""
        return QSize(220, scaled(48))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line."""
        t, task = look.tokens, self._task
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -2)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(t.focus), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.hover))
            painter.drawRoundedRect(box, 8, 8)
        ink, fill = t.tone(task.tone)
        side, size = scaled(32), scaled(18)
        badge = QRectF(box.left() + 6, box.center().y() - side / 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(badge, 9, 9)
        spot = QPointF(badge.center().x() - size / 2, badge.center().y() - size / 2)
        painter.drawPixmap(spot, icons.pixmap(task.icon, ink, size))
        words = box.adjusted(side + 18, 0, -10, 0)
        painter.setPen(QColor(t.text))
        painter.setFont(fonts.font("body"))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), task.words)
        painter.setFont(fonts.font("body", "semibold"))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), task.figure)
        painter.end()

    def _refresh(self) -> None:
        self.setFixedHeight(scaled(48))
        self.update()


class TaskList(QWidget):
    """`opened(key)` when a line is pressed."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Replace the lines."""
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for task in tasks:
            made = TaskLine(task)
            made.clicked.connect(partial(self.opened.emit, task.key))
            self._lines.addWidget(made)
