"""The panel beside the list of approvals: what the current row is, what to look at, and the way to its sign-off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop.core import texts
from desktop.core.lights import care_light
from desktop.core.screens.approvals import ApprovalRow
from desktop.core.signing import KINDS, Kind
from desktop.i18n import approvals, common, disbursements
from desktop.i18n.text import Text
from desktop.ui.screens.pieces import masked_account, moment, named
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import Button, Label, column, line, scrolled
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.flow import words_and_chip
from desktop.ui.widgets.inspector import WIDTH, amount_in_words
from desktop.ui.widgets.light_line import LightLine
from desktop.ui.widgets.states import EmptyState
from desktop.ui.widgets.status import Mark, StatusChip
from shared.banks import bank_short
from shared.money import display_amount


@dataclass(frozen=True)
class Face:
    """How a kind looks in the list: the chip, and what the panel tells of one beside what it tells of all."""

    tone: Tone
    icon: str
    name: Text
    facts: Callable[[ApprovalRow], list[tuple[Text, str]]]


def _payment_facts(shown: ApprovalRow) -> list[tuple[Text, str]]:
    view = shown.view
    account = masked_account(bank_short(view.account.bank), view.account.last4)
    return [
        (approvals.ACCOUNT, account),
        (approvals.PRODUCE, view.produce),
        (approvals.TICKET, view.weigh_ticket),
        (disbursements.PAYS_AGAIN, view.pays_again_number),
    ]


def _change_facts(shown: ApprovalRow) -> list[tuple[Text, str]]:
    view = shown.view
    old = masked_account(bank_short(view.old_bank), view.old_last4) if view.old_bank else ""
    return [
        (approvals.OLD_TO_NEW, old),
        (approvals.TO_ACCOUNT, masked_account(bank_short(view.new_bank), view.new_last4)),
        (approvals.REASON, view.reason),
    ]


FACES: Final[dict[Kind, Face]] = {
    Kind.INTENTS: Face("info", "banknote", approvals.PAYMENT, _payment_facts),
    Kind.BATCH: Face(
        "queue", "file-spreadsheet", approvals.BATCH, lambda shown: [(approvals.COUNT, f"{shown.count:,}")]
    ),
    Kind.BANK_CHANGE: Face("wait", "landmark", approvals.BANK_CHANGE, _change_facts),
    Kind.FUNDING: Face(
        "quiet", "arrow-left-right", approvals.FUNDING, lambda shown: [(approvals.REASON, str(shown.view.reason))]
    ),
}


def kind_mark(kind: Kind) -> Mark:
    """The chip of a kind, in the language in force."""
    face = FACES[kind]
    return Mark(face.tone, face.icon, face.name())


class ApprovalPanel(Card):
    """`show_row` with the row and its risks; `sign` is the button."""

    def __init__(self) -> None:
        super().__init__(padding=0)
        self._stack = QStackedLayout()
        self._chip = StatusChip()
        self._number = Label(weight="semibold")
        self._title = Label(size="title", wrap=True)
        self._amount = Label(size="figure")
        self._words = Label(size="small", ink="muted", wrap=True)
        self._facts = Facts()
        self._risks = QVBoxLayout()
        self._why_not = Label(size="small", ink="wait", wrap=True)
        self.sign = named(Button(approvals.REVIEW, icon="shield-check", kind="primary"), "approvals_open")
        empty = EmptyState("shield-check", common.NOTHING_SELECTED, common.NOTHING_SELECTED_HINT)
        self.body.addLayout(self._stack)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._filled())
        self.body.setContentsMargins(0, 0, 0, 0)

    def _filled(self) -> QWidget:
        inner = QWidget()
        layout = column(spacing=8, margins=(20, 14, 14, 4))
        layout.addWidget(words_and_chip(self._number, self._chip))
        for widget in (self._amount, self._words, self._title, line(), self._facts):
            layout.addWidget(widget)
        layout.addLayout(self._risks)
        layout.addStretch()
        inner.setLayout(layout)
        holder = QWidget()
        whole = column(scrolled(inner), spacing=0, margins=(0, 6, 4, 0))
        foot = column(self._why_not, self.sign, spacing=6, margins=(20, 10, 16, 16))
        whole.addLayout(foot)
        holder.setLayout(whole)
        return holder

    def show_row(self, shown: ApprovalRow | None, risks: Sequence[Text], now: datetime) -> None:
        """Show a row, or say that none is selected."""
        self.setFixedWidth(scaled(WIDTH + 10))
        self._stack.setCurrentIndex(0 if shown is None else 1)
        if shown is None:
            return
        money = KINDS[shown.kind].money
        self._number.setText(shown.number)
        self._chip.set_mark(kind_mark(shown.kind))
        self._title.setText(shown.title)
        self._title.setVisible(bool(shown.title))
        self._amount.setVisible(money)
        self._words.setVisible(money)
        self._amount.setText(display_amount(shown.total))
        self._amount.setAccessibleName(common.amount_spoken(display_amount(shown.total)))
        self._words.setText(amount_in_words(shown.total))
        self._facts.set_facts([(name(), value) for name, value in _facts(shown) if value])
        self._show_risks(risks, now)
        why_not = shown.sign.why_not
        self._why_not.setText("" if why_not is None else why_not())
        self._why_not.setVisible(why_not not in (None, texts.NO_CONNECTION))  # the button itself says that one

    def _show_risks(self, risks: Sequence[Text], now: datetime) -> None:
        while (item := self._risks.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for risk in risks:
            self._risks.addWidget(LightLine(care_light(risk, now)))


def _facts(shown: ApprovalRow) -> list[tuple[Text, str]]:
    view = shown.view
    facts = [*FACES[shown.kind].facts(shown), (approvals.BRANCH, view.branch), (approvals.MAKER, shown.maker)]
    facts += [(approvals.CREATED, moment(shown.created_at)), (approvals.EXPIRES, moment(view.expires_at))]
    if hasattr(view, "approvals"):
        facts.append((approvals.SIGNATURES, approvals.given(view.approvals.given, view.approvals.needed)))
    elif view.signatures:
        facts.append((approvals.SIGNATURES, ", ".join(signature.user for signature in view.signatures)))
    return facts
