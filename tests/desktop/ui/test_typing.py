"""Amounts, codes, numbers and dates take the key that was meant, whichever layout is on."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.ui.keys.kedmanee import _TH, _TH_SHIFTED, _US, _US_SHIFTED
from desktop.ui.keys.latin import LatinEdit, readings
from desktop.ui.widgets.amount import AmountEdit
from desktop.ui.widgets.code_edit import CodeEdit
from desktop.ui.widgets.date_field import DateField

PLAIN, SHIFT, KEYPAD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)
ROW = dict(zip("1234567890-=", range(10, 22), strict=True))
"""X keycodes of the number row; the slash of the US layout is 61."""
THAI = dict(zip(_US + _US_SHIFTED, _TH + _TH_SHIFTED, strict=True))


def key(edit: QLineEdit, letter: str, code: int = 0, held: Qt.KeyboardModifier = PLAIN) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, ord(letter.upper()), held, code, 0, 0, letter)
    QApplication.sendEvent(edit, event)


def type_thai(edit: QLineEdit, keys: str, *, scan: bool = True) -> None:
    """The US keys named, pressed while Kedmanee is on."""
    for name in keys:
        key(edit, THAI[name], ROW.get(name, 61) if scan else 0)


AMOUNTS = ["123456", "2222", "3333", "23", "1234567890", "48250.75", "32", "902.23", "1,234.50", "0.32"]


@pytest.mark.parametrize("keys", AMOUNTS)
def test_the_thai_number_row_types_an_amount(qapp: QApplication, keys: str) -> None:
    edit = AmountEdit()
    type_thai(edit, keys)
    assert edit.text() == keys


@pytest.mark.parametrize("keys", ["123456", "222333", "323232", "000000", "987654"])
@pytest.mark.parametrize("scan", [True, False])
def test_the_thai_number_row_types_a_code(qapp: QApplication, keys: str, scan: bool) -> None:
    edit = CodeEdit()
    type_thai(edit, keys, scan=scan)
    assert edit.text() == keys


@pytest.mark.parametrize("keys", ["123456", "4523", "903"])
def test_where_the_system_names_no_key_the_last_letter_tells_the_layout(qapp: QApplication, keys: str) -> None:
    edit = AmountEdit()
    type_thai(edit, keys, scan=False)
    assert edit.text() == keys


def test_what_the_us_layout_types_stays_what_it_is(qapp: QApplication) -> None:
    edit = LatinEdit()
    for letter, code in (("1", 10), ("-", 20), ("2", 11), ("/", 61), ("-", 82), ("a", 38)):
        key(edit, letter, code, KEYPAD if code == 82 else PLAIN)
    assert edit.text() == "1-2/-a"


def test_thai_digits_are_digits_and_thai_stops_are_stops(qapp: QApplication) -> None:
    edit = AmountEdit()
    for letter in "๑๒๓๔.๕":
        key(edit, letter, 0, SHIFT)
    assert edit.text() == "1234.5"


def test_a_key_that_was_meant_counts_as_typed(qapp: QApplication) -> None:
    edit, typed = LatinEdit(), list[str]()
    edit.textEdited.connect(typed.append)
    type_thai(edit, "12")
    assert typed == ["1", "12"]


@pytest.mark.parametrize("keys", ["27/10/2569", "1/2/2569", "3/3/69", "13/12/69"])
def test_a_date_is_read_as_the_keys_that_were_pressed(qapp: QApplication, keys: str) -> None:
    field = DateField(date(2026, 1, 1))
    field.setText("".join(THAI[letter] for letter in keys))
    field.commit()
    plain = DateField(date(2026, 1, 1))
    plain.setText(keys)
    plain.commit()
    assert plain.value is not None
    assert field.value == plain.value


def test_a_thai_month_is_not_taken_for_mistyped_digits(qapp: QApplication) -> None:
    field = DateField(date(2026, 1, 1))
    field.setText("27 ต.ค. 69")
    field.commit()
    assert field.value == date(2026, 10, 27)


def test_a_hidden_password_is_tried_as_its_keys_and_then_as_it_stands() -> None:
    secret = "z97w-sn52"
    assert list(readings("".join(THAI[letter] for letter in secret))) == [
        secret,
        "".join(THAI[letter] for letter in secret),
    ]
    assert list(readings(secret)) == [secret]
