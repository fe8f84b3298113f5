"""A bug in some work becomes a plain sentence in the window and a line in the log without values; never silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.core import background
from desktop.i18n import common
from desktop.ui.app import failure_of
from desktop.ui.widgets.toast import Toast
from shared.permissions import Role
from tests.desktop.ui.screens.stage import Stage, staged

SECRET = "นายสมชาย ใจดี"


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        yield made
        qt_loop.set_exception_handler(None)


def toasts(stage: Stage) -> list[str]:
    return [toast.accessibleName() for toast in stage.shell.findChildren(Toast) if toast.isVisible()]


async def goes_wrong() -> None:
    raise KeyError(SECRET)


def told(stage: Stage, caplog: pytest.LogCaptureFixture, work: str) -> None:
    stage.wait(lambda: toasts(stage) == [common.WORK_FAILED()])
    [record] = [record for record in caplog.records if record.name == "desktop.ui.shell"]
    assert f"{work} failed: KeyError" in record.getMessage()
    assert "test_failures.py" in record.getMessage()
    assert SECRET not in caplog.text


def test_work_of_a_page_that_fails_is_told(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.do(lambda: stage.shell.spawn(goes_wrong(), "payment.submit"))
    told(stage, caplog, "payment.submit")


def test_work_of_a_model_that_fails_is_told(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.loop.set_exception_handler(lambda _loop, context: stage.shell.tell_failure(*failure_of(context)))
    stage.do(lambda: background.start(goes_wrong(), set()))
    told(stage, caplog, "goes_wrong")


def test_a_draft_that_cannot_be_saved_is_told(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_args: Any, **_more: Any) -> None:
        await goes_wrong()

    stage.loop.set_exception_handler(lambda _loop, context: stage.shell.tell_failure(*failure_of(context)))
    page = stage.open("payment")
    with monkeypatch.context() as broken:
        broken.setattr(stage.desk.outbox, "save_draft", full)
        stage.type(page.note, "ครึ่งแรก")
        told(stage, caplog, "DraftKeeper.flush")
