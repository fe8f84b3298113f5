"""The statements page: a proposal to set a statement aside, its signature by another person, and files not taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget

from desktop.ui.screens.statements.page import StatementsPage
from shared.permissions import Role
from shared.wire.statements import SetAsideList, StatementFileList
from tests.desktop.ui.screens import sample_statements, sample_views
from tests.desktop.ui.screens.sample_desk import CODE
from tests.desktop.ui.screens.stage import Stage, staged


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.TREASURER) as made:
        yield made


def opened(stage: Stage) -> StatementsPage:
    page = stage.open("statements")
    assert isinstance(page, StatementsPage)
    stage.wait(lambda: page.model.opened is not None)
    return page


def dialog(stage: Stage) -> QDialog:
    stage.wait(lambda: any(one.isVisible() for one in stage.shell.findChildren(QDialog)))
    return next(one for one in stage.shell.findChildren(QDialog) if one.isVisible())


def said(widget: QWidget) -> str:
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    return "\n".join(labels).replace("\u200b", "")


def test_a_statement_is_proposed_with_a_reason(stage: Stage) -> None:
    sent: list[Any] = []
    stage.answers.handlers["list_set_asides"] = lambda _: SetAsideList(set_asides=[])
    stage.answers.handlers["propose_set_aside"] = lambda request: sent.append(request) or proposal()
    page = opened(stage)
    assert not page.proposal.isVisible()
    stage.click(page.propose)
    asked = dialog(stage)
    action = asked.findChild(QWidget, "confirm_action")
    assert action is not None
    assert not action.isEnabled()
    (reason,) = asked.findChildren(QPlainTextEdit)
    stage.do(lambda: reason.setPlainText("บัญชีอื่น"))
    stage.click(action)
    stage.wait(lambda: len(sent) == 1)
    assert (sent[0].id, sent[0].reason) == (sample_views.statement(0).id, "บัญชีอื่น")


def proposal() -> Any:
    return sample_statements.proposals().set_asides[0]


def test_another_persons_proposal_is_signed_with_a_code(stage: Stage) -> None:
    signed: list[Any] = []
    stage.answers.handlers["sign_set_aside"] = lambda request: signed.append(request) or proposal()
    page = opened(stage)
    assert "อรุณ ผู้ดูแลระบบ ขอให้พักรายการเดินบัญชี" in said(page.proposal)
    assert "อีก 2 ไฟล์" in said(page.proposal)
    stage.do(page.proposal.sign.setFocus)
    stage.press(page.proposal.sign, Qt.Key.Key_Space)
    asked = dialog(stage)
    approve = asked.findChild(QWidget, "sign_off_approve")
    code = asked.findChild(QLineEdit, "sign_off_code")
    stage.wait(lambda: "รับเข้าผิดโดยเวอร์ชันก่อน" in said(asked))
    assert approve is not None
    assert code is not None
    assert "บาท" not in said(asked)
    stage.type(code, CODE)
    stage.click(approve)
    stage.wait(lambda: len(signed) == 1)
    assert (signed[0].decision, signed[0].digest) == ("approve", proposal().digest)


def test_nobody_signs_their_own(stage: Stage) -> None:
    session = stage.desk.session
    assert session is not None
    stage.answers.handlers["list_set_asides"] = lambda _: sample_statements.proposals(maker=session.user_id)
    page = opened(stage)
    assert not page.proposal.sign.isEnabled()
    assert "คนอื่นอนุมัติ" in said(page.proposal)


def test_files_that_were_not_taken_say_why_and_are_judged_again(stage: Stage) -> None:
    page = opened(stage)
    stage.do(page.switch.setFocus)
    stage.press(page.switch, Qt.Key.Key_Space)
    assert page.not_taken.table.view.hasFocus()
    assert "ไม่ใช่บัญชีของบริษัท" in said(page.not_taken)
    stage.do(lambda: page.not_taken.table.view.go_to(1))
    assert "(บรรทัด 4)" in said(page.not_taken)
    stage.answers.handlers["list_statement_files"] = lambda _: StatementFileList(files=[])
    stage.click(page.not_taken.judge)
    stage.wait(lambda: not page.not_taken.isVisible())
    assert len(stage.asked("judge_statements_again")) == 1
