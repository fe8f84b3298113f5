"""Nothing typed for one item is met in the next, nothing asked for too early is dropped, nothing unseen is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from desktop.core import texts
from desktop.core.forms import PaymentForm
from desktop.core.store.outbox import EventState
from desktop.i18n import bank_change, money, payment
from desktop.ui.screens.bank_change.page import BankChangePage
from desktop.ui.screens.payment.page import PaymentPage
from desktop.ui.widgets.amount import AmountTwice
from shared.permissions import Role
from shared.wire.members import ValidationView
from shared.wire.payments import IntentPreview
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

PAYEE = views.member(1)
CTRL = Qt.KeyboardModifier.ControlModifier


class Bank:
    """Answers the check only when it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def answer(self, _request: Any) -> ValidationView:
        await self.open.wait()
        return ValidationView(member=PAYEE, payable=True, reasons=[], as_of=views.LATER)


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path, bank: Bank) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        made.answers.handlers["validate_member"] = bank.answer
        yield made


def filled(stage: Stage) -> PaymentPage:
    page = stage.open("payment", str(PAYEE.id))
    assert isinstance(page, PaymentPage)
    for edit in (page.twice.first.edit, page.twice.second.edit):
        stage.type(edit, "777.77")
    return page


def submit_from(stage: Stage, field: QWidget) -> None:
    stage.do(field.setFocus)
    stage.press(field, Qt.Key.Key_Return, CTRL)


def forms(stage: Stage) -> dict[EventState, PaymentForm]:
    stage.run(stage.desk.keep_drafts())
    events = stage.run(stage.desk.outbox.events())
    return {event.state: msgspec.json.decode(event.body, type=PaymentForm) for event in events}


def gone(stage: Stage, page: QWidget) -> PaymentPage:
    """The page of the next payment."""
    stage.wait(lambda: stage.shell.current_page() is not page)
    stage.idle()
    fresh = stage.shell.current_page()
    assert isinstance(fresh, PaymentPage)
    return fresh


FIELDS = ("payment_amount", "payment_amount_again", "payment_ticket", "payment_note", "payment_produce", "payment_way")


@pytest.mark.parametrize("field", FIELDS)
def test_ctrl_enter_inside_any_field_leaves_nothing_in_the_next_form(stage: Stage, bank: Bank, field: str) -> None:
    bank.open.set()
    page = filled(stage)
    stage.type(page.ticket, "W-77")
    stage.wait(lambda: page.model.checked)
    submit_from(stage, stage.find(QWidget, field, page))
    fresh = gone(stage, page)
    assert [edit.text() for edit in fresh.findChildren(QLineEdit) if edit.objectName()] == [""] * len(
        [edit for edit in fresh.findChildren(QLineEdit) if edit.objectName()]
    )
    assert fresh.findChild(QComboBox, "payment_way").currentIndex() == 0
    assert fresh.model.form == PaymentForm()
    (left,) = forms(stage).values()
    assert left.request is not None
    assert (left.request.amount, left.request.weigh_ticket) == ("777.77", "W-77")


def test_ctrl_enter_before_the_answer_waits_in_sight_and_goes_by_itself(stage: Stage, bank: Bank) -> None:
    page = filled(stage)
    submit_from(stage, page.twice.second.edit)
    stage.wait(lambda: page.refusal.text() == payment.WAITS_FOR_CHECK())
    assert page.refusal.isVisible()
    assert set(forms(stage)) == {EventState.DRAFT}
    bank.open.set()
    gone(stage, page)
    assert EventState.DRAFT not in forms(stage)


@pytest.mark.parametrize("again", range(3))
def test_pressed_again_and_again_it_goes_once(stage: Stage, bank: Bank, again: int) -> None:
    page = filled(stage)
    for _ in range(again + 1):
        submit_from(stage, page.twice.second.edit)
    bank.open.set()
    gone(stage, page)
    assert len(forms(stage)) == 1


