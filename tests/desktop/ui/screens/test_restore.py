"""After a restore: the page says what stands still and who does the next step; one proposes, another signs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget

from desktop.core.answers import Problem
from desktop.core.screens.restores import Stage, next_step
from desktop.i18n import restore
from desktop.ui.screens.restore.page import RestorePage
from server.restore.asking import _WORDS
from server.restore.report import Here
from server.restore.rules import Kind
from shared.lifecycle import RestoreState
from shared.permissions import Role
from shared.wire.restores import RestoreList
from tests.desktop.ui.screens import sample_restores as sample
from tests.desktop.ui.screens.sample_desk import CODE
from tests.desktop.ui.screens.stage import Stage as Window
from tests.desktop.ui.screens.stage import staged


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Window]:
    with staged(qt_loop, tmp_path, Role.TREASURER) as made:
        yield made


def opened(stage: Window, listed: RestoreList) -> RestorePage:
    stage.answers.handlers["list_restores"] = lambda _: listed
    page = stage.open("restore")
    assert isinstance(page, RestorePage)
    stage.wait(lambda: page.model.listed is not None)
    return page


def said(widget: QWidget) -> str:
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    return "\n".join(labels).replace("\u200b", "")


def dialog(stage: Window) -> QDialog:
    stage.wait(lambda: stage.dialog() is not None)
    found = stage.dialog()
    assert found is not None
    return found


STAGES = [
    (sample.calm(), Stage.CALM),
    (sample.calm(sample.proposal("settled")), Stage.CALM),
    (sample.behind(), Stage.COMPARE),
    (sample.behind(newest=sample.report(complete=False)), Stage.COMPARE),
    (sample.behind(newest=sample.report()), Stage.PROPOSE),
    (sample.behind(sample.proposal("rejected"), newest=sample.report()), Stage.PROPOSE),
    (sample.behind(sample.proposal(expires_at="2026-11-20T00:00:00.000Z"), newest=sample.report()), Stage.PROPOSE),
    (sample.waiting(), Stage.SIGN),
    (sample.behind(sample.proposal(), newest=sample.report(complete=False)), Stage.STALE),
    (sample.behind(sample.proposal(), newest=sample.report(digest="6f" * 32)), Stage.STALE),
    (sample.behind(sample.proposal("approved"), newest=sample.report()), Stage.AGREED),
]


@pytest.mark.parametrize(("listed", "expected"), STAGES)
def test_the_page_says_what_is_so_and_what_comes_next(stage: Window, listed: RestoreList, expected: Stage) -> None:
    page = opened(stage, listed)
    assert page.model.stage is expected
    shown = said(page.stage)
    assert (restore.BEHIND.th.replace("|", "") in shown) is (expected is not Stage.CALM)
    step = next_step(expected)
    assert step is None or step.th.replace("|", "") in shown
    assert page.propose.isEnabled() is (expected is Stage.PROPOSE)
    assert page.propose.isVisible() is (expected in (Stage.COMPARE, Stage.PROPOSE))
    assert page.sign.isVisible() is (expected in (Stage.SIGN, Stage.STALE))


def test_what_the_last_restore_left_for_people_is_said(stage: Window) -> None:
    page = opened(stage, sample.calm(sample.proposal("settled")))
    assert "4 รายการ" in said(page.stage)


def test_it_is_proposed_with_a_reason_and_once(stage: Window) -> None:
    page = opened(stage, sample.behind(newest=sample.report()))
    stage.answers.handlers["propose_restore"] = lambda _: sample.proposal()
    stage.do(page.propose.setFocus)
    stage.press(page.propose, Qt.Key.Key_Space)
    asked = dialog(stage)
    action = asked.findChild(QWidget, "confirm_action")
    assert action is not None
    assert not action.isEnabled()
    (reason,) = asked.findChildren(QPlainTextEdit)
    stage.do(lambda: reason.setPlainText("เครื่องเสีย"))
    stage.press(reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    stage.wait(lambda: stage.asked("propose_restore") != [])
    stage.idle()
    (sent,) = stage.asked("propose_restore")
    assert (sent.report, sent.reason) == (sample.DIGEST, "เครื่องเสีย")


def test_a_refused_proposal_says_why_until_somebody_tries_again(stage: Window) -> None:
    page = opened(stage, sample.behind(newest=sample.report()))
    refused = Problem(code="restore.report", status=409, detail_th="รายงานนี้ไม่ใช่ฉบับล่าสุด", detail_en="Not the newest.")
    stage.answers.handlers["propose_restore"] = lambda _: refused
    assert stage.run(page.model.propose("เครื่องเสีย")) is False
    stage.do(page._look)
    stage.idle()
    assert "ไม่ใช่ฉบับล่าสุด" in said(page.problem)
    stage.do(page.refresh)
    stage.idle()
    assert not page.problem.isVisible()


def test_another_persons_proposal_is_signed_with_a_code(stage: Window) -> None:
    signed: list[Any] = []
    stage.answers.handlers["sign_restore"] = lambda request: signed.append(request) or sample.proposal("approved")
    page = opened(stage, sample.waiting())
    assert "อรุณ ผู้ดูแลระบบ เสนอให้จ่ายต่อ" in said(page.stage)
    stage.do(page.sign.setFocus)
    stage.press(page.sign, Qt.Key.Key_Space)
    asked = dialog(stage)
    code = asked.findChild(QLineEdit, "sign_off_code")
    assert code is not None
    stage.wait(lambda: "เครื่องเดิมเสีย" in said(asked))
    shown = said(asked)
    assert "241,262.00" in shown
    assert "แฟ้มตัวส่งเงิน" in shown
    assert "position" not in shown
    stage.type(code, CODE)
    stage.press(code, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    stage.wait(lambda: len(signed) == 1)
    assert (signed[0].decision, signed[0].digest) == ("approve", sample.proposal().digest)


def test_a_sheet_that_says_something_else_is_not_shown(stage: Window) -> None:
    forged = sample.proposal(digest="00" * 32)
    page = opened(stage, sample.behind(forged, newest=sample.report()))
    stage.click(page.sign)
    asked = dialog(stage)
    stage.wait(lambda: "ยังไม่มีการลงนามใด ๆ" in said(asked))


def test_nobody_signs_their_own(stage: Window) -> None:
    session = stage.desk.session
    assert session is not None
    page = opened(stage, sample.waiting(maker=session.user_id))
    assert not page.sign.isEnabled()
    assert "คนอื่นอนุมัติ" in said(page.stage)


def test_the_chosen_comparison_shows_its_payments(stage: Window) -> None:
    page = opened(stage, sample.waiting())
    assert page.payments.model.rowCount() == len(sample.ROWS)
    assert "คนต้องจัดการ 4" in said(page)
    assert page.records.model.rowCount() == 2
    stage.do(lambda: page.payments.view.go_to(1))
    assert {"SDWF8DW3B5ASWW01", "PV2611-0000041", "NSN"} <= set(page.about.text().replace("\u200b", "").split())


def test_without_a_server_the_page_says_so_and_keeps_what_it_knew(stage: Window) -> None:
    page = opened(stage, sample.waiting())
    stage.lose_connection()
    stage.do(page.refresh)
    stage.idle()
    assert page.problem.isVisible()
    assert not page.sign.isEnabled()
    assert page.records.model.rowCount() == 2


def test_every_code_of_the_server_has_words() -> None:
    assert {*_WORDS.values(), "open", ""} <= set(restore._BANK)
    assert {one.value for one in Here} <= set(restore._HERE)
    assert {one.value for one in Kind} <= set(restore._WITNESS)
    assert {one.value for one in RestoreState} <= set(restore.STATE)
    assert {"file", "statement", "callback"} <= set(restore._FOUND_BY)


def test_the_administrator_finds_the_page_and_proposes_there(qt_loop: Any, tmp_path: Path) -> None:
    with staged(qt_loop, tmp_path, Role.ADMINISTRATOR) as stage:
        page = opened(stage, sample.behind(newest=sample.report()))
        assert page.propose.isEnabled()
        stage.answers.handlers["list_restores"] = lambda _: sample.waiting()
        stage.do(page.refresh)
        stage.idle()
        assert not page.sign.isEnabled()
        assert QApplication.focusWidget() is not None
