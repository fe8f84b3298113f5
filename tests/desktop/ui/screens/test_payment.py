"""New payment on a real window: names before amounts, twice the same, any edit voids, and nothing goes by Enter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit

from desktop.core.answers import Problem
from desktop.core.forms import PaymentForm
from desktop.core.store.outbox import EventState, PendingEvent
from desktop.i18n import sign_off
from desktop.ui.screens.payment.page import PaymentPage
from desktop.ui.theme.look import look
from shared.permissions import Role
from shared.wire.balances import RecipientView
from shared.wire.members import ValidationView
from shared.wire.payments import IntentPreview, SubmitIntentRequest
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

PAYEE = views.member(1)


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        made.answers.handlers["validate_member"] = _payable
        yield made


def _payable(_request: Any) -> ValidationView:
    return ValidationView(member=PAYEE, payable=True, reasons=[], as_of=views.LATER)


def page_of(stage: Stage) -> PaymentPage:
    page = stage.open("payment", str(PAYEE.id))
    assert isinstance(page, PaymentPage)
    stage.wait(lambda: page.model.member is not None)
    return page


def fill(stage: Stage, page: PaymentPage, first: str, second: str) -> None:
    stage.type(page.twice.first.edit, first)
    stage.type(page.twice.second.edit, second)


def states(stage: Stage) -> list[EventState]:
    return [event.state for event in stage.run(stage.desk.outbox.events())]


def test_no_amount_can_be_typed_before_the_names_are_seen(stage: Stage) -> None:
    page = stage.open("payment")
    assert not page.twice.first.edit.isEnabled()
    assert not page.banner.isVisible()
    stage.do(lambda: stage.shell.open_page("payment", str(PAYEE.id)))
    stage.wait(lambda: page.twice.first.edit.isEnabled())
    assert PAYEE.name in page.banner.accessibleName()
    assert views.bank_name(1) in page.banner.accessibleName()


def test_the_difference_of_the_two_amounts_is_stated_and_nothing_can_be_sent(stage: Stage) -> None:
    page = page_of(stage)
    fill(stage, page, "48250", "48520")
    assert "270.00" in page.twice.second.error
    assert not page.submit.isEnabled()


def test_the_button_says_the_amount_and_works_once_this_very_form_was_checked(stage: Stage) -> None:
    page = page_of(stage)
    fill(stage, page, "48250", "48250")
    stage.wait(page.submit.isEnabled)
    assert "48,250.00" in page.submit.text()
    stage.type(page.ticket, "W-TEST-1")
    assert not page.submit.isEnabled()
    stage.wait(page.submit.isEnabled)
    assert len(stage.asked("validate_member")) == 2


@pytest.mark.parametrize("language", ["th", "en"])
def test_fees_and_what_arrives_are_shown_before_anything_is_sent(stage: Stage, language: Literal["th", "en"]) -> None:
    stage.answers.handlers["preview_intent"] = lambda request: IntentPreview(
        amount=request.amount, fee="10.00", post_fee="25.50", advance="0.00", payout="48224.50", channel="scb", roles=[]
    )
    stage.do(lambda: look.set_language(language))
    page = page_of(stage)
    fill(stage, page, "48250", "48250")
    stage.wait(page.submit.isEnabled)
    shown = {label.text() for label in page.findChildren(QLabel)}
    assert {sign_off.FEE(), sign_off.POST_FEE(), sign_off.PAYOUT(), "10.00", "25.50", "48,224.50"} <= shown
    assert sign_off.ADVANCE() not in shown
    stage.type(page.ticket, "W-TEST-2")
    assert "25.50" not in {label.text() for label in page.findChildren(QLabel)}


def test_writing_the_amount_out_in_full_voids_nothing(stage: Stage) -> None:
    page = page_of(stage)
    fill(stage, page, "48250", "48250")
    stage.wait(page.submit.isEnabled)
    stage.do(page.note.setFocus)
    assert page.twice.second.edit.text() == "48,250.00"
    assert page.submit.isEnabled()


def test_enter_in_no_field_sends_anything(stage: Stage) -> None:
    page = page_of(stage)
    fill(stage, page, "48250", "48250")
    stage.wait(page.submit.isEnabled)
    for field in page.findChildren(QLineEdit):
        stage.do(field.setFocus)
        stage.press(field, Qt.Key.Key_Return)
    assert EventState.QUEUED not in states(stage)
    assert EventState.DONE not in states(stage)
    assert page.model.sent_event == ""


def test_a_lost_connection_loses_no_letter_and_the_payment_waits(stage: Stage) -> None:
    page = page_of(stage)
    stage.type(page.twice.first.edit, "48250")
    stage.lose_connection()
    stage.type(page.twice.second.edit, "48250")
    stage.wait(page.submit.isEnabled)
    stage.click(page.submit)
    stage.wait(lambda: stage.shell.current_page() is not page)
    stage.run(stage.desk.sync.once())
    assert states(stage) == [EventState.QUEUED]
    assert stage.desk.sync.status.queued == 1


def test_a_new_window_shows_the_draft_that_was_left(stage: Stage) -> None:
    page = page_of(stage)
    stage.type(page.twice.first.edit, "1234.50")
    stage.run(page.model.draft.flush())
    stage.do(stage.shell.forget_pages)
    again = stage.open("payment")
    assert again is not page
    stage.wait(lambda: again.twice.first.value == 123450)
    assert PAYEE.name in again.member.text()


def test_like_payments_must_be_explained(stage: Stage) -> None:
    before = views.intent(1, state="settled")
    page = page_of(stage)
    amount = before.amount
    fill(stage, page, amount, amount)
    stage.wait(lambda: page.model.checks is not None)
    assert page.duplicates.isVisible()
    assert not page.submit.isEnabled()
    stage.type(page.duplicates.reason, "งวดที่สอง")
    stage.wait(page.submit.isEnabled)


def handed_over(stage: Stage) -> SubmitIntentRequest:
    """What the outbox was given."""
    found: list[SubmitIntentRequest] = []

    def given() -> bool:
        events = stage.run(stage.desk.outbox.events())
        found[:] = [form.request for event in events if (form := _form(event)).request is not None]
        return bool(found)

    for _ in range(50):
        if given():
            break
        stage.do(lambda: None)
    return found[0]


def _form(event: PendingEvent) -> Any:
    return msgspec.json.decode(event.body, type=PaymentForm)


def _again(_request: Any) -> Problem:
    return Problem(
        code="duplicate.possible", status=409, detail_th="อาจจ่ายไปแล้วที่สาขาอื่น", detail_en="Perhaps paid elsewhere."
    )


def test_what_head_office_takes_for_a_second_payment_asks_for_a_reason(stage: Stage) -> None:
    stage.answers.handlers["preview_intent"] = lambda request: None if request.duplicate_reason else _again(request)
    page = page_of(stage)
    fill(stage, page, "777.77", "777.77")
    stage.wait(page.duplicates.isVisible)
    assert not page.submit.isEnabled()
    said = {label.text() for label in page.duplicates.findChildren(QLabel)}
    assert said & {"อาจจ่ายไปแล้วที่สาขาอื่น", "Perhaps paid elsewhere."}
    stage.type(page.duplicates.reason, "คนละเที่ยว")
    stage.wait(page.submit.isEnabled)
    stage.click(page.submit)
    assert handed_over(stage).duplicate_reason == "คนละเที่ยว"


@pytest.mark.parametrize(
    ("way", "operation", "to"),
    [("keep", "disbursement", "balance"), ("withdraw", "withdrawal", "bank"), ("transfer", "transfer", "bank")],
)
def test_money_goes_the_way_that_was_chosen_with_the_keyboard(stage: Stage, way: str, operation: str, to: str) -> None:
    stage.answers.handlers["find_recipient"] = lambda request: RecipientView(
        code=request.code, name="ประสิทธิ์ ศรีสุข", branch="KKN", status="active"
    )
    page = page_of(stage)
    stage.do(page.way.setFocus)
    while page.model.form.way != way:
        before = page.way.currentIndex()
        stage.press(page.way, Qt.Key.Key_Down)
        if page.way.currentIndex() == before:
            break
    assert page.model.form.way == way
    fill(stage, page, "120", "120")
    if way == "transfer":
        assert not page.submit.isEnabled()
        stage.type(page.recipient, "KKN-00017")
    stage.wait(page.submit.isEnabled)
    if way == "transfer":
        assert "ประสิทธิ์ ศรีสุข · KKN" in {label.text() for label in page.summary.findChildren(QLabel)}
    stage.click(page.submit)
    sent = handed_over(stage)
    assert (sent.operation, sent.to, sent.to_member) == (operation, to, "KKN-00017" if way == "transfer" else "")
