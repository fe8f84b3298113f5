"""What was typed in the last moment is kept however the desk ends, and the form opens it again by itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication

from desktop.core.screens import drafts
from desktop.ui.screens.bank_change.page import BankChangePage
from desktop.ui.screens.funding.page import FundingPage
from shared.permissions import Role
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, run_in, staged
from tests.waiting import wait_until

# The whole application: types an amount and ends at once, one way or the other; then reads what the outbox kept.
SCRIPT = """
import asyncio, msgspec, os, signal, sys
from pathlib import Path
from PySide6.QtTest import QTest
from desktop.core.forms import PaymentForm
from desktop.core.store.outbox import Outbox
from desktop.ui.app import run
from desktop.ui.registry_of_pages import all_pages
from shared.permissions import Role
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import Answers, make_desk

profile, way = Path(sys.argv[1]), sys.argv[2]

async def prepare(shell):
    desk = shell.core = await make_desk(profile, Answers(), Role.CASHIER)

    async def read_back():
        await desk.close()
        outbox = Outbox(desk.directory, desk.key.store_key, desk.key.sign)
        for event in await outbox.events():
            form = msgspec.json.decode(event.body, type=PaymentForm)
            print(event.state, form.member_id == str(views.member(1).id), form.amount, event.user_id == str(views.ME))
        outbox.close()

    shell.at_end(read_back)
    shell.open_page("payment")
    page = shell.current_page()
    await page._choose(views.member(1).id)
    QTest.keyClicks(page.twice.first.edit, "1234.5")
    os.kill(os.getpid(), signal.SIGTERM) if way == "term" else shell.close()

sys.exit(run(["desk"], profile, all_pages(), prepare))
"""


@pytest.mark.parametrize("way", ["close", "term"])
def test_the_last_keystroke_outlives_the_end_of_the_desk(tmp_path: Path, way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(tmp_path), way],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "draft True 1234.5 True\n"
    assert [line for line in done.stderr.splitlines() if "plugin does not support" not in line] == []


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.TREASURER, Role.CASHIER) as made:
        yield made


def test_an_unfinished_bank_change_opens_again_by_itself(stage: Stage) -> None:
    page = stage.open("bank_changes", f"member:{views.member(1).id}")
    stage.type(page.form.account, "1112223331")
    stage.type(page.form.reason, "บัญชีเดิมปิด")
    stage.run(stage.desk.keep_drafts())
    stage.do(stage.shell.forget_pages)
    again = stage.open("bank_changes")
    assert isinstance(again, BankChangePage)
    assert again is not page
    assert again.form.isVisible()
    assert (again.form.account.text(), again.form.reason.text()) == ("1112223331", "บัญชีเดิมปิด")
    assert views.member(1).name in again.form.member.text()
    stage.do(lambda: again.show_form(False))
    stage.open("funding")
    stage.open("bank_changes")
    assert not again.form.isVisible()


def test_an_unfinished_funding_request_opens_again_by_itself(stage: Stage) -> None:
    page = stage.open("funding")
    stage.type(page.amount.first.edit, "500000")
    stage.type(page.reason, "รับซื้อข้าว")
    stage.run(stage.desk.keep_drafts())
    stage.do(stage.shell.forget_pages)
    again = stage.open("funding")
    assert isinstance(again, FundingPage)
    assert again is not page
    assert again.amount.first.value == 50_000_000
    assert again.reason.text() == "รับซื้อข้าว"
    assert again.model.draft.event_id == page.model.draft.event_id


def test_a_sent_funding_request_leaves_no_empty_draft_behind(stage: Stage) -> None:
    page = stage.open("funding")
    for edit in (page.amount.first.edit, page.amount.second.edit):
        stage.type(edit, "500000")
    stage.type(page.reason, "รับซื้อข้าว")
    stage.click(page.send)
    stage.wait(lambda: stage.shell.current_page() is not page)
    stage.run(stage.desk.keep_drafts())
    assert len(stage.run(stage.desk.outbox.events())) == 1


def test_signing_out_keeps_the_last_keystroke_for_its_owner(stage: Stage) -> None:
    page = stage.open("payment", str(views.member(1).id))
    stage.type(page.note, "ครึ่งแรก")
    stage.run(stage.desk.sign_out())
    (event,) = stage.run(stage.desk.outbox.events())
    assert event.user_id == str(views.ME)


def test_a_timer_that_comes_where_nothing_can_be_awaited_loses_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "DEBOUNCE_SECONDS", 0.05)
    page = stage.open("payment", str(views.member(1).id))
    stage.type(page.note, "ครึ่งแรก")

    def came() -> bool:
        QCoreApplication.processEvents()  # of Qt alone: no loop runs
        return page.model.draft._timer is None

    wait_until(came)
    stage.run(stage.desk.keep_drafts())
    (event,) = stage.run(stage.desk.outbox.events())
    assert "ครึ่งแรก" in event.body.decode()


def test_a_field_that_changes_after_the_desk_has_closed_starts_no_timer(stage: Stage) -> None:
    draft = stage.open("payment", str(views.member(1).id)).model.draft
    stage.end()

    async def change() -> None:
        draft.touch()

    run_in(stage.loop, stage.loop.create_task(change()))
    assert draft._timer is None
