"""The bank asked about all accounts, from the members' page: begun, followed to its end, ended early, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop.core.answers import Problem
from desktop.core.screens import check_runs
from desktop.ui.screens.members.page import MembersPage
from shared.permissions import Role
from shared.wire.members import CheckRunList, CheckRunView
from tests.desktop.ui.screens.stage import Stage, staged

RUN = UUID(int=7)


def run(state: str, looked: int, **changed: Any) -> CheckRunView:
    """A run over 500 members that was begun as the desk's day begins."""
    begun = "2026-11-21T02:00:00Z"
    came = {"asked": looked, "waiting": 0, "confirmed": looked, "bad": 0, "silent": 0, **changed}
    return CheckRunView(
        id=RUN,
        branch="NSN",
        asked_by="cashier.nsn",
        state=state,
        begun_at=begun,
        ended_at="" if state == "running" else begun,
        good_until=begun,
        members=500,
        looked=looked,
        **came,
    )


class Bank:
    """The server's runs, as tests let them go on."""

    def __init__(self, stage: Stage) -> None:
        self.runs: list[CheckRunView] = []
        self.begun = 0
        stage.answers.handlers["list_check_runs"] = lambda _: CheckRunList(runs=self.runs)
        stage.answers.handlers["begin_check_runs"] = self.begin
        stage.answers.handlers["cancel_check_run"] = self.cancel

    def begin(self, _request: Any) -> CheckRunList:
        self.begun += 1
        self.runs = [run("running", 0)]
        return CheckRunList(runs=self.runs)

    def cancel(self, _request: Any) -> CheckRunView:
        self.runs = [run("cancelled", 120)]
        return self.runs[0]


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(check_runs, "LOOK_SECONDS", 0.01)
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        yield made


def opened(stage: Stage) -> tuple[MembersPage, Bank]:
    bank, page = Bank(stage), stage.open("members")
    assert isinstance(page, MembersPage)
    return page, bank


def told(page: MembersPage) -> str:
    return page.told.text().replace("\u200b", "") if page.told.isVisible() else ""


def test_a_run_is_begun_and_followed_to_its_end(stage: Stage) -> None:
    page, bank = opened(stage)
    stage.wait(page.check_all.isEnabled)
    assert told(page) == ""
    stage.click(page.check_all)
    stage.wait(page.check_end.isVisible)
    assert not page.check_all.isEnabled()
    bank.runs = [run("running", 120, confirmed=110, bad=4, silent=6)]
    stage.wait(lambda: "120" in told(page))
    assert "110" in told(page)
    bank.runs = [run("done", 500)]
    stage.wait(page.check_all.isEnabled)
    assert "500" in told(page)
    assert not page.check_end.isVisible()
    assert bank.begun == 1


def test_a_run_under_way_is_found_and_can_be_ended(stage: Stage) -> None:
    bank = Bank(stage)
    bank.runs = [run("running", 10)]
    page = stage.open("members")
    assert isinstance(page, MembersPage)
    stage.wait(page.check_end.isVisible)
    stage.click(page.check_end)
    stage.wait(page.check_all.isEnabled)
    assert not page.check_end.isVisible()


def test_a_refusal_is_told(stage: Stage) -> None:
    page, _ = opened(stage)
    busy = Problem(code="overloaded", status=503, detail_th="เซิร์ฟเวอร์ไม่ว่าง", detail_en="The server is busy.")
    stage.answers.handlers["begin_check_runs"] = lambda _: busy
    stage.wait(page.check_all.isEnabled)
    stage.click(page.check_all)
    stage.wait(page.error.isVisible)
