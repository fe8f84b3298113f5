"""What a screen shows when it has no rows, is still loading, is offline or went wrong."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import common
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import look
from desktop.ui.widgets.basics import Button, IconLabel, Label, Words, row, set_property


class EmptyState(QWidget):
    """An icon, a sentence, what to do, and one optional action."""

    acted = Signal()

    def __init__(self, icon: str = "inbox", title: Words = common.NOTHING_SELECTED, hint: Words | None = None) -> None:
        super().__init__()
        self._icon = IconLabel(icon, "faint", 40)
        self._title = Label(title, size="title")
        self._hint = Label(hint or "", ink="muted", wrap=True)
        self._action = Button(common.CLEAR_FILTERS)
        self._action.clicked.connect(self.acted)
        self._action.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addStretch(2)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._hint)  # over the whole width: a centred label would not grow with its second line
        layout.addWidget(self._action, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)

    def set_face(self, icon: str, title: Words, hint: Words | None = None, action: Words | None = None) -> None:
        """Say what is empty, why, and what can be done about it."""
        self._icon.set_face(icon, "faint")
        self._title.set_words(title)
        self._hint.set_words(hint or (lambda: ""))
        self._action.setVisible(action is not None)
        if action is not None:
            self._action.set_words(action)


class Skeleton(QWidget):
    """Grey bars where rows will be; still on purpose, a moving placeholder costs a core on old machines."""

    def __init__(self, rows: int = 6) -> None:
        super().__init__()
        self._count = rows
        self.setAccessibleName(common.LOADING())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bars of uneven length, fading downwards."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tokens.skeleton))
        step, high = scaled(40), scaled(13)
        for index in range(self._count):
            y = 14 + index * step
            painter.setOpacity(max(0.25, 1 - index * 0.09))
            for left, share in ((0.02, 0.13), (0.18, 0.16), (0.38, 0.2 + 0.07 * (index % 3)), (0.74, 0.12)):
                box = QRectF(self.width() * left, y, self.width() * share, high)
                painter.drawRoundedRect(box, high / 2, high / 2)
        painter.end()


class Banner(QFrame):
    """A full-width notice under the top bar, with one optional action."""

    acted = Signal()

    def __init__(self, icon: str = "wifi-off", tone: str = "wait") -> None:
        super().__init__()
        self.setProperty("room", "card")
        self.setProperty("tone", tone)
        self._icon = IconLabel(icon, tone, 20)
        self._words = Label(weight="medium", wrap=True)
        self._action = Button(common.DETAILS)
        self._action.clicked.connect(self.acted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._action)
        self.hide()

    def show_notice(self, words: Words, action: Words | None = None) -> None:
        """Show the notice until `hide`."""
        self._words.set_words(words)
        self._action.setVisible(action is not None)
        if action is not None:
            self._action.set_words(action)
        self.show()


class ErrorLine(QWidget):
    """A red line that says what went wrong and offers a retry; the last good data stays above it."""

    retried = Signal()

    def __init__(self, *, retry: bool = True) -> None:
        super().__init__()
        self._words = Label(ink="danger", wrap=True, size="small")
        self._retry = Button(common.RETRY, icon="refresh-cw", kind="quiet")
        self._retry.clicked.connect(self.retried)
        if not retry:
            self._retry.hide()
        layout = row(IconLabel("circle-alert", "danger", 17), self._words, spacing=8)
        layout.setStretch(1, 1)
        layout.addWidget(self._retry)
        self.setLayout(layout)
        self.hide()

    def show_error(self, words: Words) -> None:
        """Show the error."""
        self._words.set_words(words)
        self.show()

    def clear(self) -> None:
        """Nothing is wrong."""
        self.hide()


def mark_wrong(field: QWidget, wrong: bool) -> None:
    """Red edge on a field; the words beside it say why."""
    set_property(field, "wrong", wrong)
