"""Members (F3): one search over the desk's own register and head office's, and one member in full at the side.

Object names: members_page, members_search, members_ask_server, members_table, members_panel, members_check_bank,
members_change_bank, members_pay, members_check_all, members_check_end, members_checks_told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from PySide6.QtWidgets import QWidget

from desktop.core import texts
from desktop.core.lights import account_light
from desktop.core.screens.base import ALLOWED
from desktop.core.screens.check_runs import CheckRuns
from desktop.core.screens.members import Members
from desktop.i18n import lights, members, nav
from desktop.ui.pages import Workbench
from desktop.ui.screens.members.panel import MemberPanel, standing_mark
from desktop.ui.screens.paged_rows import PagedRows
from desktop.ui.screens.pieces import DeskPage, allow, find_typed, instant, masked_account, named
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, column, row
from desktop.ui.widgets.fields import SearchField
from desktop.ui.widgets.light_line import light_mark
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.status import Mark
from desktop.ui.widgets.table import Cell, Column, DataTable, Kind
from shared.banks import bank_short
from shared.permissions import Permission
from shared.thai import business_date
from shared.wire.members import MemberView

Row = MemberView | None


class MembersPage(DeskPage[Members]):
    """The list draws from the cache; opening a member asks the server for its verdict."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Members(bench.core), "members_page")
        self._generation, self._opened, self._wanted = -1, "", ""
        self.search = named(SearchField(members.SEARCH_HINT), "members_search")
        self.ask = named(Button(members.ASK_SERVER, icon="building-2"), "members_ask_server")
        self.checks = CheckRuns(self.desk)
        self.check_all = named(Button(members.CHECK_ALL, icon="list-checks"), "members_check_all")
        self.check_end = named(Button(members.CHECKS_END, icon="undo-2", kind="quiet"), "members_check_end")
        self.told = named(Label(size="small", ink="muted", wrap=True), "members_checks_told")
        self.cached = Label(members.CACHED_ONLY, size="small", ink="wait", weight="medium")
        self.error = ErrorLine(retry=False)
        self.table: DataTable[Row] = named(DataTable(nav.MEMBERS, _columns(self.desk.now)), "members_table")
        self.panel = MemberPanel()
        self._assemble()
        self._connect()
        self.table.set_loading()
        self.begin()

    def _assemble(self) -> None:
        head = row(self.search, self.ask, self.check_all, spacing=10)
        head.setStretch(0, 1)
        told = row(self.told, self.check_end, spacing=10)
        told.setStretch(0, 1)
        middle = row(self.table, self.panel, spacing=12)
        middle.setStretch(0, 1)
        layout = column(spacing=12, margins=(PAGE_MARGIN, 16, PAGE_MARGIN, 8))
        layout.addLayout(head)
        layout.addLayout(told)
        layout.addWidget(self.cached)
        layout.addWidget(self.error)
        layout.addLayout(middle, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        session = self.desk.session
        self.panel.pay.setVisible(session is not None and session.can(Permission.SUBMIT_INTENT))
        self.panel.change.setVisible(session is not None and session.can(Permission.REQUEST_BANK_CHANGE))
        self.panel.check_bank.setVisible(session is not None and session.can(Permission.CHECK_ACCOUNT))
        self.search.searched.connect(lambda text: self.work(find_typed(self.model, text), "members.search"))
        self.search.stepped_down.connect(self.table.view.setFocus)
        self.ask.clicked.connect(self._ask_server)
        self.checks.on_change = self._draw_checks
        self.check_all.clicked.connect(lambda: self.work(self.checks.begin(), "members.check_all"))
        self.check_end.clicked.connect(lambda: self.work(self.checks.end(), "members.check_end"))
        self.table.empty.acted.connect(self._ask_server)
        self.table.current_changed.connect(self._open)
        self.table.opened.connect(lambda member: self.bench.open_page("payment", member))
        self.panel.check_bank.clicked.connect(lambda: self.work(self._check_bank(), "members.check"))
        self.panel.change.clicked.connect(lambda: self._go("bank_changes", "member:"))
        self.panel.pay.clicked.connect(lambda: self._go("payment"))

    def shown(self, subject: str | None) -> None:
        """Everyone, or one member by id."""
        self._wanted = subject or ""
        self.setFocusProxy(self.search)
        self.search.setFocus()
        self.work(self._show(subject), "members.show")
        self.checks.follow()

    def put_away(self) -> None:
        """Nor of the questions about all accounts."""
        super().put_away()
        self.checks.close()

    def search_focus(self) -> QWidget:
        """Ctrl+F."""
        return self.search

    def refresh(self) -> None:
        """F5: read the list and the opened member anew."""
        self.work(self.model.search(self.search.text()), "members.refresh")
        if self._opened:
            self._open_now(self._opened)

    def panes(self) -> list[QWidget]:
        """Search, list, panel."""
        return [self.search, self.table.view, self.panel]

    def draw(self) -> None:
        """Rows anew only for a new result; the panel always."""
        model = self.model
        if model.rows.generation != self._generation:
            self._generation = model.rows.generation
            self._draw_empty()
            source = PagedRows(model.rows)
            self.table.set_rows(source)
            self.search.answered(len(source))
            place = source.index_of(self._wanted) if self._wanted else None
            if place is not None:
                self.table.view.go_to(place)
        else:
            self.table.repaint_rows()
        self.panel.draw_model(model)
        self.cached.setVisible(self.offline is not None)
        allow(self.ask, model.may_search_server)
        self._draw_checks()
        allow(self.panel.check_bank, model.may_check_account)
        has_account = model.member is not None and model.member.account is not None
        self.panel.pay.setEnabled(has_account)
        failure = model.failure_text
        self.error.show_error(failure) if failure is not None and self.offline is None else self.error.clear()

    def _draw_checks(self) -> None:
        """How far the bank has been asked about all accounts; a run of another day is not told."""
        checks, runs = self.checks, self.checks.running or self.checks.runs
        today = business_date(self.desk.now())
        runs = tuple(run for run in runs if (at := instant(run.begun_at)) is not None and business_date(at) == today)
        self.told.setVisible(bool(runs))
        self.told.setText(
            members.checks_told(
                bool(checks.running),
                sum(run.looked for run in runs),
                sum(run.members for run in runs),
                sum(run.confirmed for run in runs),
                sum(run.bad for run in runs),
                sum(run.silent for run in runs),
            )
        )
        self.check_end.setVisible(bool(checks.running))
        self.check_all.setVisible(checks.may_begin.why_not != texts.NOT_ALLOWED)
        allow(self.check_all, checks.may_begin)
        if checks.failure is not None and self.offline is None:
            self.error.show_error(texts.failure_text(checks.failure))

    def _draw_empty(self) -> None:
        if self.model.text:
            action = members.ASK_SERVER if self.model.may_search_server == ALLOWED else None
            self.table.empty.set_face("search", members.EMPTY, members.EMPTY_HINT, action)
        else:
            self.table.empty.set_face("users", members.NONE_YET, members.NONE_YET_HINT)

    async def _show(self, subject: str | None) -> None:
        await self.model.search("" if subject else self.search.text())
        if subject:
            self._open_now(subject)

    def _open(self, _row_id: str) -> None:
        current = self.table.current_row()
        if current is not None and str(current.id) != self._opened:
            self._open_now(str(current.id))

    def _open_now(self, member: str) -> None:
        self._opened = member
        self.work(self._read(member), "members.open")

    async def _read(self, member: str) -> None:
        await self.model.open(UUID(member))
        if self._opened == member and self.desk.online:
            await self.model.validate()
            await self.model.read_balance()

    def _ask_server(self) -> None:
        self.work(self._find_at_server(), "members.ask")

    async def _find_at_server(self) -> None:
        await self.model.search_server()
        await self.model.search(self.model.text)

    async def _check_bank(self) -> None:
        if await self.model.check_account():
            self.bench.toasts.show_notice(members.CHECK_ASKED, "info")

    def _go(self, page: str, kind: str = "") -> None:
        if self.model.member is not None:
            self.bench.open_page(page, f"{kind}{self.model.member.id}")


def _columns(now: Callable[[], datetime]) -> list[Column[Row]]:
    m = members
    return [
        Column("code", m.CODE, lambda r: r.code if r else "", Kind.MUTED, "NSN-00000", keep=9),
        Column(
            "name", m.NAME, lambda r: r.name if r else "", Kind.STRONG, "นางสาวจันทร์เพ็ญ ชัยมงคล", stretch=True, keep=9
        ),
        Column("account", m.ACCOUNT, _account, Kind.MUTED, "KBANK •••• 0000", keep=7),
        Column("bank", m.BANK_WORD, lambda r: _bank(r, now()), Kind.NOTE, _usual_word, keep=8),
        Column("status", m.STANDING, _standing, Kind.CHIP, _widest, keep=6),
        Column("branch", m.BRANCH, lambda r: r.branch if r else "", Kind.MUTED, "NSN-HQ", keep=2),
    ]


def _account(row_: Row) -> Cell:
    if row_ is None:
        return ""
    return masked_account(bank_short(row_.account.bank), row_.account.last4) if row_.account else members.NO_ACCOUNT()


def _bank(row_: Row, now: datetime) -> Cell:
    return "" if row_ is None else light_mark(account_light(row_.verdict, now))


def _usual_word() -> Cell:
    return Mark("bad", "circle-x", lights.NOT_FOUND())


def _standing(row_: Row) -> Cell:
    return "" if row_ is None else standing_mark(row_)


def _widest() -> Cell:
    return Mark("wait", "clock", members.STATUS["suspended"]())
