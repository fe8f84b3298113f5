"""Colours can be read, and fonts and icons are there."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import resources
from desktop.ui.theme import fonts, icons
from desktop.ui.theme.look import look
from desktop.ui.theme.tokens import DARK, EDGE_PAIRS, LIGHT, MODES, TEXT_PAIRS, Mode, contrast, names
from desktop.ui.widgets.status import FACES


@pytest.mark.parametrize("mode", list(MODES))
def test_every_text_has_enough_contrast(mode: Mode) -> None:
    tokens = MODES[mode]
    poor = [(a, b) for a, b in TEXT_PAIRS if contrast(getattr(tokens, a), getattr(tokens, b)) < 4.5]
    assert poor == []


@pytest.mark.parametrize("mode", list(MODES))
def test_edges_and_focus_can_be_seen(mode: Mode) -> None:
    tokens = MODES[mode]
    poor = [(a, b) for a, b in EDGE_PAIRS if contrast(getattr(tokens, a), getattr(tokens, b)) < 3.0]
    assert poor == []


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_tokens_are_six_digit_colours() -> None:
    for tokens in (LIGHT, DARK):
        for name in names():
            value = getattr(tokens, name)
            assert re.fullmatch("#[0-9a-f]{6}", value), name


def test_sarabun_is_the_font_and_has_the_baht_sign() -> None:
    metrics = fonts.metrics()
    assert fonts.font().family() == "Sarabun"
    assert all(metrics.inFontUcs4(ord(letter)) for letter in "ก่ที่฿0")


def test_digits_have_one_width() -> None:
    assert len({fonts.text_width(digit, "body", "semibold") for digit in "0123456789"}) == 1


def test_status_icons_are_vendored() -> None:
    assert {icon for _, icon in FACES.values()} <= set(resources.icon_names())


def test_icons_take_the_colour_asked_for(qtbot: QtBot) -> None:
    image = icons.pixmap("square", "#ff0000", 32).toImage()
    inked = [image.pixelColor(x, 16) for x in range(image.width()) if image.pixelColor(x, 16).alpha() > 200]
    assert inked
    assert all(colour.red() > 200 and colour.green() < 60 for colour in inked)


def test_switching_mode_changes_the_style_sheet(qapp: QApplication) -> None:
    look.set_mode("dark")
    assert look.tokens is DARK
    assert DARK.background in qapp.styleSheet()


def test_text_size_reaches_every_font() -> None:
    look.set_text_size(130)
    assert fonts.font("body").pixelSize() == round(15 * 1.3)
