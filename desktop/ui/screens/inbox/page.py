"""For you (F11): each decision about what you made, and what waits for you, until it is dealt with or its cause ends.

Object names: inbox_page, inbox_table, inbox_panel, inbox_mend, inbox_open, inbox_done, inbox_clear.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QStackedLayout, QWidget

from desktop.core.screens.inbox import NEWS, STANDING, Entry, Inbox, What
from desktop.i18n import Text, common, dates, inbox, outcome
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, alarm_words, moment, named, show_amount
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, column, row, scrolled
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.flow import words_and_chip
from desktop.ui.widgets.states import EmptyState
from desktop.ui.widgets.status import Mark, StatusChip, chip_width
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.permissions import Role
from shared.wire.records import ChannelAlarm

WIDTH: Final = 380
FACES: Final[dict[What, tuple[Tone, str]]] = {
    What.PAID: ("ok", "circle-check"),
    What.EFFECTIVE: ("ok", "check-check"),
    What.REJECTED: ("bad", "ban"),
    What.FAILED: ("bad", "circle-x"),
    What.STOPPED: ("bad", "circle-slash"),
    What.RETURNED: ("bad", "undo-2"),
    What.EXPIRED: ("quiet", "timer-off"),
    What.IN_DOUBT: ("doubt", "circle-help"),
    What.TO_SIGN: ("wait", "shield-check"),
    What.SENT_BACK: ("bad", "triangle-alert"),
    What.HELD_UP: ("bad", "triangle-alert"),
}
_PAGES: Final = {
    "intents": "disbursements",
    "batches": "disbursements",
    "bank_changes": "bank_changes",
    "funding": "funding",
    "approvals": "approvals",
    "outbox": "sync",
}


def entry_mark(entry: Entry) -> Mark:
    """What happened, as a chip."""
    tone, icon = FACES[entry.what]
    return Mark(tone, icon, inbox.WORDS[entry.what][entry.kind]())


def entry_who(entry: Entry) -> str:
    """Whom or what it is about."""
    if entry.what in (What.TO_SIGN, What.HELD_UP):
        return inbox.waiting(entry.count) if entry.count else ""
    return inbox.in_batch(entry.who, entry.count) if entry.kind == "batches" else entry.who


def entry_reason(entry: Entry) -> str:
    """Why, in the words of who decided."""
    if entry.alarm is not None:
        return alarm_words(entry.alarm)
    if entry.answer is not None:
        return entry.answer()
    return outcome.reason(entry.said.code, entry.said.text, entry.said.who) if entry.said is not None else ""


class InboxPage(DeskPage[Inbox]):
    """A list with a panel; seeing the list clears the bell, and nothing else."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Inbox(bench.core), "inbox_page")
        self.table: DataTable[Entry] = named(DataTable(inbox.TABLE, _columns()), "inbox_table")
        self.panel = InboxPanel()
        self.clear = named(Button(inbox.CLEAR_NEWS, icon="check-check", kind="quiet"), "inbox_clear")
        head = row(spacing=10)
        head.addStretch()
        head.addWidget(self.clear)
        middle = row(self.table, self.panel, spacing=12)
        middle.setStretch(0, 1)
        layout = column(spacing=12, margins=(PAGE_MARGIN, 12, PAGE_MARGIN, 8))
        layout.addLayout(head)
        layout.addLayout(middle, 1)
        self.setLayout(layout)
        self.table.set_loading()
        self.table.current_changed.connect(lambda _id: self._draw_panel())
        self.table.opened.connect(self._act)
        self.table.refresh_requested.connect(self.refresh)
        self.clear.clicked.connect(lambda: self.work(self.model.clear_news(), "inbox.clear"))
        self.panel.mend.clicked.connect(self._mend)
        self.panel.open.clicked.connect(self._open)
        self.panel.done.clicked.connect(self._deal_with)
        self.begin()

    def shown(self, subject: str | None) -> None:
        """Everything; the whole list is seen now."""
        self.work(self._show(), "inbox.show")
        self.table.view.setFocus()

    def refresh(self) -> None:
        """F5."""
        self.desk.sync.wake()
        self.work(self.model.load(), "inbox.load")

    def home(self) -> QWidget | None:
        """The list."""
        return self.table.home()

    def panes(self) -> list[QWidget]:
        """List and panel."""
        return [self.table.view, self.panel.mend]

    def draw(self) -> None:
        """Rows, panel, what may be cleared."""
        model = self.model
        if model.loaded:
            self.table.set_rows([(entry.subject, entry) for entry in model.entries])
        self.table.empty.set_face("check-check", inbox.EMPTY, inbox.EMPTY_HINT)
        self.clear.setVisible(any(entry.what in NEWS for entry in model.entries))
        self._draw_panel()
        if model.unseen and self.isVisible():  # behind the lock nobody sees anything
            self.work(model.see(), "inbox.see")

    def _draw_panel(self) -> None:
        self.panel.draw_entry(self.table.current_row())

    async def _show(self) -> None:
        await self.model.load()
        await self.model.see()

    def _act(self, _subject: str) -> None:
        current = self.table.current_row()
        if current is not None and current.mend is not None:
            self._mend()
        else:
            self._open()

    def _mend(self) -> None:
        current = self.table.current_row()
        if current is not None and current.mend is not None:
            page, subject = current.mend
            self.bench.open_page(page, subject or None)

    def _open(self) -> None:
        current = self.table.current_row()
        if current is None:
            return
        if current.what is What.IN_DOUBT:
            self.bench.open_page("in_doubt", current.row_id)
        elif current.alarm is not None:
            self._open_held_up(current.alarm)
        else:
            subject = "" if current.kind in ("outbox", "approvals") else current.row_id
            batch = f"batch:{current.row_id}" if current.kind == "batches" else subject
            self.bench.open_page(_PAGES[current.kind], batch or None)

    def _open_held_up(self, alarm: ChannelAlarm) -> None:
        session = self.desk.session
        mends = session is not None and Role.TREASURER in session.user.roles and alarm.who_can_fix == Role.TREASURER
        self.bench.open_page(*(("treasury", None) if mends else ("disbursements", "state:authorized")))

    def _deal_with(self) -> None:
        current = self.table.current_row()
        if current is not None:
            self.work(self.model.deal_with(current.subject), "inbox.done")