def test_what_the_answer_adds_is_seen_before_it_is_sent(stage: Stage, bank: Bank) -> None:
    stage.answers.handlers["preview_intent"] = lambda request: IntentPreview(
        amount=request.amount, fee="10.00", post_fee="0.00", advance="0.00", payout="767.77", channel="scb", roles=[]
    )
    page = filled(stage)
    submit_from(stage, page.twice.second.edit)
    bank.open.set()
    stage.wait(lambda: page.refusal.text() == texts.LOOK_FIRST())
    assert set(forms(stage)) == {EventState.DRAFT}
    submit_from(stage, page.twice.second.edit)
    gone(stage, page)


def test_what_is_changed_while_it_waits_is_not_sent(stage: Stage, bank: Bank) -> None:
    page = filled(stage)
    submit_from(stage, page.twice.second.edit)
    stage.type(page.twice.second.edit, "777.78")
    bank.open.set()
    stage.wait(lambda: not page.model.busy)
    assert page.refusal.text() == texts.CHANGED_WAITING()
    stage.type(page.twice.second.edit, "777.77")
    stage.wait(lambda: page.model.checked)
    stage.idle()
    assert set(forms(stage)) == {EventState.DRAFT}


def test_without_a_connection_it_says_so_before_it_is_sent(stage: Stage) -> None:
    page = filled(stage)
    stage.lose_connection()
    stage.answers.handlers.pop("validate_member")
    submit_from(stage, page.twice.second.edit)
    stage.wait(lambda: page.model.checked)
    assert page.refusal.text() == texts.LOOK_FIRST()
    assert set(forms(stage)) == {EventState.DRAFT}


def test_ctrl_enter_that_cannot_work_says_why(stage: Stage) -> None:
    page = stage.open("payment")
    submit_from(stage, page.member)
    assert page.refusal.text() == texts.CHOOSE_MEMBER()
    stage.open("payment", str(PAYEE.id))
    stage.type(page.twice.first.edit, "10")
    submit_from(stage, page.twice.first.edit)
    assert page.refusal.text() == texts.AMOUNT_TWICE()
    stage.type(page.twice.second.edit, "1")
    assert page.refusal.text() == ""


def test_a_discarded_form_does_not_come_back_by_a_late_change(stage: Stage) -> None:
    page = filled(stage)
    model = page.model
    stage.run(model.discard())
    stage.do(lambda: model.edit(note="late"))
    stage.run(model.draft.flush())
    assert forms(stage) == {}


ACCOUNTS = [
    ("1112223331", "1112223331", True),
    ("1112223331", "111-2-22333-1", True),
    ("1112223331", "๑๑๑๒๒๒๓๓๓๑", True),
    ("1112223331", "1112223331ก", False),
    ("1112223331", "ๅๅๅ///---ๅ", False),
    ("1112223331", "111222333", False),
    ("1112223331", "11122233311", False),
    ("111222333", "111222333", False),
    ("ๅๅๅ", "ๅๅๅ", False),
    ("0000000000", "0000000000", False),
    ("1.11E+09", "1.11E+09", False),
    ("", "", False),
]


@pytest.mark.parametrize(("first", "second", "equal"), ACCOUNTS)
def test_two_account_numbers_are_equal_only_when_both_are_whole(
    stage: Stage, first: str, second: str, equal: bool
) -> None:
    page = stage.open("bank_changes", f"member:{PAYEE.id}")
    assert isinstance(page, BankChangePage)
    stage.do(lambda: page.change.edit(bank="004", account=first, account_again=second))
    said = page.form.again_field.control.accessibleDescription()
    assert (said == bank_change.AGREE()) is equal


@pytest.mark.parametrize("second", ["48250ก", "4825O", "", "-48250", "48,25,0", "48250.001", "ภ/จุ"])
def test_two_amounts_are_equal_only_while_both_are_amounts(qapp: Any, second: str) -> None:
    twice = AmountTwice()
    twice.first.edit.setText("48250")
    twice.second.edit.setText("48250")
    assert twice.second.control.accessibleDescription() == money.AMOUNTS_EQUAL()
    twice.second.edit.setText(second)
    assert twice.second.control.accessibleDescription() != money.AMOUNTS_EQUAL()
    twice.deleteLater()
