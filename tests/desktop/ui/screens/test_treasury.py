"""Funding, statements, reconciliation and liquidity on real windows: what they show, also when something fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from desktop.core.answers import Problem
from desktop.core.forms import FundingForm
from desktop.core.store.outbox import EventState
from desktop.ui.screens.funding.page import FundingPage
from desktop.ui.screens.liquidity.page import LiquidityPage
from desktop.ui.screens.reconciliation.page import ReconciliationPage
from desktop.ui.screens.statements.page import StatementsPage
from shared.permissions import Role
from shared.wire.records import FileProblem, StatementList
from tests.desktop.ui.screens import pictures
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

BUSY = Problem(code="overloaded", status=503, detail_th="เซิร์ฟเวอร์ไม่ว่าง", detail_en="The server is busy.")


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.TREASURER) as made:
        yield made


def said(widget: QWidget) -> str:
    """All visible words, without their invisible break marks."""
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    return "\n".join(labels).replace("\u200b", "")


class Gate:
    """The bank is still working until the test lets it end."""

    def __init__(self, stage: Stage, end: Any) -> None:
        self.open, self.end = asyncio.Event(), end
        stage.answers.handlers["fetch_statements"] = lambda _: pictures.fetch("requested")
        stage.answers.handlers["get_fetch"] = self.answer

    async def answer(self, _request: Any) -> Any:
        await self.open.wait()
        return self.end


def fetching(stage: Stage, end: Any) -> tuple[StatementsPage, Gate]:
    gate, page = Gate(stage, end), stage.open("statements")
    assert isinstance(page, StatementsPage)
    stage.click(page.fetch)
    stage.wait(page.progress.isVisible)
    return page, gate


def test_a_fetch_shows_that_it_goes_on_and_what_it_brought(stage: Stage) -> None:
    page, gate = fetching(stage, pictures.fetch("done"))
    assert not page.fetch.isEnabled()
    stage.wait(lambda: "กำลังขอไฟล์" in said(page))
    stage.click(page.fetch)
    gate.open.set()
    stage.wait(lambda: not page.progress.isVisible())
    assert "ดึงสำเร็จ · 2 ไฟล์ · 148 รายการ · ตรงกัน 146" in said(page)
    assert page.fetch.isEnabled()
    assert len(stage.asked("fetch_statements")) == 1


def test_what_a_fetch_has_brought_is_shown(stage: Stage) -> None:
    known = [views.statement(number) for number in range(1, 9)]
    stage.answers.handlers["list_statements"] = lambda _: StatementList(statements=known)
    page, gate = fetching(stage, pictures.fetch("done"))
    stage.wait(lambda: page.files.view.current_id() == str(known[0].id))
    known.insert(0, views.statement(0))
    gate.open.set()
    stage.wait(lambda: page.files.view.current_id() == str(known[0].id))


def test_a_failed_fetch_names_the_problem_and_who_mends_it(stage: Stage) -> None:
    failed = msgspec.structs.replace(
        pictures.fetch("failed"),
        problems=[FileProblem(problem="host_key_changed"), FileProblem(name="MT940_1.txt", problem="gap")],
    )
    page, gate = fetching(stage, failed)
    gate.open.set()
    stage.wait(lambda: "ดึงไม่สำเร็จ" in said(page))
    assert "ผู้ดูแลระบบจะยืนยันกับธนาคาร" in said(page)
    assert "MT940_1.txt: ขาดไฟล์ของวันก่อนหน้า" in said(page)
    assert "host_key_changed" not in said(page)


def test_a_fetch_whose_answer_is_lost_says_so_and_can_be_asked_again(stage: Stage) -> None:
    page, gate = fetching(stage, BUSY)
    gate.open.set()
    stage.wait(lambda: "เซิร์ฟเวอร์ไม่ว่าง" in said(page))
    assert not page.progress.isVisible()
    assert page.fetch.isEnabled()


def test_offline_nothing_can_be_fetched_and_the_button_says_why(stage: Stage) -> None:
    page = stage.open("statements")
    stage.lose_connection()
    assert not page.fetch.isEnabled()
    assert "ต้องออนไลน์" in page.fetch.text()
    stage.press(page.fetch, Qt.Key.Key_Space)
    assert stage.asked("fetch_statements") == []


def test_a_statement_shows_its_lines_with_the_running_balance(stage: Stage) -> None:
    page = stage.open("statements")
    stage.do(lambda: page.files.view.go_to(1))
    stage.wait(lambda: len(page.model.lines) == 7)
    assert page.model.opened == views.statement(1)
    assert "3,908,244.50" in said(page.opened)


@pytest.mark.parametrize("name", ["statements", "reconciliation", "liquidity"])
def test_a_page_that_could_not_ask_says_what_to_do_and_asks_again(stage: Stage, name: str) -> None:
    stage.answers.lost = True
    page = stage.open(name)
    stage.wait(page.problem.isVisible)
    assert "ตรวจอินเทอร์เน็ตแล้วลองใหม่" in said(page.problem)
    assert "ยังโหลดไม่สำเร็จ" in said(page)
    stage.answers.lost = False
    stage.do(page.problem.retried.emit)
    stage.wait(lambda: not page.problem.isVisible())
    assert "ยังโหลดไม่สำเร็จ" not in said(page)


def test_the_last_figures_stay_when_the_server_is_gone(stage: Stage) -> None:
    page = stage.open("liquidity")
    assert isinstance(page, LiquidityPage)
    known = page.cards["available"].figure.text()
    assert known != "—"
    stage.answers.handlers["get_liquidity"] = lambda _: BUSY
    stage.do(page.refresh)
    stage.wait(page.problem.isVisible)
    assert page.cards["available"].figure.text() == known
    assert "เซิร์ฟเวอร์ไม่ว่าง" in said(page.problem)


def test_liquidity_leads_to_a_request_for_the_chosen_branch(stage: Stage) -> None:
    page = stage.open("liquidity")
    stage.do(lambda: page.table.view.go_to(1))
    stage.click(page.fund)
    stage.idle()
    funding = stage.shell.current_page()
    assert isinstance(funding, FundingPage)
    assert funding.model.form.branch == funding.branch.key() == "PHS"


def test_a_result_says_why_in_words_and_chips_choose(stage: Stage) -> None:
    page = stage.open("reconciliation")
    assert isinstance(page, ReconciliationPage)
    stage.do(lambda: page.filters.chosen.emit("mismatched"))
    stage.wait(lambda: bool(page.model.results) and {row.result for row in page.model.results} == {"mismatched"})
    stage.do(lambda: page.table.view.go_to(0))
    assert page.why.text().replace("\u200b", "").endswith("ยอดธนาคารไม่เท่ากับยอดที่อนุมัติ · แจ้งสำนักงานใหญ่")
    assert stage.asked("list_reconciliation")[-1].result == "mismatched"


def asked_for(stage: Stage, first: str, second: str) -> FundingPage:
    page = stage.open("funding")
    assert isinstance(page, FundingPage)
    stage.type(page.amount.first.edit, first)
    stage.type(page.amount.second.edit, second)
    stage.type(page.reason, "รับซื้อข้าวสัปดาห์นี้")
    return page


def test_a_funding_request_is_typed_twice_and_the_difference_is_stated(stage: Stage) -> None:
    page = asked_for(stage, "500000", "50000")
    assert not page.send.isEnabled()
    assert "450,000.00" in page.amount.second.error
    assert "ให้ตรงกันทั้งสองช่อง" in said(page.form_card)
    stage.type(page.amount.second.edit, "500000")
    assert page.send.isEnabled()


def test_enter_in_no_field_asks_for_money(stage: Stage) -> None:
    page = asked_for(stage, "500000", "500000")
    for field in page.findChildren(QLineEdit):
        stage.do(field.setFocus)
        stage.press(field, Qt.Key.Key_Return)
    stage.do(page.send.setFocus)
    stage.press(page.send, Qt.Key.Key_Return)
    stage.idle()
    stage.run(stage.desk.keep_drafts())
    assert [event.state for event in stage.run(stage.desk.outbox.events())] == [EventState.DRAFT]


def test_a_funding_request_waits_for_the_connection_as_it_was_typed(stage: Stage) -> None:
    page = asked_for(stage, "500000", "500000")
    stage.lose_connection()
    assert page.send.isEnabled()
    stage.click(page.send)
    stage.wait(lambda: stage.shell.current_page() is not page)
    stage.run(stage.desk.sync.once())
    (event,) = stage.run(stage.desk.outbox.events())
    form = msgspec.json.decode(event.body, type=FundingForm)
    assert event.state is EventState.QUEUED
    assert form.request is not None
    assert (form.request.branch, form.request.amount) == ("NSN", "500000.00")
    fresh = stage.shell.current_page()
    assert isinstance(fresh, FundingPage)
    assert not fresh.sign.isEnabled()
    assert "ต้องออนไลน์" in fresh.sign.text()
