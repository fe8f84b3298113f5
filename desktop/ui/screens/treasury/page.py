"""Head office's money: books beside the bank, what nobody has recorded, and records with their signatures.

Object names: treasury_page, treasury_difference, treasury_credits, treasury_use_line, treasury_records, treasury_open,
treasury_cancel, treasury_sign, treasury_problem; the form's in form.py.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.screens.treasury import Treasury
from desktop.core.signing import Kind as Signed
from desktop.i18n import dates, liquidity, treasury
from desktop.ui.pages import Workbench
from desktop.ui.screens.bank_change.documents import DocumentRow, show_document
from desktop.ui.screens.pieces import DeskPage, allow, named, show_amount, show_empty
from desktop.ui.screens.sign_off.flow import sign
from desktop.ui.screens.treasury.form import DepositForm
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, row, scrolled
from desktop.ui.widgets.cards import StatCard
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.status import Mark, chip_width
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.permissions import Permission
from shared.wire.treasury import CreditLine, DepositView, TreasuryReply

FORM_WIDTH: Final = 400
FACES: Final[dict[str, tuple[Tone, str]]] = {
    "requested": ("wait", "clock"),
    "recorded": ("info", "circle-dashed"),
    "reconciled": ("ok", "circle-check"),
    "rejected": ("bad", "ban"),
    "cancelled": ("quiet", "undo-2"),
    "expired": ("quiet", "timer-off"),
}


class TreasuryPage(DeskPage[Treasury]):
    """Figures above; the form on the left for who may record; unrecorded money and records on the right."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Treasury(bench.core), "treasury_page")
        self.cards = {
            "treasury": StatCard(treasury.IN_TREASURY, "building-2", "accent"),
            "transit": StatCard(treasury.IN_TRANSIT, "send", "info"),
            "books": StatCard(treasury.BOOKS, "scale", "muted"),
            "bank": StatCard(treasury.BANK, "receipt-text", "accent"),
        }
        self.difference = named(Label(wrap=True, weight="medium"), "treasury_difference")
        self.problem = named(ErrorLine(), "treasury_problem")
        self.form = DepositForm(bench, self.model)
        self.credits: DataTable[CreditLine] = named(DataTable(treasury.CREDITS, _credit_columns()), "treasury_credits")
        self.use_line = named(Button(treasury.USE_LINE, icon="file-plus"), "treasury_use_line")
        self.records: DataTable[DepositView] = named(DataTable(treasury.RECORDS, _columns()), "treasury_records")
        self.open_slip = named(Button(treasury.OPEN, icon="eye"), "treasury_open")
        self.cancel = named(Button(treasury.CANCEL, icon="undo-2", kind="quiet"), "treasury_cancel")
        self.sign = named(Button(treasury.SIGN, icon="shield-check", kind="primary"), "treasury_sign")
        self.why_not = Label(size="small", ink="muted", wrap=True)
        self._assemble()
        self._connect()
        self.begin()

    def _assemble(self) -> None:
        cards = row(*self.cards.values(), spacing=14)
        for place in range(len(self.cards)):
            cards.setStretch(place, 1)
        first = row(Label(treasury.CREDITS, size="title"), spacing=10)
        first.addStretch()
        first.addWidget(self.use_line)
        foot = row(spacing=10)
        foot.addWidget(self.why_not, 1)
        for button in (self.open_slip, self.cancel, self.sign):
            foot.addWidget(button)
        lists = QWidget()
        right = QVBoxLayout(lists)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(8)
        right.addLayout(first)
        right.addWidget(self.credits, 2)
        right.addWidget(Label(treasury.RECORDS, size="title"))
        right.addWidget(self.records, 3)
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(scrolled(lists), 1)  # two lists in large text need more than a small screen has
        beside.addLayout(foot)
        below = row(self.form, spacing=14)
        below.addLayout(beside, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 14)
        layout.setSpacing(10)
        layout.addLayout(cards)
        layout.addWidget(self.difference)
        layout.addWidget(self.problem)
        layout.addLayout(below, 1)
        self.credits.set_loading()
        self.records.set_loading()

    def _connect(self) -> None:
        self.cards["treasury"].clicked.connect(lambda: self.bench.open_page("funding"))
        self.cards["transit"].clicked.connect(lambda: self.bench.open_page("disbursements"))
        self.cards["books"].clicked.connect(lambda: self.bench.open_page("liquidity"))
        self.cards["bank"].clicked.connect(lambda: self.bench.open_page("statements"))
        self.problem.retried.connect(self.refresh)
        self.form.sent.connect(self.refresh)
        self.credits.current_changed.connect(lambda _id: self._draw_buttons())
        self.credits.opened.connect(lambda _id: self._use_line())
        self.use_line.clicked.connect(self._use_line)
        self.records.current_changed.connect(lambda _id: self._draw_buttons())
        self.records.opened.connect(lambda _id: self._sign() if self.sign.isEnabled() else self._open())
        self.open_slip.clicked.connect(self._open)
        self.cancel.clicked.connect(self._cancel)
        self.sign.clicked.connect(self._sign)

    def shown(self, subject: str | None) -> None:
        """Ask the server: these figures are never cached."""
        self.refresh()

    def refresh(self) -> None:
        """F5."""
        self.work(self.model.load(), "treasury.load")

    def panes(self) -> list[QWidget]:
        """Form and lists."""
        first = [self.form.amount.first.edit] if self.form.isVisibleTo(self) else []
        return [*first, self.credits.view, self.records.view]

    def draw(self) -> None:
        """Figures, why they differ, form, lists, buttons."""
        session = self.desk.session
        self.form.setFixedWidth(scaled(FORM_WIDTH))
        self.form.setVisible(session is not None and session.can(Permission.RECORD_DEPOSIT))
        self.form.draw()
        view = self.model.view
        if view is not None:
            self._draw_figures(view)
            self.credits.set_rows([(str(line.id), line) for line in view.credits])
            self.records.set_rows([(str(one.id), one) for one in self.model.deposits])
        show_empty(self.credits.empty, self.model, "receipt-text", treasury.NO_CREDITS, treasury.NO_CREDITS_HINT)
        show_empty(self.records.empty, self.model, "building-2", treasury.NO_RECORDS, treasury.NO_RECORDS_HINT)
        text = None if self.form.isVisibleTo(self) else self.model.failure_text
        self.problem.show_error(text) if text is not None else self.problem.clear()
        self._draw_buttons()

    def _draw_figures(self, view: TreasuryReply) -> None:
        stale = self.model.failure is not None
        notes = {"books": treasury.of_them(show_amount(view.branches))}
        for name in ("treasury", "transit", "books"):
            self.cards[name].set_value(show_amount(getattr(view, name)), notes.get(name, ""), stale=stale)
        note = treasury.as_of(dates.day_of(view.bank_date)) if view.bank_date else treasury.NO_STATEMENT()
        self.cards["bank"].set_value(show_amount(view.bank_balance) if view.bank_date else "—", note, stale=stale)
        self.difference.setVisible(bool(view.bank_date))
        self.difference.setText(difference_words(view))
        alarm = view.unexplained != "0.00"
        self.difference.set_ink("danger" if alarm else "wait" if view.parts else "muted")

    def _draw_buttons(self) -> None:
        line, chosen = self.credits.current_row(), self.records.current_row()
        self.use_line.setVisible(self.form.isVisibleTo(self))
        self.use_line.setEnabled(line is not None)
        may_sign, may_cancel = self.model.may_sign(chosen), self.model.may_cancel(chosen)
        allow(self.sign, may_sign)
        allow(self.cancel, may_cancel)
        self.open_slip.setEnabled(chosen is not None and bool(chosen.documents))
        waits = chosen is not None and chosen.state == "requested"
        both = may_sign.why_not if not (may_sign.enabled or may_cancel.enabled) else None
        self.why_not.setText(both() if both is not None and waits else "")

    def _use_line(self) -> None:
        line = self.credits.current_row()
        if line is not None and self.form.isVisibleTo(self):
            self.model.choose(line)
            self.form.fill()
            self.form.payer.setFocus()

    def _open(self) -> None:
        chosen = self.records.current_row()
        if chosen is not None and chosen.documents:
            self.work(self._open_now(chosen), "treasury.document")

    async def _open_now(self, chosen: DepositView) -> None:
        content = await self.model.read_document(chosen.id)
        if content is not None:
            paper = chosen.documents[0]
            shown = DocumentRow(paper.sha256, paper.name, paper.size, paper.media_type)
            await show_document(self.bench, self.desk, self, shown, content)

    def _cancel(self) -> None:
        chosen = self.records.current_row()
        if chosen is not None and self.model.may_cancel(chosen).enabled:
            self.work(self._cancel_now(chosen), "treasury.cancel")

    async def _cancel_now(self, chosen: DepositView) -> None:
        if await self.model.cancel(chosen):
            self.bench.toasts.show_notice(treasury.CANCELLED, "ok")

    def _sign(self) -> None:
        chosen = self.records.current_row()
        if chosen is not None and self.model.may_sign(chosen).enabled:
            self.work(self._sign_now(chosen), "treasury.sign")

    async def _sign_now(self, chosen: DepositView) -> None:
        papers = chosen.documents
        await sign(
            self.bench, self, Signed.DEPOSIT, [chosen.id], maker=chosen.maker, number=chosen.number, papers=papers
        )
        await self.model.load()


