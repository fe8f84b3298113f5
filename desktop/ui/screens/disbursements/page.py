"""Payments: chips with counts, search, period, a list that changes in place, and one payment's life at the side.

Object names: disbursements_page, disbursements_search, disbursements_filters, disbursements_period,
disbursements_branch, disbursements_new, disbursements_table, disbursements_inspector, disbursements_cancel,
disbursements_approve, disbursements_again, disbursements_clear.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from PySide6.QtWidgets import QWidget

from desktop.core.clock import wire_time
from desktop.core.screens.disbursements import Disbursements
from desktop.core.store.queries import IntentFilter
from desktop.i18n import common, dates, disbursements, keys, language, nav
from desktop.i18n.status import STATUS
from desktop.ui.keys.actions import Action
from desktop.ui.pages import Workbench
from desktop.ui.screens.disbursements.columns import Row, columns
from desktop.ui.screens.disbursements.inspection import inspect
from desktop.ui.screens.paged_rows import PagedRows
from desktop.ui.screens.pieces import DeskPage, named
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, IconLabel, Label, Words, column, row
from desktop.ui.widgets.dialog import ConfirmDialog, ask
from desktop.ui.widgets.fields import Choice, SearchField
from desktop.ui.widgets.flow import FilterOption, FilterRow
from desktop.ui.widgets.inspector import Inspector
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.status import FACES
from desktop.ui.widgets.table import DataTable
from shared.money import display_amount
from shared.permissions import Permission
from shared.wire.auth import BranchView

ALL: Final = "all"
_ATTENTION: Final = ("failed", "in_doubt", "returned")
_DAYS: Final = {"": 0, "today": 1, "week": 7}


class DisbursementsPage(DeskPage[Disbursements]):
    """The list draws from the cache; only the timeline of the selected payment asks the server."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Disbursements(bench.core), "disbursements_page")
        self._generation, self._since, self._wanted = -1, "", ""
        self.search = named(SearchField(disbursements.SEARCH_HINT), "disbursements_search")
        periods = [("", disbursements.ANY_DAY), ("today", disbursements.TODAY), ("week", disbursements.WEEK)]
        self.period = named(Choice(periods, disbursements.PERIOD), "disbursements_period")
        self.branch = named(Choice(self._branches(), disbursements.BRANCH), "disbursements_branch")
        self.new = named(Button(nav.NEW_PAYMENT, icon="plus", kind="primary"), "disbursements_new")
        self.filters = named(FilterRow(), "disbursements_filters")
        self.filtered, self.filtered_words = QWidget(), Label(weight="medium", ink="wait", wrap=True)
        self.clear = named(Button(common.CLEAR_FILTERS, icon="x", kind="quiet"), "disbursements_clear")
        self.error = ErrorLine()
        self.table: DataTable[Row] = named(DataTable(nav.DISBURSEMENTS, columns()), "disbursements_table")
        self.inspector = named(Inspector(), "disbursements_inspector")
        self.cancel = named(Button(disbursements.CANCEL_ITEM, icon="ban", kind="danger"), "disbursements_cancel")
        self.approve = named(
            Button(disbursements.APPROVE, icon="shield-check", kind="primary"), "disbursements_approve"
        )
        self.again = named(Button(disbursements.PAY_AGAIN, icon="undo-2", kind="primary"), "disbursements_again")
        self._assemble()
        self._connect()
        self.table.set_loading()
        self.begin()

    def _branches(self) -> list[tuple[str, Words]]:
        session = self.desk.session
        seen = session.branches if session is not None else ()
        return [("", disbursements.ALL_BRANCHES), *((branch.code, _branch_words(branch)) for branch in seen)]

    def _assemble(self) -> None:
        head = row(self.search, self.period, self.branch, self.new, spacing=10)
        head.setStretch(0, 1)
        inside = row(IconLabel("filter", "wait", 18), self.filtered_words, self.clear, spacing=10)
        inside.setStretch(1, 1)
        self.filtered.setLayout(inside)
        self.inspector.buttons.addWidget(self.approve)
        self.inspector.buttons.addWidget(self.again)
        self.inspector.buttons.addWidget(self.cancel)
        middle = row(self.table, self.inspector, spacing=12)
        middle.setStretch(0, 1)
        layout = column(spacing=12, margins=(PAGE_MARGIN, 16, PAGE_MARGIN, 8))
        layout.addLayout(head)
        layout.addWidget(self.filters)
        layout.addWidget(self.filtered)
        layout.addWidget(self.error)
        layout.addLayout(middle, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        model = self.model
        session = self.desk.session
        self.branch.setVisible(session is not None and session.sees_all_branches)
        self.new.setVisible(session is not None and session.can(Permission.SUBMIT_INTENT))
        self.new.clicked.connect(lambda: self.bench.open_page("payment"))
        self.search.searched.connect(lambda text: self.work(model.search(text), "disbursements.search"))
        self.search.stepped_down.connect(self.table.view.setFocus)
        self.filters.chosen.connect(lambda state: self.work(self._choose_state(state), "disbursements.state"))
        self.period.picked.connect(lambda _key: self._choose())
        self.branch.picked.connect(lambda _key: self._choose())
        self.table.sort_requested.connect(lambda _key, _down: self._choose())
        self.table.refresh_requested.connect(self.refresh)
        self.table.current_changed.connect(self._inspect)
        self.table.empty.acted.connect(lambda: self.work(self._clear(), "disbursements.clear"))
        self.clear.clicked.connect(lambda: self.work(self._clear(), "disbursements.clear"))
        self.error.retried.connect(self.refresh)
        self.cancel.clicked.connect(lambda: self.work(self._cancel(), "disbursements.cancel"))
        self.approve.clicked.connect(self._open_approvals)
        self.again.clicked.connect(self._pay_again)
        self.bench.commands.add(Action("pay_again", keys.PAY_AGAIN, self._pay_again, self, ("F8",), "undo-2"))

    def shown(self, subject: str | None) -> None:
        """As it was left; or those the bank did not pay (`attention`), those in states (`state:...`), those of a batch
        (`batch:id`), or one by id, each without what else was filtered."""
        kind, _, rest = (subject or "").partition(":")
        if subject is None:
            self.work(self.model.load(), "disbursements.load")
        elif subject == "attention":
            self.work(self._show_only(IntentFilter(states=_ATTENTION)), "disbursements.show")
        elif kind == "state":
            self.work(self._show_only(IntentFilter(states=tuple(rest.split(",")))), "disbursements.show")
        elif kind == "batch":
            self.work(self._show_only(IntentFilter(batch_id=rest)), "disbursements.show")
        else:
            self._wanted = subject
            self.work(self._show_only(IntentFilter()), "disbursements.load")
        self.table.view.setFocus()

    def refresh(self) -> None:
        """F5: let the new rows in."""
        self.work(self.model.show_new(), "disbursements.refresh")

    def search_focus(self) -> QWidget:
        """Ctrl+F."""
        return self.search

    def home(self) -> QWidget | None:
        """The list."""
        return self.table.home()

    def panes(self) -> list[QWidget]:
        """Search, list, panel."""
        return [self.search, self.table.view, self.inspector]

    def draw(self) -> None:
        """Numbers always; rows anew only for a new result, else in place."""
        model = self.model
        self._draw_filters()
        if model.rows.generation != self._generation:
            self._generation = model.rows.generation
            self._draw_empty()
            source = PagedRows(model.rows)
            self.table.set_rows(source)
            self.search.answered(len(source))
            wanted = source.index_of(self._wanted) if self._wanted else None
            if wanted is not None:
                self.table.view.go_to(wanted)
        else:
            self.table.repaint_rows()
        self.table.set_waiting(model.new_rows)
        self.table.set_sum(lambda: disbursements.total(f"{model.count:,}", display_amount(model.total)))
        self._draw_panel()
        failure = model.failure_text
        self.error.show_error(failure) if failure is not None and self.desk.online else self.error.clear()

    def _draw_filters(self) -> None:
        chips = self.model.chips
        chosen = self.model.filter.states
        everything = sum(chip.count for chip in chips)
        options = [FilterOption(ALL, common.ALL(), f"{everything:,}")]
        options += [FilterOption(c.state, STATUS[c.state](), f"{c.count:,}", *FACES[c.state]) for c in chips]
        if unsent := len(self.model.waiting_to_send):
            options.append(
                FilterOption("unsent", STATUS["waiting_to_send"](), f"{unsent:,}", *FACES["waiting_to_send"])
            )
        self.filters.set_options(options, *(chosen or (ALL,)))
        self.filtered.setVisible(self.model.filtered)
        self.filtered_words.setText(self._filter_words())

    def _filter_words(self) -> str:
        """All that the list is narrowed to, in one line beside the button that ends it."""
        chosen = self.model.filter
        parts = [STATUS[state]() for state in chosen.states]
        parts += [disbursements.IN_BATCH()] if chosen.batch_id else []
        parts += [self.period.currentText()] if chosen.since else []
        return disbursements.only(", ".join(part for part in (*parts, chosen.branch, chosen.text) if part))

    def _draw_empty(self) -> None:
        if self.model.filtered:
            self.table.empty.set_face("filter", disbursements.EMPTY_FILTER, None, common.CLEAR_FILTERS)
        else:
            self.table.empty.set_face("inbox", disbursements.EMPTY, disbursements.EMPTY_HINT)

    def _draw_panel(self) -> None:
        intent = self.model.selected if len(self.model.rows) else None
        self.inspector.show_row(inspect(intent, self.model.detail) if intent is not None else None)
        may = self.model.may_cancel
        session = self.desk.session
        mine = intent is not None and session is not None and intent.maker_id == session.user_id
        self.cancel.setVisible(mine and may.enabled)
        self.again.setVisible(self.model.may_pay_again.enabled)
        signs = session is not None and session.can(Permission.SIGN_INTENT)
        self.approve.setVisible(intent is not None and intent.state == "validated" and signs and not mine)

    def _inspect(self, _row_id: str) -> None:
        current = self.table.current_row()
        shown = self.model.selected
        if current is not None and (shown is None or (current.id, current.version) != (shown.id, shown.version)):
            self.work(self.model.inspect(current), "disbursements.inspect")

    async def _choose_state(self, state: str) -> None:
        if state == "unsent":
            self.bench.open_page("sync")
            return
        await self.model.use(replace(self.model.filter, states=() if state == ALL else (state,), batch_id=""))

    async def _show_only(self, wanted: IntentFilter) -> None:
        """Exactly this; the fields show that they filter nothing."""
        self.search.clear()
        self.period.set_key("")
        self.branch.set_key("")
        await self.model.use(wanted)

    def _choose(self) -> None:
        days = _DAYS[self.period.key()]
        first = datetime.combine(self.desk.now().astimezone(dates.BANGKOK).date(), time(0), dates.BANGKOK)
        since = wire_time(first - timedelta(days=days - 1)) if days else ""
        key, descending = self.table.model.sorted_by or ("newest", True)
        order = "oldest" if key == "newest" and not descending else key
        self.work(self.model.choose(branch=self.branch.key(), since=since, order=order), "disbursements.choose")

    async def _clear(self) -> None:
        await self._show_only(IntentFilter())

    async def _cancel(self) -> None:
        intent = self.model.selected
        if intent is None:
            return
        number, amount = intent.number, intent.amount
        question = ConfirmDialog(
            disbursements.CANCEL_TITLE,
            lambda: disbursements.cancel_words(number, amount),
            disbursements.CANCEL_ITEM,
            self.window(),
            danger=True,
            reason=True,
        )
        if await ask(question) and await self.model.cancel(question.reason):
            self.bench.toasts.show_notice(disbursements.CANCELLED, "ok")

    def _pay_again(self) -> None:
        """The form of the selected payment, filled in; or why it can't be paid again."""
        intent, may = self.model.selected, self.model.may_pay_again
        if intent is not None and may.enabled:
            self.bench.open_page("payment", f"again:{intent.id}")
        elif may.why_not is not None:
            self.bench.toasts.show_notice(may.why_not, "wait")

    def _open_approvals(self) -> None:
        intent = self.model.selected
        if intent is not None:
            self.bench.open_page("approvals", str(intent.batch_id or intent.id))


def _branch_words(branch: BranchView) -> Words:
    return lambda: f"{branch.code} {branch.name_th if language() == 'th' else branch.name_en}"
