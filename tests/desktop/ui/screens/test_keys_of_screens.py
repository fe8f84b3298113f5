"""Each page and dialog is worked by the keys that F1 shows, and F1 shows what they are bound to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QWidget

from desktop.core.signing import Kind
from desktop.i18n import keys
from desktop.ui.keys.actions import is_chord, spoken
from desktop.ui.keys.focus import can_focus
from desktop.ui.pages import Page
from desktop.ui.registry_of_pages import all_pages
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.key_list import KeyList
from shared.permissions import Role
from tests.desktop.keyboard.fingers import lost_focus, seen
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import CODE
from tests.desktop.ui.screens.stage import Stage, staged

PAGES = tuple(spec.page for spec in all_pages().all())
ELSEWHERE = frozenset({"F5", "F9", "F12", "Ctrl+O"})
"""They ask the server, lock, or open the system's dialog: each has its own test."""
GOOD = views.intent(2).id
WARNED = views.intent(views.BAD_FIT).id


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, *Role) as made:
        made.shell._allowed = made.shell._registry.for_roles(frozenset(Role))
        made.shell.activateWindow()
        yield made


def press_spoken(stage: Stage, key: str) -> None:
    combination = QKeySequence(key)[0]
    target = QApplication.focusWidget()
    assert target is not None
    stage.do(lambda: QTest.keyClick(target, combination.key(), combination.keyboardModifiers()))


def focused(stage: Stage) -> QWidget:
    stage.wait(lambda: not lost_focus(stage.shell))
    found = QApplication.focusWidget()
    assert found is not None
    return found


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_the_focus_in_it(stage: Stage, page: str) -> None:
    opened = stage.open(page)
    assert opened.isAncestorOf(focused(stage)), lost_focus(stage.shell)


@pytest.mark.parametrize("page", PAGES)
def test_every_key_that_f1_shows_does_something(stage: Stage, page: str) -> None:
    """The window's own keys are pressed on one page; each page's on its own."""
    opened: Page = stage.open(page)
    for action in [a for a in stage.shell.commands.available(stage.shell) if a.enabled()]:
        if not opened.isAncestorOf(action.owner) and action.owner is not opened and page != "dashboard":
            continue
        for key in sorted(set(action.keys) - ELSEWHERE - {"F10"}):
            opened = stage.open(page)
            if not is_chord(key) and can_focus(action.owner):
                stage.do(action.owner.setFocus)
            _press_and_see(stage, opened, key)


def _press_and_see(stage: Stage, page: Page, key: str) -> None:
    focused(stage)
    stage.do(lambda: _at_a_place_to_go(key))
    before = seen(stage.shell)
    press_spoken(stage, key)
    try:
        stage.wait(lambda: seen(stage.shell) != before)
    except AssertionError:
        raise AssertionError(f"{key} did nothing on {page.objectName()}") from None
    for dialog in stage.shell.findChildren(Dialog):
        if dialog.isVisible():
            stage.do(dialog.reject)
    if stage.shell.palette_box.isVisible():
        press_spoken(stage, "Escape")
    stage.do(stage.shell.activateWindow)
    stage.idle()
    focused(stage)


def _at_a_place_to_go(key: str) -> None:
    """Down and j need a row below, Up and k one above."""
    view = getattr(QApplication.focusWidget(), "go_to", None)
    if view is not None:
        view(1 if key in ("Up", "K") else 0)


@pytest.mark.parametrize("page", PAGES)
def test_tab_reads_the_page_from_the_first_control_to_the_last_and_around(stage: Stage, page: str) -> None:
    opened: Page = stage.open(page)
    stops = opened.tab_stops()
    assert stops, page
    stage.do(stops[0].setFocus)
    walked = [QApplication.focusWidget()]
    for _ in stops[1:]:
        press_spoken(stage, "Tab")
        walked.append(QApplication.focusWidget())
    assert walked == stops
    assert {w for w in opened.findChildren(QWidget) if can_focus(w)} <= set(stops) | {opened}
    press_spoken(stage, "Tab")
    assert QApplication.focusWidget() is stops[0]


