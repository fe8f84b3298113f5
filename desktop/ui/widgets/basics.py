"""Labels, buttons, icon buttons, lines and layouts that every screen is put together from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import Text, keys
from desktop.ui.theme import icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look

Kind = Literal["plain", "primary", "danger", "quiet"]
Ink = Literal["", "muted", "faint", "accent", "danger", "ok", "wait"]
LabelSize = Literal["", "small", "title", "heading", "figure"]
Words = Text | Callable[[], str]
_L = TypeVar("_L", bound=QBoxLayout)

PAGE_MARGIN = 20
ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
SPINNER_STEP_MS = 60
SPINNER_STEP_DEGREES = 30


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property the style sheet selects on, and have the sheet look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


LOWER_VOWELS = 3
"""Pixels that the lower vowels of Thai need below Sarabun's line."""


class Label(QLabel):
    """A label in one of the few sizes and inks; give `words` to have it follow the language."""

    def __init__(
        self,
        words: Words | str = "",
        *,
        size: LabelSize = "",
        ink: Ink = "",
        weight: Literal["", "medium", "semibold"] = "",
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("step", size)  # not "size": QWidget has a property of that name
        self.setProperty("ink", ink)
        self.setProperty("weight", weight)
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        # The font's own line ends above the lower vowels: without this margin Qt cuts them off.
        self.setContentsMargins(0, 0, 0, LOWER_VOWELS)
        self._words: Words | None = None
        if isinstance(words, str):
            self.setText(words)
        else:
            self.set_words(words)

    def set_words(self, words: Words) -> None:
        """Text that follows the language."""
        first = self._words is None
        self._words = words
        if first:
            follow(self._refresh)
        else:
            self._refresh()

    def set_ink(self, ink: Ink) -> None:
        """Change the colour's role."""
        set_property(self, "ink", ink)

    def _refresh(self) -> None:
        if self._words is not None:
            self.setText(self._words())


class Button(QPushButton):
    """A push button that never becomes a dialog's default: Enter presses it when it has the focus, as Space does."""

    def __init__(self, words: Words, *, icon: str | None = None, kind: Kind = "plain") -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._words, self._icon_name, self._kind = words, icon, kind
        follow(self._refresh)

    def set_words(self, words: Words) -> None:
        """Change what it says; a button that signs carries the number."""
        self._words = words
        self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses on every system, as Qt leaves it to the theme; in a dialog it never does, but goes on."""
        if event.key() not in ENTERS or event.modifiers() & HELD:
            super().keyPressEvent(event)
        elif isinstance(self.window(), QDialog):
            event.ignore()
        else:
            self.click()

    def _ink(self) -> str:
        t = look.tokens
        return {"plain": t.text, "primary": t.on_accent, "danger": t.danger, "quiet": t.accent}[self._kind]

    def _refresh(self) -> None:
        self.setText(self._words())
        if self._icon_name is not None:
            size = scaled(18)
            self.setIcon(icons.spaced_icon(self._icon_name, self._ink(), look.tokens.disabled_text, size))
            self.setIconSize(QSize(size + 6, size))


class BusyButton(Button):
    """A button that turns its icon while its work runs and can not be pressed twice."""

    def __init__(self, words: Words, *, icon: str, kind: Kind = "primary") -> None:
        super().__init__(words, icon=icon, kind=kind)
        self._angle = 0
        self._spin = QTimer(self)
        self._spin.setInterval(SPINNER_STEP_MS)
        self._spin.timeout.connect(self._turn)

    @property
    def busy(self) -> bool:
        """True while the work runs."""
        return self._spin.isActive()

    def set_busy(self, busy: bool) -> None:
        """Start or end; the width stays, so that nothing jumps."""
        self.setFixedWidth(self.width()) if busy else self.setMaximumWidth(16777215)
        if not busy:
            self.setMinimumWidth(0)
        self.setEnabled(not busy)
        if busy:
            self._spin.start()
            self._turn()
        else:
            self._spin.stop()
            self._refresh()

    def _turn(self) -> None:
        self._angle = (self._angle + SPINNER_STEP_DEGREES) % 360
        self.setIcon(QIcon(icons.turned("loader-circle", look.tokens.disabled_text, scaled(18), self._angle)))


class DeliberateButton(BusyButton):
    """What signs or sends money: by mouse or by Ctrl+Enter, so that no single key on a focused button does it."""

    _asked = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Back to what it does."""
        super().focusOutEvent(event)
        self._asked = False
        self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space have it say which key does."""
        if event.key() not in (*ENTERS, Qt.Key.Key_Space) or event.modifiers() & HELD:
            super().keyPressEvent(event)
            return
        self._asked = not self._asked
        self._refresh()

    def _refresh(self) -> None:
        super()._refresh()
        if self._asked:
            self.setText(keys.HELD_BACK())


class IconButton(QToolButton):
    """An icon alone; its name is both tool tip and accessible name, so it can not be forgotten."""

    def __init__(self, icon: str, name: Words, *, show_text: Words | None = None, size: int = 20) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._icon_name, self._name, self._text, self._size = icon, name, show_text, size
        if show_text is not None:
            self.setProperty("kind", "wide")
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        follow(self._refresh)

    def set_face(self, icon: str, name: Words) -> None:
        """Change icon and name together."""
        self._icon_name, self._name = icon, name
        self._refresh()

    def _refresh(self) -> None:
        t = look.tokens
        size = scaled(self._size)
        self.setIcon(icons.icon(self._icon_name, t.muted, t.disabled_text, size))
        self.setIconSize(QSize(size, size))
        self.setToolTip(self._name())
        self.setAccessibleName(self._name())
        if self._text is not None:
            self.setText(f" {self._text()}")


class IconLabel(QLabel):
    """A tinted icon as decoration; `token` names the colour. Hidden from screen readers by having no text."""

    def __init__(self, icon: str, token: str = "muted", size: int = 20) -> None:
        super().__init__()
        self._icon_name, self._token, self._size = icon, token, size
        follow(self._refresh)

    def set_face(self, icon: str, token: str) -> None:
        """Change icon and colour."""
        self._icon_name, self._token = icon, token
        self._refresh()

    def _refresh(self) -> None:
        size = scaled(self._size)
        self.setPixmap(icons.pixmap(self._icon_name, getattr(look.tokens, self._token), size))
        self.setFixedSize(size, size)


def line() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setProperty("room", "line")
    return made


def column(*widgets: QWidget, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """A vertical layout of `widgets`."""
    return _fill(QVBoxLayout(), widgets, spacing, margins)


def row(*widgets: QWidget, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """A horizontal layout of `widgets`."""
    return _fill(QHBoxLayout(), widgets, spacing, margins)


def scrolled(content: QWidget) -> QScrollArea:
    """`content` with a scroll bar when it does not fit: large text on a small screen."""
    content.setProperty("room", "clear")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area


def form(*fields: QWidget) -> QVBoxLayout:
    """Fields under each other; each already keeps a line of its own below, so little air between."""
    return column(*fields, spacing=4)


def _fill(layout: _L, widgets: tuple[QWidget, ...], spacing: int, margins: tuple[int, int, int, int]) -> _L:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for widget in widgets:
        layout.addWidget(widget)
    return layout
