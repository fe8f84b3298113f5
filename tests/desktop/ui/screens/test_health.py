"""The home page and its own page tell what is unwell, the worst first, and never show an old word as a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from desktop.core.answers import Offline
from desktop.i18n import Language
from desktop.ui.screens.dashboard.page import DashboardPage
from desktop.ui.screens.health.page import HealthPage
from desktop.ui.theme.look import look
from desktop.ui.widgets.basics import Label
from desktop.ui.widgets.status import StatusChip
from shared.permissions import Role
from tests.desktop.ui.screens import sample_health
from tests.desktop.ui.screens.stage import Stage, staged


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, getattr(request, "param", Role.TREASURER)) as made:
        made.answers.handlers["get_health"] = lambda _: sample_health.reply()
        yield made
        look.set_language("th")


def said(widget: Any) -> str:
    return "\n".join(label.text().replace("\u200b", "") for label in widget.findChildren(Label) if label.isVisible())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "statements have stopped",
                "ask the bank for the missing days",
                "whoever looks after the server",
                "and 2 more",
            ],
        ),
        ("th", ["รายการเดินบัญชีขาดไป", "ขอวันที่ขาดจากธนาคาร", "ผู้ดูแลเซิร์ฟเวอร์", "และอีก 2"]),
    ],
)
def test_the_home_page_tells_the_worst_and_leads_to_all(stage: Stage, language: Language, words: list[str]) -> None:
    look.set_language(language)
    page = stage.open("dashboard")
    assert isinstance(page, DashboardPage)
    stage.wait(lambda: bool(page.health.unwell))
    text = said(page.health_panel)
    assert [one for one in words if one not in text] == []
    every: QPushButton = stage.find(QPushButton, "health_all")
    stage.click(every)
    everything = len(sample_health.findings())
    assert len(page.health_panel.findings.findChildren(StatusChip)) == everything
    stage.click(every)
    stage.wait(lambda: len(page.health_panel.findings.findChildren(StatusChip)) < everything)


@pytest.mark.parametrize("stage", [Role.ADMINISTRATOR], indirect=True)
def test_the_page_tells_everything_and_says_when_it_is_old(stage: Stage) -> None:
    look.set_language("en")
    page = stage.open("health")
    assert isinstance(page, HealthPage)
    stage.wait(lambda: bool(page.model.unwell))
    levels = [one.level for one in page.model.unwell]
    assert levels == ["bad", "bad", "unknown", "warns", "warns"]
    stage.click(page.all)
    assert "No signed payment waits." in said(page.well)
    stage.answers.handlers["get_health"] = lambda _: Offline(reason="lost")
    stage.do(page.refresh)
    stage.wait(lambda: page.model.failure is not None)
    assert page.error.isVisible()
    assert not page.calm.isVisible()


def test_what_is_well_again_is_no_longer_told(stage: Stage) -> None:
    page = stage.open("dashboard")
    stage.wait(lambda: bool(page.health.unwell))
    well = [one for one in sample_health.findings() if one.level.value == "well"]
    stage.answers.handlers["get_health"] = lambda _: sample_health.reply(*well)
    stage.do(page.refresh)
    stage.wait(page.health_panel.calm.isVisible)
    assert not page.health_panel.findings.isVisible()


@pytest.mark.parametrize("stage", [Role.MANAGER], indirect=True)
def test_a_branch_is_not_asked_to_look_after_the_server(stage: Stage) -> None:
    page = stage.open("dashboard")
    assert not page.health_panel.isVisible()
    assert stage.asked("get_health") == []
