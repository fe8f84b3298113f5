"""The sign-off dialog on a real window: what it shows, what signs, and above all what does not."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QWidget

from desktop.core.signing import Kind
from desktop.ui.screens.sign_off.dialog import SignOffDialog
from desktop.ui.widgets.code_edit import CodeEdit
from shared.canonical import sign_off_bytes
from shared.permissions import Role
from shared.wire.payments import SignOffReply, SignOffRequest, SignOffResult
from tests.desktop.ui.screens import pictures
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import CODE
from tests.desktop.ui.screens.stage import Stage, staged

GOOD = views.intent(2).id
CHANGING = 1 + views.CHANGES_FROM
WARNED = views.intent(views.BAD_FIT).id


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER) as made:
        made.answers.handlers["sign_off"] = accept
        yield made


def accept(request: SignOffRequest) -> SignOffReply:
    return SignOffReply(results=[SignOffResult(id=item.id, state="authorized") for item in request.items])


def words(dialog: QWidget) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def approve(dialog: QWidget) -> QPushButton:
    found = dialog.findChild(QPushButton, "sign_off_approve")
    assert found is not None
    return found


def type_code(stage: Stage, dialog: QWidget, code: str = CODE) -> CodeEdit:
    edit = dialog.findChild(CodeEdit, "sign_off_code")
    assert edit is not None
    stage.type(edit, code)
    return edit


def test_it_shows_the_sheet_and_not_the_list(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    sheet = views.intent_sheet(2)
    shown = words(dialog)
    assert sheet.payee in shown
    assert "011-5-30864-2" in shown
    assert "164,996.00" in shown
    assert "หนึ่งแสนหกหมื่นสี่พันเก้าร้อยเก้าสิบหกบาทถ้วน" in shown
    assert "164,996.00" in approve(dialog).text()


def test_enter_never_signs_wherever_the_focus_is(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [WARNED])
    box = stage.find(QCheckBox, "sign_off_ack_0", dialog)
    stage.click(box)
    code = type_code(stage, dialog)
    assert approve(dialog).isEnabled()
    for widget in (box, code, approve(dialog), dialog):
        stage.do(widget.setFocus)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            stage.press(widget, key)
        if widget is not box:  # there Space is the tick
            stage.press(widget, Qt.Key.Key_Space)
    stage.run(_turns())
    assert stage.asked("sign_off") == []
    assert dialog.isVisible()


def test_a_click_signs_the_digest_of_what_was_shown(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    type_code(stage, dialog)
    stage.click(approve(dialog))
    stage.wait(lambda: stage.dialog() is None)
    [request] = stage.asked("sign_off")
    assert request.digest == views.sheets([2]).digest
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(stage.desk.key.public_key))
    key.verify(base64.b64decode(request.signature), sign_off_bytes("approve", request.digest, ""))


def test_every_warning_is_acknowledged_first_and_has_the_focus(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [WARNED])
    box = stage.find(QCheckBox, "sign_off_ack_0", dialog)
    stage.wait(box.hasFocus)
    type_code(stage, dialog)
    assert not approve(dialog).isEnabled()
    stage.press(box, Qt.Key.Key_Space)
    assert approve(dialog).isEnabled()


def test_an_open_bank_change_is_acknowledged_and_the_button_says_what_is_missing(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [views.intent(CHANGING).id])
    assert "มีคำขอเปลี่ยนบัญชี" in words(dialog).replace("\u200b", "")
    type_code(stage, dialog)
    assert not approve(dialog).isEnabled()
    assert "อีก 1 ข้อ" in approve(dialog).toolTip()
    assert "อีก 1 ข้อ" in words(dialog)
    stage.click(stage.find(QCheckBox, "sign_off_ack_0", dialog))
    assert approve(dialog).isEnabled()


@pytest.mark.parametrize("field", ["amount", "account", "payee"])
def test_a_sheet_that_does_not_fit_its_digest_is_neither_shown_nor_signed(stage: Stage, field: str) -> None:
    changed = {"amount": views.Satang(9_999_900), "account": "9999999999", "payee": "นายคนอื่น"}
    honest = views.sheets([2])
    forged = msgspec.structs.replace(views.intent_sheet(2), **{field: changed[field]})
    item = msgspec.structs.replace(honest.items[0], sheet=base64.b64encode(views.sheet_bytes(forged)).decode())
    stage.answers.handlers["open_sign_off_sheet"] = lambda _: msgspec.structs.replace(honest, items=[item])
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    assert "99,999.00" not in words(dialog)
    assert forged.payee not in words(dialog)
    assert not approve(dialog).isVisible()
    assert "ห้ามลงนาม" in words(dialog).replace("\u200b", "")
    assert stage.asked("sign_off") == []


def test_a_wrong_code_stays_and_says_what_is_left(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    code = type_code(stage, dialog, "000000")
    stage.click(approve(dialog))
    stage.wait(lambda: code.text() == "")
    assert dialog.isVisible()
    assert "เหลืออีก 4 ครั้ง" in words(dialog)
    assert stage.asked("sign_off") == []
    type_code(stage, dialog)
    stage.click(approve(dialog))
    stage.wait(lambda: stage.dialog() is None)
    assert len(stage.asked("sign_off")) == 1


def test_a_newer_version_voids_the_dialog_and_says_what_changed(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    type_code(stage, dialog)
    stage.answers.feed = {"intents": [views.intent(2, version=2, state="cancelled")]}
    stage.run(stage.desk.sync.once())
    stage.wait(lambda: not approve(dialog).isEnabled())
    assert "รออนุมัติ" in words(dialog)
    assert "ยกเลิก" in words(dialog)
    assert not type_code(stage, dialog).isEnabled()


def test_esc_closes_without_effect(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    type_code(stage, dialog)
    stage.press(dialog, Qt.Key.Key_Escape)
    stage.wait(lambda: stage.dialog() is None)
    stage.idle()
    assert stage.asked("sign_off") == []


def test_a_rejection_needs_a_reason_and_signs_it(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    stage.click(stage.find(QPushButton, "sign_off_reject", dialog))
    type_code(stage, dialog)
    now = stage.find(QPushButton, "sign_off_reject_now", dialog)
    assert not now.isEnabled()
    stage.type(stage.find(QLineEdit, "sign_off_reason", dialog), "ใบชั่งไม่ตรง")
    stage.click(now)
    stage.wait(lambda: stage.dialog() is None)
    [request] = stage.asked("sign_off")
    assert (request.decision, request.reason) == ("reject", "ใบชั่งไม่ตรง")


def test_a_lost_connection_keeps_the_dialog_and_the_same_key(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    type_code(stage, dialog)
    stage.answers.lost = True
    stage.click(approve(dialog))
    stage.wait(lambda: len(stage.asked("sign_off")) == 1)
    stage.wait(lambda: "ต้องออนไลน์" in words(dialog))
    assert dialog.isVisible()


def test_a_batch_shows_count_total_the_largest_and_every_warned_row(stage: Stage) -> None:
    dialog = stage.sign(Kind.BATCH, [views.batch().id])
    assert isinstance(dialog, SignOffDialog)
    reply = pictures.open_sheets(pictures.OpenSheetRequest(batch_id=views.batch().id))
    table: Any = stage.find(QWidget, "sign_off_items", dialog)
    ids = [table.model.source.id_at(place) for place in range(len(table.model.source))]
    assert len(ids) == 11
    assert ids[0] == str(views.intent(views.BAD_FIT).id)
    assert "24 รายการ" in words(dialog)
    assert f"{reply.count}" in words(dialog)


def test_a_bank_change_is_signed_only_after_every_document_was_read(stage: Stage) -> None:
    case = with_documents(stage)
    dialog = stage.sign(Kind.BANK_CHANGE, [case.id], papers=case.documents)
    type_code(stage, dialog)
    for place in range(2):
        assert not approve(dialog).isEnabled()
        stage.click(stage.find(QPushButton, f"document_open_{place}", dialog))
        stage.wait(lambda: dialog.findChild(QPushButton, "document_viewer_close") is not None)
        viewer = stage.find(QWidget, "document_viewer", dialog)
        stage.click(stage.find(QPushButton, "document_viewer_close", viewer))
        stage.wait(lambda: dialog.findChild(QPushButton, "document_viewer_close") is None)
    assert approve(dialog).isEnabled()
    assert "111-2-22333-1" in words(dialog)


def test_a_document_with_other_bytes_voids_the_dialog(stage: Stage) -> None:
    case = with_documents(stage)
    stage.answers.handlers["get_document"] = lambda _: b"%PDF-something else"
    dialog = stage.sign(Kind.BANK_CHANGE, [case.id], papers=case.documents)
    stage.click(stage.find(QPushButton, "document_open_0", dialog))
    stage.wait(lambda: "ห้ามลงนาม" in words(dialog).replace("\u200b", ""))
    assert not approve(dialog).isEnabled()


def test_the_thai_layout_types_the_digits_that_were_meant(qapp: QApplication) -> None:
    edit = CodeEdit()
    for letter in "๔ๅ/_ภุ":
        event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        QApplication.sendEvent(edit, event)
    assert edit.text() == "41246"


def with_documents(stage: Stage) -> Any:
    """Case 1 with two documents whose bytes fit what is signed."""
    contents = [pictures.picture(), b"%PDF-1.7 consent"]
    hashes = [views.digest(content) for content in contents]
    sheet = msgspec.structs.replace(views.change_sheet(1), documents=tuple(hashes))
    data = views.sheet_bytes(sheet)
    reply = msgspec.structs.replace(
        views.change_reply(1), sheet=base64.b64encode(data).decode(), digest=views.digest(data)
    )
    stage.answers.handlers["open_bank_change_sheet"] = lambda _: reply
    stage.answers.handlers["get_document"] = lambda request: contents[hashes.index(request.sha256)]
    view = views.change(1)
    papers = [msgspec.structs.replace(p, sha256=h) for p, h in zip(view.documents, hashes, strict=True)]
    return msgspec.structs.replace(view, documents=papers)


async def _turns() -> None:
    """Enough turns of the loop for a signature, had one begun, to reach the server."""
    for _ in range(20):
        await asyncio.sleep(0)
