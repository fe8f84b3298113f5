"""The side panel that shows the current row in full, instead of a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from desktop.i18n import common, language
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import Label, column, line, scrolled, set_property
from desktop.ui.widgets.cards import Facts
from desktop.ui.widgets.flow import words_and_chip
from desktop.ui.widgets.states import EmptyState
from desktop.ui.widgets.status import StatusChip
from desktop.ui.widgets.timeline import Timeline, TimelineEntry
from shared.money import Satang, baht_text, baht_text_english, display_amount

WIDTH: Final = 324


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the panel shows of one row; `advice` is a warning such as "do not pay again"."""

    number: str
    state: str
    amount: Satang
    facts: Sequence[tuple[str, str]] = ()
    timeline: Sequence[TimelineEntry] = field(default_factory=tuple)
    advice: str = ""
    advice_tone: str = "wait"


def amount_in_words(amount: Satang) -> str:
    """The amount in words of the language in force."""
    return baht_text(amount) if language() == "th" else baht_text_english(amount)


class Inspector(QFrame):
    """`show_row(Inspection)`, or None for the empty state; put buttons into `buttons`."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("room", "card")
        self._shown: Inspection | None = None
        self._number = Label(weight="semibold")
        self._chip = StatusChip()
        self._amount = Label(size="figure")
        self._words = Label(size="small", ink="muted", wrap=True)
        self._advice = Label(size="small", weight="medium", wrap=True)
        self._advice_box = QFrame()
        self._advice_box.setProperty("room", "card")
        self._advice_box.setLayout(column(self._advice, margins=(12, 8, 12, 8)))
        self._facts = Facts()
        self._timeline = Timeline()
        self.buttons = QVBoxLayout()
        self.buttons.setContentsMargins(20, 10, 16, 16)
        self.buttons.setSpacing(8)
        self._stack = QStackedLayout(self)
        self._empty = EmptyState("file-text", common.NOTHING_SELECTED, common.NOTHING_SELECTED_HINT)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._filled())
        follow(self._refresh)

    def _filled(self) -> QWidget:
        inner = QWidget()
        layout = column(spacing=8, margins=(20, 12, 14, 4))
        layout.addWidget(words_and_chip(self._number, self._chip))
        for widget in (self._amount, self._words, self._advice_box, line(), self._facts, line()):
            layout.addWidget(widget)
        layout.addWidget(Label(common.TIMELINE, size="title"))
        layout.addWidget(self._timeline)
        layout.addStretch()
        inner.setLayout(layout)
        holder = QWidget()
        whole = column(scrolled(inner), spacing=0, margins=(0, 6, 4, 0))
        whole.addLayout(self.buttons)
        holder.setLayout(whole)
        return holder

    def show_row(self, shown: Inspection | None) -> None:
        """Show a row, or say that none is selected."""
        self._shown = shown
        self._refresh()

    def _refresh(self) -> None:
        self.setFixedWidth(scaled(WIDTH))
        self.setAccessibleName(common.INSPECTOR())
        shown = self._shown
        self._stack.setCurrentIndex(0 if shown is None else 1)
        if shown is None:
            return
        self._number.setText(shown.number)
        self._chip.set_state(shown.state)
        self._amount.setText(display_amount(shown.amount))
        self._amount.setAccessibleName(common.amount_spoken(display_amount(shown.amount)))
        self._words.setText(amount_in_words(shown.amount))
        self._advice.setText(shown.advice)
        set_property(self._advice_box, "tone", shown.advice_tone)
        self._advice_box.setVisible(bool(shown.advice))
        self._facts.set_facts(shown.facts)
        self._timeline.set_entries(shown.timeline)
