"""F1: the keys that work here and now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.i18n import common, keys
from desktop.ui.keys.actions import Action
from desktop.ui.widgets.basics import Label, row
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.dialog import Dialog

# Keys of the table and of dialogs, which belong to their widgets and not to the registry.
_ALWAYS = (("↑ ↓  j k", keys.MOVE), ("Space", keys.MARK), ("Enter", keys.OPEN), ("Esc", keys.BACK))


class KeyList(Dialog):
    """Two cards: the actions with their keys, and the keys that hold everywhere."""

    def __init__(self, actions: Sequence[Action], parent: QWidget) -> None:
        super().__init__(common.KEYS_TITLE, parent, cancel=common.CLOSE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(680)
        self.body.addWidget(Label(common.KEYS_TITLE, size="heading"))
        here, everywhere = Card(), Card()
        here.body.addWidget(Facts([(key, action.title()) for action in actions for key in action.keys]))
        everywhere.body.addWidget(Facts([(key, title()) for key, title in _ALWAYS]))
        everywhere.body.addStretch()
        self.body.addLayout(row(here, everywhere, spacing=14))
