"""Short notices at the bottom of the window; the undo of a submission lives in one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QWidget

from desktop.i18n import common
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import look
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import Button, IconButton, IconLabel, Label, Words, row

USUAL_MS: Final = 5_000
TICK_MS: Final = 100
MAX_SHOWN: Final = 3
WIDTH: Final = 460
_ICONS: Final[dict[Tone, str]] = {"ok": "circle-check", "bad": "circle-alert", "wait": "triangle-alert", "info": "info"}


class Toast(QFrame):
    """One notice; `closed(undone)` once. With `undo` a shrinking line shows the time that is left."""

    closed = Signal(bool)
    dismissed = Signal()  # a person closed it; before `closed`

    def __init__(self, words: Words, tone: Tone, *, life_ms: int, undo: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("room", "popup")
        self._life, self._left, self._undo, self._tone = life_ms, life_ms, undo, tone
        self._over = False
        label = Label(words, weight="medium", wrap=True)
        layout = row(IconLabel(_ICONS.get(tone, "info"), tone, 20), label, spacing=12, margins=(16, 10, 8, 12))
        layout.setStretch(1, 1)
        if undo:
            button = Button(common.UNDO, icon="undo-2", kind="quiet")
            button.clicked.connect(self.undo)
            layout.addWidget(button)
        close = IconButton("x", common.DISMISS, size=16)
        close.clicked.connect(self._dismiss)
        layout.addWidget(close)
        self.setLayout(layout)
        self.setAccessibleName(words())
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 6)
        shadow.setColor(QColor(0, 0, 0, 70))
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        if life_ms > 0:
            self._timer.start()

    def end(self) -> None:
        """Its cause is over."""
        self._close(False)

    def _dismiss(self) -> None:
        self.dismissed.emit()
        self._close(False)

    @property
    def offers_undo(self) -> bool:
        """Whether it can still be undone."""
        return self._undo

    def undo(self) -> bool:
        """Undo if this notice offers it; True when it did."""
        if not self._undo:
            return False
        self._close(True)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame and, for an undo, the line of time."""
        super().paintEvent(event)
        if not self._undo or self._life <= 0:
            return
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tokens.tone(self._tone)[0]))
        width = (self.width() - 24) * self._left / self._life
        painter.drawRoundedRect(QRectF(12, self.height() - 5, width, 3), 1.5, 1.5)
        painter.end()

    def _tick(self) -> None:
        self._left -= TICK_MS
        self.update()
        if self._left <= 0:
            self._close(False)

    def _close(self, undone: bool) -> None:
        if self._over:
            return
        self._over = True
        self._timer.stop()
        self._undo = False
        self.hide()
        self.closed.emit(undone)
        self.deleteLater()


class ToastHost(QObject):
    """Stacks notices over the lower edge of a window, or of a part of it with which they are covered and shown."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: list[Toast] = []
        window.installEventFilter(self)

    def show_notice(self, words: Words, tone: Tone = "info", *, sticky: bool = False) -> Toast:
        """A notice for five seconds, or until closed when `sticky` (the bank sent money back)."""
        return self._add(Toast(words, tone, life_ms=0 if sticky else USUAL_MS, undo=False, parent=self._window))

    def show_undo(self, words: Words, life_ms: int, done: Callable[[bool], None]) -> Toast:
        """A notice with an undo; `done(True)` when a person undid, `done(False)` when the time ran out."""
        toast = self._add(Toast(words, "info", life_ms=life_ms, undo=True, parent=self._window))
        toast.closed.connect(done)
        return toast

    def shown(self) -> list[Toast]:
        """What is shown, oldest first; F6 comes here too."""
        return list(self._shown)

    def can_undo(self) -> bool:
        """Whether a notice offers to undo something."""
        return any(toast.offers_undo for toast in self._shown)

    def undo_latest(self) -> bool:
        """Ctrl+Z: undo the newest notice that offers it; True when there was one."""
        return any(toast.undo() for toast in reversed(list(self._shown)))

    def end_all(self) -> None:
        """Another person works here now; what could be undone no longer can be."""
        for toast in list(self._shown):
            toast.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the window is resized."""
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)

    def _add(self, toast: Toast) -> Toast:
        self._shown.append(toast)
        toast.closed.connect(lambda _undone: self._drop(toast))
        for old in [t for t in self._shown if not t._undo][:-MAX_SHOWN]:
            old._close(False)
        self._arrange()
        return toast

    def _drop(self, toast: Toast) -> None:
        self._shown.remove(toast)
        self._arrange()

    def _arrange(self) -> None:
        # Above a list's footer, whose total must stay in view.
        bottom = self._window.height() - 64
        for hidden in self._shown[:-MAX_SHOWN]:
            hidden.hide()  # still counting down, and still undone by pressing Ctrl+Z once more
        for toast in reversed(self._shown[-MAX_SHOWN:]):
            toast.show()
            width = min(scaled(WIDTH), self._window.width() - 48)
            height = max(toast.heightForWidth(width), toast.sizeHint().height(), scaled(56))
            bottom -= height
            toast.setGeometry((self._window.width() - width) // 2, bottom, width, height)
            toast.raise_()
            bottom -= 10
