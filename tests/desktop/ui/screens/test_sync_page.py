"""What waits in the desk, by keyboard: a refused batch that stands at the server is taken back there, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.core.answers import Problem
from desktop.core.forms import BatchForm, BatchProgress
from desktop.core.store.outbox import EventKind, EventState, new_event_id
from desktop.i18n import sync
from desktop.ui.screens.sync.page import SyncPage
from desktop.ui.widgets.dialog import ConfirmDialog
from shared.permissions import Role
from shared.wire.payments import BatchDetail
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.CASHIER) as made:
        yield made


def refused_batch(stage: Stage) -> tuple[str, UUID]:
    """A batch that the server said no to while the connection was lost: it stands there still."""
    batch = msgspec.structs.replace(views.batch(1), state="open")
    stage.answers.handlers["get_batch"] = lambda _: BatchDetail(batch=batch, signatures=[])
    event_id, now, box = new_event_id(), stage.desk.now(), stage.desk.outbox
    progress = msgspec.json.encode(BatchProgress(batch_id=str(batch.id), let_go=True))

    async def put() -> None:
        user = str(stage.desk.session.user_id if stage.desk.session else "")
        body = msgspec.json.encode(BatchForm(branch="NSN", total="100.00"))
        await box.submit(EventKind.BATCH, body, event_id=event_id, user_id=user, now=now, due=now)
        await box.save_progress(event_id, progress)
        answer = Problem(code="funds.insufficient", status=422, detail_th="เงินไม่พอ", detail_en="Not enough.")
        await box.finish(event_id, EventState.NEEDS_ATTENTION, msgspec.json.encode(answer))

    stage.run(put())
    return event_id, batch.id


def begin_to_discard(stage: Stage) -> tuple[SyncPage, ConfirmDialog]:
    page = stage.open("sync")
    assert isinstance(page, SyncPage)
    stage.do(lambda: page.table.view.selectRow(0))
    stage.press(page.table.view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    stage.wait(lambda: stage.dialog() is not None)
    dialog = stage.dialog()
    assert isinstance(dialog, ConfirmDialog)
    assert sync.DISCARD_BATCH() in [label.text() for label in dialog.findChildren(QLabel)]
    return page, dialog


def test_discarding_takes_a_batch_back_at_the_server(stage: Stage) -> None:
    event_id, batch_id = refused_batch(stage)
    stage.answers.handlers["cancel_batch"] = lambda _: msgspec.structs.replace(views.batch(1), state="cancelled")
    _, dialog = begin_to_discard(stage)
    stage.press(dialog.action, Qt.Key.Key_Space)
    stage.idle()
    stage.wait(lambda: bool(stage.asked("cancel_batch")))
    stage.idle()
    assert [request.id for request in stage.asked("cancel_batch")] == [batch_id]
    assert stage.run(stage.desk.outbox.get(event_id)) is None


def test_what_cannot_be_taken_back_now_stays_and_says_what_to_do(stage: Stage) -> None:
    event_id, _ = refused_batch(stage)
    page, dialog = begin_to_discard(stage)
    stage.press(dialog.action, Qt.Key.Key_Space)
    stage.wait(lambda: page.answer.text() == sync.NOT_DISCARDED())
    assert stage.run(stage.desk.outbox.get(event_id)) is not None
