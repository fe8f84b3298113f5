"""The batch page with a real .xlsx of 200 rows, some of them mangled as people and spreadsheets do."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton
from python_calamine import CalamineWorkbook

from desktop.core.files import as_workbook
from desktop.core.store.outbox import EventKind, EventState
from desktop.ui.screens.batch.page import BatchPage
from desktop.ui.widgets.amount import AmountEdit
from shared.money import display_amount
from shared.permissions import Role
from tests.desktop.ui.screens import pictures
from tests.desktop.ui.screens.stage import Stage, staged

MANGLED = {10, 15, 28, 40, 41, 42, 43, 70, 91, 100, 130, 132, 133, 160, 190}


CASES = Path(__file__).parents[3] / "cases" / "batch"


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ข้าวนาปี.xlsx"
    path.write_bytes(pictures.batch_file())
    return path


def opened(stage: Stage, file: Path) -> BatchPage:
    page = stage.open("batch")
    assert isinstance(page, BatchPage)
    stage.do(lambda: page.open_path(file))
    stage.wait(lambda: bool(page.model.rows) and page.model.judged == 200)
    stage.idle()
    return page


def submit(stage: Stage) -> QPushButton:
    return stage.find(QPushButton, "batch_submit")


def test_problems_come_first_and_say_what_is_wrong(stage: Stage, file: Path) -> None:
    page = opened(stage, file)
    source = page.table.model.source
    assert {int(source.id_at(place)) for place in range(len(source))} == MANGLED
    said = {source.row(p).line: page._finding(source.row(p)).text for p in range(len(source))}
    assert "ทศนิยม" in said[15]
    assert "ศูนย์นำหน้า" in said[41]
    assert "ซ้ำ" in said[132]
    assert "ซ้ำ" in said[133]


def test_a_file_without_problems_opens_on_all_its_rows(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "good.xlsx"
    path.write_bytes(pictures.good_file())
    page = stage.open("batch")
    stage.do(lambda: page.open_path(path))
    stage.wait(lambda: page.model.judged == 20 and not page.model.busy)
    stage.idle()
    assert not page.model.problem_rows
    assert len(page.table.model.source) == 20


def test_nothing_leaves_before_problems_are_dealt_with_and_the_total_is_typed(stage: Stage, file: Path) -> None:
    page = opened(stage, file)
    total = stage.find(AmountEdit, "batch_control_total")
    stage.type(total, display_amount(page.model.total))
    assert not submit(stage).isEnabled()
    stage.click(stage.find(QPushButton, "batch_leave_out_all"))
    assert submit(stage).isEnabled()
    stage.type(total, "1.00")
    assert not submit(stage).isEnabled()
    assert stage.run(events(stage, EventState.HELD)) == []


def test_ready_rows_leave_as_one_batch(stage: Stage, file: Path) -> None:
    page = opened(stage, file)
    stage.click(stage.find(QPushButton, "batch_leave_out_all"))
    stage.type(stage.find(AmountEdit, "batch_control_total"), display_amount(page.model.total))
    stage.click(submit(stage))
    stage.wait(lambda: page.followed.event is not None)
    stage.run(stage.desk.sync.once())
    stage.wait(lambda: page.followed.state is EventState.DONE)
    [opening] = stage.asked("open_batch")
    assert (opening.count, opening.file_sha256) == (185, page.model.form.file_sha256)
    assert sum(len(request.lines) for request in stage.asked("add_batch_lines")) == 185
    assert "BT2611-0000012" in page.sent.words.text()


def test_what_was_typed_survives_a_lost_connection_and_a_new_window(stage: Stage, file: Path) -> None:
    page = opened(stage, file)
    stage.type(stage.find(AmountEdit, "batch_control_total"), "12,345.00")
    stage.lose_connection()
    assert page.verdicts.control.text() == "12,345.00"
    assert len(page.model.rows) == 200
    stage.run(page.model.draft.flush())
    stage.answers.lost = False
    stage.do(stage.shell.forget_pages)
    again = stage.open("batch")
    stage.wait(lambda: len(again.model.rows) == 200)
    stage.idle()
    assert again.verdicts.control.text() == "12,345.00"


def test_rows_not_judged_for_want_of_a_connection_are_judged_later(stage: Stage, file: Path) -> None:
    page = stage.open("batch")
    stage.lose_connection()
    stage.do(lambda: page.open_path(file))
    stage.wait(lambda: len(page.model.rows) == 200 and not page.model.busy)
    assert page.model.judged < 200
    stage.answers.lost = False
    stage.click(stage.find(QPushButton, "batch_again"))
    stage.wait(lambda: page.model.judged == 200)


def test_problem_rows_are_saved_as_text_that_no_spreadsheet_computes(stage: Stage, file: Path, tmp_path: Path) -> None:
    page = opened(stage, file)
    out = tmp_path / "problems.xlsx"
    stage.do(lambda: page.save_problems_to(out))
    stage.idle()
    rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + len(MANGLED)
    assert "=1+1" in [row[0] for row in rows]


def test_a_file_that_is_none_is_refused_in_words(stage: Stage, tmp_path: Path) -> None:
    page = stage.open("batch")
    wrong = tmp_path / "wrong.xlsx"
    wrong.write_bytes(b"not a workbook")
    stage.do(lambda: page.open_path(wrong))
    stage.wait(lambda: page.problem.isVisible())
    assert page.model.rows == ()


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp874", ";")])
def test_csv_keeps_leading_zeros_and_is_recognised_when_it_comes_again(encoding: str, delimiter: str) -> None:
    text = f"รหัสสมาชิก{delimiter}จำนวนเงิน\n0004412{delimiter}1000.50\n"
    made = as_workbook(text.encode(encoding))
    assert isinstance(made, bytes)
    assert made == as_workbook(text.encode(encoding))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert rows[1] == ["0004412", "1000.50"]


async def events(stage: Stage, state: EventState) -> list[Any]:
    return [event for event in await stage.desk.outbox.events((state,)) if event.kind is EventKind.BATCH]


def test_all_that_is_wrong_with_a_row_can_be_read(stage: Stage) -> None:
    page = stage.open("batch")
    stage.do(lambda: page.open_path(CASES / "b14_same_farmer_same_amount_twice.xlsx"))
    stage.wait(lambda: bool(page.model.rows) and not page.model.busy)
    current = page.table.current_row()
    assert current is not None
    assert page.whole.isVisible()
    assert page.whole.text() == " · ".join(text() for text in current.problems)
    stage.do(page.leave_out_all.click)
    stage.wait(lambda: not page.whole.isVisible())
