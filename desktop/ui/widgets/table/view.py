"""The bare table view: keys, columns that fit, and always a current row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.i18n import keys
from desktop.ui.keys.actions import Action, own_key, run_key
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow
from desktop.ui.widgets.table.columns import fit
from desktop.ui.widgets.table.delegate import ROW_HEIGHT, RowDelegate
from desktop.ui.widgets.table.model import Index, RowsModel

MARK_WIDTH: Final = 42


class RowsView(QTableView):
    """Single current row; marks by Space; `opened` by Enter or double click."""

    opened = Signal(str)
    current_changed = Signal(str)
    sort_requested = Signal(str, bool)
    focus_changed = Signal(bool)

    def __init__(self, model: RowsModel[Any]) -> None:
        super().__init__()
        self._rows = model
        self.opens: Callable[[], bool] = lambda: True  # whether Enter would do something with the current row
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self, model))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_up_headers()
        self.doubleClicked.connect(lambda index: self.opened.emit(model.source.id_at(index.row())))
        follow(self._refresh)

    def _set_up_headers(self) -> None:
        vertical, header = self.verticalHeader(), self.horizontalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._header_clicked)

    def current_id(self) -> str | None:
        """The id of the current row; None only when there are no rows."""
        index = self.currentIndex()
        return self._rows.source.id_at(index.row()) if index.isValid() else None

    def go_to(self, place: int) -> None:
        """Make a row current and visible."""
        index = self._rows.index(place, 0)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Repaint both whole rows and say which is current."""
        super().currentChanged(current, previous)
        self.viewport().update()
        if current.isValid() and current.row() != previous.row():
            self.current_changed.emit(self._rows.source.id_at(current.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The table's keys; nothing here moves money."""
        if not run_key(event, self.key_actions()):
            super().keyPressEvent(event)

    def key_actions(self) -> list[Action]:
        """Arrows and j/k move, Space marks, Enter opens: what can be done with the rows that are there."""
        if not self.currentIndex().isValid():
            return []
        made = [
            own_key("down", keys.DOWN, lambda: self._go_by(1), self, "Down", "J"),
            own_key("up", keys.UP, lambda: self._go_by(-1), self, "Up", "K"),
        ]
        if self._rows.checkable:
            made.append(own_key("mark", keys.MARK, self._mark, self, "Space"))
        made.append(own_key("open", keys.OPEN, self._open, self, "Return", enabled=self.opens))
        return made

    def _go_by(self, rows: int) -> None:
        self.go_to(min(max(self.currentIndex().row() + rows, 0), len(self._rows.source) - 1))

    def _mark(self) -> None:
        self._rows.toggle_mark(self.currentIndex().row())

    def _open(self) -> None:
        self.opened.emit(self._rows.source.id_at(self.currentIndex().row()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click in the first column marks."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._rows.checkable and index.column() == 0:
            self._rows.toggle_mark(index.row())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns again."""
        super().resizeEvent(event)
        self.fit_columns()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the frame to show its ring."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the frame to hide its ring."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def fit_columns(self) -> None:
        """Show what fits in full, hide the least needed columns; never a sideways scroll bar."""
        first = int(self._rows.checkable)
        if first:
            self.setColumnWidth(0, scaled(MARK_WIDTH))
        widths = fit(self._rows.columns, self.viewport().width() - first * scaled(MARK_WIDTH))
        for place, column in enumerate(self._rows.columns):
            self.setColumnHidden(place + first, column.key not in widths)
            if column.key in widths:
                self.setColumnWidth(place + first, widths[column.key])

    def _header_clicked(self, section: int) -> None:
        column = self._rows.column(section)
        if column is None:
            self._rows.toggle_all()
        elif column.sortable:
            key, descending = self._rows.sorted_by or ("", False)
            self.show_sort(column.key, descending=not descending if key == column.key else column.right)
            self.sort_requested.emit(*(self._rows.sorted_by or (column.key, False)))

    def show_sort(self, key: str, *, descending: bool) -> None:
        """Put the arrow on a column; sorting itself is the source's."""
        self._rows.sorted_by = (key, descending)
        place = next(i for i, column in enumerate(self._rows.columns) if column.key == key)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicatorShown(True)
        self.horizontalHeader().setSortIndicator(place + int(self._rows.checkable), order)

    def _refresh(self) -> None:
        self.verticalHeader().setDefaultSectionSize(scaled(ROW_HEIGHT))
        self.horizontalHeader().setFixedHeight(scaled(ROW_HEIGHT))
        self._rows.titles_changed()
        self.fit_columns()
        self.viewport().update()
