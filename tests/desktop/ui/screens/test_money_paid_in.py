"""The treasury's page on a real window: a line or a slip is recorded, another one reads it and signs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from desktop.core.answers import Problem
from desktop.core.signing import Kind
from desktop.ui.screens.treasury.page import TreasuryPage
from shared.permissions import Role
from tests.desktop.ui.screens import sample_treasury as money
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import CODE
from tests.desktop.ui.screens.stage import Stage, staged
from tests.desktop.ui.screens.test_treasury import said

SAME = Problem(code="deposit.duplicate", status=409, detail_th="อาจบันทึกไปแล้ว", detail_en="Perhaps recorded before")


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.TREASURER) as made:
        yield made


def opened(stage: Stage) -> TreasuryPage:
    page = stage.open("treasury")
    assert isinstance(page, TreasuryPage)
    return page


def test_books_and_bank_stand_side_by_side_with_what_explains_the_difference(stage: Stage) -> None:
    page = opened(stage)
    for words in ("382,500,000.00", "4,120,500.00", "484,918,650.00", "999,500.00", "-3,000,000.00"):
        assert words in said(page)
    assert "ไม่มีคำอธิบาย" not in said(page)
    wrong = msgspec.structs.replace(money.beside_the_bank(), unexplained="0.01")
    stage.answers.handlers["get_treasury"] = lambda _: wrong
    stage.do(page.refresh)
    stage.wait(lambda: "ไม่มีคำอธิบาย 0.01" in said(page))


def test_a_line_of_the_bank_fills_the_form_and_is_sent_by_keys_alone(stage: Stage) -> None:
    page = opened(stage)
    stage.do(lambda: page.credits.view.setFocus())
    stage.press(page.credits.view, Qt.Key.Key_Home)
    stage.press(page.credits.view, Qt.Key.Key_Return)
    assert page.form.amount.first.edit.text() == "1500000.00"
    assert page.form.payer.hasFocus()
    assert not page.form.send.isEnabled()
    stage.type(page.form.reason, "capital")
    assert page.form.send.isEnabled(), page.form.why_not.text()
    stage.answers.handlers["record_deposit"] = lambda _: money.deposit(9)
    stage.press(page.form.send, Qt.Key.Key_Space)
    stage.wait(lambda: bool(stage.asked("record_deposit")))
    stage.idle()
    (request,) = stage.asked("record_deposit")
    assert (request.statement_line_id, request.amount) == (money.credit(1).id, "1500000.00")
    assert (request.received_on, request.reason) == ("2026-11-20", "capital")
    assert page.form.reason.text() == ""


def test_a_slip_is_typed_in_full_and_what_looks_the_same_asks_why(stage: Stage, tmp_path: Path) -> None:
    page = opened(stage)
    form = page.form
    for edit, text in (
        (form.amount.first.edit, "1000"),
        (form.amount.second.edit, "1000"),
        (form.received, "20/11/2569"),
        (form.payer, "Bank"),
        (form.reason, "capital"),
    ):
        stage.type(edit, text)
    assert not form.send.isEnabled()
    (tmp_path / "slip.png").write_bytes(money.SLIP)
    (tmp_path / "notes.png").write_bytes(b"text")
    stage.do(lambda: form.slip.files_chosen.emit([tmp_path / "notes.png"]))
    stage.wait(lambda: "JPEG PNG" in form.problem._words.text().replace("\u200b", ""))
    stage.do(lambda: form.slip.files_chosen.emit([tmp_path / "slip.png"]))
    stage.wait(form.send.isEnabled)
    stage.answers.handlers["record_deposit"] = lambda _: SAME
    stage.click(form.send)
    stage.wait(lambda: form.other_field.isVisible())
    assert "อาจบันทึกไปแล้ว" in said(page)
    assert not form.send.isEnabled()
    stage.type(form.other, "second transfer")
    stage.answers.handlers["record_deposit"] = lambda _: money.deposit(9)
    stage.click(form.send)
    stage.wait(lambda: len(stage.asked("record_deposit")) == 2)
    stage.idle()
    request = stage.asked("record_deposit")[1]
    assert (request.received_on, request.document, request.duplicate_reason) == (
        "2026-11-20",
        money.SLIP,
        "second transfer",
    )


def test_a_day_to_come_or_two_amounts_are_not_sent(stage: Stage) -> None:
    page = opened(stage)
    model = page.model
    stage.do(lambda: model.choose(money.credit(1)))
    stage.do(lambda: model.edit(reason="capital"))
    assert model.may_record.enabled
    for changed in ({"amount_again": "1"}, {"received": "2099-01-01"}, {"received": "30/02/2569"}, {"payer": " "}):
        before = model.form
        stage.do(lambda changed=changed: model.edit(**changed))
        assert not model.may_record.enabled, changed
        stage.do(lambda before=before: model.edit(**{name: getattr(before, name) for name in before.__struct_fields__}))
    assert model.may_record.enabled


def test_who_signs_has_read_the_slip(stage: Stage) -> None:
    stage.answers.handlers["get_deposit_document"] = lambda _: money.SLIP
    stage.answers.handlers["sign_deposit"] = lambda _: money.deposit(1, "recorded")
    paper = money.deposit(1).documents
    dialog = stage.sign(Kind.DEPOSIT, [money.deposit(1).id], papers=paper)
    assert "บริษัท ข้าวไทย จำกัด" in said(dialog)
    assert "20 พ.ย. 2569" in said(dialog)  # as everywhere, in the era of the language
    approve = stage.find(QPushButton, "sign_off_approve", dialog)
    stage.do(lambda: dialog._code.set_text(CODE) if hasattr(dialog._code, "set_text") else None)
    assert not approve.isEnabled()
    assert "เปิดอ่าน" in dialog.foot_note.text().replace("\u200b", "")
    stage.run(dialog._model.read_document(paper[0].sha256))
    assert stage.run(dialog._model.decide("approve", CODE))
    (request,) = stage.asked("sign_deposit")
    assert (request.id, request.digest, request.decision) == (money.deposit(1).id, money.deposit(1).digest, "approve")


def test_ones_own_record_is_taken_back_and_never_signed(stage: Stage) -> None:
    page = opened(stage)
    own = money.deposit(2, maker=views.ME)
    stage.do(lambda: page.records.view.go_to(1))
    stage.wait(lambda: page.records.view.current_id() == str(own.id))
    assert (page.cancel.isEnabled(), page.sign.isEnabled()) == (True, False)
    stage.answers.handlers["cancel_deposit"] = lambda _: money.deposit(2, "cancelled", views.ME)
    stage.click(page.cancel)
    stage.wait(lambda: bool(stage.asked("cancel_deposit")))
    stage.do(lambda: page.records.view.go_to(0))
    stage.wait(lambda: page.sign.isEnabled())
    assert not page.cancel.isEnabled()


def test_offline_nothing_is_sent(stage: Stage) -> None:
    page = opened(stage)
    stage.do(lambda: page.model.choose(money.credit(1)))
    stage.do(lambda: page.model.edit(reason="capital"))
    stage.lose_connection()
    stage.wait(lambda: not page.form.send.isEnabled())
    stage.do(lambda: page.records.view.go_to(0))
    assert not page.sign.isEnabled()