def difference_words(view: TreasuryReply) -> str:
    """Why books and bank differ, or that they agree."""
    if view.difference == "0.00" and not view.parts:
        return treasury.AGREES()
    parts = [treasury.part(part.kind, part.count, show_amount(part.amount)) for part in view.parts]
    if view.unexplained != "0.00":
        parts.append(treasury.unexplained(show_amount(view.unexplained)))
    return f"{treasury.difference(show_amount(view.difference))}: {' · '.join(parts)}"


def state_mark(state: str) -> Mark:
    """The chip of a record's state."""
    tone, icon = FACES[state]
    return Mark(tone, icon, treasury.STATE[state]())


def _columns() -> list[Column[DepositView]]:
    return [
        Column("state", treasury.STATE_HEAD, lambda d: state_mark(d.state), Kind.CHIP, _widest_state, keep=9),
        Column("number", treasury.NUMBER, lambda d: d.number, Kind.MUTED, "DP2611-0000000", keep=6),
        Column("received", treasury.BOOKED, lambda d: dates.day_of(d.received_on), Kind.MUTED, "21 พ.ย. 2569", keep=7),
        Column("amount", treasury.AMOUNT, lambda d: show_amount(d.amount), Kind.MONEY, "500,000,000.00", keep=9),
        Column("payer", treasury.PAYER, lambda d: d.payer, Kind.TEXT, "บริษัท ข้าวไทย จำกัด", stretch=True, keep=8),
        Column("maker", liquidity.MAKER, lambda d: d.maker, Kind.MUTED, "สุดา แก้วใสสว่าง", keep=4),
    ]


def _line_of(credit: CreditLine) -> str:
    return treasury.line_words(credit.statement)


def _credit_columns() -> list[Column[CreditLine]]:
    return [
        Column("booked", treasury.BOOKED, lambda c: dates.day_of(c.booked_on), Kind.MUTED, "21 พ.ย. 2569", keep=8),
        Column("amount", treasury.AMOUNT, lambda c: show_amount(c.amount), Kind.MONEY, "500,000,000.00", keep=9),
        Column("text", treasury.DESCRIPTION, lambda c: c.description, Kind.TEXT, "TRANSFER FROM", stretch=True, keep=7),
        Column(
            "from",
            treasury.STATEMENT,
            _line_of,
            Kind.MUTED,
            "บรรทัด 12 ฉบับ 261121-1",
            keep=4,
        ),
    ]


def _widest_state() -> Mark:
    return max((state_mark(state) for state in FACES), key=chip_width)
