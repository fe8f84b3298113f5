"""The dashboard (F10): four figures that open their lists, the chart of days, what to do now, branches for head office.

Object names: dashboard_page, dashboard_paid, dashboard_waiting, dashboard_refused, dashboard_unreconciled,
dashboard_alarms, health_panel, dashboard_tasks, dashboard_branches.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.screens.dashboard import Dashboard
from desktop.core.screens.health import Health
from desktop.core.screens.liquidity import Liquidity
from desktop.i18n import Text, dashboard, dates, language
from desktop.ui.pages import Workbench
from desktop.ui.screens.health.panel import HealthPanel
from desktop.ui.screens.pieces import DeskPage, alarm_words, instant, named, show_amount, wire_amount
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.bar_chart import Bar, BarChart
from desktop.ui.widgets.basics import PAGE_MARGIN, Label, column, row, scrolled
from desktop.ui.widgets.cards import Card, StatCard
from desktop.ui.widgets.states import EmptyState, ErrorLine
from desktop.ui.widgets.table import Column, DataTable, Kind
from desktop.ui.widgets.tasks import Task, TaskList
from shared.money import Satang, display_amount
from shared.permissions import Permission
from shared.wire.records import BranchLiquidity, DashboardReply, DayTotals

_MILLION: Final = 100_000_000
_THOUSAND: Final = 100_000
_SHOWN_DAYS: Final = 14
_UNDER_WAY: Final = "validated,authorized,sent,in_doubt"
_LEGEND: Final = (dashboard.LEGEND_PAID, dashboard.LEGEND_WAITING, dashboard.LEGEND_RETURNED)


class DashboardPage(DeskPage[Dashboard]):
    """Last known figures stay greyed while new ones are read."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Dashboard(bench.core), "dashboard_page")
        # Only head office looks at branches; a model that is there asks the server whenever money moves.
        self.money = Liquidity(bench.core) if self._head_office else None
        self.paid = named(StatCard(dashboard.PAID_TODAY, "circle-check", "ok"), "dashboard_paid")
        self.waiting = named(StatCard(dashboard.WAITING, "clock", "wait"), "dashboard_waiting")
        self.refused = named(StatCard(dashboard.REFUSED, "circle-x", "bad"), "dashboard_refused")
        self.unreconciled = named(StatCard(dashboard.UNRECONCILED, "scale", "info"), "dashboard_unreconciled")
        self.age = Label(size="small", ink="wait", weight="medium")
        self.alarms = named(Label(ink="danger", weight="medium", wrap=True), "dashboard_alarms")
        self.health = Health(bench.core)
        self.health_panel = HealthPanel(self.health, lambda: self.work(self.health.load(), "dashboard.health"))
        self.error = ErrorLine()
        self.chart_title = Label(self._chart_words, size="title")
        self.chart = BarChart(_LEGEND, unit=_MILLION)
        self.no_days = EmptyState("trending-up", dashboard.NO_DAYS, dashboard.NO_DAYS_HINT)
        self.tasks = named(TaskList(), "dashboard_tasks")
        self.idle = EmptyState("check-check", dashboard.NOTHING_TO_DO, dashboard.NOTHING_TO_DO_HINT)
        self.branches: DataTable[BranchLiquidity] = named(
            DataTable(dashboard.BRANCHES, _columns()), "dashboard_branches"
        )
        self._assemble()
        self._connect()
        self.begin()

    def _assemble(self) -> None:
        inside = QWidget()
        self.setLayout(column(scrolled(inside)))
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(PAGE_MARGIN, 18, PAGE_MARGIN, 18)
        layout.setSpacing(14)
        cards = row(self.paid, self.waiting, self.refused, self.unreconciled, spacing=14)
        for place in range(4):
            cards.setStretch(place, 1)
        chart = Card()
        chart.body.addWidget(self.chart_title)
        chart.body.addWidget(self.chart, 1)
        chart.body.addWidget(self.no_days, 1)
        todo = Card(dashboard.TO_DO)
        todo.body.addWidget(self.tasks)
        todo.body.addWidget(self.idle, 1)
        todo.body.addStretch()
        across = row(chart, todo, spacing=14)
        across.setStretch(0, 3)
        across.setStretch(1, 2)
        layout.addLayout(cards)
        layout.addWidget(self.alarms)
        layout.addWidget(self.health_panel)
        layout.addWidget(self.age)
        layout.addWidget(self.error)
        layout.addLayout(across, 3)
        layout.addWidget(self.branches, 2)

    def _connect(self) -> None:
        if self.money is not None:
            self.money.on_change = self.draw
        self.health.on_change = self.draw
        go = self.bench.open_page
        self.paid.clicked.connect(lambda: go("disbursements", "state:settled,reconciled"))
        self.waiting.clicked.connect(lambda: go("disbursements", f"state:{_UNDER_WAY}"))
        self.refused.clicked.connect(lambda: go("disbursements", "attention"))
        self.unreconciled.clicked.connect(lambda: go("reconciliation"))
        self.error.retried.connect(self.refresh)
        self.tasks.opened.connect(self._open_task)

    def shown(self, subject: str | None) -> None:
        """Read the numbers anew."""
        self.refresh()

    def refresh(self) -> None:
        """F5: own numbers at once, the server's when they come."""
        self.work(self.model.load(), "dashboard.load")
        if self.money is not None:
            self.work(self.money.load(), "dashboard.money")
        if self.health.allowed:
            self.work(self.health.load(), "dashboard.health")

    def panes(self) -> list[QWidget]:
        """Figures, tasks, branches."""
        return [self.paid, self.tasks, self.branches.view]

    def put_away(self) -> None:
        """Let go of both models."""
        if self.money is not None:
            self.money.on_change = _nothing
            self.money.close()
        self.health.on_change = _nothing
        self.health.close()
        super().put_away()

    @property
    def _head_office(self) -> bool:
        session = self.desk.session
        return session is not None and session.sees_all_branches and session.can(Permission.READ_LIQUIDITY)

    def draw(self) -> None:
        """Figures, chart, tasks; branches for who sees more than one."""
        numbers = self.model.numbers
        self._draw_figures(numbers)
        self._draw_alarms(numbers)
        self.health_panel.draw()
        self._draw_chart(numbers.days[-_SHOWN_DAYS:] if numbers is not None else [])
        tasks = self._tasks(numbers)
        self.tasks.set_tasks(tasks)
        self.tasks.setVisible(bool(tasks))
        self.idle.setVisible(not tasks)
        self.branches.setVisible(self.money is not None)
        if self.money is not None:
            self.branches.setMinimumHeight(scaled(230))
            self.branches.set_rows([(branch.branch, branch) for branch in self.money.branches])
        failure = self.model.failure_text
        self.error.show_error(failure) if failure is not None and self.offline is None else self.error.clear()
        self._draw_age(numbers)

    def _draw_alarms(self, numbers: DashboardReply | None) -> None:
        lines = [alarm_words(alarm) for alarm in numbers.alarms] if numbers is not None else []
        self.alarms.setText("\n".join(lines))
        self.alarms.setVisible(bool(lines))

    def _draw_age(self, numbers: DashboardReply | None) -> None:
        at = instant(numbers.as_of) if numbers is not None else None
        shown = at is not None and (self.offline is not None or self.model.old)
        if at is not None:
            self.age.setText(dashboard.as_of(dates.moment(at)))
        self.age.setVisible(shown)

    def _draw_figures(self, numbers: DashboardReply | None) -> None:
        stale = self.model.stale
        if numbers is None:
            for card in (self.paid, self.waiting, self.refused, self.unreconciled):
                card.set_value("—", " ", stale=True)
            return
        self.paid.set_value(
            show_amount(numbers.settled_total), dashboard.count(f"{numbers.settled_count:,}"), stale=stale
        )
        self.waiting.set_value(show_amount(numbers.waiting_total), self._waiting_note(numbers), stale=stale)
        self.refused.set_value(
            show_amount(numbers.failed_total), dashboard.count(f"{numbers.failed_count:,}"), stale=stale
        )
        self.unreconciled.set_value(f"{numbers.unreconciled_count:,}", dashboard.UNRECONCILED_NOTE(), stale=stale)

    def _waiting_note(self, numbers: DashboardReply) -> str:
        oldest = instant(numbers.oldest_waiting_at)
        if oldest is None:
            return dashboard.count(f"{numbers.waiting_count:,}")
        minutes = max(0, int((self.desk.now() - oldest).total_seconds() // 60))
        return dashboard.count_oldest(f"{numbers.waiting_count:,}", dashboard.age(minutes))

    def _draw_chart(self, days: list[DayTotals]) -> None:
        bars = [Bar(str(date.fromisoformat(day.date).day), _values(day)) for day in days]
        highest = max((sum(bar.values) for bar in bars), default=0)
        self.chart.set_unit(_MILLION if highest >= _MILLION else _THOUSAND)
        paid = Satang(sum(bar.values[0] for bar in bars))
        self.chart.set_bars(bars, spoken=dashboard.spoken_chart(len(bars), display_amount(paid)))
        self.chart.setVisible(highest > 0)
        self.no_days.setVisible(highest == 0)
        self.chart_title.setText(self._chart_words())

    def _chart_words(self) -> str:
        chart = getattr(self, "chart", None)
        return dashboard.CHART_SMALL() if chart is not None and chart.unit == _THOUSAND else dashboard.CHART()

    def _tasks(self, numbers: DashboardReply | None) -> list[Task]:
        model = self.model
        found: list[tuple[int, Task]] = [
            (model.returned, Task("sync", "bad", "triangle-alert", dashboard.TASK_ATTENTION(), f"{model.returned:,}")),
            (model.drafts, Task("drafts", "quiet", "pencil", dashboard.TASK_DRAFTS(), f"{model.drafts:,}")),
            (model.queued, Task("queue", "queue", "inbox", dashboard.TASK_QUEUE(), f"{model.queued:,}")),
        ]
        if numbers is not None:
            found[:0] = _server_tasks(numbers, to_sign=model.to_sign)
        return [task for count, task in found if count]

    def _open_task(self, key: str) -> None:
        session = self.desk.session
        signs = session is not None and session.can(Permission.SIGN_BANK_CHANGE)
        targets: dict[str, tuple[str, str | None]] = {
            "doubt": ("disbursements", "state:in_doubt"),
            "failed": ("disbursements", "state:failed"),
            "approvals": ("approvals", None),
            "changes": ("approvals" if signs else "bank_changes", None),
        }
        self.bench.open_page(*targets.get(key, ("sync", None)))


def _server_tasks(n: DashboardReply, *, to_sign: int) -> list[tuple[int, Task]]:
    """What only the server can count, and what waits for this person's signature."""
    rows: list[tuple[int, str, Tone, str, Text]] = [
        (n.in_doubt_count, "doubt", "doubt", "circle-help", dashboard.TASK_DOUBT),
        (to_sign, "approvals", "wait", "clock", dashboard.TASK_APPROVE),
        (n.failed_count, "failed", "bad", "circle-x", dashboard.TASK_FAILED),
        (n.bank_changes_open, "changes", "info", "credit-card", dashboard.TASK_CHANGES),
    ]
    return [(count, Task(key, tone, icon, words(), f"{count:,}")) for count, key, tone, icon, words in rows]


def _values(day: DayTotals) -> tuple[int, int, int]:
    settled, waiting, returned = (int(wire_amount(text) or 0) for text in (day.settled, day.waiting, day.returned))
    return settled, waiting, returned


def _columns() -> list[Column[BranchLiquidity]]:
    d, wide = dashboard, "20,000,000.00"

    def money(key: str, title: Text, keep: int) -> Column[BranchLiquidity]:
        return Column(key, title, lambda r: show_amount(getattr(r, key)), Kind.MONEY, wide, keep=keep)

    return [
        Column("branch", d.BRANCH, _branch, Kind.STRONG, "UBN Ubon Ratchathani", stretch=True, keep=9),
        money("available", d.AVAILABLE, 9),
        money("posted", d.POSTED, 6),
        money("held", d.HELD, 7),
        money("transit", d.TRANSIT, 5),
        Column("waiting", d.WAITING_COUNT, lambda r: f"{r.waiting:,}", Kind.MONEY, "9,999", keep=8),
    ]


def _branch(branch: BranchLiquidity) -> str:
    return f"{branch.branch} {branch.name_th if language() == 'th' else branch.name_en}"


def _nothing() -> None:
    pass
