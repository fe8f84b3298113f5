"""The bank's statements: fetched with one click, read line by line with the running balance.

Object names: statements_page, statements_fetch, statements_progress, statements_table, statement_lines,
statements_problem, statement_set_aside, statements_switch.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from desktop.core import texts
from desktop.core.screens.statements import Statements
from desktop.core.signing import Kind as Signed
from desktop.i18n import dates, reasons, statements
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, allow, moment, named, show_amount, show_empty
from desktop.ui.screens.sign_off.flow import sign
from desktop.ui.screens.statements.set_aside import NotTaken, ProposalCard, ask_reason
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import PAGE_MARGIN, BusyButton, Button, Label, column, row
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.status import Mark, chip_width
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.wire.records import StatementLineView, StatementView

LIST_WIDTH: Final = 400
RESULT_FACES: Final[dict[str, tuple[Tone, str]]] = {
    "matched": ("ok", "check-check"),
    "mismatched": ("bad", "circle-alert"),
    "settlement_pending": ("wait", "clock"),
    "missing_settlement": ("bad", "circle-x"),
    "unexpected": ("doubt", "circle-help"),
    "returned": ("bad", "undo-2"),
    "fee": ("quiet", "landmark"),
    "set_aside": ("quiet", "circle-dashed"),
}


def result_mark(result: str) -> Mark:
    """The chip of a reconciliation result."""
    if result not in RESULT_FACES:
        return Mark("quiet", "circle-dashed", statements.NOT_MATCHED())
    tone, icon = RESULT_FACES[result]
    return Mark(tone, icon, statements.RESULT[result]())


def widest_result() -> Mark:
    """The widest chip, to size a column."""
    return max((result_mark(result) for result in (*RESULT_FACES, "")), key=chip_width)


class StatementsPage(DeskPage[Statements]):
    """Statements, or files not taken, on the left; the opened one's lines on the right."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Statements(bench.core), "statements_page")
        self._loaded = False
        self._opening = ""
        self.fetch = named(BusyButton(statements.FETCH, icon="download"), "statements_fetch")
        self.progress = named(QProgressBar(), "statements_progress")
        self.said = Label(ink="muted", wrap=True)
        self.problem = named(ErrorLine(), "statements_problem")
        self.files: DataTable[StatementView] = named(DataTable(statements.TABLE, _file_columns()), "statements_table")
        self.lines: DataTable[StatementLineView] = named(
            DataTable(statements.LINES, _line_columns()), "statement_lines"
        )
        self.opened = Card(padding=16)
        self.propose = named(Button(statements.SET_ASIDE, icon="circle-slash"), "statement_set_aside")
        self.proposal, self.not_taken = ProposalCard(), NotTaken()
        self.left = QStackedWidget()
        self.switch = named(Button(statements.NOT_TAKEN, icon="triangle-alert"), "statements_switch")
        self._title = Label(size="title")
        self._facts = Facts()
        self._assemble()
        self.fetch.clicked.connect(self._fetch)
        self.problem.retried.connect(self.refresh)
        self.files.current_changed.connect(self._open)
        self.switch.clicked.connect(self._swap)
        self.propose.clicked.connect(lambda: self.work(self._propose(), "statements.propose"))
        self.proposal.sign.clicked.connect(lambda: self.work(self._sign(), "statements.sign"))
        self.not_taken.judge.clicked.connect(lambda: self.work(self.model.judge_again(), "statements.judge"))
        self.begin()

    def _assemble(self) -> None:
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        head = row(self.fetch, spacing=16)
        head.addLayout(column(self.said, self.progress, spacing=4), 1)
        head.addWidget(self.switch)
        self.opened.body.setSpacing(4)
        top = row(self._title, spacing=12)
        top.addStretch()
        top.addWidget(self.propose)
        self.opened.body.addLayout(top)
        self.opened.body.addWidget(self._facts)
        right = column(self.opened, spacing=10)
        right.addWidget(self.lines, 1)
        self.left.addWidget(self.files)
        self.left.addWidget(self.not_taken)
        middle = row(self.left, spacing=14)
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 8)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.problem)
        layout.addWidget(self.proposal)
        layout.addLayout(middle, 1)
        self.files.set_loading()

    def shown(self, subject: str | None) -> None:
        """Read the list."""
        self.refresh()

    def refresh(self) -> None:
        """F5."""
        self.work(self._load(), "statements.load")

    def home(self) -> QWidget | None:
        """The statements."""
        return self.files.home()

    def panes(self) -> list[QWidget]:
        """Fetch, files or those not taken, lines."""
        left = self.files if self.left.currentWidget() is self.files else self.not_taken.table
        return [self.fetch, left.view, self.lines.view]

    async def _load(self) -> None:
        await self.model.load()
        self._loaded = True
        self.draw()

    def draw(self) -> None:
        """Files, lines, progress and problem."""
        self.left.setFixedWidth(scaled(LIST_WIDTH))
        self.not_taken.show_files(self.model)
        if not self.model.files:
            self.left.setCurrentWidget(self.files)
        self._draw_switch()
        self.proposal.show_case(self.model)
        if self._loaded or self.model.statements:
            self.files.set_rows([(str(view.id), view) for view in self.model.statements])
        show_empty(self.files.empty, self.model, "receipt-text", statements.EMPTY, statements.EMPTY_HINT)
        self._draw_fetch()
        self._draw_lines()
        if (text := self.model.failure_text) is not None:
            self.problem.show_error(text)
        else:
            self.problem.clear()

    def _draw_switch(self) -> None:
        away = self.left.currentWidget() is self.not_taken
        count = len(self.model.files)
        self.switch.setVisible(count > 0)
        self.switch.set_words(statements.TABLE if away else lambda: statements.not_taken(count))

    def _swap(self) -> None:
        """The statements, or the files that were not taken; the keyboard goes along."""
        shown = self.files if self.left.currentWidget() is self.not_taken else self.not_taken
        self.left.setCurrentWidget(shown)
        self._draw_switch()
        (self.files.view if shown is self.files else self.not_taken.table.view).setFocus()

    def _draw_fetch(self) -> None:
        fetch = self.model.fetching
        running = self.model.busy
        if self.fetch.busy != running:
            self.fetch.set_busy(running)
        self.progress.setVisible(running)
        self.fetch.set_words(statements.FETCH if self.offline is None else self.offline)
        if not running:
            allow(self.fetch, self.model.may_fetch)
        if fetch is None:
            self.said.setText("")
            return
        state = statements.FETCH_STATE.get(fetch.state, statements.FETCH)()
        said = statements.fetched(state, fetch.files, f"{fetch.lines:,}", f"{fetch.matched:,}")
        self.said.setText(f"{said} · {reasons.fetch(fetch.problems)}" if fetch.problems else said)
        self.said.set_ink("danger" if fetch.state == "failed" else "ok" if fetch.state == "done" else "muted")

    def _draw_lines(self) -> None:
        opened = self.model.opened
        self.opened.setVisible(opened is not None)
        self.lines.empty.set_face("receipt-text", statements.CHOOSE)
        self.lines.set_rows([(str(line.sequence), line) for line in self.model.lines])
        if opened is None:
            return
        aside = f" · {statements.IS_SET_ASIDE()}" if opened.set_aside_at else ""
        self._title.setText(f"{statements.account(opened.account_last4)} · {dates.day_of(opened.date)}{aside}")
        self.propose.set_words(statements.TAKE_AGAIN if opened.set_aside_at else statements.SET_ASIDE)
        self.propose.setVisible(self.model.may_propose.why_not is not texts.NOT_ALLOWED)
        allow(self.propose, self.model.may_propose)
        facts = [
            (statements.OPENING(), show_amount(opened.opening)),
            (statements.CLOSING(), show_amount(opened.closing)),
            (statements.FILE(), f"{opened.file_name} · {statements.IMPORTED()} {moment(opened.imported_at)}"),
        ]
        self._facts.set_facts(facts, strong=frozenset({1}))

    def _fetch(self) -> None:
        self.work(self._fetch_now(), "statements.fetch")

    async def _propose(self) -> None:
        opened = self.model.opened
        if opened is None or not self.model.may_propose.enabled:
            return
        reason = await ask_reason(self, again=bool(opened.set_aside_at))
        if reason and await self.model.propose(reason):
            self.bench.toasts.show_notice(statements.PROPOSED, "info")

    async def _sign(self) -> None:
        case = self.model.case
        if case is None or not self.model.may_sign.enabled:
            return
        if await sign(self.bench, self, Signed.SET_ASIDE, [case.id], maker=case.maker, number=case.number):
            await self.model.fetch()

    async def _fetch_now(self) -> None:
        """What the bank has just delivered is what one wants to see."""
        before = {view.id for view in self.model.statements}
        await self.model.fetch()
        fresh = next((str(view.id) for view in self.model.statements if view.id not in before), None)
        place = None if fresh is None else self.files.model.source.index_of(fresh)
        if place is not None:
            self.files.view.go_to(place)

    def _open(self, row_id: str) -> None:
        chosen = next((view for view in self.model.statements if str(view.id) == row_id), None)
        if chosen is not None and row_id != self._opening:
            self._opening = row_id
            self.work(self.model.open(chosen.id), "statements.open")