@pytest.mark.parametrize(("page", "subject"), [("payment", str(views.member(1).id)), ("funding", None)])
def test_each_form_shows_the_key_that_submits_it(stage: Stage, page: str, subject: str | None) -> None:
    stage.open(page, subject)
    press_spoken(stage, "F1")
    stage.wait(lambda: isinstance(stage.dialog(), KeyList))
    dialog = stage.dialog()
    assert dialog is not None
    said = {label.text() for label in dialog.findChildren(QLabel)}
    assert {"Ctrl+Enter", keys.SUBMIT(), "Enter", keys.NEXT_FIELD()} <= said


def test_enter_walks_a_form_and_sends_nothing(stage: Stage) -> None:
    page = stage.open("payment", str(views.member(1).id))
    stage.wait(lambda: page.twice.first.edit.isEnabled())
    stage.do(page.twice.first.edit.setFocus)
    stage.do(lambda: QTest.keyClicks(page.twice.first.edit, "10"))
    press_spoken(stage, "Return")
    assert QApplication.focusWidget() is page.twice.second.edit
    stage.do(lambda: QTest.keyClicks(page.twice.second.edit, "10"))
    press_spoken(stage, "Enter")
    assert QApplication.focusWidget() is page.note


def test_space_on_a_signature_only_says_which_key_signs(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    stage.do(lambda: QTest.keyClicks(stage.find(QLineEdit, "sign_off_code", dialog), CODE))
    button = stage.find(QPushButton, "sign_off_approve", dialog)
    assert button.isEnabled()
    stage.do(button.setFocus)
    assert QApplication.focusWidget() is button
    for key in ("Space", "Return"):
        before = button.text()
        press_spoken(stage, key)
        assert (button.text() == keys.HELD_BACK()) is (before != keys.HELD_BACK()), key
    assert stage.asked("sign_off") == []
    assert dialog.isVisible()


def test_ctrl_enter_signs_only_with_everything_filled_in(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    code = stage.find(QLineEdit, "sign_off_code", dialog)
    stage.do(code.setFocus)
    press_spoken(stage, "Ctrl+Return")
    assert stage.asked("sign_off") == []
    assert dialog.foot_note.property("ink") == "danger"
    stage.do(lambda: QTest.keyClicks(code, CODE))
    press_spoken(stage, "Ctrl+Return")
    stage.wait(lambda: stage.asked("sign_off") != [])


def test_tab_reaches_the_approval_before_the_rejection(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    stage.do(lambda: QTest.keyClicks(stage.find(QLineEdit, "sign_off_code", dialog), CODE))
    names = [stop.objectName() for stop in dialog.tab_stops()]
    assert names.index("sign_off_code") < names.index("sign_off_approve") < names.index("sign_off_reject")
    assert names[-1] == "sign_off_cancel"


def test_a_rejection_is_reached_by_its_key_and_wants_a_reason(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [GOOD])
    stage.do(stage.find(QLineEdit, "sign_off_code", dialog).setFocus)
    press_spoken(stage, "Ctrl+R")
    assert QApplication.focusWidget() is stage.find(QLineEdit, "sign_off_reason", dialog)
    shown = {spoken(key) for action in dialog.key_actions() if action.enabled() for key in action.keys}
    assert {"Ctrl+R", "Ctrl+Enter", "Esc", "Enter"} <= shown
    press_spoken(stage, "Ctrl+R")
    assert stage.find(QPushButton, "sign_off_approve", dialog).isVisible()


def test_acknowledgements_are_ticked_and_left_by_keys(stage: Stage) -> None:
    dialog = stage.sign(Kind.INTENTS, [WARNED])
    box = stage.find(QCheckBox, "sign_off_ack_0", dialog)
    stage.wait(lambda: QApplication.focusWidget() is box)
    press_spoken(stage, "Space")
    assert box.isChecked()
    press_spoken(stage, "Return")
    assert QApplication.focusWidget() is not box


def test_the_focus_comes_back_when_what_had_it_is_gone(stage: Stage) -> None:
    page = stage.open("approvals")
    gone = QLineEdit(page)
    page.layout().addWidget(gone)
    stage.do(gone.setFocus)
    stage.do(gone.deleteLater)
    stage.wait(lambda: page.isAncestorOf(QApplication.focusWidget()) if QApplication.focusWidget() else False)


def test_f5_asks_for_what_is_new(stage: Stage) -> None:
    stage.open("approvals")
    before = len(stage.asked("sync"))
    press_spoken(stage, "F5")
    stage.idle()
    assert len(stage.asked("sync")) >= before
