"""Bank changes: the list of cases with the chosen one beside it, and the form for a new one.

Object names: bank_change_page, bank_change_table, bank_change_new, bank_change_sign, bank_change_cancel,
document_open_<n>; in the form bank_change_member, bank_change_bank, bank_change_account, bank_change_account_again,
bank_change_name, bank_change_reason, bank_change_documents (a FileDrop: emit `files_chosen` with paths),
document_remove_<n>, bank_change_submit, bank_change_back, bank_change_problem.
`shown("member:<id>")` opens the form for a member, `shown("event:<id>")` a kept one, `shown("<case id>")` a case.
"""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.core.forms import BankChangeForm
from desktop.core.screens.bank_cases import BankCases
from desktop.core.screens.bank_change import BankChange
from desktop.core.signing import Kind as Signed
from desktop.core.viewing import forget_viewed
from desktop.i18n import bank_change, dates, keys, sign_off
from desktop.ui.keys.actions import Action
from desktop.ui.pages import Workbench
from desktop.ui.screens.bank_change.case import FACES, CasePanel, from_to, state_mark
from desktop.ui.screens.bank_change.documents import DocumentRow, show_document
from desktop.ui.screens.bank_change.form import ChangeForm
from desktop.ui.screens.pieces import DeskPage, allow, moment, named
from desktop.ui.screens.sign_off.flow import sign
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, row
from desktop.ui.widgets.dialog import ConfirmDialog, ask
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.status import Mark, chip_width
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.wire.bank_changes import BankChangeView


