"""Keys act the same under a Thai layout, scans land nowhere, and dialogs keep their window's keys to themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.i18n import Text
from desktop.ui.keys.actions import Action, ActionRegistry
from desktop.ui.keys.kedmanee import untyped, us_key
from desktop.ui.keys.scanner import ScannerFilter


@pytest.fixture
def registry(qapp: QApplication) -> Iterator[ActionRegistry]:
    made = ActionRegistry()
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    QVBoxLayout(made).addWidget(QLineEdit())
    qtbot.addWidget(made)
    made.show()
    qtbot.waitActive(made)
    return made


def field_of(window: QWidget) -> QLineEdit:
    field = window.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    return field


def press(widget: QWidget, key: int, modifiers: Qt.KeyboardModifier, text: str = "") -> None:
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def test_kedmanee_letters_map_to_their_us_keys() -> None:
    assert us_key("ด") == "f"
    assert us_key("า") == "k"
    assert us_key("f") is None


def test_a_scan_typed_under_thai_reads_back_exactly() -> None:
    assert untyped("ทจจจภภๅ/") == "m0004412"
    assert untyped("W-6811/0442") == "W-6811/0442"


def test_ctrl_letter_acts_under_a_thai_layout(registry: ActionRegistry, window: QWidget) -> None:
    ran: list[str] = []
    registry.add(Action("find", Text("ค้น", "Find"), lambda: ran.append("find"), window, ("Ctrl+F",)))
    press(field_of(window), ord("ด"), Qt.KeyboardModifier.ControlModifier, "ด")
    press(field_of(window), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier, "\x06")
    assert ran == ["find", "find"]


def test_ctrl_a_reaches_the_field_under_a_thai_layout(registry: ActionRegistry, window: QWidget) -> None:
    field = field_of(window)
    field.setText("48250")
    press(field, ord("ฟ"), Qt.KeyboardModifier.ControlModifier, "ฟ")
    assert field.selectedText() == "48250"


def test_thai_typing_is_untouched(registry: ActionRegistry, window: QWidget) -> None:
    press(field_of(window), ord("ด"), Qt.KeyboardModifier.NoModifier, "ด")
    assert field_of(window).text() == "ด"


def test_keys_of_the_window_are_silent_under_a_dialog(registry: ActionRegistry, window: QWidget, qtbot: QtBot) -> None:
    ran: list[str] = []
    registry.add(Action("new", Text("ใหม่", "New"), lambda: ran.append("new"), window, ("F2",)))
    dialog = QDialog(window)
    qtbot.addWidget(dialog)
    dialog.open()
    press(dialog, Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    assert ran == []
    dialog.reject()


def test_the_inner_owner_of_a_key_wins(registry: ActionRegistry, window: QWidget) -> None:
    ran: list[str] = []
    inner = field_of(window)
    registry.add(Action("inner", Text("ใน", "Inner"), lambda: ran.append("inner"), inner, ("F5",)))
    registry.add(Action("outer", Text("นอก", "Outer"), lambda: ran.append("outer"), window, ("F5",)))
    press(inner, Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier)
    assert ran == ["inner"]


def test_ctrl_z_undoes_typing_before_anything_else(registry: ActionRegistry, window: QWidget) -> None:
    ran: list[str] = []
    registry.add(Action("undo", Text("เลิก", "Undo"), lambda: ran.append("undo"), window, ("Ctrl+Z",)))
    field = field_of(window)
    field.insert("12")
    press(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (field.text(), ran) == ("", [])
    press(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert ran == ["undo"]


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def type_at(field: QLineEdit, clock: Clock, text: str, gap: float) -> None:
    for letter in text:
        clock.now += gap
        press(field, ord(letter.upper()), Qt.KeyboardModifier.NoModifier, letter)
    clock.now += gap
    press(field, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r")


@pytest.fixture
def scanning(qapp: QApplication, window: QWidget) -> Iterator[tuple[ScannerFilter, Clock, list[str]]]:
    clock, codes = Clock(), list[str]()
    scanner = ScannerFilter(clock)
    scanner.scanned.connect(codes.append)
    qapp.installEventFilter(scanner)
    field_of(window).setFocus()
    yield scanner, clock, codes
    qapp.removeEventFilter(scanner)


def test_a_scan_is_one_signal_and_leaves_the_field_alone(
    scanning: tuple[ScannerFilter, Clock, list[str]], window: QWidget
) -> None:
    _, clock, codes = scanning
    field_of(window).setText("48250")
    type_at(field_of(window), clock, "ทจจจภภๅ/", 0.01)
    assert codes == ["m0004412"]
    assert field_of(window).text() == "48250"


def test_a_person_who_types_is_no_scanner(scanning: tuple[ScannerFilter, Clock, list[str]], window: QWidget) -> None:
    _, clock, codes = scanning
    type_at(field_of(window), clock, "m0004412", 0.08)
    assert codes == []
    assert field_of(window).text() == "m0004412"
