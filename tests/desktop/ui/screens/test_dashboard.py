"""The home page says at once why signed payments do not leave, and says it no longer when they do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.core.signing import Kind
from desktop.i18n import Language
from desktop.ui.screens.dashboard.page import DashboardPage
from desktop.ui.theme.look import look
from shared.permissions import Role
from shared.wire.records import ChannelAlarm, DashboardReply
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

EMPTY = ChannelAlarm(
    channel="scb",
    state="open",
    code="116",
    reason_en="the company's account at the bank does not hold enough money (116)",
    reason_th="เงินในบัญชีบริษัทที่ธนาคารไม่พอ (116)",
    who_can_fix="treasurer",
    waiting=20,
    total="250000.00",
    since="2026-11-30T09:00:00.000Z",
    expires_at="2026-12-03T02:00:00.000Z",
)
CALM = DashboardReply(
    settled_count=0,
    settled_total="0.00",
    waiting_count=20,
    waiting_total="250000.00",
    oldest_waiting_at="2026-11-30T09:00:00.000Z",
    failed_count=0,
    failed_total="0.00",
    in_doubt_count=0,
    unreconciled_count=0,
    bank_changes_open=0,
    days=[],
    as_of="2026-11-30T09:05:00.000Z",
)


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        yield made
        look.set_language("th")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "Nothing leaves by the bank's API",
                "(116)",
                "the head-office treasurer",
                "20 payments wait",
                "250,000.00",
            ],
        ),
        ("th", ["จ่ายทางธนาคาร SCB ยังไม่ได้", "เงินในบัญชีบริษัทที่ธนาคารไม่พอ", "เหรัญญิก สำนักงานใหญ่", "20 รายการ"]),
    ],
)
def test_an_alarm_names_cause_fixer_and_what_waits_and_ends_with_its_cause(
    stage: Stage, language: Language, said: list[str]
) -> None:
    look.set_language(language)
    stage.answers.handlers["get_dashboard"] = lambda _: msgspec.structs.replace(CALM, alarms=[EMPTY])
    page = stage.open("dashboard")
    assert isinstance(page, DashboardPage)
    stage.wait(page.alarms.isVisible)
    text = page.alarms.text().replace("\u200b", "")
    assert [words for words in said if words not in text] == []
    stage.answers.handlers["get_dashboard"] = lambda _: CALM
    stage.open("dashboard")
    stage.wait(lambda: not page.alarms.isVisible())


@pytest.fixture
def manager(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER) as made:
        yield made
        look.set_language("th")


def test_what_is_under_way_is_no_task_to_sign(manager: Stage) -> None:
    manager.answers.handlers["get_dashboard"] = lambda _: CALM  # 20 under way, approved ones and doubts among them
    approvals = manager.open("approvals").model
    to_sign = sum(row.sign.enabled and row.kind in (Kind.INTENTS, Kind.BATCH) for row in approvals.rows)
    page = manager.open("dashboard")
    manager.wait(lambda: page.model.numbers is not None)
    assert 0 < page.model.to_sign == to_sign
    assert [task.figure for task in page._tasks(page.model.numbers) if task.key == "approvals"] == [f"{to_sign:,}"]


def test_the_figures_open_what_they_count(stage: Stage) -> None:
    stage.answers.handlers["get_dashboard"] = lambda _: CALM
    page = stage.open("dashboard")
    stage.do(page.waiting.clicked.emit)
    stage.idle()
    listed = stage.shell.current_page()
    assert set(listed.model.filter.states) == {"validated", "authorized", "sent", "in_doubt"}


@pytest.mark.parametrize(("before", "after"), [("th", "en"), ("en", "th")])
def test_a_chosen_bank_keeps_its_abbreviation_in_sight_in_another_language(
    stage: Stage, before: Language, after: Language
) -> None:
    look.set_language(before)
    bank = stage.open("bank_changes", f"member:{views.member(1).id}").form.bank
    stage.do(lambda: bank.set_code("004"))
    look.set_language(after)
    assert bank.text().startswith("KBANK")
    assert bank.cursorPosition() == 0
