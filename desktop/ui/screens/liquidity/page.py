"""Live money by branch: what is posted, held, free and in transit.

Object names: liquidity_page, liquidity_table, liquidity_fund (goes to funding), liquidity_problem.
"""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.screens.liquidity import Liquidity
from desktop.i18n import language, liquidity
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, moment, named, show_amount, show_empty, wire_amount
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, row
from desktop.ui.widgets.cards import StatCard
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.money import Satang, display_amount
from shared.permissions import Permission
from shared.wire.records import BranchLiquidity


class LiquidityPage(DeskPage[Liquidity]):
    """Four figures and a table of branches."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Liquidity(bench.core), "liquidity_page")
        self._loaded = False
        self.cards = {
            "available": StatCard(liquidity.ALL_AVAILABLE, "landmark", "info"),
            "held": StatCard(liquidity.ALL_HELD, "lock", "wait"),
            "transit": StatCard(liquidity.ALL_TRANSIT, "send", "info"),
            "treasury": StatCard(liquidity.TREASURY, "building-2", "accent"),
        }
        self.problem = named(ErrorLine(), "liquidity_problem")
        self.table: DataTable[BranchLiquidity] = named(DataTable(liquidity.TABLE, _columns()), "liquidity_table")
        self.fund = named(Button(liquidity.ASK_FOR_MONEY, icon="arrow-left-right"), "liquidity_fund")
        self._assemble()
        self.fund.clicked.connect(lambda: self.bench.open_page("funding", self.table.view.current_id()))
        self.cards["treasury"].clicked.connect(lambda: self.bench.open_page("funding"))
        self.cards["held"].clicked.connect(lambda: self.bench.open_page("disbursements"))
        self.cards["transit"].clicked.connect(lambda: self.bench.open_page("disbursements"))
        self.cards["available"].clicked.connect(lambda: self.table.view.setFocus())
        self.problem.retried.connect(self.refresh)
        self.begin()

    def _assemble(self) -> None:
        cards = row(*self.cards.values(), spacing=14)
        for place in range(len(self.cards)):
            cards.setStretch(place, 1)
        foot = row(spacing=10)
        foot.addStretch()
        foot.addWidget(self.fund)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 18, PAGE_MARGIN, 14)
        layout.setSpacing(12)
        layout.addLayout(cards)
        layout.addWidget(self.problem)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)
        self.table.set_loading()

    def shown(self, subject: str | None) -> None:
        """Ask the server: these figures are never cached."""
        self.refresh()

    def refresh(self) -> None:
        """F5."""
        self.work(self._load(), "liquidity.load")

    def home(self) -> QWidget | None:
        """The list."""
        return self.table.home()

    def panes(self) -> list[QWidget]:
        """Figures and list."""
        return [self.cards["available"], self.table.view]

    async def _load(self) -> None:
        await self.model.load()
        self._loaded = True
        self.draw()

    def draw(self) -> None:
        """Figures, rows, problem; figures of an earlier answer stay, greyed."""
        model = self.model
        stale = model.failure is not None
        if self._loaded or model.branches:
            self.table.set_rows([(branch.branch, branch) for branch in model.branches])
        show_empty(self.table.empty, model, "landmark", liquidity.EMPTY, liquidity.EMPTY_HINT)
        note = liquidity.branches(len(model.branches)) if model.branches else ""
        for name in ("held", "transit"):
            self.cards[name].set_value(_sum(model.branches, name), note, stale=stale)
        known = bool(model.branches)
        self.cards["available"].set_value(display_amount(model.available) if known else "—", note, stale=stale)
        self.cards["treasury"].setVisible(bool(model.treasury))
        self.cards["treasury"].set_value(show_amount(model.treasury), liquidity.TREASURY_NOTE(), stale=stale)
        session = self.desk.session
        self.fund.setVisible(session is not None and session.can(Permission.REQUEST_FUNDING))
        if (text := model.failure_text) is not None:
            self.problem.show_error(text)
        else:
            self.problem.clear()


def _sum(branches: tuple[BranchLiquidity, ...], name: str) -> str:
    if not branches:
        return "—"
    return display_amount(Satang(sum(wire_amount(getattr(branch, name)) or 0 for branch in branches)))


def branch_name(view: BranchLiquidity) -> str:
    """Code and name in the language in force."""
    return f"{view.branch} · {view.name_th if language() == 'th' else view.name_en}"


def _columns() -> list[Column[BranchLiquidity]]:
    wide = "38,250,000.00"
    return [
        Column("branch", liquidity.BRANCH, branch_name, Kind.STRONG, "NSN · นครสวรรค์", stretch=True, keep=9),
        Column("posted", liquidity.POSTED, lambda b: show_amount(b.posted), Kind.MONEY, wide, keep=7),
        Column("held", liquidity.HELD, lambda b: show_amount(b.held), Kind.MONEY, wide, keep=7),
        Column("available", liquidity.AVAILABLE, lambda b: show_amount(b.available), Kind.MONEY, wide, keep=9),
        Column("transit", liquidity.TRANSIT, lambda b: show_amount(b.transit), Kind.MONEY, wide, keep=6),
        Column("waiting", liquidity.WAITING, lambda b: f"{b.waiting:,}", Kind.MONEY, "10,000", keep=5),
        Column("as_of", liquidity.AS_OF, lambda b: moment(b.as_of), Kind.MUTED, "28 เม.ย. 69 00:00", keep=4),
    ]