class BankChangePage(DeskPage[BankCases]):
    """Two rooms: cases, and the form; what was typed stays while one looks at the other.

    What was handed over leaves with its page: a new one takes the next case.
    """

    def __init__(self, bench: Workbench, *, resume: bool = True) -> None:
        super().__init__(bench, BankCases(bench.core), "bank_change_page")
        self.change = BankChange(bench.core)
        self.table: DataTable[BankChangeView] = named(DataTable(bank_change.TABLE, _columns()), "bank_change_table")
        self.panel = CasePanel()
        self.problem = ErrorLine(retry=False)
        self.new = named(Button(bank_change.NEW, icon="plus", kind="primary"), "bank_change_new")
        self.form = ChangeForm(bench, self.change)
        self._rooms = QStackedWidget()
        self._looked_for_draft = not resume
        self._assemble()
        self._connect()
        self.change.on_change = self.form.draw_form
        self.begin()

    def _assemble(self) -> None:
        head = row(self.problem, spacing=12)
        head.setStretch(0, 1)
        head.addStretch()
        head.addWidget(self.new)
        middle = row(self.table, self.panel, spacing=14)
        middle.setStretch(0, 1)
        cases = QWidget()
        layout = QVBoxLayout(cases)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addLayout(middle, 1)
        self._rooms.addWidget(cases)
        self._rooms.addWidget(self.form)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 12)
        whole.addWidget(self._rooms)
        self.table.set_loading()

    def _connect(self) -> None:
        self.new.clicked.connect(lambda: self.show_form(True))
        self.form.left.connect(lambda: self.show_form(False))
        self.form.sent.connect(self._sent)
        self.table.current_changed.connect(self.model.choose)
        self.table.opened.connect(lambda _id: self._sign())
        self.table.may_open = lambda: self.model.may_sign.enabled
        self.panel.sign.clicked.connect(self._sign)
        self.panel.cancel_case.clicked.connect(lambda: self.work(self._cancel(), "bank_change.cancel"))
        self.panel.ask_bank.clicked.connect(lambda: self.work(self.model.ask_bank(), "bank_change.ask_bank"))
        self.panel.documents.opened.connect(self._open_document)
        self.bench.commands.add(Action("submit", keys.SUBMIT, self.form.hand_over, self.form, ("Ctrl+Return",), "send"))

    def shown(self, subject: str | None) -> None:
        """The list; or the form for a member, a kept form, or one case."""
        word, _, rest = (subject or "").partition(":")
        if word == "member":
            self.show_form(True)
            self.form.choose(UUID(rest))
        elif word == "event":
            self.show_form(True)
            self.work(self._resume(rest), "bank_change.resume")
        else:
            self.work(self._load(subject), "bank_change.load")

    def refresh(self) -> None:
        """F5."""
        self.desk.sync.wake()
        self.work(self._load(None), "bank_change.load")

    def search_focus(self) -> QWidget:
        """The member's field."""
        return self.form.member

    def home(self) -> QWidget | None:
        """The list, or the form's first field."""
        return self.form.member if self._rooms.currentIndex() else self.table.home()

    def panes(self) -> list[QWidget]:
        """List and panel, or the form."""
        return [self.form.member] if self._rooms.currentIndex() else [self.table.view, self.panel.sign]

    def put_away(self) -> None:
        """Let go of all models; the draft is in the outbox."""
        self.form.finder.close()
        self.change.on_change = _nothing
        self.change.close()
        super().put_away()

    def show_form(self, form: bool) -> None:
        """The form, or the list."""
        self._rooms.setCurrentIndex(int(form))
        self.form.draw_form()
        (self.form.member if form else self.table.view).setFocus()

    async def _load(self, subject: str | None) -> None:
        await self.model.load()
        if subject is None:
            await self._resume_newest()
        place = self.table.model.source.index_of(subject) if subject else None
        if place is not None:
            self.show_form(False)
            self.table.view.go_to(place)

    async def _resume_newest(self) -> None:
        """After a crash or a new sign-in the unfinished form is there again, once."""
        first, self._looked_for_draft = not self._looked_for_draft, True
        if first and self.change.form == BankChangeForm() and await self.change.resume_newest():
            self.form.fill()
            self.show_form(True)
            self.bench.toasts.show_notice(bank_change.RESUMED, "info")

    async def _resume(self, event_id: str) -> None:
        event = await self.desk.outbox.get(event_id)
        if event is not None:
            await self.change.resume(event)
            self.form.fill()

    def draw(self) -> None:
        """Cases, the panel, the form, problems."""
        if self.model.loaded:
            self.table.set_rows([(str(case.id), case) for case in self.model.cases])
        self.table.empty.set_face("credit-card", bank_change.EMPTY, bank_change.EMPTY_HINT)
        self.panel.draw_case(self.model)
        self.form.draw_form()
        may = self.model.may_request
        self.new.setVisible(may.enabled)
        allow(self.new, may)
        if (text := self.model.failure_text) is not None:
            self.problem.show_error(text)
        else:
            self.problem.clear()

    def _sent(self, event_id: str) -> None:
        self.bench.renew_page(self, lambda: BankChangePage(self.bench, resume=False))
        window = int(self.desk.undo_window.total_seconds() * 1000)
        if window:
            self.bench.toasts.show_undo(
                bank_change.SENT,
                window,
                lambda undone: self.work(self._after_window(event_id, undone), "bank_change.undo"),
            )
            return
        self.bench.toasts.show_notice(bank_change.SENT, "info")
        self.desk.sync.wake()

    async def _after_window(self, event_id: str, undone: bool) -> None:
        if not undone:
            self.desk.sync.wake()
            return
        taken = await self.desk.outbox.undo(event_id)
        if taken:
            self.bench.open_page("bank_changes", f"event:{event_id}")
        self.bench.toasts.show_notice(bank_change.TAKEN_BACK if taken else bank_change.TOO_LATE, "info")

    def _sign(self) -> None:
        if self.model.may_sign.enabled and (case := self.model.case) is not None:
            self.work(self._sign_now(case), "bank_change.sign")

    async def _sign_now(self, case: BankChangeView) -> None:
        signed = await sign(self.bench, self, Signed.BANK_CHANGE, [case.id], maker=case.maker, papers=case.documents)
        if signed:
            await self.desk.sync.once()
            await self.model.load()

    async def _cancel(self) -> None:
        case = self.model.case
        if case is None:
            return
        words = f"{case.number} · {case.member_name}"
        question = ConfirmDialog(bank_change.CANCEL_CASE, lambda: words, bank_change.CANCEL_CASE, self, danger=True)
        if await ask(question):
            await self.model.cancel()

    def _open_document(self, sha256: str) -> None:
        if (case := self.model.case) is not None:
            self.work(self._show_document(case, sha256), "bank_change.document")

    async def _show_document(self, case: BankChangeView, sha256: str) -> None:
        content = await self.model.read_document(case.id, sha256)
        known = next((d for d in case.documents if d.sha256 == sha256), None)
        if content is not None and known is not None:
            shown = DocumentRow(sha256, known.name, known.size, known.media_type)
            await show_document(self.bench, self.desk, self, shown, content)
            await forget_viewed(self.desk.directory)


def _nothing() -> None:
    pass


def _columns() -> list[Column[BankChangeView]]:
    wide = "KBANK •••• 0000 → KBANK •••• 0000"
    return [
        Column("state", bank_change.STATE, lambda c: state_mark(c.state), Kind.CHIP, _widest, keep=9),
        Column("number", bank_change.NUMBER, lambda c: c.number, Kind.MUTED, "BC2611-0000000", keep=6),
        Column("member", sign_off.MEMBER, lambda c: c.member_name, Kind.TEXT, "นางจันทร์เพ็ญ ชัย", stretch=True, keep=9),
        Column("change", bank_change.FROM_TO, from_to, Kind.MUTED, wide, keep=8),
        Column("at", bank_change.CREATED, lambda c: moment(c.created_at), Kind.MUTED, dates.widest_moment, keep=5),
        Column("maker", bank_change.MAKER, lambda c: c.maker, Kind.MUTED, "สุดา แก้วใสสว่าง", keep=4),
    ]


def _widest() -> Mark:
    return max((state_mark(state) for state in FACES), key=chip_width)
