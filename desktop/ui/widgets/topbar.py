"""The bar above the page: title, sync pill, language, colours, bell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy

from desktop.i18n import language, nav
from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import PAGE_MARGIN, IconButton, Label, row

HEIGHT: Final = 60


@dataclass(frozen=True, slots=True)
class SyncState:
    """What the pill says: `words` is called again when the language changes."""

    tone: Tone
    icon: str
    words: Callable[[], str]


def online(time: str) -> SyncState:
    """Connected; `time` of the last pull."""
    return SyncState("ok", "circle-check", lambda: nav.online(time))


def syncing(done: int, total: int) -> SyncState:
    """Pulling."""
    return SyncState("info", "refresh-cw", lambda: nav.syncing(f"{done:,}", f"{total:,}"))


def offline(queued: int) -> SyncState:
    """No connection, with so many commands waiting."""
    return SyncState("wait", "wifi-off", lambda: nav.offline(queued))


def signed_out() -> SyncState:
    """The session ended; the queue waits for a person."""
    return SyncState("bad", "triangle-alert", nav.SIGN_IN_AGAIN)


def attention(count: int) -> SyncState:
    """Answers in the outbox that a person must read."""
    return SyncState("bad", "triangle-alert", lambda: nav.attention(count))


class SyncPill(QAbstractButton):
    """The one place that says whether what you see is fresh; a click opens Sync."""

    def __init__(self) -> None:
        super().__init__()
        self._state = offline(0)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(self._refresh)

    def set_state(self, state: SyncState) -> None:
        """Show a state."""
        self._state = state
        self._refresh()

    def sizeHint(self) -> QSize:
        """Icon and words."""
        words = fonts.text_width(self._state.words(), "small", "semibold")
        return QSize(round(words) + scaled(16) + 36, scaled(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pill."""
        ink, fill = look.tokens.tone(self._state.tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ringed = self.hasFocus() or self.underMouse()
        painter.setPen(QPen(QColor(ink), 2 if self.hasFocus() else 1) if ringed else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        size = scaled(16)
        spot = QPointF(box.left() + 12, box.center().y() - size / 2)
        painter.drawPixmap(spot, icons.pixmap(self._state.icon, ink, size))
        painter.setPen(QColor(ink))
        painter.setFont(fonts.font("small", "semibold"))
        words = box.adjusted(size + 19, 0, 0, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self._state.words())
        painter.end()

    def _refresh(self) -> None:
        self.setAccessibleName(f"{nav.SYNC_STATE()} {self._state.words()}")
        self.setFixedSize(self.sizeHint())
        self.update()


class Bell(IconButton):
    """The bell with a dot when something is unread."""

    def __init__(self) -> None:
        self._unread = 0
        super().__init__("bell", lambda: nav.notifications(self._unread))

    def set_unread(self, count: int) -> None:
        """How many notices are unread."""
        self._unread = count
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, then the dot."""
        super().paintEvent(event)
        if not self._unread:
            return
        t = look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(t.surface), 2))
        painter.setBrush(QColor(t.series_3))
        painter.drawEllipse(QPointF(self.width() / 2 + 6, self.height() / 2 - 6), 5, 5)
        painter.end()


class TopBar(QFrame):
    """60 px: the page's title on the left, the desk's state on the right."""

    sync_opened = Signal()
    bell_opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("room", "bar")
        self.title = Label(size="heading")
        self.pill = SyncPill()
        self.bell = Bell()
        self._language = IconButton("languages", nav.SWITCH_LANGUAGE, show_text=nav.LANGUAGE_BUTTON)
        self._colours = IconButton("moon", nav.SWITCH_TO_DARK)
        layout = row(self.title, spacing=10, margins=(PAGE_MARGIN, 0, 12, 0))
        layout.addStretch()
        for widget in (self.pill, self._language, self._colours, self.bell):
            layout.addWidget(widget)
        self.setLayout(layout)
        self.pill.clicked.connect(self.sync_opened)
        self.bell.clicked.connect(self.bell_opened)
        self._language.clicked.connect(self._switch_language)
        self._colours.clicked.connect(look.toggle_mode)
        follow(self._refresh)

    def _switch_language(self) -> None:
        look.set_language("en" if language() == "th" else "th")

    def _refresh(self) -> None:
        self.setFixedHeight(scaled(HEIGHT))
        dark = look.mode == "dark"
        self._colours.set_face("sun" if dark else "moon", nav.SWITCH_TO_LIGHT if dark else nav.SWITCH_TO_DARK)
