"""Ten fingers and two eyes: each key must change what is seen, and leave the focus where the next key has a meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QToolTip,
    QWidget,
)

from desktop.ui.shell import Shell
from tests.desktop.keyboard.x11 import Keyboard
from tests.waiting import eventually

PATIENCE: Final = 20.0
ANSWER: Final = 3.0
_TICKING: Final = frozenset({"sign_off_clock"})


class Silent(AssertionError):
    """A key did nothing, or the focus was lost."""


class Fingers:
    """Presses keys in one window; `counts` has the keys by the page where they were pressed."""

    def __init__(self, shell: Shell, display: str) -> None:
        self._shell, self._keyboard = shell, Keyboard(display)
        self.counts: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """All keys so far; a chord is one."""
        return sum(self.counts.values())

    async def press(self, chord: str) -> None:
        """One key, or keys held together; returns when its effect is seen and the focus has its place."""
        await self.until(lambda: not lost_focus(self._shell), f"a place for {chord}: {lost_focus(self._shell)}")
        before, where = seen(self._shell), self._where()
        self._keyboard.press(chord)
        self.counts[where] += 1
        try:
            await self.until(lambda: seen(self._shell) != before, "", ANSWER)
        except Silent:
            raise Silent(f"{chord} did nothing in {_name(QApplication.focusWidget())} on {where}") from None
        await self.until(lambda: not lost_focus(self._shell), f"after {chord} on {where}")

    async def type(self, text: str) -> None:
        """Key by key, as on the US keyboard."""
        for letter in text:
            await self.press(letter)

    async def until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> None:
        """Let the desk work until something is so."""
        try:
            await eventually(condition, seconds)
        except AssertionError:
            raise Silent(f"waited {seconds:g} s for {what}; {lost_focus(self._shell)}") from None

    def _where(self) -> str:
        window = QApplication.activeWindow()
        if window is not None and window is not self._shell:
            return window.objectName() or type(window).__name__
        page = self._shell.current_page()
        return page.objectName() if page is not None and page.isVisible() else "gate"


def lost_focus(shell: Shell) -> str:
    """Why the next key would go nowhere; empty when it has a place in the page, the dialog or the gate at the front."""
    focused, window = QApplication.focusWidget(), QApplication.activeWindow()
    if window is None or focused is None:
        return f"nothing has the focus (window {_name(window)})"
    if not focused.isVisible() or not focused.isEnabled() or focused.window() is not window:
        return f"the focus is on {_name(focused)}, which is hidden, disabled or behind {_name(window)}"
    page = shell.current_page()
    behind = window is shell and page is not None and page.isVisible() and not _at_work(shell, page, focused)
    return f"the focus is on {_name(focused)}, outside of {_name(page)}" if behind else ""


def _at_work(shell: Shell, page: QWidget, focused: QWidget) -> bool:
    places: tuple[QWidget, ...] = (page, shell.nav, shell.topbar, shell.palette_box)
    return any(place is focused or place.isAncestorOf(focused) for place in places)


def seen(shell: Shell) -> object:
    """What a person can see of the window at the front, but for clocks."""
    window = QApplication.activeWindow() or shell
    focused = QApplication.focusWidget()
    parts: list[object] = [id(window), id(focused), QToolTip.text()]
    parts += [
        (id(widget), widget.isEnabled(), *_look_of(widget))
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and not shell.topbar.isAncestorOf(widget) and widget.objectName() not in _TICKING
    ]
    return parts


def _look_of(widget: QWidget) -> tuple[object, ...]:
    if isinstance(widget, QLineEdit):
        return widget.text(), widget.cursorPosition(), widget.selectedText()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText(), widget.textCursor().position()
    if isinstance(widget, QAbstractButton):
        return widget.text(), widget.isChecked()
    if isinstance(widget, QComboBox):
        return (widget.currentIndex(),)
    if isinstance(widget, QListWidget):
        return widget.currentRow(), widget.count()
    if isinstance(widget, QAbstractItemView):
        model: QAbstractItemModel = widget.model()
        marked = getattr(model, "marked", ())
        return widget.currentIndex().row(), model.rowCount(), tuple(sorted(map(str, marked)))
    return (widget.text(), widget.property("ink")) if isinstance(widget, QLabel) else ()


def _name(widget: QWidget | None) -> str:
    return "nothing" if widget is None else f"{type(widget).__name__} {widget.objectName()}".strip()
