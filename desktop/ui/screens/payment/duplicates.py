"""Payments like the one being typed: each is shown, and a reason must be given to pay again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit

from desktop.core import texts
from desktop.core.answers import Problem
from desktop.core.screens.similar import Similar
from desktop.i18n import dates, payment
from desktop.i18n.status import STATUS
from desktop.ui.screens.pieces import instant, show_amount
from desktop.ui.widgets.basics import Label
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.fields import Field

_SHOWN = 3


class Duplicates(Card):
    """Amber; hidden while nothing like it was found."""

    def __init__(self) -> None:
        super().__init__(padding=16)
        self.set_tone("wait")
        self.reason = QLineEdit()
        self.reason.setObjectName("payment_reason")
        self._facts = Facts()
        self._said = Label(wrap=True)
        self.body.addWidget(Label(payment.DUPLICATES, weight="semibold"))
        self.body.addWidget(self._said)
        self.body.addWidget(self._facts)
        self.body.addWidget(Field(payment.DUPLICATE_REASON, self.reason))
        self.hide()

    def show_found(self, found: Sequence[Similar], said: Problem | None, *, keep: bool) -> None:
        """The newest three, and what head office says; `keep` leaves the card while its reason is being typed."""
        if found or said is not None:
            self._facts.set_facts([(view.number or payment.ON_THIS_DESK(), _line(view)) for view in found[:_SHOWN]])
            self._said.setText(texts.failure_text(said)() if said is not None else "")
            self._said.setVisible(said is not None)
        self.setVisible(bool(found) or said is not None or keep)


def _line(view: Similar) -> str:
    at = instant(view.created_at)
    day = dates.day_short(at.astimezone(dates.BANGKOK).date()) if at is not None else ""
    return f"{show_amount(view.amount)} · {day} · {STATUS[view.state]()}"
