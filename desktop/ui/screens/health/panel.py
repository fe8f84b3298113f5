"""The panel on the home page: what needs somebody now, the worst first; all of it at a press.

Object names: health_panel, health_all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer

from desktop.core.screens.health import Health
from desktop.i18n import health
from desktop.ui.screens.health.findings import Findings
from desktop.ui.widgets.basics import Button, Label, row
from desktop.ui.widgets.cards import Card

_MOST: Final = 3
EVERY_MS: Final = 5_000


class HealthPanel(Card):
    """Asks every few seconds while it is shown; a server that can't be asked is not well."""

    def __init__(self, model: Health, ask: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("health_panel")
        self._model = model
        self.counts = Label(size="small", ink="muted")
        self.calm = Label(health.ALL_WELL, ink="muted")
        self.findings = Findings()
        self.more = Label(size="small", ink="muted")
        self.all = Button(health.SHOW_ALL)
        self.all.setObjectName("health_all")
        self.all.clicked.connect(self._turn)
        self._shows_all = False
        head = row(Label(health.TITLE, size="title"), self.counts, spacing=12)
        head.addStretch()
        head.addWidget(self.all)
        self.body.addLayout(head)
        self.body.addWidget(self.calm)
        self.body.addWidget(self.findings)
        self.body.addWidget(self.more)
        self._asking = QTimer(self)
        self._asking.timeout.connect(lambda: ask() if self.isVisible() else None)
        self._asking.start(EVERY_MS)

    def draw(self) -> None:
        """Show the model as it is now."""
        model = self._model
        self.setVisible(model.allowed)
        unwell = model.unwell
        shown = [*unwell, *model.well] if self._shows_all else unwell[:_MOST]
        self.findings.set_findings(shown)
        self.findings.setVisible(bool(shown))
        self.more.setText(health.more(len(unwell) - _MOST))
        self.more.setVisible(len(unwell) > _MOST and not self._shows_all)
        self.counts.setText(health.counts(len(unwell), len(model.well)) if model.reply is not None else "")
        failure = model.failure_text
        told = failure() if failure is not None else health.NOTHING_YET() if model.reply is None else health.ALL_WELL()
        self.calm.setText(told)
        self.calm.set_ink("danger" if failure is not None else "muted")
        self.calm.setVisible(not unwell or failure is not None)

    def _turn(self) -> None:
        self._shows_all = not self._shows_all
        self.all.set_words(health.SHOW_LESS if self._shows_all else health.SHOW_ALL)
        self.draw()
