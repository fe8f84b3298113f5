"""The panel of one case: both accounts, documents, who signed and who has still to sign."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QStackedLayout, QWidget

from desktop.core.outcomes import said_of_case
from desktop.core.screens.asked_bank import bank_word
from desktop.core.screens.bank_cases import BankCases
from desktop.i18n import Text, asked_bank, bank_change, common, outcome
from desktop.ui.screens.bank_change.documents import DocumentList, DocumentRow
from desktop.ui.screens.pieces import allow, masked_account, moment, named
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import Button, Label, column, line, row, scrolled
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.flow import words_and_chip
from desktop.ui.widgets.light_line import light_mark
from desktop.ui.widgets.states import EmptyState
from desktop.ui.widgets.status import Mark, StatusChip
from desktop.ui.widgets.timeline import Timeline, TimelineEntry
from shared.banks import bank_short
from shared.wire.bank_changes import BankChangeView

WIDTH: Final = 420
FACES: Final[dict[str, tuple[Tone, str]]] = {
    "draft": ("quiet", "paperclip"),
    "requested": ("wait", "clock"),
    "effective": ("ok", "circle-check"),
    "rejected": ("bad", "ban"),
    "cancelled": ("quiet", "x"),
    "expired": ("quiet", "timer-off"),
}


def state_mark(state: str) -> Mark:
    """The chip of a case's state."""
    tone, icon = FACES[state]
    return Mark(tone, icon, bank_change.STATES[state]())


def from_to(case: BankChangeView) -> str:
    """Both accounts, masked."""
    old = masked_account(bank_short(case.old_bank), case.old_last4) if case.old_bank else "—"
    return f"{old} → {masked_account(bank_short(case.new_bank), case.new_last4)}"


class CasePanel(Card):
    """`sign` and `cancel_case` are its buttons; `documents.opened(sha256)` asks for a document."""

    def __init__(self) -> None:
        super().__init__(padding=0)
        self._stack = QStackedLayout()
        self._chip = StatusChip()
        self._number = Label(weight="semibold")
        self._member = Label(size="title", wrap=True)
        self._old, self._new = Label(weight="semibold", wrap=True), Label(weight="semibold", wrap=True)
        self._facts = Facts()
        self._bank_word = named(StatusChip(), "bank_change_bank_word")
        self._bank_name = Label(weight="semibold", wrap=True)
        self.ask_bank = named(Button(asked_bank.ASK_AGAIN, icon="refresh-cw"), "bank_change_ask_bank")
        self.documents = DocumentList(can_open=True)
        self._timeline = Timeline()
        self._why_not = Label(size="small", ink="wait", wrap=True)
        self.cancel_case = named(Button(bank_change.CANCEL_CASE, icon="undo-2"), "bank_change_cancel")
        self.sign = named(Button(bank_change.SIGN, icon="shield-check", kind="primary"), "bank_change_sign")
        self.body.addLayout(self._stack)
        self._stack.addWidget(EmptyState("credit-card", common.NOTHING_SELECTED, common.NOTHING_SELECTED_HINT))
        self._stack.addWidget(self._filled())
        self.body.setContentsMargins(0, 0, 0, 0)

    def _filled(self) -> QWidget:
        inner = QWidget()
        layout = column(spacing=10, margins=(20, 14, 14, 4))
        layout.addWidget(words_and_chip(self._number, self._chip))
        layout.addWidget(self._member)
        sides = row(
            _side(bank_change.OLD, self._old, ""), _side(bank_change.NEW_ACCOUNT, self._new, "accent"), spacing=10
        )
        layout.addLayout(sides)
        layout.addWidget(self._facts)
        layout.addWidget(line())
        layout.addWidget(Label(asked_bank.TITLE, size="title"))
        layout.addWidget(self._bank_word)
        layout.addWidget(self._bank_name)
        layout.addWidget(self.ask_bank)
        layout.addWidget(line())
        layout.addWidget(Label(bank_change.DOCUMENTS, size="title"))
        layout.addWidget(self.documents)
        layout.addWidget(line())
        layout.addWidget(Label(bank_change.SIGNED, size="title"))
        layout.addWidget(self._timeline)
        layout.addStretch()
        inner.setLayout(layout)
        holder = QWidget()
        whole = column(scrolled(inner), spacing=0, margins=(0, 6, 4, 0))
        whole.addLayout(column(self._why_not, self.cancel_case, self.sign, spacing=8, margins=(20, 10, 16, 16)))
        holder.setLayout(whole)
        return holder

    def draw_case(self, model: BankCases) -> None:
        """The chosen case, or nothing."""
        self.setFixedWidth(scaled(WIDTH))
        case = model.case
        self._stack.setCurrentIndex(0 if case is None else 1)
        if case is None:
            return
        self._number.setText(case.number)
        self._chip.set_mark(state_mark(case.state))
        self._member.setText(f"{case.member_name} · {case.member_code}")
        old = masked_account(bank_short(case.old_bank), case.old_last4) if case.old_bank else bank_change.NO_ACCOUNT()
        self._old.setText(old)
        self._new.setText(f"{masked_account(bank_short(case.new_bank), case.new_last4)}\n{case.new_account_name}")
        facts = [(bank_change.REASON(), case.reason), (bank_change.MAKER(), case.maker)]
        said = said_of_case(case)
        why = [] if said is None else [(outcome.BY[said.by](), outcome.reason(said.code, said.text, said.who))]
        self._facts.set_facts([*why, *facts, (bank_change.CREATED(), moment(case.created_at))])
        self._draw_bank(model, case)
        self.documents.set_rows(
            [DocumentRow(d.sha256, d.name, d.size, d.media_type, d.used_elsewhere) for d in case.documents]
        )
        self._timeline.set_entries(_signatures(case))
        self._draw_buttons(model, case)

    def _draw_bank(self, model: BankCases, case: BankChangeView) -> None:
        said = bank_word(case.asked, model.desk.now())
        self._bank_word.set_mark(light_mark(said.light))
        self._bank_name.setText(said.name)
        self._bank_name.setVisible(bool(said.name))
        self.ask_bank.setVisible(case.state == "requested")
        allow(self.ask_bank, model.may_ask)

    def _draw_buttons(self, model: BankCases, case: BankChangeView) -> None:
        session = model.desk.session
        mine = session is not None and case.maker_id == session.user_id
        open_now = case.state in ("draft", "requested")
        self.cancel_case.setVisible(mine and open_now)
        allow(self.cancel_case, model.may_cancel)
        may = model.may_sign
        self.sign.setVisible(case.state == "requested" and not mine)
        allow(self.sign, may)
        self._why_not.setText(may.why_not() if may.why_not is not None and open_now else "")
        self._why_not.setVisible(may.why_not is not None and open_now)


def _signatures(case: BankChangeView) -> list[TimelineEntry]:
    given = [
        TimelineEntry(
            signed.user,
            " · ".join(part for part in (moment(signed.at), signed.reason) if part),
            "done" if signed.decision == "approve" else "failed",
        )
        for signed in case.signatures
    ]
    waiting = case.needed if case.state == "requested" else []
    words = [bank_change.ROLES[role]() if role in bank_change.ROLES else role for role in waiting]
    return given + [TimelineEntry(f"{bank_change.WAITS_FOR()}: {name}", "", "current") for name in words]


def _side(title: Text, value: Label, tone: str) -> Card:
    card = Card(padding=14)
    card.set_tone(tone)
    card.body.setSpacing(2)
    card.body.addWidget(Label(title, size="small", ink="muted"))
    card.body.addWidget(value)
    card.body.addStretch()
    return card
