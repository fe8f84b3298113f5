"""Sync: the state of the connection, and everything made at this desk with the server's last word on it.

Object names: sync_page, sync_now, sync_table, sync_retry, sync_discard, sync_mend.
"""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtWidgets import QWidget

from desktop.core import forms
from desktop.core.screens.sync_screen import OutboxRow, SyncScreen
from desktop.core.store.outbox import EventKind, EventState, PendingEvent
from desktop.i18n import dates, sync
from desktop.ui.keys.actions import Action
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, allow, moment, named, show_amount
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import PAGE_MARGIN, BusyButton, Button, Label, column, line, row
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.dialog import ConfirmDialog, ask
from desktop.ui.widgets.status import Mark
from desktop.ui.widgets.table import Cell, Column, DataTable, Kind

_FACES: Final[dict[EventState, tuple[Tone, str]]] = {
    EventState.DRAFT: ("quiet", "pencil"),
    EventState.HELD: ("wait", "undo-2"),
    EventState.QUEUED: ("queue", "inbox"),
    EventState.SENDING: ("info", "send"),
    EventState.DONE: ("ok", "circle-check"),
    EventState.NEEDS_ATTENTION: ("bad", "triangle-alert"),
}
_FORMS: Final = {
    EventKind.PAYMENT: forms.PaymentForm,
    EventKind.BATCH: forms.BatchForm,
    EventKind.BANK_CHANGE: forms.BankChangeForm,
    EventKind.FUNDING: forms.FundingForm,
}
_PAGES: Final = {
    EventKind.PAYMENT: "payment",
    EventKind.BATCH: "batch",
    EventKind.BANK_CHANGE: "bank_changes",
    EventKind.FUNDING: "funding",
}
_KINDS: Final = {
    "members": sync.MEMBERS,
    "intents": sync.PAYMENTS,
    "batches": sync.BATCHES,
    "bank_changes": sync.CHANGES,
    "funding": sync.FUNDING,
}


