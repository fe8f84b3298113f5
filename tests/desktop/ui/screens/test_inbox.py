"""Each decision reaches who waits for it until it is dealt with; an alarm ends with its cause; the lock covers all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from desktop.core.forms import PaymentForm
from desktop.core.screens.inbox import Inbox, What
from desktop.core.store.outbox import EventKind, EventState, new_event_id
from desktop.i18n import approvals, common, inbox, outcome, reasons
from desktop.i18n.status import STATUS
from desktop.ui.notices import Notices
from desktop.ui.screens.disbursements.page import DisbursementsPage
from desktop.ui.screens.inbox.page import InboxPage
from desktop.ui.screens.payment.page import PaymentPage
from desktop.ui.screens.sign_off.dialog import SignOffDialog
from desktop.ui.theme.look import look
from desktop.ui.widgets.dialog import ConfirmDialog
from desktop.ui.widgets.toast import Toast
from shared.permissions import Role
from shared.wire.approvals import SignatureView
from shared.wire.bank_changes import BankChangeView
from shared.wire.payments import IntentView
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

LATER = "2026-11-21T03:00:00.000Z"
WHY = "ใบชั่งไม่ตรงกับรถ"


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        rejected = f"funding/{views.funding(3).id}/rejected"  # of the sample: dealt with before the test
        made.run(made.desk.outbox.mark(str(views.ME), [rejected], done=True, now=made.desk.now()))
        yield made


@pytest.fixture
def manager(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER) as made:
        yield made


def mine(number: int, state: str, **more: Any) -> IntentView:
    view = views.intent(number, maker=views.ME, state=state, version=9)
    return msgspec.structs.replace(view, changed_at=LATER, **more)


def arrive(stage: Stage, *rows: Any) -> None:
    """As a pull brings them."""
    for row in rows:
        kind = "bank_changes" if isinstance(row, BankChangeView) else "intents"
        stage.answers.feed.setdefault(kind, []).append(row)
    stage.run(stage.desk.sync.once())
    stage.idle()


def bell_of(stage: Stage) -> Notices:
    made: list[Notices] = []
    stage.do(lambda: made.append(Notices(stage.shell, stage.desk)))
    stage.idle()
    stage.wait(lambda: made[0].inbox.loaded)
    return made[0]


def toasts(stage: Stage) -> list[str]:
    return [toast.accessibleName() for toast in stage.shell.findChildren(Toast) if toast.isVisible()]


def inbox_of(stage: Stage) -> InboxPage:
    page = stage.open("inbox")
    assert isinstance(page, InboxPage)
    stage.wait(lambda: page.model.loaded and not page.model.unseen)
    return page


def whats(page: InboxPage) -> list[What]:
    return [entry.what for entry in page.model.entries]


def unread(stage: Stage) -> int:
    return stage.shell.topbar.bell._unread


def words_of(widget: Any) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


@pytest.mark.parametrize(
    ("state", "what"),
    [
        ("settled", What.PAID), ("reconciled", What.PAID), ("rejected", What.REJECTED), ("failed", What.FAILED),
        ("returned", What.RETURNED), ("expired", What.EXPIRED), ("in_doubt", What.IN_DOUBT),
    ],
)  # fmt: skip
def test_every_end_of_ones_own_payment_is_an_entry(stage: Stage, state: str, what: What) -> None:
    bell = bell_of(stage)
    arrive(stage, mine(7, state), views.intent(1, state=state, version=9))
    stage.wait(lambda: unread(stage) == 1)
    page = inbox_of(stage)
    assert whats(page) == [what]
    assert page.model.entries[0].number == "PV2611-0000007"
    stage.wait(lambda: unread(stage) == 0)
    bell.close()


def test_a_signed_payment_that_was_stopped_before_sending_is_told_with_its_cause(stage: Stage) -> None:
    arrive(stage, mine(7, "cancelled", failure_code="member.not_active", failure_text="member.not_active suspended"))
    page = inbox_of(stage)
    assert whats(page) == [What.STOPPED]
    shown = words_of(page.panel)
    assert reasons.FAILURE["member.not_active"]() in shown
    assert outcome.BY["company"]() in shown
    assert outcome.BY["maker"]() not in shown
    stage.click(stage.find(QPushButton, "inbox_mend"))
    form = stage.shell.current_page()
    stage.wait(lambda: form.model.form.replaces == str(mine(7, "").id))


def test_the_makers_own_way_through_is_no_entry(stage: Stage) -> None:
    arrive(stage, *(mine(7, state) for state in ("validated", "authorized", "sent", "cancelled")))
    assert whats(inbox_of(stage)) == []


@pytest.mark.parametrize("language", ["th", "en"])
def test_an_approvers_reason_is_theirs_and_opens_the_form_filled_in(stage: Stage, language: Any) -> None:
    stage.do(lambda: look.set_language(language))
    arrive(stage, mine(7, "rejected", failure_text=WHY, note="ค่าข้าว"))
    page = inbox_of(stage)
    shown = words_of(page.panel)
    assert WHY in shown
    assert outcome.BY["approver"]() in shown
    assert outcome.BY["bank"]() not in shown
    stage.click(stage.find(QPushButton, "inbox_mend"))
    form = stage.shell.current_page()
    assert isinstance(form, PaymentPage)
    stage.wait(lambda: form.model.member is not None and bool(form.model.form.replaces))
    kept = form.model.form
    assert (kept.amount, kept.amount_again) == (mine(7, "").amount, mine(7, "").amount)
    assert kept.weigh_ticket == form.ticket.text() == "W-6811-0447"
    assert form.note.text() == "ค่าข้าว"
    assert kept.way == "bank"


def test_enter_on_a_rejected_one_opens_the_form_and_a_returned_one_is_paid_from_what_is_owed(stage: Stage) -> None:
    arrive(stage, mine(7, "returned"))
    page = inbox_of(stage)
    stage.press(page.table.view, Qt.Key.Key_Return)
    form = stage.shell.current_page()
    assert isinstance(form, PaymentPage)
    stage.wait(lambda: form.model.form.way == "withdraw")


def test_a_form_that_was_begun_is_kept_as_a_draft_when_another_is_mended(stage: Stage) -> None:
    arrive(stage, mine(7, "rejected", failure_text=WHY))
    form = stage.open("payment", str(views.member(2).id))
    stage.wait(lambda: form.model.member is not None)
    stage.type(form.note, "half")
    stage.do(lambda: stage.shell.open_page("payment", f"again:{mine(7, '').id}"))
    stage.wait(lambda: stage.shell.current_page().model.form.replaces == str(mine(7, "").id))
    drafts = [event.body for event in stage.run(stage.desk.outbox.events((EventState.DRAFT,)))]
    assert any(b'"half"' in body for body in drafts)


def test_what_was_mended_and_sent_again_is_off_the_list_until_it_is_refused(stage: Stage) -> None:
    arrive(stage, mine(7, "rejected", failure_text=WHY))
    page = inbox_of(stage)
    old = str(mine(7, "").id)
    event_id, now = new_event_id(), stage.desk.now()
    body = msgspec.json.encode(PaymentForm(replaces=old))

    async def hand_over() -> None:
        await stage.desk.outbox.submit(
            EventKind.PAYMENT, body, event_id=event_id, user_id=str(views.ME), now=now, due=now
        )
        stage.desk.sender.moved.tell(event_id)

    async def end(state: EventState) -> None:
        await stage.desk.outbox.finish(event_id, state, b'{"code":"x","status":409}')
        stage.desk.sender.moved.tell(event_id)

    stage.run(hand_over())
    stage.wait(lambda: whats(page) == [])
    stage.run(end(EventState.NEEDS_ATTENTION))
    stage.wait(lambda: sorted(whats(page)) == [What.REJECTED, What.SENT_BACK])
    stage.run(end(EventState.DONE))
    stage.wait(lambda: whats(page) == [])
    stage.run(stage.desk.outbox.forget_done(stage.desk.now().replace(year=2030)))
    stage.run(page.model.load())
    assert whats(page) == []


def test_what_was_dealt_with_stays_so_and_the_rest_comes_back_after_a_restart(stage: Stage) -> None:
    arrive(stage, mine(7, "rejected", failure_text=WHY), mine(6, "failed", failure_code="182"), mine(5, "settled"))
    page = inbox_of(stage)
    assert sorted(whats(page)) == [What.FAILED, What.PAID, What.REJECTED]
    stage.click(stage.find(QPushButton, "inbox_clear"))
    stage.wait(lambda: sorted(whats(page)) == [What.FAILED, What.REJECTED])
    first = page.table.current_row()
    assert first is not None
    stage.click(stage.find(QPushButton, "inbox_done"))
    stage.wait(lambda: len(page.model.entries) == 1)
    stage.do(stage.shell.forget_pages)
    again = inbox_of(stage)
    assert [entry.what for entry in again.model.entries] != [first.what]
    assert len(again.model.entries) == 1
    arrive(stage, msgspec.structs.replace(mine(int(first.number[-7:]), "settled"), version=12))
    stage.wait(lambda: What.PAID in whats(again))


def test_what_is_in_doubt_can_not_be_waved_away_and_goes_when_it_is_settled(stage: Stage) -> None:
    bell = bell_of(stage)
    arrive(stage, mine(7, "in_doubt"))
    stage.wait(lambda: len(toasts(stage)) == 1)
    assert inbox.WORDS["in_doubt"]["intents"]() in toasts(stage)[0]
    arrive(stage, msgspec.structs.replace(mine(7, "settled"), version=10))
    stage.wait(lambda: not any(inbox.WORDS["in_doubt"]["intents"]() in words for words in toasts(stage)))
    page = inbox_of(stage)
    assert whats(page) == [What.PAID]
    arrive(stage, msgspec.structs.replace(mine(6, "in_doubt"), version=10))
    stage.wait(lambda: What.IN_DOUBT in whats(page))
    subject = next(entry.subject for entry in page.model.entries if entry.what is What.IN_DOUBT)
    stage.run(page.model.deal_with(subject))
    assert What.IN_DOUBT in whats(page)
    bell.close()


def test_closing_a_notice_is_seeing_it_and_seeing_the_list_closes_the_notice(stage: Stage) -> None:
    bell = bell_of(stage)
    arrive(stage, mine(7, "failed"))
    stage.wait(lambda: len(toasts(stage)) == 1 and unread(stage) == 1)
    [toast] = [one for one in stage.shell.findChildren(Toast) if one.isVisible()]
    stage.do(toast._dismiss)
    stage.wait(lambda: unread(stage) == 0)
    arrive(stage, mine(6, "failed"))
    stage.wait(lambda: len(toasts(stage)) == 1 and unread(stage) == 1)
    inbox_of(stage)
    stage.wait(lambda: toasts(stage) == [] and unread(stage) == 0)
    bell.close()


def test_many_at_once_are_one_notice_and_history_is_none(stage: Stage) -> None:
    stage.run(stage.desk.cache.put("intents", [mine(30 + n, "failed") for n in range(9)]))
    bell = bell_of(stage)
    stage.wait(lambda: unread(stage) == 9)
    many = [mine(50 + n, "returned") for n in range(5)]
    arrive(stage, *many)
    stage.wait(lambda: unread(stage) == 14)
    assert [words.replace("\u200b", "") for words in toasts(stage)].count(inbox.several(5).replace("\u200b", "")) <= 1
    assert len(toasts(stage)) <= 2
    bell.close()


def test_a_bank_change_tells_its_maker_why_and_by_whom(stage: Stage) -> None:
    signed = SignatureView(user="มาลี ดีงาม", role="manager", decision="reject", reason=WHY, at=LATER)
    case = msgspec.structs.replace(
        views.change(4, maker=views.ME, state="rejected"), signatures=[signed], needed=[], version=3
    )
    arrive(stage, case)
    page = inbox_of(stage)
    assert whats(page) == [What.REJECTED]
    assert WHY in words_of(page.panel)
    assert "มาลี ดีงาม" in words_of(page.panel)
    stage.click(stage.find(QPushButton, "inbox_open"))
    changes = stage.shell.current_page()
    assert changes is not None
    assert changes.objectName() == "bank_change_page"
    stage.idle()
    assert WHY in words_of(changes.panel)  # type: ignore[attr-defined]


def test_who_signs_sees_what_waits_as_one_entry(manager: Stage) -> None:
    page = inbox_of(manager)
    [entry] = [one for one in page.model.entries if one.what is What.TO_SIGN]
    assert entry.count == page.model.approvals.waiting_for_me > 1
    manager.lose_connection()
    manager.wait(lambda: What.TO_SIGN not in whats(page))


def test_the_bell_opens_the_list_and_a_figure_shows_its_filter_with_one_way_out(stage: Stage) -> None:
    arrive(stage, mine(7, "failed"), mine(6, "returned"))
    page = stage.open("disbursements", "attention")
    assert isinstance(page, DisbursementsPage)
    assert page.filtered.isVisible()
    for state in ("failed", "returned", "in_doubt"):
        assert page.filters._chips[state].isChecked()
        assert STATUS[state]() in page.filtered_words.text()
    assert not page.filters._chips["all"].isChecked()
    assert page.model.count == 2
    stage.click(page.clear)
    stage.wait(lambda: page.model.count > 2)
    stage.idle()
    assert not page.filtered.isVisible()
    assert page.filters._chips["all"].isChecked()


@pytest.mark.parametrize("subject", ["state:failed", "attention", "state:settled,reconciled"])
def test_one_payment_is_found_whatever_was_filtered_before(stage: Stage, subject: str) -> None:
    page = stage.open("disbursements", subject)
    wanted = views.intent(3)
    stage.do(lambda: stage.shell.open_page("disbursements", str(wanted.id)))
    stage.wait(lambda: page.table.current_row() is not None and page.table.current_row().id == wanted.id)
    assert not page.filtered.isVisible()


def test_a_rejection_is_said_as_one_and_not_in_green(manager: Stage) -> None:
    from desktop.ui.screens.sign_off import flow

    told: list[tuple[Any, str]] = []
    manager.shell.toasts.show_notice = lambda words, tone="info", **more: told.append((words, tone))  # type: ignore[method-assign,assignment,return-value]
    dialog = manager.sign(flow.Kind.INTENTS, [views.intent(1).id])
    assert isinstance(dialog, SignOffDialog)
    model = dialog._model
    model.done, model.decided = True, "reject"
    manager.do(dialog.accept)
    manager.wait(lambda: len(told) == 1)
    assert told == [(approvals.REJECTED, "info")]


def test_nothing_is_drawn_over_the_lock_and_a_dialog_waits_behind_it(stage: Stage) -> None:
    from PySide6.QtWidgets import QWidget

    gate = QWidget()
    stage.do(lambda: stage.shell.toasts.show_notice(common.WORK_FAILED, "bad", sticky=True))
    question = ConfirmDialog(common.CLOSE, common.CLOSE, common.CLOSE, stage.shell)
    late = ConfirmDialog(common.CLOSE, common.CLOSE, common.CLOSE, stage.shell)
    answered: list[int] = []
    question.finished.connect(answered.append)
    stage.do(question.open)
    assert question.isVisible()
    stage.do(lambda: stage.shell.show_gate(gate))
    stage.do(late.open)
    stage.do(lambda: stage.shell.toasts.show_notice(common.CLOSE, "bad", sticky=True))
    stage.wait(lambda: not late.isVisible())
    assert toasts(stage) == []
    assert [one for one in stage.shell.findChildren(QDialog) if one.isVisible()] == []
    assert answered == []
    stage.do(stage.shell.hide_gate)
    assert question.isVisible()
    assert late.isVisible()
    assert len(toasts(stage)) == 2
    stage.do(lambda: stage.shell.show_gate(gate))
    stage.do(stage.shell.forget_pages)
    assert answered == [QDialog.DialogCode.Rejected]
    stage.do(stage.shell.hide_gate)
    assert toasts(stage) == []


def test_marks_are_ones_own(stage: Stage) -> None:
    arrive(stage, mine(7, "rejected"))
    inbox_of(stage)
    model = Inbox(stage.desk)
    stage.run(model.load())
    assert model.unseen == ()
    stage.run(stage.desk.outbox.mark(str(UUID(int=99)), ["a"], done=True, now=stage.desk.now()))
    assert list(stage.run(stage.desk.outbox.marks(str(UUID(int=99))))) == ["a"]
    model.close()