def _count(statement: StatementView) -> str:
    return statements.IS_SET_ASIDE() if statement.set_aside_at else f"{statement.lines:,}"


def _file_columns() -> list[Column[StatementView]]:
    return [
        Column(
            "date", statements.DATE, lambda s: dates.day_of(s.date), Kind.TEXT, "28 พ.ย. 2569", stretch=True, keep=9
        ),
        Column("count", statements.COUNT, _count, Kind.MUTED, "10,000", keep=5),
        Column("closing", statements.CLOSING, lambda s: show_amount(s.closing), Kind.MONEY, "-500,000,000.00", keep=8),
    ]


def _line_columns() -> list[Column[StatementLineView]]:
    return [
        Column("booked", statements.BOOKED, lambda n: moment(n.booked_at), Kind.MUTED, dates.widest_moment, keep=8),
        Column("amount", statements.AMOUNT, lambda n: show_amount(n.amount), Kind.MONEY, "-2,000,000.00", keep=9),
        Column("balance", statements.BALANCE, lambda n: show_amount(n.balance), Kind.MONEY, "-500,000,000.00", keep=9),
        Column("result", statements.MATCH, lambda n: result_mark(n.result), Kind.CHIP, widest_result, keep=8),
        Column("intent", statements.INTENT, lambda n: n.intent_number or "—", Kind.TEXT, "PV2611-0000000", keep=7),
        Column("reference", statements.REFERENCE, lambda n: n.reference, Kind.MUTED, "SDWF8DW3B5ASWWQH", keep=4),
        Column(
            "description",
            statements.DESCRIPTION,
            lambda n: n.description,
            Kind.MUTED,
            "โอนเงินค่าข้าว",
            stretch=True,
            keep=3,
        ),
    ]