class SyncPage(DeskPage[SyncScreen]):
    """Newest first here; the outbox itself sends oldest first."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, SyncScreen(bench.core), "sync_page")
        self.now = named(BusyButton(sync.SYNC_NOW, icon="refresh-cw"), "sync_now")
        self.state, self.cached = Facts(), Facts()
        self.table: DataTable[OutboxRow] = named(DataTable(sync.OUTBOX, _columns()), "sync_table")
        self.table.empty.set_face("check-check", sync.EMPTY, sync.EMPTY_HINT)
        self.answer = Label(ink="danger", wrap=True)
        self.retry = named(Button(sync.RETRY, icon="send"), "sync_retry")
        self.mend = named(Button(sync.MEND, icon="pencil", kind="primary"), "sync_mend")
        self.discard = named(Button(sync.DISCARD, icon="trash-2", kind="danger"), "sync_discard")
        self._assemble()
        self._connect()
        self.begin()

    def _assemble(self) -> None:
        self.side = Card(sync.LINE)
        self.side.body.addWidget(self.state)
        self.side.body.addWidget(self.now)
        self.side.body.addWidget(line())
        self.side.body.addWidget(Label(sync.CACHED, size="title"))
        self.side.body.addWidget(self.cached)
        self.side.body.addStretch()
        foot = row(self.answer, spacing=10)
        foot.setStretch(0, 1)
        for button in (self.discard, self.retry, self.mend):
            foot.addWidget(button)
        left = column(Label(sync.OUTBOX, size="title"), self.table, spacing=10)
        left.addLayout(foot)
        layout = row(spacing=14, margins=(PAGE_MARGIN, 18, PAGE_MARGIN, 14))
        layout.addLayout(left, 1)
        layout.addWidget(self.side)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.now.clicked.connect(lambda: self.work(self._sync_now(), "sync.now"))
        self.table.current_changed.connect(lambda _row_id: self._draw_buttons())
        self.table.opened.connect(lambda _row_id: self._mend())
        self.retry.clicked.connect(self._retry)
        self.mend.clicked.connect(self._mend)
        self.discard.clicked.connect(self._begin_discard)
        run, can = self._begin_discard, self._may_discard
        discard = Action("discard", sync.DISCARD, run, self, ("Ctrl+Del",), "trash-2", enabled=can)
        self.bench.commands.add(discard)
        self.table.may_open = self._may_mend

    def shown(self, subject: str | None) -> None:
        """Read the outbox."""
        self.work(self.model.load(), "sync.load")
        self.table.view.setFocus()

    def refresh(self) -> None:
        """F5."""
        self.work(self.model.load(), "sync.load")

    def home(self) -> QWidget | None:
        """The list."""
        return self.table.home()

    def panes(self) -> list[QWidget]:
        """The list and the side."""
        return [self.table.view, self.now]

    def draw(self) -> None:
        """Connection, counts and rows."""
        self.side.setFixedWidth(scaled(320))
        self.table.set_rows([(r.event.id, r) for r in reversed(self.model.rows) if not _blank(r.event)])
        status = self.desk.sync.status
        pulled = dates.moment(status.pulled_at) if status.pulled_at is not None else sync.NEVER()
        offset = round(self.desk.client.clock.offset.total_seconds())
        self.state.set_facts(
            [
                (sync.STATE(), sync.CONNECTED() if self.offline is None else sync.NOT_CONNECTED()),
                (sync.LAST_PULL(), pulled),
                (sync.QUEUED(), f"{status.queued:,}"),
                (sync.ATTENTION(), f"{status.attention:,}"),
                (sync.CLOCK(), sync.seconds(f"{offset:,}")),
                (sync.SERVER(), self.desk.settings.server),
            ]
        )
        self.cached.set_facts([(_KINDS[kind](), f"{count:,}") for kind, count in self.model.cached.items()])
        self._draw_buttons()

    def _draw_buttons(self) -> None:
        current = self.table.current_row()
        for button in (self.retry, self.mend, self.discard):
            button.setVisible(current is not None)
        self.answer.setText(current.answer() if current is not None and current.answer is not None else "")
        if current is not None:
            allow(self.retry, current.retry)
            allow(self.mend, current.mend)
            allow(self.discard, current.discard)
            self.retry.setVisible(current.retry.enabled)
            self.mend.setVisible(current.mend.enabled)
            self.discard.setVisible(current.discard.enabled)

    async def _sync_now(self) -> None:
        self.now.set_busy(True)
        await self.model.sync_now()
        self.now.set_busy(False)

    def _retry(self) -> None:
        if (current := self.table.current_row()) is not None and current.retry.enabled:
            self.work(self.model.retry(current.event.id), "sync.retry")

    def _mend(self) -> None:
        if (current := self.table.current_row()) is not None and current.mend.enabled:
            self.bench.open_page(_PAGES[current.event.kind], f"event:{current.event.id}")

    def _begin_discard(self) -> None:
        self.work(self._discard(), "sync.discard")

    def _may_discard(self) -> bool:
        current = self.table.current_row()
        return current is not None and current.discard.enabled

    def _may_mend(self) -> bool:
        current = self.table.current_row()
        return current is not None and current.mend.enabled

    async def _discard(self) -> None:
        current = self.table.current_row()
        if current is None or not current.discard.enabled:
            return
        words = sync.DISCARD_BATCH if current.held else sync.DISCARD_WORDS
        question = ConfirmDialog(sync.DISCARD_TITLE, words, sync.DISCARD, self.window(), danger=True)
        if await ask(question) and not await self.model.discard(current.event.id) and self.model.failure is not None:
            self.answer.setText(sync.NOT_DISCARDED())


def _columns() -> list[Column[OutboxRow]]:
    return [
        Column("when", sync.WHEN, lambda r: moment(r.event.created_at), Kind.MUTED, dates.widest_moment, keep=6),
        Column("kind", sync.WHAT, lambda r: sync.KINDS[r.event.kind](), Kind.STRONG, "เปลี่ยนบัญชี", keep=8),
        Column("amount", sync.AMOUNT, lambda r: _amount(r.event), Kind.MONEY, "2,000,000.00", keep=8),
        Column("state", sync.STATE, _state, Kind.CHIP, _widest, keep=9),
        Column("answer", sync.ANSWER, _answer, Kind.MUTED, "x" * 24, stretch=True, keep=5),
        Column("tries", sync.TRIES, lambda r: f"{r.event.attempts}", Kind.MUTED, "99", keep=3),
    ]


def _state(row_: OutboxRow) -> Cell:
    return Mark(*_FACES[row_.event.state], sync.STATES[row_.event.state]())


def _widest() -> Cell:
    return Mark("bad", "triangle-alert", sync.STATES["needs_attention"]())


def _answer(row_: OutboxRow) -> str:
    if row_.progress is not None and row_.event.state is EventState.SENDING:
        return sync.progress(f"{row_.progress.done:,}", f"{row_.progress.total:,}")
    return row_.answer() if row_.answer is not None else ""


def _amount(event: PendingEvent) -> str:
    """The sum that an event carries; a change of account has none."""
    form = msgspec.json.decode(event.body, type=_FORMS[event.kind])
    text = str(getattr(form, "total", "") or getattr(form, "control_total", "") or getattr(form, "amount", ""))
    return show_amount(text) if text else ""


def _blank(event: PendingEvent) -> bool:
    """A draft in which nothing was typed is none."""
    if event.state is not EventState.DRAFT:
        return False
    form = _FORMS[event.kind]
    return bool(msgspec.json.decode(event.body, type=form) == form())
