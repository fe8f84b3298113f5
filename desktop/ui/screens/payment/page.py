"""New payment (F2): the payee's names first, the amount twice, then a summary of exactly what will be sent.

Object names: payment_page, payment_member, payment_produce, payment_ticket, payment_note, payment_amount,
payment_amount_again, payment_way, payment_recipient, payment_reason, payment_discard, payment_submit.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.core import texts
from desktop.core.forms import PaymentForm
from desktop.core.screens.base import Action as Asked
from desktop.core.screens.members import Members
from desktop.core.screens.payment import NewPayment
from desktop.core.ways import Way
from desktop.i18n import keys, payment
from desktop.ui.keys.actions import Action
from desktop.ui.keys.latin import LatinEdit
from desktop.ui.pages import Workbench
from desktop.ui.screens.payment.banner import NameBanner
from desktop.ui.screens.payment.duplicates import Duplicates
from desktop.ui.screens.payment.summary import SummaryPane
from desktop.ui.screens.pieces import DeskPage, allow, find_typed, masked_account, named
from desktop.ui.theme.fonts import scaled
from desktop.ui.widgets.amount import AmountTwice
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, DeliberateButton, Label, Words, column, form, row, scrolled
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.dialog import ConfirmDialog, ask
from desktop.ui.widgets.fields import Choice, Field
from desktop.ui.widgets.member_search import MemberHit, MemberSearch
from desktop.ui.widgets.states import ErrorLine
from shared.banks import bank_short
from shared.money import AmountProblem, display_amount, parse_amount

_CHECK_AFTER_MS: Final = 250
_HITS: Final = 8


class PaymentPage(DeskPage[NewPayment]):
    """Every edit goes to the model at once; what may be done comes back from it. One page is for one payment.

    What is handed over or discarded leaves with its page, its fields and its draft; a new page takes the next.
    """

    def __init__(self, bench: Workbench, *, resume: bool = True) -> None:
        super().__init__(bench, NewPayment(bench.core), "payment_page")
        self.finder = Members(bench.core)
        self._scanned = self._leaving = self._mending = False
        self._refused: PaymentForm | None = None
        self._said: Words | None = None
        self.member = named(MemberSearch(payment.MEMBER_HINT, payment.NOT_FOUND), "payment_member")
        self.banner = NameBanner()
        options = [(key, words) for key, words in payment.PRODUCTS.items()]
        self.produce = named(Choice(options, payment.PRODUCE), "payment_produce")
        self.ticket = named(QLineEdit(), "payment_ticket")
        self.way = named(Choice(list(payment.WAYS.items()), payment.WAY), "payment_way")
        self.recipient = named(LatinEdit(), "payment_recipient")
        self._recipient_field = Field(payment.RECIPIENT, self.recipient, hint=payment.RECIPIENT_HINT)
        self.note = named(QLineEdit(), "payment_note")
        self.twice = AmountTwice()
        named(self.twice.first.edit, "payment_amount")
        named(self.twice.second.edit, "payment_amount_again")
        self.again = named(Label(self._again_words, weight="medium", wrap=True), "payment_again")
        self.duplicates = Duplicates()
        self.error = ErrorLine()
        self.locked = Label(payment.AMOUNT_LOCKED, size="small", ink="muted")
        self.discard = named(Button(payment.DISCARD, icon="trash-2", kind="quiet"), "payment_discard")
        self.kept = Label(payment.KEPT, size="small", ink="muted")
        self.refusal = named(Label(size="small", ink="danger", weight="medium", wrap=True), "payment_refusal")
        self.submit = named(DeliberateButton(self._submit_words, icon="send"), "payment_submit")
        self.summary = SummaryPane()
        self._check_soon = QTimer(self)
        self._check_soon.setSingleShot(True)
        self._check_soon.setInterval(_CHECK_AFTER_MS)
        self._assemble()
        self._connect()
        self.begin()
        if resume:
            self.work(self._resume(), "payment.resume")

    def _assemble(self) -> None:
        card = Card(payment.TITLE)
        card.body.addWidget(self.again)
        card.body.addWidget(Field(payment.MEMBER, self.member))
        card.body.addWidget(self.banner)
        card.body.addWidget(self.locked)
        self._delivery = (Field(payment.PRODUCE, self.produce), Field(payment.TICKET, self.ticket))
        across = row(Field(payment.WAY, self.way), self._recipient_field, *self._delivery, spacing=16)
        for place in range(across.count()):
            across.setStretch(place, 1)
        card.body.addLayout(across)
        card.body.addLayout(form(self.twice, Field(payment.NOTE, self.note)))
        card.body.addWidget(self.duplicates)
        card.body.addWidget(self.error)
        card.body.addStretch()
        foot = row(self.discard, self.kept, spacing=8)
        foot.addWidget(self.refusal, 1)
        foot.addWidget(self.submit)
        inside = QWidget()
        fields = column(card, margins=(0, 0, 0, 0))
        inside.setLayout(fields)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(scrolled(inside), 1)
        left.addLayout(foot)
        layout = row(spacing=14, margins=(PAGE_MARGIN, 18, PAGE_MARGIN, 16))
        layout.addLayout(left, 1)
        layout.addWidget(self.summary)
        self.setLayout(layout)

    def _connect(self) -> None:
        model = self.model
        self.finder.on_change = self._show_hits
        self.member.searched.connect(lambda text: self.work(find_typed(self.finder, text), "payment.search"))
        self.member.chosen.connect(lambda member: self.work(self._choose(UUID(member)), "payment.choose"))
        self.produce.picked.connect(lambda key: model.edit(produce="" if key == payment.NONE else key))
        self.ticket.textEdited.connect(lambda text: model.edit(weigh_ticket=text))
        self.way.picked.connect(self._pick_way)
        self.recipient.textEdited.connect(lambda text: model.edit(to_member=text))
        self.note.textEdited.connect(lambda text: model.edit(note=text))
        self.twice.first.edit.textChanged.connect(lambda text: self._amount_typed("amount", text))
        self.twice.second.edit.textChanged.connect(lambda text: self._amount_typed("amount_again", text))
        self.duplicates.reason.textEdited.connect(lambda text: model.edit(duplicate_reason=text))
        self.submit.clicked.connect(self._submit)
        self.discard.clicked.connect(lambda: self.work(self._discard(), "payment.discard"))
        self.error.retried.connect(lambda: self.work(model.check(), "payment.check"))
        self._check_soon.timeout.connect(lambda: self.work(model.check(), "payment.check"))
        self.bench.commands.add(Action("submit", keys.SUBMIT, self._submit, self, ("Ctrl+Return",), "send"))

    def shown(self, subject: str | None) -> None:
        """A member, a scanned code, a kept event (`event:`, `undone:`), a payment to mend (`again:`), or as left."""
        first = self.member if self.model.member is None else self.twice.first.edit
        self.setFocusProxy(first)
        if subject is None:
            first.setFocus()
        elif subject.startswith("scan:"):
            self._scanned = True
            self.member.setText(subject.removeprefix("scan:"))
        elif subject.startswith("event:"):
            self.work(self._open_event(subject.removeprefix("event:")), "payment.open")
        elif subject.startswith("undone:"):
            if self.model.form == PaymentForm():
                self.work(self._open_event(subject.removeprefix("undone:")), "payment.open")
        elif subject.startswith("again:"):
            self._mending = True
            self.work(self._open_again(subject.removeprefix("again:")), "payment.again")
        else:
            self.work(self._choose(UUID(subject)), "payment.choose")

    def search_focus(self) -> QWidget:
        """The member's field."""
        return self.member

    def panes(self) -> list[QWidget]:
        """The form alone takes the focus."""
        return [self.member]

    def put_away(self) -> None:
        """Let go of both models; the draft is in the outbox."""
        self._check_soon.stop()
        self.finder.close()
        super().put_away()

    def draw(self) -> None:
        """Names, locks, checks, and what the button may do."""
        model = self.model
        self.again.setVisible(bool(model.form.replaces))
        self.again.set_words(self._again_words)
        self.banner.show_member(model.member, self.desk.now())
        may_type = model.may_type_amount
        for edit in (self.twice.first.edit, self.twice.second.edit):
            edit.setEnabled(may_type.enabled)
        self.locked.setVisible(model.member is None)
        self._recipient_field.setVisible(model.way is Way.TRANSFER)
        for field in self._delivery:
            field.setVisible(model.way.pays_produce)
        found = model.checks.duplicates if model.checks is not None else ()
        said = model.checks.refused if model.checks is not None and model.checks.repeats else None
        self.duplicates.show_found(found, said, keep=bool(model.form.duplicate_reason))
        self.summary.setFixedWidth(scaled(340))
        self.summary.draw_model(model)
        self.kept.setVisible(bool(model.form.amount or model.form.member_id))
        self.discard.setVisible(bool(model.form.amount or model.form.member_id))
        if model.busy != self.submit.busy:
            self.submit.set_busy(model.busy)
        self.submit.set_words(self._submit_words)
        if not model.busy:
            allow(self.submit, model.may_submit)
        self._answer_wish()
        failure = model.failure_text
        if failure is not None and self.desk.online:
            self.error.show_error(failure)
        else:
            self.error.clear()
        if model.checks is None and model.may_check.enabled and not model.busy:
            self._check_soon.start()

    def _answer_wish(self) -> None:
        if (answer := self.model.granted()) is not None:
            self._go(answer)
        elif self.model.form is not self._refused and self._said is not texts.CHANGED_WAITING:
            self._refuse(payment.WAITS_FOR_CHECK if self.model.wished else None)

    def _refuse(self, why_not: Words | None) -> None:
        """Say why Ctrl+Enter did nothing, or that it waits, until something is edited.

        That an edit stopped it is said while the editing goes on.
        """
        self._refused, self._said = self.model.form, why_not
        self.refusal.set_words(why_not or (lambda: ""))

    def _again_words(self) -> str:
        first = self.model.first
        return payment.pays_again(first.number, first.state) if first is not None else ""

    def _submit_words(self) -> str:
        amount = self.model.amount
        agreed = self.model.difference == 0 and not isinstance(amount, AmountProblem)
        return payment.submit(display_amount(amount) if agreed and not isinstance(amount, AmountProblem) else "")

    def _pick_way(self, key: str) -> None:
        self.model.edit(way=key)
        if self.model.way is Way.TRANSFER:
            self.recipient.setFocus(Qt.FocusReason.TabFocusReason)

    def _amount_typed(self, field: str, text: str) -> None:
        """Leaving a field writes 48250 out as 48,250.00: the same amount, so it must not void the checks."""
        before, now = parse_amount(getattr(self.model.form, field)), parse_amount(text)
        if isinstance(now, AmountProblem) or now != before:
            self.model.edit(**{field: text})

    def _show_hits(self) -> None:
        rows = self.finder.rows
        found = [view for place in range(min(_HITS, len(rows))) if (view := rows.row(place)) is not None]
        hits = [
            MemberHit(
                str(m.id),
                m.name,
                m.code,
                masked_account(bank_short(m.account.bank), m.account.last4) if m.account else "—",
            )
            for m in found
        ]
        if self._scanned and len(found) == 1:
            self._scanned = False
            self.work(self._choose(found[0].id), "payment.choose")
        elif self.member.hasFocus():
            self.member.set_hits(hits)

    async def _choose(self, member: UUID) -> None:
        await self.model.choose_member(member)
        self._fill()
        if self.model.may_type_amount.enabled:
            self.twice.first.edit.setFocus(Qt.FocusReason.TabFocusReason)

    async def _resume(self) -> None:
        if self.model.member is None and not self._mending and await self.model.resume_newest():
            self._fill()
            self.bench.toasts.show_notice(payment.RESUMED, "info")

    async def _open_event(self, event_id: str) -> None:
        event = await self.desk.outbox.get(event_id)
        if event is not None:
            await self.model.resume(event)
            self._fill()

    async def _open_again(self, first: str) -> None:
        if self.model.form != PaymentForm():  # it stays a draft, and the mended payment gets a form of its own
            await self.model.draft.settle()
            self._next_form()
            self.bench.open_page("payment", f"again:{first}")
        elif await self.model.begin_again(first):
            self._fill()
            self.twice.first.edit.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.bench.toasts.show_notice(texts.NOT_PAYABLE_AGAIN, "wait")

    def _fill(self) -> None:
        """The model's form into the fields, without taking it for typing."""
        kept, member = self.model.form, self.model.member
        pairs = [
            (self.member, f"{member.code} {member.name}" if member is not None else ""),
            (self.ticket, kept.weigh_ticket),
            (self.note, kept.note),
            (self.twice.first.edit, kept.amount),
            (self.twice.second.edit, kept.amount_again),
            (self.duplicates.reason, kept.duplicate_reason),
            (self.recipient, kept.to_member),
        ]
        for edit, text in pairs:
            blocker = QSignalBlocker(edit)
            edit.setText(text)
            blocker.unblock()
        self.produce.set_key(kept.produce or payment.NONE)
        self.way.set_key(kept.way)
        for amount in (self.twice.first, self.twice.second):
            amount.set_error(None)
            amount.set_hint(None)
        self.draw()

    def _submit(self) -> None:
        """Now, or as soon as this very form is checked, or say why not: what a person asked for is never dropped."""
        if self.model.wish():
            self._check_soon.stop()
            self._refuse(payment.WAITS_FOR_CHECK)
            if not self.model.busy:
                self.work(self.model.check(), "payment.check")
        else:
            self._go(self.model.may_submit)

    def _go(self, may: Asked) -> None:
        self._refuse(may.why_not)
        if may.enabled and not self._leaving:
            self._leaving = True
            self.work(self._hand_over(), "payment.submit")

    async def _hand_over(self) -> None:
        amount, member = self.model.amount, self.model.member
        event = await self.model.submit()
        self._leaving = False
        if event is None or isinstance(amount, AmountProblem) or member is None:
            self.draw()
            self._refuse(self.model.may_submit.why_not)
            return
        self._next_form()
        shown, name = display_amount(amount), member.name
        window = int(self.desk.undo_window.total_seconds() * 1000)
        if not window:
            self.bench.toasts.show_notice(lambda: payment.submitted(shown, name), "info")
            return
        self.bench.toasts.show_undo(
            lambda: payment.submitted(shown, name),
            window,
            lambda undone: self.work(self._take_back(event), "payment.undo") if undone else None,
        )

    def _next_form(self) -> None:
        self.bench.renew_page(self, lambda: PaymentPage(self.bench, resume=False))

    async def _take_back(self, event: str) -> None:
        """A draft again; it is opened unless the next payment is being typed."""
        taken = await self.desk.outbox.undo(event)
        if taken:
            self.bench.open_page("payment", f"undone:{event}")
        words = payment.TAKEN_BACK if taken else payment.TOO_LATE
        self.bench.toasts.show_notice(words, "info" if taken else "wait")

    async def _discard(self) -> None:
        question = ConfirmDialog(
            payment.DISCARD_TITLE, payment.DISCARD_WORDS, payment.DISCARD, self.window(), danger=True
        )
        if await ask(question):
            await self.model.discard()
            self._next_form()
