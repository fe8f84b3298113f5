"""Eyes and hands on a window: find by object name, type letters, click, drop a file, wait until something is seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLineEdit, QWidget

from desktop.ui.pages import Page
from desktop.ui.shell import Shell
from desktop.ui.theme.look import look
from desktop.ui.widgets.flow import FilterChip

W = TypeVar("W", bound=QWidget)
T = TypeVar("T")
WAIT: Final = 30.0
_LOOK_EVERY: Final = 0.02


class NotSeen(Exception):
    """What was waited for did not appear in time."""


async def until(see: Callable[[], T | None], what: str, seconds: float = WAIT) -> T:
    """Look again and again until `see` gives something true; its value."""
    end = time.monotonic() + seconds
    while True:
        if seen := see():
            return seen
        if time.monotonic() > end:
            raise NotSeen(f"waited {seconds:g} s for {what}")
        await asyncio.sleep(_LOOK_EVERY)


class Hands:
    """Works one window and the dialogs over it; only what is visible and enabled can be touched."""

    def __init__(self, shell: Shell, pictures: Path | None) -> None:
        self.shell, self._pictures = shell, pictures

    def find(self, name: str) -> QWidget | None:
        """A visible widget by object name, dialogs first."""
        return self.find_as(name, QWidget)

    def find_as(self, name: str, kind: type[W]) -> W | None:
        """The same, if it is of this kind."""
        for window in reversed(QApplication.topLevelWidgets()):
            for found in [window, *window.findChildren(kind, name)]:
                if isinstance(found, kind) and found.objectName() == name and found.isVisible():
                    return found
        return None

    async def see(self, name: str, seconds: float = WAIT) -> QWidget:
        """Wait until it is visible."""
        return await until(lambda: self.find(name), name, seconds)

    async def go(self, page: str, subject: str | None = None) -> Page:
        """Open a page as its menu entry does, and wait until it is there and has read what it shows."""
        self.shell.open_page(page, subject)
        await until(lambda: not self.shell.at_work, f"the page {page}")
        opened = self.shell.current_page()
        if opened is None or not opened.isVisible():
            raise NotSeen(f"the page {page} did not open")
        return opened

    async def click(self, name: str, seconds: float = WAIT) -> None:
        """Wait until a button can be pressed, then press it with the mouse."""
        button = await until(lambda: self._pressable(name), f"{name} to be enabled", seconds)
        click_at(button, button.rect().center())

    def _pressable(self, name: str) -> QAbstractButton | None:
        button = self.find_as(name, QAbstractButton)
        return button if button is not None and button.isEnabled() else None

    def enabled(self, name: str) -> bool:
        """Whether a button could be pressed now."""
        return self._pressable(name) is not None

    async def type_into(self, name: str, text: str, seconds: float = WAIT) -> QLineEdit:
        """Replace what a field holds, letter by letter."""
        field = await until(lambda: self._typable(name), f"{name} to take letters", seconds)
        field.window().activateWindow()  # a dialog that closed leaves nothing active where no window manager is
        field.setFocus()
        await until(field.hasFocus, f"{name} to have the focus")
        field.selectAll()
        type_text(field, text)
        return field

    def _typable(self, name: str) -> QLineEdit | None:
        field = self.find_as(name, QLineEdit)
        return field if field is not None and field.isEnabled() and not field.isReadOnly() else None

    async def choose(self, name: str, key: str) -> None:
        """Choose by key in a drop-down, as its list does."""
        box = await until(lambda: self.find_as(name, QComboBox), name)
        index = box.findData(key)
        box.setCurrentIndex(index)
        box.activated.emit(index)

    async def tick_chip(self, row_name: str, key: str) -> None:
        """Press a filter chip."""
        chip = await until(lambda: self._chip(row_name, key), f"chip {key}")
        click_at(chip, chip.rect().center())

    def _chip(self, row_name: str, key: str) -> FilterChip | None:
        row = self.find(row_name)
        chips = row.findChildren(FilterChip) if row is not None else []
        return next((chip for chip in chips if chip.option.key == key), None)

    def chip_count(self, row_name: str, key: str) -> int:
        """The number on a chip; 0 when there is no such chip."""
        chip = self._chip(row_name, key)
        return int(chip.option.count.replace(",", "")) if chip is not None else 0

    async def drop_file(self, name: str, files: Sequence[Path]) -> None:
        """Drop files on a widget."""
        target = await self.see(name)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        middle = QPointF(target.rect().center())
        action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        bare = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(target, QDragEnterEvent(middle.toPoint(), action, mime, button, bare))
        QApplication.sendEvent(target, QDropEvent(middle, action, mime, button, bare))

    def dialog(self) -> QDialog | None:
        """The dialog that is open."""
        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        return dialogs[-1] if dialogs else None

    async def shoot(self, screen: str) -> None:
        """Save what is seen, in both languages."""
        if self._pictures is None:
            return
        self._pictures.mkdir(parents=True, exist_ok=True)
        for language in ("th", "en"):
            look.set_language(language)
            # Rounds of the loop: layouts, then what they asked for. processEvents() would re-enter running tasks.
            for _ in range(6):
                await asyncio.sleep(0)
            dialog = self.dialog()
            (dialog or self.shell).grab().save(str(self._pictures / f"{screen}_{language}.png"))
        look.set_language("th")


def click_at(widget: QWidget, point: QPoint) -> None:
    """Press and release the left button at a point of a widget."""
    at, over = QPointF(point), QPointF(widget.mapToGlobal(point))
    left, none, bare = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    widget.setFocus(Qt.FocusReason.MouseFocusReason)
    for kind, held in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, none)):
        QApplication.sendEvent(widget, QMouseEvent(kind, at, over, left, held, bare))


def type_text(widget: QWidget, text: str) -> None:
    """Type letters, Thai ones too."""
    for letter in text:
        press(widget, 0, letter)


def press(widget: QWidget, key: int, text: str = "") -> None:
    """Press and release one key."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))


Given = dict[str, Any]
