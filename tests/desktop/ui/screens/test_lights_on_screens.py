"""The same account on every screen: green only where the server confirms it now, and everywhere the same word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.core.answers import Problem
from desktop.core.lights import account_light
from desktop.core.signing import Kind
from desktop.i18n import lights as words
from desktop.i18n import members as member_words
from desktop.ui.screens.in_doubt.evidence import inspect
from desktop.ui.screens.payment.banner import banner_light
from desktop.ui.theme.look import look
from desktop.ui.widgets.light_line import LightLine
from shared.permissions import Role
from shared.wire.common import ItemRefused
from shared.wire.members import AccountVerdict, MemberView, ValidationView
from shared.wire.payments import IntentPreview
from tests.desktop.ui.screens import sample_doubts
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import NOW
from tests.desktop.ui.screens.stage import Stage, staged

SHOWN = ("confirmed", "closed", "no_answer")
"""Those on windows; every other word is walked through in tests/desktop/core/test_lights.py."""
AT, UNTIL = "2026-11-21T03:40:00.000Z", "2026-11-22T03:40:00.000Z"


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER) as made:
        yield made


def member(says: str, *, until: str = UNTIL) -> MemberView:
    verdict = AccountVerdict(says=says, at=AT, good_until=until if says == "confirmed" else "")  # type: ignore[arg-type]
    return msgspec.structs.replace(views.member(1), version=9, verdict=verdict)


def answers(stage: Stage, shown: MemberView) -> None:
    """The server's verdict, as its rule has it."""
    good = shown.verdict.says == "confirmed"
    why = [] if good else [ItemRefused(code="account.unverified", detail_th="ยังไม่ยืนยัน", detail_en="Not confirmed")]
    stage.run(stage.desk.cache.put("members", [shown]))
    stage.answers.handlers["validate_member"] = lambda _: ValidationView(
        member=shown, payable=good, reasons=why, as_of=AT
    )
    stage.answers.handlers["preview_intent"] = lambda request: IntentPreview(
        amount=request.amount,
        fee="0.00",
        post_fee="0.00",
        advance="0.00",
        payout=request.amount,
        channel="scb",
        roles=[],
    )


def lines(widget: Any) -> list[LightLine]:
    return [line for line in widget.findChildren(LightLine) if line.isVisibleTo(widget)]


def green(widget: Any) -> list[str]:
    return [line.accessibleName() for line in lines(widget) if line.light is not None and line.light.green]


@pytest.mark.parametrize(
    ("says", "language"), [("confirmed", "th"), ("closed", "en"), ("no_answer", "th"), ("none", "en")]
)
def test_the_payments_banner_and_checks(stage: Stage, says: str, language: Any) -> None:
    stage.do(lambda: look.set_language(language))
    shown = member(says)
    answers(stage, shown)
    page = stage.open("payment", str(shown.id))
    stage.wait(lambda: page.model.member is not None)
    word = account_light(shown.verdict, NOW).text()
    assert (page.banner.property("tone") == "ok") == (says == "confirmed")
    assert word in page.banner.accessibleName()
    assert green(page.summary) == ([word] if says == "confirmed" else [])  # nothing was asked about the form yet
    stage.type(page.twice.first.edit, "48250")
    stage.type(page.twice.second.edit, "48250")
    stage.wait(lambda: page.model.checked and not page.model.busy)
    assert len(green(page.summary)) == (3 if says == "confirmed" else 0)
    stage.type(page.note, "x")
    assert len(green(page.summary)) == (1 if says == "confirmed" else 0)


def test_a_confirmation_that_ran_out_is_amber_everywhere(stage: Stage) -> None:
    shown = member("confirmed", until=AT)
    answers(stage, shown)
    page = stage.open("payment", str(shown.id))
    stage.wait(lambda: page.model.member is not None)
    assert page.banner.property("tone") == "wait"
    assert words.BANK_STALE() in page.banner.accessibleName()


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_who_is_no_member_any_more_is_not_green_by_a_good_account(status: str) -> None:
    shown = msgspec.structs.replace(member("confirmed"), status=status)
    assert banner_light(shown, NOW).tone == "bad"


@pytest.mark.parametrize("says", SHOWN)
def test_the_members_panel(stage: Stage, says: str) -> None:
    shown = member(says)
    answers(stage, shown)
    page = stage.open("members", str(shown.id))
    stage.wait(lambda: page.model.validation is not None)
    stage.idle()
    word = account_light(shown.verdict, NOW).text()
    assert (word in green(page.panel)) == (says == "confirmed")
    assert word in [line.accessibleName() for line in lines(page.panel)]
    assert (page.panel._verdict._mark.tone == "ok") == (says == "confirmed")


def test_beside_checking_and_without_an_answer_there_is_no_tick(stage: Stage) -> None:
    shown = member("confirmed")
    answers(stage, shown)
    del stage.answers.handlers["validate_member"]
    page = stage.open("members", str(shown.id))
    stage.wait(lambda: page.model.unanswered is not None)
    silent = [line.accessibleName() for line in lines(page.panel)]
    assert member_words.CHECK_STANDING() not in green(page.panel)
    assert any(words.NO_ANSWER() in said for said in silent)
    assert page.panel._verdict._mark.tone == "wait"
    page.model.validating = True
    stage.do(page.draw)
    assert member_words.CHECK_STANDING() not in green(page.panel)
    assert any(words.ASKING() in line.accessibleName() for line in lines(page.panel))
    assert page.panel._verdict._mark.tone == "quiet"


def test_the_servers_refusal_to_judge_is_told(stage: Stage) -> None:
    shown = member("confirmed")
    answers(stage, shown)
    stage.answers.handlers["validate_member"] = lambda _: Problem(code="overloaded", status=503, detail_th="ไม่ว่าง")
    page = stage.open("payment", str(shown.id))
    stage.wait(lambda: page.model.member is not None)
    stage.type(page.twice.first.edit, "1")
    stage.type(page.twice.second.edit, "1")
    stage.wait(lambda: page.model.checked and not page.model.busy)
    assert green(page.summary) == [words.CONFIRMED()]


@pytest.mark.parametrize("says", SHOWN)
def test_the_sign_off(stage: Stage, says: str) -> None:
    verdict = member(says).verdict
    reply = views.sheets([2])
    items = [msgspec.structs.replace(item, verdict=verdict) for item in reply.items]
    stage.answers.handlers["open_sign_off_sheet"] = lambda _: msgspec.structs.replace(reply, items=items)
    dialog = stage.sign(Kind.INTENTS, [views.intent(2).id])
    assert bool(green(dialog)) == (says == "confirmed")
    assert account_light(verdict, NOW).text() in [line.accessibleName() for line in lines(dialog)]


@pytest.mark.parametrize("says", SHOWN)
def test_the_list_of_approvals(stage: Stage, says: str) -> None:
    shown = member(says)
    answers(stage, shown)
    page = stage.open("approvals")
    stage.wait(lambda: page._read_of is page.model.rows and bool(page.model.rows))
    row = next(one for one in page.model.rows if one.id == str(views.intent(1).id))
    assert (page._finding(row).tone == "ok") == (says in ("confirmed", "not_needed") and says == "confirmed")
    page._read_of = ()
    assert page._finding(row).tone != "ok"  # not read yet


def test_nothing_about_a_payment_in_doubt_is_green() -> None:
    listed = sample_doubts.listed()
    steps = [entry.step for payment in listed.payments for entry in inspect(payment).timeline]
    assert steps
    assert "done" not in steps
