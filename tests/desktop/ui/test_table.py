"""Rows never move under the cursor, marks and the current row survive, and numbers are never cut."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.i18n import Text
from desktop.ui.theme import fonts
from desktop.ui.widgets.status import status_mark, widest_status
from desktop.ui.widgets.table import Column, DataTable, Kind, ListRows
from desktop.ui.widgets.table.columns import CELL_PADDING, fit
from desktop.ui.widgets.table.model import RowsModel
from shared.money import Satang, display_amount


@dataclass(frozen=True)
class Row:
    amount: Satang
    state: str


COLUMNS: list[Column[Row]] = [
    Column("amount", Text("ยอด", "Amount"), lambda r: display_amount(r.amount), Kind.MONEY, "2,000,000.00", keep=9),
    Column("state", Text("สถานะ", "Status"), lambda r: status_mark(r.state), Kind.CHIP, widest_status, keep=8),
    Column("note", Text("หมายเหตุ", "Note"), lambda r: "-", Kind.MUTED, "ข้าวหอมมะลิ", stretch=True, keep=1),
]


def some_rows(count: int) -> list[tuple[str, Row]]:
    return [(f"r{i}", Row(Satang(100 * i + 25), "validated")) for i in range(count)]


@pytest.fixture
def table(qtbot: QtBot) -> DataTable[Row]:
    made: DataTable[Row] = DataTable(lambda: "t", COLUMNS, checkable=True, amount_of=lambda r: r.amount)
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.show()
    made.set_rows(some_rows(30))
    return made


def test_there_is_always_a_current_row(table: DataTable[Row]) -> None:
    assert table.view.current_id() == "r0"


def test_a_live_change_repaints_in_place(table: DataTable[Row], qtbot: QtBot) -> None:
    table.view.go_to(7)
    with qtbot.waitSignal(table.model.dataChanged) as change:
        table.update_rows([("r3", Row(Satang(5), "settled"))])
    assert change.args is not None
    assert change.args[0].row() == 3
    assert table.view.current_id() == "r7"
    assert table.model.index(3, 2).data() == "จ่ายสำเร็จ"


def test_new_rows_wait_until_asked_for(table: DataTable[Row], qtbot: QtBot) -> None:
    table.view.go_to(4)
    table.update_rows([("new", Row(Satang(1), "sent"))])
    assert table.model.rowCount() == 30
    assert table.waiting.text() == "มี 1 รายการใหม่ — กด F5"
    table.show_waiting()
    assert table.model.rowCount() == 31
    assert table.view.current_id() == "r4"
    assert not table.waiting.isVisible()


def test_a_refresh_keeps_row_and_marks_by_id(table: DataTable[Row]) -> None:
    table.view.go_to(5)
    table.model.toggle_mark(5)
    table.model.toggle_mark(6)
    table.set_rows(list(reversed(some_rows(6))))
    assert table.view.current_id() == "r5"
    assert table.model.marked == {"r5"}


def test_keys_move_mark_and_open(table: DataTable[Row], qtbot: QtBot) -> None:
    QTest.keyClicks(table.view, "jj")
    # The key that is j, with the Thai layout on; qtbot can only type ASCII.
    QApplication.sendEvent(table.view, QKeyEvent(QEvent.Type.KeyPress, ord("่"), Qt.KeyboardModifier.NoModifier, "่"))
    assert table.view.current_id() == "r3"
    QTest.keyClicks(table.view, "k")
    QTest.keyClick(table.view, Qt.Key.Key_Space)
    assert table.model.marked == {"r2"}
    with qtbot.waitSignal(table.opened) as opened:
        QTest.keyClick(table.view, Qt.Key.Key_Return)
    assert opened.args == ["r2"]


def test_the_marked_total_is_exact(table: DataTable[Row]) -> None:
    table.model.toggle_mark(1)
    table.model.toggle_mark(2)
    assert table.total.text() == "เลือก 2 · ยอดรวม 3.50 บาท"


def test_an_empty_result_says_so(table: DataTable[Row]) -> None:
    table.set_rows([])
    assert table.empty.isVisible()
    assert table.view.current_id() is None


def test_narrow_windows_drop_columns_and_never_cut_numbers() -> None:
    widths = fit(COLUMNS, 330)
    assert list(widths) == ["amount", "state"]
    needed = fonts.text_width("2,000,000.00", "body", "semibold") + 2 * CELL_PADDING
    assert widths["amount"] >= needed


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model: RowsModel[Row] = RowsModel(COLUMNS, checkable=True)
    _watch = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.replace_all(ListRows(some_rows(5)))
    model.toggle_mark(2)
    model.toggle_all()
    model.replace_all(ListRows([]))
