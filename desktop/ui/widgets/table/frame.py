"""The whole table as a screen uses it: card, view, footer with count, waiting rows and the marked total."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QMetaMethod, Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from desktop.i18n import common
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import Button, Label, row, set_property
from desktop.ui.widgets.states import EmptyState, Skeleton
from desktop.ui.widgets.table.columns import Column
from desktop.ui.widgets.table.model import ListRows, RowsModel, RowSource
from desktop.ui.widgets.table.view import RowsView
from shared.money import Satang, display_amount

R = TypeVar("R")


class DataTable(QWidget, Generic[R]):
    """Give rows with `set_rows`, changes with `update_rows`; new ids wait until `show_waiting` (F5)."""

    current_changed = Signal(str)
    opened = Signal(str)
    marks_changed = Signal()
    sort_requested = Signal(str, bool)
    refresh_requested = Signal()

    def __init__(
        self,
        name: Callable[[], str],
        columns: Sequence[Column[R]],
        *,
        checkable: bool = False,
        amount_of: Callable[[R], Satang] | None = None,
    ) -> None:
        super().__init__()
        self._name, self._amount_of = name, amount_of
        self.may_open: Callable[[], bool] = lambda: True  # whether `opened` would do something with the current row
        self._waiting: dict[str, R] = {}
        self._held_back = 0
        self._sum: Callable[[], str] | None = None
        self.model: RowsModel[R] = RowsModel(columns, checkable=checkable)
        self.view = RowsView(self.model)
        self.empty = EmptyState()
        self._skeleton = Skeleton(rows=10)
        self._frame = self._build_frame()
        self.count = Label(size="small", ink="muted")
        self.total = Label(weight="semibold")
        self.waiting = Button(self._waiting_words, icon="refresh-cw", kind="quiet")
        self.waiting.clicked.connect(self.refresh_requested)
        self.waiting.hide()
        self._assemble()
        self._connect()
        follow(self._refresh)

    def _build_frame(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("room", "table")
        holder = QVBoxLayout(frame)
        holder.setContentsMargins(1, 2, 1, 8)
        self._stack = QStackedLayout()
        holder.addLayout(self._stack)  # before its pages: a stack without a parent shows the first as a window
        for standing_in in (self.empty, self._skeleton):
            standing_in.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # keeps the focus until rows come
        for page in (self.view, self.empty, self._skeleton):
            self._stack.addWidget(page)
        return frame

    def _assemble(self) -> None:
        foot = row(self.count, self.waiting, spacing=12)
        foot.addStretch()
        foot.addWidget(self.total)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(6)
        outer.addWidget(self._frame, 1)
        self._foot = QWidget()
        self._foot.setLayout(foot)
        outer.addWidget(self._foot)

    def _connect(self) -> None:
        self.view.current_changed.connect(self.current_changed)
        self.view.opened.connect(self.opened)
        self.view.opens = self._opens
        self.view.sort_requested.connect(self.sort_requested)
        self.view.focus_changed.connect(self._show_focus)
        self.model.marks_changed.connect(self._marks_changed)
        self.refresh_requested.connect(self.show_waiting)

    def _opens(self) -> bool:
        return self.isSignalConnected(QMetaMethod.fromSignal(self.opened)) and self.may_open()

    def home(self) -> QWidget | None:
        """What takes the keys: the rows, or what stands in their place."""
        return self._stack.currentWidget()

    def set_rows(self, rows: RowSource[R] | Sequence[tuple[str, R]]) -> None:
        """Show a new result; the current row stays by id, or its neighbour takes over."""
        source = ListRows(list(rows)) if isinstance(rows, Sequence) else rows
        wanted, place = self.view.current_id(), self.view.currentIndex().row()
        scrolled = self.view.verticalScrollBar().value()
        self.model.replace_all(source)
        self._waiting = {k: v for k, v in self._waiting.items() if source.index_of(k) is None}
        if len(source):
            found = source.index_of(wanted) if wanted is not None else None
            self.view.verticalScrollBar().setValue(scrolled)
            self.view.go_to(found if found is not None else min(max(place, 0), len(source) - 1))
        self._stack.setCurrentWidget(self.view if len(source) else self.empty)
        self._refresh()

    def update_rows(self, rows: Iterable[tuple[str, R]]) -> None:
        """Changes from the server: known ids repaint in place, unknown ones wait behind the footer's button."""
        for row_id, changed in rows:
            source: Any = self.model.source
            replace = getattr(source, "replace", None)
            place = replace(row_id, changed) if replace is not None else source.index_of(row_id)
            if place is None:
                self._waiting[row_id] = changed
            else:
                self.model.touched(place)
        self._refresh()

    def show_waiting(self) -> None:
        """Put the waiting rows on top; only for rows in memory (a paged source is asked again by its screen)."""
        source = self.model.source
        if self._waiting and isinstance(source, ListRows):
            fresh, self._waiting = list(self._waiting.items()), {}
            self.set_rows([*fresh, *source])

    def set_loading(self) -> None:
        """Grey bars until the first rows come; rows already shown stay."""
        if not len(self.model.source):
            self._stack.setCurrentWidget(self._skeleton)

    def marked_rows(self) -> list[R]:
        """The marked rows, in the table's order."""
        source = self.model.source
        places = sorted(p for i in self.model.marked if (p := source.index_of(i)) is not None)
        return [source.row(place) for place in places]

    def current_row(self) -> R | None:
        """The row under the cursor."""
        index = self.view.currentIndex()
        return self.model.source.row(index.row()) if index.isValid() else None

    def waiting_count(self) -> int:
        """How many new rows are held back."""
        return len(self._waiting) + self._held_back

    def set_waiting(self, count: int) -> None:
        """New rows that a paged source holds back; its screen asks for them on `refresh_requested`."""
        self._held_back = count
        self._refresh()

    def set_sum(self, words: Callable[[], str] | None) -> None:
        """The line at the bottom right where rows are not marked: the sum of the whole list."""
        self._sum = words
        self._refresh()

    def repaint_rows(self) -> None:
        """Rows of a paged source changed or arrived: draw them where they are."""
        self.view.viewport().update()

    def _waiting_words(self) -> str:
        return common.new_rows(f"{self.waiting_count():,}")

    def _marks_changed(self) -> None:
        self._refresh()
        self.marks_changed.emit()

    def _show_focus(self, focused: bool) -> None:
        set_property(self._frame, "focused", focused)

    def _refresh(self) -> None:
        self.view.setAccessibleName(self._name())
        # A fixed height: the waiting-rows button must not move the table when it appears.
        self._foot.setFixedHeight(scaled(40))
        self.count.setText(common.items(f"{len(self.model.source):,}"))
        self.waiting.setVisible(self.waiting_count() > 0)
        self.waiting.set_words(self._waiting_words)
        self.total.setText(self._total_words())

    def _total_words(self) -> str:
        if self._amount_of is None or not self.model.checkable:
            return self._sum() if self._sum is not None else ""
        marked = self.marked_rows()
        total = Satang(sum(self._amount_of(r) for r in marked))
        return common.selected_total(f"{len(marked):,}", display_amount(total))
