"""Ctrl+K: every action that can be done now, found by a few letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import common
from desktop.ui.keys.actions import Action
from desktop.ui.keys.kedmanee import untyped
from desktop.ui.theme.fonts import scaled
from desktop.ui.widgets.basics import Label
from desktop.ui.widgets.choices import ChoiceList, ChoiceRow
from desktop.ui.widgets.fields import SearchField
from desktop.ui.widgets.popup import Popup
from shared.normal import folded

WIDTH: Final = 560
LIST_HEIGHT: Final = 360


class _PaletteField(SearchField):
    def __init__(self, choices: ChoiceList, close: Callable[[], None]) -> None:
        super().__init__(common.PALETTE_HINT)
        self._choices, self._close = choices, close

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._choices.take_key(event):
            return
        if event.text() == "\x1b":
            self._close()
            return
        super().keyPressEvent(event)


class CommandPalette(Popup):
    """Laid over the upper middle of the window; gives the focus back when it closes."""

    def __init__(self, window: QWidget, actions: Callable[[], Sequence[Action]]) -> None:
        super().__init__(window)
        self._over, self._actions = window, actions
        self._found: dict[str, Action] = {}
        self._back: QWidget | None = None
        self._list = ChoiceList()
        self._none = Label(common.PALETTE_EMPTY, ink="muted")
        self._none.setContentsMargins(16, 8, 16, 8)
        self._field = _PaletteField(self._list, self.dismiss)
        self._field.textChanged.connect(self._filter)
        self._list.picked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(8)
        for widget in (self._field, self._list, self._none):
            layout.addWidget(widget)

    def summon(self) -> None:
        """Open, empty, with the focus."""
        self._back = self._over.focusWidget()
        self.setAccessibleName(common.PALETTE())
        self._field.clear()
        self._filter("")
        width = min(scaled(WIDTH), self._over.width() - 80)
        self.setFixedWidth(width)
        self.move((self._over.width() - width) // 2, 84)
        self.show()
        self.raise_()
        self._field.setFocus()

    def dismiss(self) -> None:
        """Close and give the focus back."""
        self.hide()
        if self._back is not None:
            self._back.setFocus()

    def _filter(self, text: str) -> None:
        offered = [a for a in self._actions() if a.in_palette]
        fitting = [a for a in offered if _fits(a, text)] or [a for a in offered if _fits(a, untyped(text))]
        self._found = {a.name: a for a in fitting}
        rows = [ChoiceRow(a.name, a.title(), tag=" ".join(a.keys[:1]), icon=a.icon) for a in self._found.values()]
        self._list.set_rows(rows)
        self._list.setFixedHeight(self._list.content_height(scaled(LIST_HEIGHT)) + 4)
        self.setFixedHeight(self._list.height() * bool(rows) + scaled(48) * (not rows) + scaled(38) + 32)
        self._list.setVisible(bool(rows))
        self._none.setVisible(not rows)

    def _run(self, name: str) -> None:
        self.dismiss()
        self._found[name].run()


def _fits(action: Action, text: str) -> bool:
    wanted = folded(text).split()
    words = folded(f"{action.title.th} {action.title.en} {' '.join(action.keys)}")
    return all(part in words for part in wanted) and action.enabled()