class InboxPanel(Card):
    """One entry in full, what to do about it, and the buttons that do it."""

    def __init__(self) -> None:
        super().__init__(padding=0)
        self.setObjectName("inbox_panel")
        self._chip, self._number = StatusChip(), Label(weight="semibold")
        self._who, self._amount = Label(size="title", wrap=True), Label(size="figure")
        self._why_title, self._why = Label(size="small", ink="muted"), Label(weight="medium", wrap=True)
        self._facts = Facts()
        self._advice = Label(wrap=True)
        self.mend = named(Button(inbox.MEND, icon="pencil", kind="primary"), "inbox_mend")
        self.open = named(Button(inbox.OPEN, icon="external-link"), "inbox_open")
        self.done = named(Button(inbox.DEALT_WITH, icon="check"), "inbox_done")
        self._stack = QStackedLayout()
        self.body.addLayout(self._stack)  # before its pages: a stack without a parent shows the first as a window
        self._stack.addWidget(EmptyState("inbox", common.NOTHING_SELECTED, common.NOTHING_SELECTED_HINT))
        self._stack.addWidget(self._filled())
        self.body.setContentsMargins(0, 0, 0, 0)

    def _filled(self) -> QWidget:
        inner = QWidget()
        layout = column(spacing=10, margins=(20, 14, 14, 4))
        layout.addWidget(words_and_chip(self._number, self._chip))
        for widget in (self._who, self._amount, self._why_title, self._why, self._advice, self._facts):
            layout.addWidget(widget)
        layout.addStretch()
        inner.setLayout(layout)
        holder = QWidget()
        whole = column(scrolled(inner), spacing=0, margins=(0, 6, 4, 0))
        whole.addLayout(column(self.mend, self.open, self.done, spacing=8, margins=(20, 10, 16, 16)))
        holder.setLayout(whole)
        return holder

    def draw_entry(self, entry: Entry | None) -> None:
        """The current entry, or nothing."""
        self.setFixedWidth(scaled(WIDTH))
        self._stack.setCurrentIndex(0 if entry is None else 1)
        if entry is None:
            return
        self._chip.set_mark(entry_mark(entry))
        self._number.setText(entry.number)
        self._who.setText(entry_who(entry))
        self._amount.setText(show_amount(entry.amount))
        self._amount.setVisible(bool(entry.amount))
        why = entry_reason(entry)
        self._why_title.setText(outcome.BY[entry.said.by]() if entry.said is not None else inbox.REASON())
        self._why.setText(why)
        for label in (self._why_title, self._why):
            label.setVisible(bool(why))
        advice: Text | None = inbox.ADVICE.get(entry.what)
        self._advice.setText(advice() if advice is not None else "")
        self._advice.setVisible(advice is not None)
        self._facts.set_facts([(inbox.WHEN, moment(entry.at))])
        self.mend.setVisible(entry.mend is not None)
        self.done.setVisible(entry.what not in STANDING)


def _columns() -> list[Column[Entry]]:
    return [
        Column("what", inbox.WHAT, entry_mark, Kind.CHIP, _widest, keep=9),
        Column("number", inbox.NUMBER, lambda e: e.number, Kind.MUTED, "PV2611-0000000", keep=7),
        Column("who", inbox.WHO, entry_who, Kind.STRONG, "นางสาวจันทร์เพ็ญ ชัยมงคล", stretch=True, keep=8),
        Column(
            "amount",
            inbox.AMOUNT,
            lambda e: show_amount(e.amount) if e.amount else "",
            Kind.MONEY,
            "2,000,000.00",
            keep=8,
        ),
        Column("why", inbox.REASON, entry_reason, Kind.MUTED, "x" * 24, stretch=True, keep=6),
        Column("at", inbox.WHEN, lambda e: moment(e.at), Kind.MUTED, dates.widest_moment, keep=5),
    ]


def _widest() -> Mark:
    marks = [Mark("bad", "ban", text()) for words in inbox.WORDS.values() for text in words.values()]
    return max(marks, key=chip_width)
