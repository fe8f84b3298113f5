"""Payments in doubt: who cares for each, when the bank is asked next, all evidence, and only what is safe.

Object names: in_doubt_page, in_doubt_table, in_doubt_inspector, in_doubt_ask, in_doubt_more, in_doubt_problem.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.screens.in_doubt import InDoubt
from desktop.i18n import in_doubt
from desktop.ui.pages import Workbench
from desktop.ui.screens.in_doubt.evidence import inspect
from desktop.ui.screens.pieces import DeskPage, allow, moment, named, show_amount, show_empty
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, row
from desktop.ui.widgets.inspector import Inspector
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.wire.doubt import DoubtView

_SECOND = 1000


class InDoubtPage(DeskPage[InDoubt]):
    """One list with a panel; there is no button that pays."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, InDoubt(bench.core), "in_doubt_page")
        self._loaded = False
        self.flagged = Label(weight="semibold")
        self.problem = named(ErrorLine(), "in_doubt_problem")
        self.table: DataTable[DoubtView] = named(DataTable(in_doubt.TABLE, self._columns()), "in_doubt_table")
        self.inspector = named(Inspector(), "in_doubt_inspector")
        self.ask = named(Button(in_doubt.ASK_NOW, icon="refresh-cw", kind="primary"), "in_doubt_ask")
        self.more = named(Button(in_doubt.MORE, icon="chevron-down", kind="quiet"), "in_doubt_more")
        self.inspector.buttons.addWidget(self.ask)
        middle = row(self.table, self.inspector, spacing=12)
        middle.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 8)
        layout.setSpacing(12)
        layout.addWidget(self.flagged)
        layout.addWidget(self.problem)
        layout.addLayout(middle, 1)
        layout.addWidget(self.more)
        self.table.set_loading()
        self.table.current_changed.connect(lambda _id: self._inspect())
        self.table.refresh_requested.connect(self.refresh)
        self.problem.retried.connect(self.refresh)
        self.ask.clicked.connect(self._ask)
        self.more.clicked.connect(lambda: self.work(self.model.more(), "in_doubt.more"))
        self._ticking = QTimer(self)
        self._ticking.timeout.connect(self.table.repaint_rows)
        self._ticking.start(_SECOND)
        self.begin()

    def shown(self, subject: str | None) -> None:
        """Ask the server: these figures are never cached."""
        self.refresh()
        self.table.view.setFocus()

    def refresh(self) -> None:
        """F5."""
        self.work(self._load(), "in_doubt.load")

    def home(self) -> QWidget | None:
        """The list."""
        return self.table.home()

    def panes(self) -> list[QWidget]:
        """List and panel."""
        return [self.table.view, self.inspector]

    async def _load(self) -> None:
        await self.model.load()
        self._loaded = True
        self.draw()

    def draw(self) -> None:
        """Rows, panel, problem; rows of an earlier answer stay."""
        model = self.model
        if self._loaded or model.payments:
            self.table.set_rows([(str(one.intent.id), one) for one in model.payments])
        show_empty(self.table.empty, model, "check-check", in_doubt.EMPTY, in_doubt.EMPTY_HINT)
        self.flagged.setText(in_doubt.to_look_at(model.flagged) if model.flagged else "")
        self.flagged.setVisible(bool(model.flagged))
        self.flagged.set_ink("danger")
        self.more.setVisible(bool(model.cursor))
        if (text := model.failure_text) is not None:
            self.problem.show_error(text)
        else:
            self.problem.clear()
        self._inspect()

    def _inspect(self) -> None:
        current = self.table.current_row()
        self.inspector.show_row(None if current is None else inspect(current))
        asked = current is not None and current.intent.id in self.model.asked
        self.ask.set_words(in_doubt.ASKED_NOW if asked else in_doubt.ASK_NOW)
        allow(self.ask, self.model.may_ask(current))
        if asked:
            self.ask.setEnabled(False)

    def _ask(self) -> None:
        current = self.table.current_row()
        if current is not None:
            self.work(self.model.ask(current), "in_doubt.ask")

    def _countdown(self, payment: DoubtView) -> str:
        seconds = self.model.seconds_left(payment)
        return in_doubt.countdown(seconds) if seconds else in_doubt.NOW()

    def _columns(self) -> list[Column[DoubtView]]:
        return [
            Column("number", in_doubt.NUMBER, lambda v: v.intent.number, Kind.TEXT, "PV2611-0000000", keep=9),
            Column(
                "member",
                in_doubt.MEMBER,
                lambda v: v.intent.member_name,
                Kind.STRONG,
                "นายสมชาย ใจดี",
                stretch=True,
                keep=8,
            ),
            Column(
                "amount", in_doubt.AMOUNT, lambda v: show_amount(v.intent.amount), Kind.MONEY, "2,000,000.00", keep=9
            ),
            Column("since", in_doubt.SINCE, lambda v: moment(v.since), Kind.MUTED, "28 เม.ย. 69 00:00", keep=6),
            Column("next", in_doubt.NEXT, self._countdown, Kind.TEXT, in_doubt.NEXT, keep=9),
            Column("owner", in_doubt.OWNER, _role, Kind.TEXT, in_doubt.OWNER_ROLE["treasurer"], keep=7),
            Column("branch", in_doubt.BRANCH, lambda v: v.intent.branch, Kind.MUTED, "NSN", keep=4),
        ]


def _role(payment: DoubtView) -> str:
    return in_doubt.OWNER_ROLE[payment.owner_role]()
