"""What is pressed like a button is a button to a screen reader, painted or not: role, name and press."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.i18n import nav
from desktop.i18n.text import Text
from desktop.ui import gallery
from desktop.ui.shell import Shell
from desktop.ui.widgets.basics import Button, IconButton
from desktop.ui.widgets.cards import StatCard
from desktop.ui.widgets.flow import FilterChip, FilterOption
from desktop.ui.widgets.nav import NavItem
from desktop.ui.widgets.tasks import Task, TaskList
from desktop.ui.widgets.topbar import SyncPill, attention

WORDS = Text("รออนุมัติ", "Awaiting approval")
ROLES = (QAccessible.Role.Button, QAccessible.Role.CheckBox, QAccessible.Role.RadioButton)


@pytest.fixture
def shell(qapp: QApplication, qtbot: QtBot) -> Iterator[Shell]:
    made = gallery.make_shell()
    qtbot.addWidget(made)
    yield made
    for watcher in (made.scanner, made.commands):
        qapp.removeEventFilter(watcher)


def spoken(widget: QWidget) -> tuple[QAccessible.Role, str]:
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found.role(), found.text(QAccessible.Text.Name)


def test_a_figure_is_a_button_that_says_its_title_and_value(qtbot: QtBot) -> None:
    card = StatCard(WORDS, "clock")
    qtbot.addWidget(card)
    assert spoken(card) == (QAccessible.Role.Button, "รออนุมัติ")
    card.set_value("12", "48,250.00 บาท")
    assert spoken(card) == (QAccessible.Role.Button, "รออนุมัติ 12 48,250.00 บาท")


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_figure_opens_its_list_once_by_key_and_by_mouse(qtbot: QtBot, key: Qt.Key) -> None:
    card, opened = StatCard(WORDS, "clock"), list[bool]()
    qtbot.addWidget(card)
    card.clicked.connect(lambda: opened.append(True))
    card.show()
    QTest.keyClick(card, key)
    assert len(opened) == 1
    QTest.mouseClick(card.figure, Qt.MouseButton.LeftButton)
    assert len(opened) == 2


def test_a_waiting_task_and_the_pill_are_buttons_with_their_words(qtbot: QtBot) -> None:
    tasks, pill = TaskList(), SyncPill()
    qtbot.addWidget(tasks)
    qtbot.addWidget(pill)
    tasks.set_tasks([Task("a", "wait", "clock", "รอลงนาม", "3")])
    pill.set_state(attention(2))
    (line,) = tasks.findChildren(QAbstractButton)
    assert spoken(line) == (QAccessible.Role.Button, "รอลงนาม 3")
    role, name = spoken(pill)
    assert role == QAccessible.Role.Button
    assert "2" in name


def test_pages_are_choices_and_filters_are_boxes(qtbot: QtBot, shell: Shell) -> None:
    item = shell.nav.findChildren(NavItem)[0]
    assert spoken(item) == (QAccessible.Role.RadioButton, nav.DASHBOARD())
    chip = FilterChip(FilterOption("all", "ทั้งหมด", "12"))
    qtbot.addWidget(chip)
    role, name = spoken(chip)
    assert role == QAccessible.Role.CheckBox
    assert "ทั้งหมด" in name
    assert "12" in name


def test_everything_that_can_be_pressed_in_the_gallery_is_a_button_with_a_name(shell: Shell) -> None:
    for page in ("dashboard", "disbursements", "batch"):
        shell.open_page(page)
    shell.show()
    own = [b for b in shell.findChildren(QAbstractButton) if type(b).__module__.startswith("desktop.")]
    assert {type(b) for b in own} >= {StatCard, NavItem, Button, IconButton}
    wrong = [(type(b).__name__, spoken(b)) for b in own if spoken(b)[0] not in ROLES or not spoken(b)[1].strip()]
    assert wrong == []
