"""The form of a bank change and the panel of a case, on a real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from desktop.core.screens.asked_bank import bank_word
from desktop.core.store.outbox import EventKind, EventState
from desktop.i18n import lights
from desktop.ui.screens.bank_change.page import BankChangePage
from desktop.ui.widgets.bank_picker import BankPicker
from desktop.ui.widgets.status import StatusChip
from shared.permissions import Role
from shared.wire.bank_changes import AskedBankView
from shared.wire.members import AccountVerdict, CheckAccountReply
from tests.desktop.core.test_lights import SAYS
from tests.desktop.ui.screens import pictures
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import NOW
from tests.desktop.ui.screens.stage import Stage, staged


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER) as made:
        yield made


def begun(stage: Stage, tmp_path: Path) -> BankChangePage:
    """A form with everything but the number typed again."""
    page = stage.open("bank_changes", f"member:{views.member(1).id}")
    assert isinstance(page, BankChangePage)
    bank = stage.find(BankPicker, "bank_change_bank")
    stage.type(bank, "kasikorn")
    stage.press(bank, Qt.Key.Key_Return)
    stage.type(stage.find(QLineEdit, "bank_change_account"), "1112223331")
    stage.type(stage.find(QLineEdit, "bank_change_name"), "Khampan Yimyaem")
    stage.type(stage.find(QLineEdit, "bank_change_reason"), "old account closed")
    scan = tmp_path / "passbook.png"
    scan.write_bytes(pictures.picture())
    stage.do(lambda: page.form.drop.files_chosen.emit([scan]))
    stage.idle()
    return page


def test_a_bank_is_found_by_part_of_its_name(stage: Stage, tmp_path: Path) -> None:
    page = begun(stage, tmp_path)
    assert page.change.form.bank == "004"
    assert page.form.bank.text().startswith("KBANK")


def test_the_two_numbers_must_agree_and_the_difference_is_said(stage: Stage, tmp_path: Path) -> None:
    page = begun(stage, tmp_path)
    again, submit = stage.find(QLineEdit, "bank_change_account_again"), stage.find(QPushButton, "bank_change_submit")
    stage.type(again, "1112223313")
    assert page.form.again_field.error.replace("\u200b", "") == "เลขสองช่องไม่ตรงกัน"
    assert not submit.isEnabled()
    stage.type(again, "111-2-22333-1")
    assert page.form.again_field.error == ""
    assert submit.isEnabled()


def test_a_complete_case_waits_in_the_outbox_without_a_connection(stage: Stage, tmp_path: Path) -> None:
    page = begun(stage, tmp_path)
    stage.lose_connection()
    assert page.form.account.text() == "1112223331"
    stage.type(stage.find(QLineEdit, "bank_change_account_again"), "1112223331")
    stage.click(stage.find(QPushButton, "bank_change_submit"))
    stage.idle()
    events = stage.run(stage.desk.outbox.events((EventState.HELD, EventState.QUEUED)))
    assert [event.kind for event in events] == [EventKind.BANK_CHANGE]
    fresh = stage.shell.current_page()
    assert isinstance(fresh, BankChangePage)
    assert fresh is not page
    assert fresh.form.account.text() == ""


def test_what_was_typed_stays_while_one_looks_at_the_list(stage: Stage, tmp_path: Path) -> None:
    page = begun(stage, tmp_path)
    stage.click(stage.find(QPushButton, "bank_change_back"))
    stage.click(stage.find(QPushButton, "bank_change_new"))
    assert page.form.account.text() == "1112223331"
    assert page.form.bank.code == "004"


def test_a_file_that_is_no_document_is_refused_in_words(stage: Stage, tmp_path: Path) -> None:
    page = begun(stage, tmp_path)
    wrong = tmp_path / "run.pdf"
    wrong.write_bytes(b"MZ not a pdf")
    stage.do(lambda: page.form.drop.files_chosen.emit([wrong]))
    stage.idle()
    assert page.form.problem.isVisible()
    assert len(page.change.form.documents) == 1


def test_who_asked_may_withdraw_and_not_sign(stage: Stage) -> None:
    page = stage.open("bank_changes", str(views.change(4).id))
    stage.wait(lambda: page.model.chosen == str(views.change(4).id))
    assert stage.find(QPushButton, "bank_change_cancel").isVisible()
    assert not stage.find(QPushButton, "bank_change_sign").isVisible()


def test_an_approver_opens_the_same_dialog_from_the_case(stage: Stage) -> None:
    page = stage.open("bank_changes", str(views.change(1).id))
    stage.wait(lambda: page.model.chosen == str(views.change(1).id))
    stage.click(stage.find(QPushButton, "bank_change_sign"))
    stage.wait(stage.dialog_ready)
    assert stage.asked("open_bank_change_sheet")[0].id == views.change(1).id


def test_the_panel_says_what_the_bank_said_and_asks_again(stage: Stage) -> None:
    stage.answers.handlers["check_bank_change"] = lambda _: CheckAccountReply(check_id=views.ME)
    for number, words in ((1, lights.CONFIRMED()), (2, lights.NAME_DIFFERS())):
        page = stage.open("bank_changes", str(views.change(number).id))
        stage.wait(lambda page=page, number=number: page.model.chosen == str(views.change(number).id))
        assert words in stage.find(StatusChip, "bank_change_bank_word").accessibleName()
    stage.click(stage.find(QPushButton, "bank_change_ask_bank"))
    stage.wait(lambda: bool(stage.asked("check_bank_change")))


@pytest.mark.parametrize("says", SAYS)
def test_only_a_confirmation_needs_no_acknowledgement(says: Any) -> None:
    at, until = "2026-11-20T03:50:00.000Z", "2026-11-21T03:50:00.000Z"
    verdict = AccountVerdict(says=says, at=at, good_until=until)
    said = bank_word(AskedBankView(state="done", requested_at=at, verdict=verdict), NOW)
    assert said.light.green == (says == "confirmed")
    assert bool(said.cautions) == (says != "confirmed")
    assert bank_word(None, NOW).cautions
