"""Form pieces: a field with its label and its line below, a search box, and choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QMetaMethod, QPointF, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from desktop.i18n import common, keys
from desktop.ui.keys.actions import Action, own_key, run_key
from desktop.ui.theme import icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.widgets.basics import Label, Words
from desktop.ui.widgets.states import mark_wrong

DEBOUNCE_MS: Final = 120


class Field(QWidget):
    """Label above, control, and one line below for help or error; the line's height is always kept."""

    def __init__(self, title: Words, control: QWidget, *, hint: Words | None = None) -> None:
        super().__init__()
        self.control = control
        self._title, self._hint = title, hint
        self._label = Label(title, size="small", ink="muted", weight="medium")
        self._label.setBuddy(control)
        self._below = Label(size="small", ink="faint", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self._label, control, self._below):
            layout.addWidget(widget)
        self._wrong: Words | None = None
        follow(self._refresh)

    def set_error(self, words: Words | None) -> None:
        """Say what is wrong, or None when it is right again."""
        self._wrong = words
        self._refresh()

    def set_hint(self, words: Words | None) -> None:
        """Say something helpful in the same place."""
        self._hint = words
        self._refresh()

    @property
    def error(self) -> str:
        """What is wrong, or an empty text."""
        return self._wrong() if self._wrong else ""

    def _refresh(self) -> None:
        self.control.setAccessibleName(self._title())
        words = self._wrong or self._hint
        text = words() if words else ""
        self._below.setText(text)
        self._below.set_ink("danger" if self._wrong else "faint")
        self._below.setMinimumHeight(scaled(20))
        self.control.setAccessibleDescription(text)
        mark_wrong(self.control, self._wrong is not None)


class SearchField(QLineEdit):
    """A search box: `searched(text)` 120 ms after the last key, or at once on Enter, which goes to the results."""

    searched = Signal(str)
    stepped_down = Signal()

    def __init__(self, hint: Words) -> None:
        super().__init__()
        self._hint = hint
        self._waits = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._pause.timeout.connect(self._emit)
        self.textChanged.connect(lambda _text: self._pause.start())
        self._clear = QAction(self)
        self._clear.triggered.connect(self.clear)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))
        self._clear.setVisible(False)
        follow(self._refresh)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter searches at once and then goes to the results, as Down does; Esc clears."""
        if not run_key(event, self.key_actions()):
            super().keyPressEvent(event)

    def key_actions(self) -> list[Action]:
        """Its keys while it has the focus."""
        if not self.hasFocus():
            return []
        return [
            own_key("find_now", keys.FIND_NOW, self._enter, self, "Return"),
            own_key("results", keys.TO_RESULTS, self._go_down, self, "Down", enabled=self._has_list),
            own_key("clear", common.CLEAR_SEARCH, self.clear, self, "Escape", enabled=self._has_text),
        ]

    def _has_list(self) -> bool:
        return self.isSignalConnected(QMetaMethod.fromSignal(self.stepped_down))

    def _go_down(self) -> None:
        self.stepped_down.emit()

    def _has_text(self) -> bool:
        return bool(self.text())

    def _enter(self) -> None:
        if self._pause.isActive():
            self._waits = self.text()  # Enter came before the answer: it goes to the results when they are there
            self._emit()
        else:
            self.stepped_down.emit()

    def answered(self, found: int) -> None:
        """A result of so many rows is shown; an Enter that waited for it goes there."""
        if found and self._waits and self._waits == self.text() and self.hasFocus():
            self._waits = ""
            self.stepped_down.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, then the lens."""
        super().paintEvent(event)
        painter = QPainter(self)
        size = scaled(18)
        lens = icons.pixmap("search", look.tokens.faint, size)
        painter.drawPixmap(QPointF(13, (self.height() - size) / 2), lens)
        painter.end()

    def _emit(self) -> None:
        self._pause.stop()
        self.searched.emit(" ".join(self.text().split()))

    def _refresh(self) -> None:
        self.setPlaceholderText(self._hint())
        self.setAccessibleName(self._hint())
        self.setTextMargins(scaled(18) + 9, 0, 0, 0)
        self._clear.setIcon(icons.icon("x", look.tokens.muted, None, scaled(16)))
        self._clear.setText(common.CLEAR_SEARCH())
        self._clear.setToolTip(common.CLEAR_SEARCH())
        for child in self.findChildren(QWidget):
            child.setAccessibleName(common.CLEAR_SEARCH())


class Choice(QComboBox):
    """A drop-down of (key, words); words follow the language, `picked(key)` on a person's choice."""

    picked = Signal(str)

    def __init__(self, options: Sequence[tuple[str, Words]], name: Words) -> None:
        super().__init__()
        self._name = name
        self._options = list(options)
        for key, words in self._options:
            self.addItem(words(), key)
        self.activated.connect(lambda index: self.picked.emit(self.itemData(index)))
        follow(self._refresh)

    def key(self) -> str:
        """The chosen key, or an empty text."""
        return str(self.currentData() or "")

    def set_key(self, key: str) -> None:
        """Choose by key, silently."""
        self.setCurrentIndex(self.findData(key))

    def _refresh(self) -> None:
        self.setAccessibleName(self._name())
        for index, (_, words) in enumerate(self._options):
            self.setItemText(index, words())
