"""The list of what waits: oldest first, own items with the reason, several only without warnings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from desktop.ui.screens.approvals.page import ApprovalsPage
from shared.permissions import Role
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER) as made:
        yield made


def opened(stage: Stage) -> ApprovalsPage:
    page = stage.open("approvals")
    assert isinstance(page, ApprovalsPage)
    stage.wait(lambda: len(page.table.model.source) == 13)
    stage.idle()
    return page


def go_to(stage: Stage, page: ApprovalsPage, row_id: str) -> None:
    place = page.table.model.source.index_of(row_id)
    assert place is not None
    stage.do(lambda: page.table.view.go_to(place))


def test_oldest_first_in_one_list(stage: Stage) -> None:
    page = opened(stage)
    made = [r.created_at for r in page.model.rows]
    assert made == sorted(made)
    assert {r.kind for r in page.model.rows} == {"intents", "batches", "bank_changes", "funding"}


def test_an_own_item_cannot_be_opened_and_says_why(stage: Stage) -> None:
    page = opened(stage)
    go_to(stage, page, str(views.intent(7).id))
    button = stage.find(QPushButton, "approvals_open")
    assert not button.isEnabled()
    assert "คนอื่นอนุมัติ" in button.toolTip()
    stage.press(page.table.view, Qt.Key.Key_Return)
    assert stage.dialog() is None


def test_only_payments_without_a_warning_are_marked(stage: Stage) -> None:
    page = opened(stage)
    for number, marked in ((5, True), (views.BAD_FIT, False), (7, False)):
        row_id = str(views.intent(number).id)
        go_to(stage, page, row_id)
        stage.press(page.table.view, Qt.Key.Key_Space)
        assert (row_id in page.table.model.marked) is marked, number
    assert page.model.selected == {str(views.intent(5).id)}
    assert "162,569.39" in stage.find(QPushButton, "approvals_sign_selected").text()


def test_marked_payments_open_as_one_set(stage: Stage) -> None:
    page = opened(stage)
    for number in (0, 5):
        go_to(stage, page, str(views.intent(number).id))
        stage.press(page.table.view, Qt.Key.Key_Space)
    stage.click(stage.find(QPushButton, "approvals_sign_selected"))
    stage.wait(stage.dialog_ready)
    [request] = stage.asked("open_sign_off_sheet")
    assert set(request.intents) == {views.intent(0).id, views.intent(5).id}


def test_without_a_connection_the_list_stays_and_the_button_says_so(stage: Stage) -> None:
    page = opened(stage)
    stage.lose_connection()
    stage.idle()
    button = stage.find(QPushButton, "approvals_open")
    assert len(page.table.model.source) == 13
    assert not button.isEnabled()
    assert button.text().strip() == "ต้องออนไลน์"
