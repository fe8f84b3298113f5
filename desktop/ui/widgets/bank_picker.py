"""Choosing a bank by typing any part of its code, abbreviation or name."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from desktop.i18n import language
from desktop.ui.keys.kedmanee import untyped
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import ENTERS, Words
from desktop.ui.widgets.choices import ChoiceList, ChoiceRow
from desktop.ui.widgets.fields import SearchField
from desktop.ui.widgets.popup import Popup
from shared.banks import bank_name, bank_short, payable_banks
from shared.normal import folded

_HEIGHT = 336


class BankPicker(SearchField):
    """`chosen(code)`; `code` is what is chosen now, empty while something else is typed."""

    chosen = Signal(str)

    def __init__(self, hint: Words) -> None:
        super().__init__(hint)
        self.code = ""
        self._list = ChoiceList()
        self._popup: Popup | None = None
        self._list.picked.connect(self._picked)
        self.textEdited.connect(self._typed)
        follow(self._translate)

    def set_code(self, code: str) -> None:
        """Show a bank, silently."""
        self.code = code
        self.setText(_words(code) if code else "")
        self.setCursorPosition(0)  # the abbreviation stays in sight

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Typing replaces what stands there."""
        super().focusInEvent(event)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys go to the open list first; Esc closes it; Down opens it."""
        if self._popup is not None and self._popup.isVisible():
            if self._list.take_key(event):
                return
            if event.text() == "\x1b":
                self._popup.hide()
                return
        if event.key() in ENTERS:
            self.commit()
            QLineEdit.keyPressEvent(self, event)  # which leaves it to the page: on to the next field
            return
        super().keyPressEvent(event)

    def commit(self) -> None:
        """Take the one bank that fits what is typed."""
        if not self.code:
            self._pick_only_match()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving takes the one bank that fits what was typed."""
        super().focusOutEvent(event)
        if not self._list.underMouse():
            self.commit()

    def matching(self, text: str) -> list[str]:
        """Codes of the banks that a text fits, in code order."""
        wanted, meant = folded(text), folded(untyped(text))
        found = [code for code in payable_banks() if wanted in _searched(code)]
        return found or [code for code in payable_banks() if meant in _searched(code)]

    def _typed(self, text: str) -> None:
        if self.code:
            self.code = ""
            self.chosen.emit("")
        found = self.matching(text)
        self._list.set_rows([ChoiceRow(c, bank_name(c, language()), bank_short(c), c, "landmark") for c in found])
        popup = self._ready_popup()
        if not found or not text.strip():
            popup.hide()
            return
        popup.open_below(self.width(), self._list.content_height(_HEIGHT) + 14)

    def _picked(self, code: str) -> None:
        if self._popup is not None:
            self._popup.hide()
        self.set_code(code)
        self.chosen.emit(code)

    def _pick_only_match(self) -> None:
        found = self.matching(self.text()) if self.text().strip() else []
        if len(found) == 1:
            self._picked(found[0])

    def _ready_popup(self) -> Popup:
        # Made late: before the first letter the field may not yet be in its window.
        if self._popup is None:
            self._popup = Popup(self)
            layout = QVBoxLayout(self._popup)
            layout.setContentsMargins(4, 6, 4, 6)
            layout.addWidget(self._list)
        return self._popup

    def _translate(self) -> None:
        if self.code:
            self.set_code(self.code)


def _words(code: str) -> str:
    return f"{bank_short(code)} · {bank_name(code, language())}"


def _searched(code: str) -> str:
    return folded(" ".join((code, bank_short(code), bank_name(code, "th"), bank_name(code, "en"))))
