"""Payments in doubt on a real window: evidence, countdown, and a button that asks and never pays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from desktop.core.answers import Problem
from desktop.ui.screens.in_doubt.page import InDoubtPage
from shared.permissions import Role
from shared.wire.doubt import AskReply, DoubtList
from tests.desktop.ui.screens import sample_doubts
from tests.desktop.ui.screens.stage import Stage, staged


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER) as made:
        yield made


def opened(stage: Stage) -> InDoubtPage:
    page = stage.open("in_doubt")
    assert isinstance(page, InDoubtPage)
    stage.wait(lambda: page.model.payments != ())
    return page


def said(widget: QWidget) -> str:
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    return "\n".join(labels).replace("\u200b", "")


def test_it_says_who_cares_for_a_payment_and_that_it_must_not_be_paid_again(stage: Stage) -> None:
    page = opened(stage)
    stage.wait(lambda: "ธนา มั่งมี" in said(page))
    assert "ห้ามจ่ายซ้ำ" in said(page)
    assert "ต้องติดตามกับธนาคาร 1 รายการ" in said(page)
    assert page.model.seconds_left(page.model.payments[0]) == 124


def test_the_only_thing_to_do_is_to_ask_and_it_is_asked_once(stage: Stage) -> None:
    page = opened(stage)
    first = page.model.payments[0]
    stage.answers.handlers["ask_bank_now"] = lambda request: AskReply(id=request.id, asked=True)
    shown = [b for b in page.findChildren(QAbstractButton) if b.isVisible() and b.objectName().startswith("in_doubt")]
    assert [button.objectName() for button in shown] == ["in_doubt_ask"]
    stage.wait(page.ask.isEnabled)
    stage.click(page.ask)
    stage.wait(lambda: not page.ask.isEnabled())
    assert [request.id for request in stage.asked("ask_bank_now")] == [first.intent.id]
    assert page.model.seconds_left(first) == 0


def test_who_may_not_sign_may_look_and_is_told_why_not(stage: Stage) -> None:
    listed = DoubtList(payments=[sample_doubts.payment(1, may_ask=False)])
    stage.answers.handlers["list_in_doubt"] = lambda _: listed
    stage.desk.client.adopt(_cashier(stage))
    page = opened(stage)
    stage.wait(lambda: page.table.current_row() is not None)
    assert not page.ask.isEnabled()
    assert page.ask.toolTip()


def _cashier(stage: Stage) -> Any:
    from tests.desktop.ui.screens.sample_desk import session

    return session(Role.CASHIER)


def test_a_server_that_does_not_answer_is_told_and_what_was_there_stays(stage: Stage) -> None:
    page = opened(stage)
    busy = Problem(code="overloaded", status=503, detail_th="เซิร์ฟเวอร์ไม่ว่าง", detail_en="The server is busy.")
    stage.answers.handlers["list_in_doubt"] = lambda _: busy
    stage.do(page.refresh)
    stage.wait(page.problem.isVisible)
    assert "เซิร์ฟเวอร์ไม่ว่าง" in said(page)
    assert len(page.model.payments) == 4
