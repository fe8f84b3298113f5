"""Rows by id behind Qt's model interface: changed in place, new ones held back until asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from desktop.ui.widgets.status import Mark
from desktop.ui.widgets.table.columns import Cell, Column

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
CELL_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()


class RowSource(Protocol[R_co]):
    """Ordered rows. A list view's own source may page from the local store: only shown rows are asked for."""

    def __len__(self) -> int: ...

    def row(self, index: int) -> R_co: ...

    def id_at(self, index: int) -> str: ...

    def index_of(self, row_id: str) -> int | None: ...


class ListRows(Generic[R]):
    """Rows in memory, given as (id, row)."""

    def __init__(self, rows: Sequence[tuple[str, R]]) -> None:
        self._ids = [row_id for row_id, _ in rows]
        self._rows = [row for _, row in rows]
        self._places = {row_id: place for place, row_id in enumerate(self._ids)}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple[str, R]]:
        return iter(zip(self._ids, self._rows, strict=True))

    def row(self, index: int) -> R:
        """The row at a place."""
        return self._rows[index]

    def id_at(self, index: int) -> str:
        """Its id."""
        return self._ids[index]

    def index_of(self, row_id: str) -> int | None:
        """Where a row is, or None."""
        return self._places.get(row_id)

    def replace(self, row_id: str, row: R) -> int | None:
        """Change a row in place; its place, or None when it is not here."""
        place = self._places.get(row_id)
        if place is not None:
            self._rows[place] = row
        return place


class RowsModel(QAbstractTableModel, Generic[R]):
    """Feeds a DataTable. Selection marks are ids, so they survive a refresh."""

    marks_changed = Signal()

    def __init__(self, columns: Sequence[Column[R]], *, checkable: bool) -> None:
        super().__init__()
        self.columns = list(columns)
        self.checkable = checkable
        self.source: RowSource[R] = ListRows([])
        self.marked: set[str] = set()
        self.sorted_by: tuple[str, bool] | None = None

    def replace_all(self, source: RowSource[R]) -> None:
        """A new result; marks of rows that are gone are dropped."""
        self.beginResetModel()
        self.source = source
        gone = {row_id for row_id in self.marked if source.index_of(row_id) is None}
        self.marked -= gone
        self.endResetModel()
        if gone:
            self.marks_changed.emit()

    def touched(self, place: int) -> None:
        """Repaint one row where it is."""
        self.dataChanged.emit(self.index(place, 0), self.index(place, self.columnCount() - 1))

    def toggle_mark(self, place: int) -> None:
        """Mark or unmark a row."""
        self.marked ^= {self.source.id_at(place)}
        self.touched(place)
        self.marks_changed.emit()

    def toggle_all(self) -> None:
        """Mark every row, or none when all are marked."""
        everything = {self.source.id_at(place) for place in range(len(self.source))}
        self.marked = set() if self.marked >= everything else everything
        if everything:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.source) - 1, 0))
        self.marks_changed.emit()

    def titles_changed(self) -> None:
        """The language changed: headers and cells say something else now."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many rows; a table has no children."""
        return 0 if parent.isValid() else len(self.source)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Columns, with the mark's column first when rows can be marked."""
        return 0 if parent.isValid() else len(self.columns) + int(self.checkable)

    def column(self, section: int) -> Column[R] | None:
        """The column at a section; None for the mark's."""
        place = section - int(self.checkable)
        return self.columns[place] if place >= 0 else None

    def cell(self, place: int, section: int) -> Cell:
        """What a cell shows."""
        column = self.column(section)
        return "" if column is None else column.value(self.source.row(place))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text for screen readers and search, the cell itself for the delegate."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.CheckStateRole and self.checkable and index.column() == 0:
            on = self.source.id_at(index.row()) in self.marked
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, CELL_ROLE):
            return None
        cell = self.cell(index.row(), index.column())
        return cell if role == CELL_ROLE else cell.text if isinstance(cell, Mark) else cell

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles, money's to the right."""
        if orientation is not Qt.Orientation.Horizontal or section >= self.columnCount():
            return None
        column = self.column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title() if column else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column and column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None
