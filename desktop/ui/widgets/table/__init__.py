"""The desk's table: columns as data, rows by id, own painting, live changes without movement."""

from __future__ import annotations

from desktop.ui.widgets.table.columns import Cell, Column, Kind
from desktop.ui.widgets.table.frame import DataTable
from desktop.ui.widgets.table.model import ListRows, RowSource

__all__ = ["Cell", "Column", "DataTable", "Kind", "ListRows", "RowSource"]
