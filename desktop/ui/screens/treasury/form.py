"""The form for money that was paid in: typed, or filled in from a line of the bank's statement; with its slip.

Object names: deposit_amount, deposit_amount_again, deposit_received, deposit_payer, deposit_reference, deposit_reason,
deposit_other, deposit_slip, deposit_send, deposit_clear, deposit_problem.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.core.files import read_file
from desktop.core.screens.treasury import Treasury
from desktop.i18n import treasury
from desktop.i18n.text import Text
from desktop.ui.pages import Workbench
from desktop.ui.screens.bank_change.documents import DocumentList, DocumentRow
from desktop.ui.screens.pieces import allow, named
from desktop.ui.widgets.amount import AmountTwice
from desktop.ui.widgets.basics import Button, Label, form, row, scrolled
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.file_drop import FileDrop
from desktop.ui.widgets.states import ErrorLine

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".pdf"})


class DepositForm(QWidget):
    """`sent` when the server has taken the record; what was typed stays when it has not."""

    sent = Signal()

    def __init__(self, bench: Workbench, model: Treasury) -> None:
        super().__init__()
        self._bench, self.model = bench, model
        self.amount = AmountTwice()
        named(self.amount.first.edit, "deposit_amount")
        named(self.amount.second.edit, "deposit_amount_again")
        self.received = _edit("deposit_received", 40)
        self.payer = _edit("deposit_payer", 120)
        self.reference = _edit("deposit_reference", 60)
        self.reason = _edit("deposit_reason", 500)
        self.other = _edit("deposit_other", 500)
        self.other_field = Field(treasury.OTHER_MONEY, self.other)
        self.line = Label(size="small", weight="medium", wrap=True)
        self.slip = named(FileDrop(treasury.SLIP, treasury.SLIP_HINT, SUFFIXES), "deposit_slip")
        self.papers = DocumentList(can_open=False, can_remove=True)
        self.problem = named(ErrorLine(retry=False), "deposit_problem")
        self.why_not = Label(size="small", ink="muted", wrap=True)
        self.clear = named(Button(treasury.CLEAR, icon="x", kind="quiet"), "deposit_clear")
        self.send = named(Button(treasury.SEND, icon="send", kind="primary"), "deposit_send")
        self._refused: Text | None = None
        self._assemble()
        self._connect()

    def _assemble(self) -> None:
        card = Card(treasury.RECORD)
        fields = form(
            self.amount.first,
            self.amount.second,
            Field(treasury.RECEIVED, self.received, hint=treasury.RECEIVED_HINT),
            Field(treasury.PAYER, self.payer),
            Field(treasury.REASON, self.reason),
            Field(treasury.REFERENCE, self.reference),
            self.other_field,
        )
        for widget in (Label(treasury.EVIDENCE, size="small", ink="muted", weight="medium"), self.line, self.papers):
            fields.addWidget(widget)
        fields.addWidget(self.slip)
        fields.addStretch()
        inner = QWidget()
        inner.setLayout(fields)
        foot = row(self.clear, spacing=10)
        foot.addStretch()
        foot.addWidget(self.send)
        card.body.addWidget(scrolled(inner), 1)
        card.body.addWidget(self.problem)
        card.body.addWidget(self.why_not)
        card.body.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def _connect(self) -> None:
        model = self.model
        self.amount.changed.connect(self._take_amount)
        self.received.textEdited.connect(lambda text: model.edit(received=text))
        self.payer.textEdited.connect(lambda text: model.edit(payer=text))
        self.reference.textEdited.connect(lambda text: model.edit(reference=text))
        self.reason.textEdited.connect(lambda text: model.edit(reason=text))
        self.other.textEdited.connect(lambda text: model.edit(duplicate_reason=text))
        self.slip.files_chosen.connect(lambda paths: self._bench.spawn(self._attach(paths), "deposit.attach"))
        self.papers.removed.connect(lambda _sha: model.edit(document=b"", document_name=""))
        self.clear.clicked.connect(self._clear)
        self.send.clicked.connect(lambda: self._bench.spawn(self._send(), "deposit.record"))

    def draw(self) -> None:
        """Evidence, what is wrong, and whether it may be sent."""
        kept = self.model.form
        self.other_field.setVisible(self.model.asks_why)
        self.line.setVisible(kept.line is not None)
        self.line.setText(f"{treasury.LINE()}: {treasury.line_words(kept.line.statement)}" if kept.line else "")
        shown = DocumentRow("slip", kept.document_name, len(kept.document), picture=kept.document)
        self.papers.set_rows([shown] if kept.document else [])
        self.slip.setVisible(not kept.document)
        action = self.model.may_record
        allow(self.send, action)
        self.send.setEnabled(action.enabled and not self.model.busy)
        self.why_not.setText("" if action.why_not is None else action.why_not())
        refused = self._refused or self.model.failure_text
        self.problem.show_error(refused) if refused is not None else self.problem.clear()

    def fill(self) -> None:
        """The model's form into the fields, without taking it for typing."""
        kept = self.model.form
        texts = (
            (self.amount.first.edit, kept.amount),
            (self.amount.second.edit, kept.amount_again),
            (self.received, kept.received),
            (self.payer, kept.payer),
            (self.reference, kept.reference),
            (self.reason, kept.reason),
            (self.other, kept.duplicate_reason),
        )
        for edit, text in texts:
            blocker = QSignalBlocker(edit)
            edit.setText(text)
            blocker.unblock()
        for amount in (self.amount.first, self.amount.second):
            amount.set_error(None)
            amount.set_hint(None)
        self._refused = None
        self.draw()

    def _take_amount(self) -> None:
        self.model.edit(amount=self.amount.first.edit.text(), amount_again=self.amount.second.edit.text())

    def _clear(self) -> None:
        self.model.start_anew()
        self.fill()
        self.amount.first.edit.setFocus()

    async def _attach(self, paths: list[Path]) -> None:
        for path in paths[:1]:
            content = await read_file(path)
            self._refused = content if isinstance(content, Text) else self.model.attach(path.name, content)
        self.draw()

    async def _send(self) -> None:
        self._refused = None
        if await self.model.record() is None:
            if self.model.asks_why:
                self.other.setFocus()
            return
        self.fill()
        self._bench.toasts.show_notice(treasury.SENT, "ok")
        self.sent.emit()


def _edit(name: str, most: int) -> QLineEdit:
    edit = named(QLineEdit(), name)
    edit.setMaxLength(most)
    return edit
