"""The form of a bank change: present and new account side by side, the number typed twice, documents."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.core.files import read_file
from desktop.core.screens.bank_change import BankChange
from desktop.core.screens.members import Members
from desktop.i18n import bank_change, language, sign_off
from desktop.i18n.text import Text
from desktop.ui.keys.latin import LatinEdit
from desktop.ui.pages import Workbench
from desktop.ui.screens.bank_change.documents import DocumentList, DocumentRow, show_document
from desktop.ui.screens.pieces import allow, find_typed, grouped_account, masked_account, named
from desktop.ui.widgets.bank_picker import BankPicker
from desktop.ui.widgets.basics import Button, DeliberateButton, Label, column, form, row, scrolled
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.file_drop import FileDrop
from desktop.ui.widgets.member_search import MemberHit, MemberSearch
from desktop.ui.widgets.states import ErrorLine
from shared.banks import AccountProblem, account_lengths, bank_name, bank_short

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".pdf"})
HITS: Final = 8
UNFINISHED: Final = frozenset({AccountProblem.EMPTY, AccountProblem.LENGTH, AccountProblem.UNKNOWN_BANK})
"""While the second number is still being typed nothing is said of it."""


class ChangeForm(QWidget):
    """`sent` when the case was handed over, `left` when the person goes back to the list; what was typed is kept."""

    sent = Signal(str)
    left = Signal()

    def __init__(self, bench: Workbench, model: BankChange) -> None:
        super().__init__()
        self._bench, self.model = bench, model
        self.finder = Members(bench.core)
        self._pictures: dict[str, bytes] = {}
        self._leaving = False
        self.member = named(MemberSearch(bank_change.MEMBER_HINT, bank_change.MEMBER_NONE), "bank_change_member")
        self.bank = named(BankPicker(bank_change.BANK_HINT), "bank_change_bank")
        self.account = named(LatinEdit(), "bank_change_account")
        self.again = named(LatinEdit(), "bank_change_account_again")
        self.account_name = named(QLineEdit(), "bank_change_name")
        self.reason = named(QLineEdit(), "bank_change_reason")
        self.account_field = Field(bank_change.ACCOUNT, self.account)
        self.again_field = Field(bank_change.ACCOUNT_AGAIN, self.again)
        self.old = [Label(weight="semibold", wrap=True) for _ in range(3)]
        self._old_titles: list[Label] = []
        self.old_note = Label(bank_change.CHOOSE_MEMBER, ink="muted", wrap=True)
        self.drop = named(FileDrop(bank_change.DROP, bank_change.DROP_HINT, SUFFIXES), "bank_change_documents")
        self.documents = DocumentList(can_open=True, can_remove=True)
        self.problem = named(ErrorLine(retry=False), "bank_change_problem")
        self.why_not = Label(size="small", ink="muted", wrap=True)
        self.back = named(Button(bank_change.BACK, icon="arrow-left", kind="quiet"), "bank_change_back")
        self.submit = named(DeliberateButton(bank_change.SUBMIT, icon="send"), "bank_change_submit")
        self._assemble()
        self._connect()

    def _assemble(self) -> None:
        # Pasting the first number into the second would defeat typing it twice.
        self.again.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        for edit, most in ((self.account, 40), (self.again, 40), (self.account_name, 120), (self.reason, 500)):
            edit.setMaxLength(most)
        inside = QWidget()
        across = row(self._left(), self._right(), spacing=14)
        across.setStretch(0, 3)
        across.setStretch(1, 2)
        inside.setLayout(across)
        foot = row(self.back, spacing=14)
        foot.addWidget(self.why_not, 1)
        foot.addWidget(self.submit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(scrolled(inside), 1)
        layout.addLayout(foot)

    def _left(self) -> QWidget:
        who = Card(bank_change.FORM_TITLE)
        who.body.addWidget(Field(bank_change.MEMBER, self.member))
        old = Card(bank_change.OLD)
        old.body.addWidget(self.old_note)
        for title, value in zip((sign_off.ACCOUNT, bank_change.BANK, sign_off.ACCOUNT_NAME), self.old, strict=True):
            self._old_titles.append(Label(title, size="small", ink="muted"))
            old.body.addLayout(column(self._old_titles[-1], value, spacing=0))
        old.body.addStretch()
        new = Card(bank_change.NEW_ACCOUNT)
        new.set_tone("accent")
        new.body.addLayout(
            form(
                Field(bank_change.BANK, self.bank),
                self.account_field,
                self.again_field,
                Field(bank_change.ACCOUNT_NAME, self.account_name),
            )
        )
        new.body.addStretch()
        sides = row(old, new, spacing=14)
        sides.setStretch(0, 2)
        sides.setStretch(1, 3)
        whole = QWidget()
        layout = column(who, spacing=14)
        layout.addLayout(sides, 1)
        whole.setLayout(layout)
        return whole

    def _right(self) -> QWidget:
        card = Card(bank_change.DOCUMENTS)
        card.body.addWidget(self.drop)
        card.body.addWidget(self.documents)
        card.body.addWidget(self.problem)
        card.body.addStretch()
        card.body.addWidget(Field(bank_change.REASON, self.reason))
        card.body.addWidget(Label(bank_change.COOLING, size="small", ink="muted", wrap=True))
        return card

    def _connect(self) -> None:
        model = self.model
        self.finder.on_change = self._show_hits
        self.member.searched.connect(lambda text: self._run(find_typed(self.finder, text), "bank_change.search"))
        self.member.chosen.connect(lambda member: self.choose(UUID(member)))
        self.bank.chosen.connect(lambda code: model.edit(bank=code))
        self.account.textEdited.connect(lambda text: model.edit(account=text))
        self.again.textEdited.connect(lambda text: model.edit(account_again=text))
        self.account_name.textEdited.connect(lambda text: model.edit(account_name=text))
        self.reason.textEdited.connect(lambda text: model.edit(reason=text))
        self.drop.files_chosen.connect(self.attach)
        self.documents.removed.connect(model.detach)
        self.documents.opened.connect(self._open_document)
        self.back.clicked.connect(self.left)
        self.submit.clicked.connect(self.hand_over)

    def choose(self, member: UUID) -> None:
        """Show this member's present account."""
        self._run(self._choose(member), "bank_change.choose")

    def attach(self, paths: list[Path]) -> None:
        """Add documents from files."""
        self._run(self._attach(paths), "bank_change.attach")

    def hand_over(self) -> None:
        """Send, when everything is there, or say what is missing."""
        if not self.model.may_submit.enabled:
            self.why_not.set_ink("danger")
        elif not self._leaving:
            self._leaving = True
            self._run(self._submit(), "bank_change.submit")

    def fill(self) -> None:
        """The model's form into the fields, without taking it for typing."""
        kept, member = self.model.form, self.model.member
        pairs = [
            (self.member, f"{member.code} {member.name}" if member is not None else ""),
            (self.account, kept.account),
            (self.again, kept.account_again),
            (self.account_name, kept.account_name),
            (self.reason, kept.reason),
        ]
        for edit, text in pairs:
            blocker = QSignalBlocker(edit)
            edit.setText(text)
            blocker.unblock()
        self.bank.set_code(kept.bank)

    def draw_form(self) -> None:
        """What is there, what is wrong, what may be done."""
        model = self.model
        account = model.member.account if model.member is not None else None
        note = bank_change.CHOOSE_MEMBER if model.member is None else bank_change.NO_ACCOUNT
        self.old_note.set_words(note)
        self.old_note.setVisible(account is None)
        for label in (*self.old, *self._old_titles):
            label.setVisible(account is not None)
        if account is not None:
            number = masked_account(bank_short(account.bank), account.last4)
            for label, value in zip(self.old, (number, bank_name(account.bank, language()), account.name), strict=True):
                label.setText(value)
        self._draw_account()
        self.documents.set_rows(
            [
                DocumentRow(kept.sha256, kept.name, kept.size, picture=self._pictures.get(kept.sha256, b""))
                for kept in model.form.documents
            ]
        )
        action = model.may_submit
        allow(self.submit, action)
        if action.enabled:
            self.why_not.set_ink("muted")
        self.why_not.setText("" if action.why_not is None else action.why_not())

    def _draw_account(self) -> None:
        kept = self.model.form
        first, second = self.model.account, self.model.account_again
        typed = bool(kept.account.strip())
        self.account_field.set_error(_problem(first) if typed and isinstance(first, AccountProblem) else None)
        sizes = ", ".join(str(size) for size in account_lengths(kept.bank)) if kept.bank else ""
        hint = grouped_account(first) if not isinstance(first, AccountProblem) else bank_change.lengths(sizes)
        self.account_field.set_hint((lambda: hint) if sizes and len(sizes) < 12 else None)
        again = bool(kept.account_again.strip())
        clean = not isinstance(first, AccountProblem) and not isinstance(second, AccountProblem)
        differ = clean and second != first
        wrong = _problem(second) if isinstance(second, AccountProblem) and second not in UNFINISHED else None
        self.again_field.set_error(bank_change.DIFFER if differ else wrong)
        # Two problems of the same kind are equal too: only two accounts may be called so.
        same = not isinstance(first, AccountProblem) and second == first
        self.again_field.set_hint(bank_change.AGREE if again and same else None)

    def _show_hits(self) -> None:
        rows = self.finder.rows
        found = [view for place in range(min(HITS, len(rows))) if (view := rows.row(place)) is not None]
        if self.member.hasFocus():
            self.member.set_hits(
                [
                    MemberHit(
                        str(m.id),
                        m.name,
                        m.code,
                        masked_account(bank_short(m.account.bank), m.account.last4) if m.account else "—",
                    )
                    for m in found
                ]
            )

    async def _choose(self, member: UUID) -> None:
        await self.model.choose_member(member)
        self.fill()
        self.bank.setFocus(Qt.FocusReason.TabFocusReason)

    async def _attach(self, paths: list[Path]) -> None:
        self.problem.clear()
        for path in paths:
            content = await read_file(path)
            wrong = content if isinstance(content, Text) else await self._keep(path.name, content)
            if wrong is not None:
                self._say(path.name, wrong)

    def _say(self, name: str, wrong: Text) -> None:
        self.problem.show_error(lambda: f"{name}: {wrong()}")

    async def _keep(self, name: str, content: bytes) -> Text | None:
        before = {kept.sha256 for kept in self.model.form.documents}
        wrong = await self.model.attach(name, content)
        for kept in self.model.form.documents:
            if kept.sha256 not in before:
                self._pictures[kept.sha256] = content
        self.draw_form()
        return wrong

    def _open_document(self, sha256: str) -> None:
        self._run(self._show_document(sha256), "bank_change.document")

    async def _show_document(self, sha256: str) -> None:
        kept = await self.model.desk.outbox.document(sha256)
        if kept is not None:
            shown = DocumentRow(sha256, kept[0], len(kept[1]))
            await show_document(self._bench, self.model.desk, self, shown, kept[1])

    async def _submit(self) -> None:
        event = await self.model.submit()
        self._leaving = False
        if event is None:
            self.draw_form()
            return
        self.sent.emit(event)

    def _run(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._bench.spawn(coroutine, name)


def _problem(problem: AccountProblem) -> Text:
    return bank_change.PROBLEMS[problem.value]
