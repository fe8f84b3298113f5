"""Everything that must be well, the worst first: for who looks after the installation and for the treasury.

Object names: health_page, health_all, health_again, health_findings, health_well.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.screens.health import Health
from desktop.i18n import dates, health
from desktop.ui.pages import Workbench
from desktop.ui.screens.health.findings import Findings
from desktop.ui.screens.health.panel import EVERY_MS
from desktop.ui.screens.pieces import DeskPage, instant, named
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, column, row, scrolled
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.states import EmptyState, ErrorLine


class HealthPage(DeskPage[Health]):
    """What is unwell with what to do, then what is proved to be well."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Health(bench.core), "health_page")
        self.error = ErrorLine()
        self.counts = Label(size="title")
        self.age = Label(size="small", ink="muted")
        self.again = named(Button(health.AGAIN, icon="refresh-cw"), "health_again")
        self.all = named(Button(health.SHOW_ALL), "health_all")
        self._shows_all = False
        self.unwell = named(Findings(), "health_findings")
        self.well = named(Findings(), "health_well")
        self.calm = EmptyState("circle-check", health.ALL_WELL)
        self.unwell_card, self.well_card = Card(), Card(health.WELL_TITLE)
        inside = QWidget()
        self.setLayout(column(scrolled(inside)))
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(PAGE_MARGIN, 18, PAGE_MARGIN, 18)
        layout.setSpacing(14)
        self.unwell_card.body.addWidget(self.unwell)
        self.well_card.body.addWidget(self.well)
        head = row(self.counts, spacing=12)
        head.addStretch()
        head.addWidget(self.all)
        head.addWidget(self.again)
        layout.addLayout(head)
        for widget in (self.age, self.error, self.unwell_card, self.calm, self.well_card):
            layout.addWidget(widget)
        layout.addStretch()
        self.error.retried.connect(self.refresh)
        self.again.clicked.connect(self.refresh)
        self.all.clicked.connect(self._turn)
        self._asking = QTimer(self)
        self._asking.timeout.connect(lambda: self.refresh() if self.isVisible() else None)
        self._asking.start(EVERY_MS)
        self.begin()

    def shown(self, subject: str | None) -> None:
        """Ask the server: this is never cached."""
        self.refresh()

    def home(self) -> QWidget | None:
        """The first button; everything else is there to be read."""
        return self.all

    def panes(self) -> list[QWidget]:
        """The same."""
        return [self.all]

    def refresh(self) -> None:
        """F5."""
        self.work(self.model.load(), "health.load")

    def _turn(self) -> None:
        self._shows_all = not self._shows_all
        self.all.set_words(health.SHOW_LESS if self._shows_all else health.SHOW_ALL)
        self.draw()

    def draw(self) -> None:
        """The list, and how old it is."""
        model, reply = self.model, self.model.reply
        unwell, well = model.unwell, model.well
        self.counts.setText(health.counts(len(unwell), len(well)) if reply is not None else health.NOTHING_YET())
        at = instant(reply.as_of) if reply is not None else None
        self.age.setText(health.as_of(dates.moment(at)) if at is not None else "")
        self.age.set_ink("wait" if model.failure is not None else "muted")
        self.unwell.set_findings(unwell)
        self.well.set_findings(well)
        self.unwell_card.setVisible(bool(unwell))
        self.well_card.setVisible(bool(well) and self._shows_all)
        self.calm.setVisible(reply is not None and not unwell and model.failure is None)
        failure = model.failure_text
        self.error.show_error(failure) if failure is not None else self.error.clear()
