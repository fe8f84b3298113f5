"""Money fields, dialogs, names for screen readers, toasts and dates behave as a cashier expects."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.i18n import Text
from desktop.ui import gallery
from desktop.ui.loop import make_loop
from desktop.ui.pages import PageRegistry, PageSpec
from desktop.ui.shell import Person, Shell
from desktop.ui.theme.look import look
from desktop.ui.widgets.amount import AmountTwice
from desktop.ui.widgets.bar_chart import nice_step
from desktop.ui.widgets.basics import Button
from desktop.ui.widgets.date_field import DateField
from desktop.ui.widgets.dialog import ConfirmDialog, Dialog, ask
from desktop.ui.widgets.nav import initial_of
from desktop.ui.widgets.tasks import TaskLine
from desktop.ui.widgets.timeline import Timeline, TimelineEntry
from desktop.ui.widgets.toast import ToastHost
from shared.money import Satang
from shared.permissions import Role

CORNER = "qt_tableview_cornerbutton"  # Qt's own, never shown without row headers


@pytest.fixture
def shell(qtbot: QtBot) -> Shell:
    made = gallery.make_shell()
    qtbot.addWidget(made)
    return made


def test_every_icon_only_button_has_a_name(shell: Shell) -> None:
    for page in ("dashboard", "disbursements", "batch"):
        shell.open_page(page)
    shell.toasts.show_notice(Text("ก", "a"))
    buttons = [*shell.findChildren(QToolButton), *shell.findChildren(QAbstractButton)]
    nameless = [b for b in buttons if not (b.text() or b.accessibleName()) and b.objectName() != CORNER]
    assert nameless == []


def test_enter_never_signs(qtbot: QtBot, shell: Shell) -> None:
    dialog = Dialog(Text("ลงนาม", "Sign"), shell)
    qtbot.addWidget(dialog)
    code, signed = QLineEdit("418203"), list[bool]()
    sign = Button(Text("ลงนามอนุมัติ 219,866.37", "Sign 219,866.37"), kind="primary")
    sign.clicked.connect(signed.append)
    dialog.body.addWidget(code)
    dialog.add_primary(sign)
    dialog.open()
    for focused in (code, sign, dialog.cancel, dialog):
        focused.setFocus()
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            QTest.keyClick(focused, key)
    assert signed == []
    assert dialog.isVisible()
    dialog.reject()


def test_escape_closes_without_effect(qtbot: QtBot, shell: Shell) -> None:
    dialog = ConfirmDialog(Text("ก", "a"), Text("ข", "b"), Text("ค", "c"), shell)
    qtbot.addWidget(dialog)
    dialog.open()
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_needed_reason_must_be_given(qtbot: QtBot, shell: Shell) -> None:
    dialog = ConfirmDialog(Text("ก", "a"), Text("ข", "b"), Text("ค", "c"), shell, reason=True)
    qtbot.addWidget(dialog)
    assert not dialog.action.isEnabled()
    dialog._reason.setPlainText("  ผิดคน ")
    assert dialog.action.isEnabled()
    assert dialog.reason == "ผิดคน"


def test_a_dialog_is_awaited_while_other_work_goes_on(qapp: QApplication) -> None:
    loop = make_loop(qapp)
    beats = list[int]()

    async def main() -> bool:
        dialog = Dialog(Text("ก", "a"))
        beat = asyncio.get_running_loop().create_task(_beat(beats))
        asyncio.get_running_loop().call_soon(dialog.accept)
        answer = await ask(dialog)
        await beat
        return answer

    with loop:
        assert loop.run_until_complete(main()) is True
    assert beats == [0, 1, 2]


async def _beat(beats: list[int]) -> None:
    for number in range(3):
        beats.append(number)
        await asyncio.sleep(0)


def agreed(twice: AmountTwice) -> Satang | None:
    return twice.agreed


def test_the_two_amounts_must_agree_to_the_satang(qtbot: QtBot) -> None:
    twice = AmountTwice()
    qtbot.addWidget(twice)
    twice.first.edit.setText("48250")
    twice.second.edit.setText("48,520.00")
    assert agreed(twice) is None
    assert twice.second.error == "ยอดสองช่อง​ไม่ตรงกัน ต่างกัน 270.00 บาท"
    twice.second.edit.setText("48,250.00")
    assert agreed(twice) == Satang(4_825_000)
    assert twice.second.error == ""


def test_the_second_amount_can_not_be_pasted(qtbot: QtBot) -> None:
    twice = AmountTwice()
    qtbot.addWidget(twice)
    QApplication.clipboard().setText("48250")
    QTest.keyClick(twice.second.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert twice.second.edit.text() == ""


@pytest.mark.parametrize("typed", ["27/10/2569", "27/10/69", "27 ต.ค. 69", "27 ตุลาคม 2569", "2026-10-27", "๒๗/๑๐/๒๕๖๙"])
def test_dates_are_read_as_people_write_them(qtbot: QtBot, typed: str) -> None:
    field = DateField(date(2026, 11, 1))
    qtbot.addWidget(field)
    field.setText(typed)
    field.editingFinished.emit()
    assert field.value == date(2026, 10, 27)
    assert field.text() == "27 ต.ค. 2569"


def test_a_wrong_date_is_marked_and_changes_nothing(qtbot: QtBot) -> None:
    field = DateField(date(2026, 11, 1), date(2026, 10, 1))
    qtbot.addWidget(field)
    field.setText("31/02/2569")
    field.editingFinished.emit()
    assert field.property("wrong") is True
    assert field.value == date(2026, 10, 1)


def test_undo_works_once_and_only_in_its_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    host, answers = ToastHost(window), list[bool]()
    host.show_undo(Text("ส่งแล้ว", "Sent"), 60_000, answers.append)
    assert host.undo_latest() is True
    assert host.undo_latest() is False
    assert answers == [True]


def test_the_undo_window_closes_by_itself(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    host, answers = ToastHost(window), list[bool]()
    host.show_undo(Text("ส่งแล้ว", "Sent"), 100, answers.append)
    qtbot.waitUntil(lambda: answers == [False])
    assert host.undo_latest() is False


def test_language_switches_what_is_open(shell: Shell) -> None:
    shell.open_page("dashboard")
    assert shell.topbar.title.text() == "ภาพรวม"
    look.set_language("en")
    assert shell.topbar.title.text() == "Dashboard"
    assert "Dashboard" in shell.windowTitle()


def test_a_page_not_for_this_role_stays_shut(qtbot: QtBot) -> None:
    pages = PageRegistry()
    pages.register(PageSpec("open", "users", Text("ก", "a"), gallery._blank))
    pages.register(PageSpec("audit", "history", Text("ข", "b"), gallery._blank, frozenset({Role.AUDITOR})))
    shell = Shell(pages)
    qtbot.addWidget(shell)
    shell.set_person(Person("สุดา", "ก", "NSN", frozenset({Role.CASHIER})))
    shell.open_page("open")
    shell.open_page("audit")
    assert list(shell._pages) == ["open"]


def test_the_menu_collapses_on_narrow_windows(shell: Shell, qtbot: QtBot) -> None:
    shell.resize(1100, 760)
    qtbot.waitUntil(lambda: not shell.nav.is_wide())
    shell.resize(1366, 768)
    qtbot.waitUntil(shell.nav.is_wide)


def test_the_window_fits_small_screens(shell: Shell) -> None:
    for page in ("dashboard", "disbursements", "batch"):
        shell.open_page(page)
    needed = shell.minimumSizeHint()
    assert needed.width() <= 1366
    assert needed.height() <= 768


def test_avatars_show_a_letter_that_can_be_read_alone() -> None:
    assert initial_of("เกียรติ") == "ก"
    assert initial_of("") == ""


@pytest.mark.parametrize(("highest", "step"), [(1, 1), (4, 1), (16, 5), (1630, 500), (9_999, 5_000)])
def test_grid_steps_are_round(highest: int, step: int) -> None:
    assert nice_step(highest) == step


def test_an_error_moves_nothing(qtbot: QtBot) -> None:
    twice = AmountTwice()
    qtbot.addWidget(twice)
    twice.show()
    before = twice.sizeHint().height(), twice.second.edit.sizeHint().height()
    twice.first.edit.setText("1")
    twice.second.edit.setText("2")
    twice.second.edit.setFocus()
    assert (twice.sizeHint().height(), twice.second.edit.sizeHint().height()) == before


def test_f1_lists_the_keys_that_work_here(shell: Shell) -> None:
    listed = {key for action in shell.commands.available(shell) for key in action.keys}
    assert {"F1", "F5", "F6", "F9", "F12", "Ctrl+K", "Ctrl+F", "Ctrl+Z"} <= listed


def test_no_two_actions_of_a_window_share_a_key(shell: Shell) -> None:
    keys = [key for action in shell.commands.available(shell) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_a_task_opens_its_list(shell: Shell, qtbot: QtBot) -> None:
    shell.open_page("dashboard")
    page = shell.current_page()
    assert isinstance(page, gallery.DashboardPage)
    line = page.tasks.findChildren(TaskLine)[1]
    with qtbot.waitSignal(page.tasks.opened) as opened:
        QTest.keyClick(line, Qt.Key.Key_Space)
    assert opened.args == ["failed"]


@pytest.mark.parametrize("detail", ["ธนาคารเคยรับไว้ดำเนินการ แต่ตอนนี้ไม่พบรายการนี้", "SCBX20261121" * 4])
def test_a_step_s_detail_is_never_cut_off(qtbot: QtBot, detail: str) -> None:
    line = Timeline([TimelineEntry("คำตอบล่าสุด", detail, "current")])
    qtbot.addWidget(line)
    line.show()
    line.resize(800, line.height())
    wide = line.height()
    line.resize(240, line.height())
    assert line.height() > wide
    line.set_entries([TimelineEntry("คำตอบล่าสุด", "10:20", "current")])
    assert line.height() == wide
