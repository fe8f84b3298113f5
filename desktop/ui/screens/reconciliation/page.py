"""What the statements prove of our payments: counts as chips, results, and why.

Object names: reconciliation_page, reconciliation_filters, reconciliation_table, reconciliation_more,
reconciliation_why (the current row's reason in full), reconciliation_problem.
"""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.screens.reconciliation import Reconciliation
from desktop.i18n import common, dates, reasons, statements
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, named, show_amount, show_empty, wire_amount
from desktop.ui.screens.statements.page import RESULT_FACES, result_mark, widest_result
from desktop.ui.theme.fonts import text_width
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, row
from desktop.ui.widgets.flow import FilterOption, FilterRow
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.money import Satang, display_amount
from shared.wire.records import ReconciliationView


class ReconciliationPage(DeskPage[Reconciliation]):
    """One list; the chips choose what it shows."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Reconciliation(bench.core), "reconciliation_page")
        self._loaded = False
        self.filters = named(FilterRow(), "reconciliation_filters")
        self.exceptions = Label(weight="semibold")
        self.problem = named(ErrorLine(), "reconciliation_problem")
        self.table: DataTable[ReconciliationView] = named(
            DataTable(statements.RESULTS_TABLE, _columns()), "reconciliation_table"
        )
        self.more = named(Button(statements.MORE, icon="chevron-down", kind="quiet"), "reconciliation_more")
        self.why = named(Label(wrap=True, weight="medium"), "reconciliation_why")
        head = row(self.filters, self.exceptions, spacing=14)
        head.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 8)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.problem)
        layout.addWidget(self.table, 1)
        foot = row(self.why, self.more, spacing=14)
        foot.setStretch(0, 1)
        layout.addLayout(foot)
        self.table.set_loading()
        self.filters.chosen.connect(self._choose)
        self.problem.retried.connect(self.refresh)
        self.table.current_changed.connect(self._show_why)
        self.more.clicked.connect(self._more)
        self.begin()

    def shown(self, subject: str | None) -> None:
        """Read the results; a subject names a result to show."""
        self._choose(subject if subject in RESULT_FACES else self.model.chosen)

    def refresh(self) -> None:
        """F5."""
        self._choose(self.model.chosen)

    def home(self) -> QWidget | None:
        """The list."""
        return self.table.home()

    def panes(self) -> list[QWidget]:
        """Chips and list."""
        return [self.filters, self.table.view]

    def draw(self) -> None:
        """Chips, rows, problem."""
        counts = self.model.counts
        options = [FilterOption("", common.ALL(), f"{sum(counts.values()):,}")]
        options += [
            FilterOption(result, statements.RESULT[result](), f"{counts.get(result, 0):,}", tone, icon)
            for result, (tone, icon) in RESULT_FACES.items()
        ]
        self.filters.set_options(options, self.model.chosen)
        found = self.model.exceptions
        self.exceptions.setText(statements.to_look_at(f"{found:,}") if found else "")
        self.exceptions.set_ink("danger")
        if self._loaded or self.model.results:
            self.table.set_rows([(str(view.id), view) for view in self.model.results])
        show_empty(self.table.empty, self.model, "scale", statements.NO_RESULTS, statements.NO_RESULTS_HINT)
        self.more.setVisible(bool(self.model.cursor))
        self._show_why("")
        if (text := self.model.failure_text) is not None:
            self.problem.show_error(text)
        else:
            self.problem.clear()

    def _show_why(self, _row_id: str) -> None:
        current = self.table.current_row()
        told = (reasons.unmatched, reasons.advice)
        parts = (current.intent_number, current.reference, *(say(current.reason) for say in told)) if current else ()
        self.why.setText(" · ".join(part for part in parts if part))

    def _choose(self, result: str | None) -> None:
        self.work(self._load(result or ""), "reconciliation.load")

    async def _load(self, result: str) -> None:
        await self.model.load(result)
        self._loaded = True
        self.draw()

    def _more(self) -> None:
        self.work(self.model.more(), "reconciliation.more")


def _difference(view: ReconciliationView) -> str:
    ours, theirs = wire_amount(view.amount_expected), wire_amount(view.amount_found)
    if ours is None or theirs is None:
        return "—"
    return display_amount(Satang(theirs - ours))


def _why(view: ReconciliationView) -> str:
    return reasons.unmatched(view.reason) or "—"


def _amount_or_none(text: str) -> str:
    return show_amount(text) if text else "—"


def _day(text: str) -> str:
    found = dates.parse_day(text)
    return dates.day_short(found) if found else text


def _widest_finding() -> str:
    return max((found() for found, _ in reasons.RECONCILIATION.values()), key=lambda words: text_width(words, "body"))


def _columns() -> list[Column[ReconciliationView]]:
    return [
        Column("result", statements.MATCH, lambda v: result_mark(v.result), Kind.CHIP, widest_result, keep=9),
        Column("intent", statements.INTENT, lambda v: v.intent_number or "—", Kind.TEXT, "PV2611-0000000", keep=8),
        Column(
            "expected",
            statements.EXPECTED,
            lambda v: _amount_or_none(v.amount_expected),
            Kind.MONEY,
            "2,000,000.00",
            keep=9,
        ),
        Column(
            "found", statements.FOUND, lambda v: _amount_or_none(v.amount_found), Kind.MONEY, "2,000,000.00", keep=9
        ),
        Column("difference", statements.DIFFERENCE, _difference, Kind.MONEY, "-200,000.00", keep=5),
        Column(
            "why",
            statements.WHY,
            _why,
            Kind.TEXT,
            _widest_finding,
            stretch=True,
            keep=8,
        ),
        Column("date", statements.DATE, lambda v: _day(v.date), Kind.MUTED, "28 เม.ย. 69", keep=6),
        Column("reference", statements.REFERENCE, lambda v: v.reference, Kind.MUTED, "SDWF8DW3B5ASWWQH", keep=4),
        Column("branch", statements.BRANCH, lambda v: v.branch, Kind.MUTED, "NSN", keep=3),
    ]
