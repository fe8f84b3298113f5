"""One box that finds a member by name, code, card or account tail, with the answers under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from desktop.ui.widgets.basics import ENTERS, Label, Words
from desktop.ui.widgets.choices import ChoiceList, ChoiceRow
from desktop.ui.widgets.fields import SearchField
from desktop.ui.widgets.popup import Popup


@dataclass(frozen=True, slots=True)
class MemberHit:
    """A found member; `account` is masked already."""

    member_id: str
    name: str
    code: str
    account: str
    note: str = ""


class MemberSearch(SearchField):
    """Ask with `searched(text)`, answer with `set_hits`; `chosen(member id)` when a person picks one."""

    chosen = Signal(str)

    def __init__(self, hint: Words, nothing_found: Words) -> None:
        super().__init__(hint)
        self._list = ChoiceList()
        self._nothing = Label(nothing_found, ink="muted", wrap=True)
        self._nothing.setContentsMargins(16, 10, 16, 10)
        self._popup: Popup | None = None
        self._list.picked.connect(self._picked)

    def set_hits(self, hits: Sequence[MemberHit]) -> None:
        """Show the answers under the field while it has the focus and a text; Enter may wait for the only one."""
        if len(hits) == 1 and self._waits and self._waits == self.text():
            self._picked(hits[0].member_id)
            return
        self._list.set_rows([ChoiceRow(h.member_id, h.name, _detail(h), h.code, "circle-user") for h in hits])
        popup = self._ready_popup()
        if not self.text():
            popup.hide()
            return
        self._list.setVisible(bool(hits))
        self._nothing.setVisible(not hits)
        popup.open_below(self.width(), self._list.content_height(336) + 14 if hits else 64)

    def offers(self, code: str) -> bool:
        """Whether this member code is the only answer that is shown."""
        shown = self._popup is not None and self._popup.isVisible() and self._list.count() == 1
        return shown and self._list.item(0).text().endswith(code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys go to the open list first; Esc closes it."""
        open_now = self._popup is not None and self._popup.isVisible()
        if event.key() in ENTERS and self._pause.isActive():
            self._waits = self.text()  # Enter came before the answer: it counts when that is one member
            self._emit()
            return
        if event.key() in ENTERS and not open_now:
            QLineEdit.keyPressEvent(self, event)  # which leaves it to the page: on to the next field
            return
        if open_now and self._list.take_key(event):
            return
        if open_now and event.text() == "\x1b" and self._popup is not None:
            self._popup.hide()
            return
        super().keyPressEvent(event)

    def _ready_popup(self) -> Popup:
        # Made late: before the first answer the field may not yet be in its window.
        if self._popup is None:
            self._popup = Popup(self)
            layout = QVBoxLayout(self._popup)
            layout.setContentsMargins(4, 6, 4, 6)
            layout.addWidget(self._list)
            layout.addWidget(self._nothing)
        return self._popup

    def _picked(self, member_id: str) -> None:
        self._waits = ""
        if self._popup is not None:
            self._popup.hide()
        self.chosen.emit(member_id)


def _detail(hit: MemberHit) -> str:
    return f"{hit.account} · {hit.note}" if hit.note else hit.account
