"""A payment that failed or came back is paid again from the list, by key or button, without typing it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.core import texts
from desktop.core.store import queries
from desktop.i18n import language, reasons, set_language
from desktop.ui.screens.disbursements.inspection import advice_of
from desktop.ui.screens.disbursements.page import DisbursementsPage
from desktop.ui.screens.payment.page import PaymentPage
from desktop.ui.widgets.toast import Toast
from shared.bank_codes import BANK_CODES, Owner, bank_code
from shared.money import Satang
from shared.permissions import Role
from shared.wire.members import ValidationView
from shared.wire.payments import IntentView, SubmitIntentRequest
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

WAYS = {"failed": "bank", "rejected": "bank", "expired": "bank", "cancelled": "bank", "returned": "withdraw"}


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        made.answers.handlers["validate_member"] = lambda _: ValidationView(
            member=views.member(7), payable=True, reasons=[], as_of=views.LATER
        )
        yield made


def ended(state: str, **more: Any) -> IntentView:
    view = views.intent(7, maker=views.SUDA, state=state, version=9)
    return msgspec.structs.replace(view, **{"payout": "99.50", **more})


def selected(stage: Stage, view: IntentView) -> DisbursementsPage:
    stage.answers.feed.setdefault("intents", []).append(view)
    stage.run(stage.desk.sync.once())
    page = stage.open("disbursements", str(view.id))
    assert isinstance(page, DisbursementsPage)
    stage.wait(lambda: page.model.selected is not None and page.model.selected.id == view.id)
    stage.idle()
    return page


def form_of(stage: Stage) -> PaymentPage:
    page = stage.shell.current_page()
    assert isinstance(page, PaymentPage)
    stage.wait(lambda: bool(page.model.form.replaces))
    return page


@pytest.mark.parametrize("state", WAYS)
def test_one_key_opens_the_form_filled_in_and_names_what_it_pays_again(stage: Stage, state: str) -> None:
    view = ended(state)
    page = selected(stage, view)
    assert page.again.isVisible()
    stage.press(page.table.view, Qt.Key.Key_F8)
    form = form_of(stage)
    kept = form.model.form
    assert (kept.way, kept.replaces) == (WAYS[state], str(view.id))
    assert kept.amount == kept.amount_again == ("99.50" if state == "returned" else view.amount)
    label = stage.find(QLabel, "payment_again")
    assert label.isVisible()
    assert view.number in label.text()
    stage.wait(lambda: bool(stage.asked("preview_intent")))
    request = stage.asked("preview_intent")[-1]
    assert isinstance(request, SubmitIntentRequest)
    assert request.pays_again == view.id
    assert request.weigh_ticket == ("" if state == "returned" else view.weigh_ticket)


@pytest.mark.parametrize(
    "view", [ended("settled"), ended("in_doubt"), ended("failed", paid_again_number="PV2611-0000099")]
)
def test_what_is_paid_or_under_way_or_paid_again_is_not_and_the_key_says_why(stage: Stage, view: IntentView) -> None:
    page = selected(stage, view)
    assert not page.again.isVisible()
    stage.press(page.table.view, Qt.Key.Key_F8)
    shown = [toast.accessibleName() for toast in stage.shell.findChildren(Toast) if toast.isVisible()]
    assert any(texts.NOT_PAYABLE_AGAIN() in words for words in shown)
    assert stage.shell.current_page() is page


def test_another_member_is_another_payment(stage: Stage) -> None:
    page = selected(stage, ended("failed"))
    stage.click(page.again)
    form = form_of(stage)
    stage.run(form.model.choose_member(views.member(2).id))
    assert form.model.form.replaces == ""
    assert not stage.find(QLabel, "payment_again").isVisible()


def test_a_draft_that_pays_again_still_says_so_when_it_is_opened_again(stage: Stage) -> None:
    view = ended("returned")
    page = selected(stage, view)
    stage.click(page.again)
    form = form_of(stage)
    stage.run(form.model.draft.flush())
    event = stage.run(stage.desk.outbox.get(form.model.draft.event_id))
    assert event is not None
    stage.run(form.model.resume(event))
    assert form.model.first is not None
    assert form.model.first.number == view.number


def test_what_came_back_counts_as_one_like_it(stage: Stage) -> None:
    view = ended("returned")
    selected(stage, view)
    amount = Satang(int(view.amount.replace(".", "")))
    found = stage.run(
        stage.desk.cache.read(lambda c: queries.possible_duplicates(c, str(view.member_id), amount, "2026-01-01", ""))
    )
    assert view.id in {one.id for one in found}


def test_who_signs_sees_which_payment_is_paid_again(qt_loop: Any, tmp_path: Path) -> None:
    with staged(qt_loop, tmp_path, Role.MANAGER) as manager:
        view = msgspec.structs.replace(views.intent(3), pays_again_number="PV2611-0000042", version=9)
        manager.answers.feed.setdefault("intents", []).append(view)
        manager.run(manager.desk.sync.once())
        page = manager.open("approvals", str(view.id))
        manager.wait(lambda: any("PV2611-0000042" in one.text() for one in page.panel.findChildren(QLabel)))


ACCOUNT = {"name.mismatch", "account.missing", "account.unverified", "114", "125", "176", "182", "order"}
OURS = ("signature.void", "member.not_active", "member.changed", "account.missing", "account.unverified", "")


@pytest.fixture
def english() -> Iterator[None]:
    before = language()
    set_language("en")
    yield
    set_language(before)


@pytest.mark.usefixtures("english")
def test_advice_fits_its_reason_and_only_a_wrong_account_is_to_be_corrected() -> None:
    for code in {code for _, code in BANK_CODES} | set(OURS):
        advice = reasons.after_failure(code)
        assert advice.startswith("No money moved")
        assert ("bank change" in advice) == (code in ACCOUNT)
        if code not in ACCOUNT and bank_code(code).owner in (Owner.PAYER, Owner.CHANNEL):
            assert "nothing is wrong" in advice
    assert "amount" in reasons.after_failure("113")
    assert "amount" in reasons.after_failure("H113")
    assert "head office" in reasons.after_failure("116")
    assert "nothing is wrong" in reasons.after_failure("184")
    assert "ask the bank why" in reasons.after_failure("an unknown one")


@pytest.mark.usefixtures("english")
def test_words_say_where_the_money_is_and_what_is_done_already() -> None:
    assert "owed" in advice_of(ended("returned"))
    assert "branch" not in advice_of(ended("returned"))
    for state in ("returned", "failed"):
        told = advice_of(ended(state, paid_again_number="PV2611-0000099"))
        assert "PV2611-0000099" in told
        assert "choose" not in told
