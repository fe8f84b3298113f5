"""F1: the keys that work here and now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.i18n import common
from desktop.ui.keys.actions import Action, is_chord, spoken
from desktop.ui.widgets.basics import Label, row
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.dialog import Dialog


class KeyList(Dialog):
    """Two cards: the keys that F-keys and chords are, and the single keys of lists and fields."""

    def __init__(self, actions: Sequence[Action], parent: QWidget) -> None:
        super().__init__(common.KEYS_TITLE, parent, cancel=common.CLOSE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(680)
        self.body.addWidget(Label(common.KEYS_TITLE, size="heading"))
        cards = row(spacing=14)
        keyed = [action for action in actions if action.keys]
        chords = [action for action in keyed if is_chord(action.keys[0])]
        for shown in (chords, [action for action in keyed if action not in chords]):
            card = Card()
            card.body.addWidget(Facts([("  ".join(map(spoken, a.keys)), a.title()) for a in shown]))
            card.body.addStretch()
            cards.addWidget(card)
        self.body.addLayout(cards)
