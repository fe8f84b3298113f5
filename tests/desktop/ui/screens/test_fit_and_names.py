"""On the smallest screen with the largest text nothing is wider than the window, and every control has a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTableView, QWidget

from desktop.core.signing import Kind
from desktop.i18n import Language
from desktop.ui.theme.look import TextSize, look
from desktop.ui.widgets.basics import Label
from desktop.ui.widgets.flow import words_and_chip
from desktop.ui.widgets.status import Mark, StatusChip
from shared.permissions import Role
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

PAGES = (
    *("dashboard", "members", "payment", "disbursements", "sync", "settings"),
    *("approvals", "bank_changes", "batch", "statements", "reconciliation", "liquidity", "funding", "in_doubt"),
    *("treasury", "restore"),
)
NAMED = (QAbstractButton, QLineEdit, QComboBox, QTableView)


@pytest.fixture
def stage(qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    with staged(qt_loop, tmp_path, Role.MANAGER, Role.TREASURER) as made:
        yield made


def nameless(inside: QWidget) -> list[str]:
    found = []
    for kind in NAMED:
        for widget in inside.findChildren(kind):
            said = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
            if not said.strip() and not _part_of_another(widget):
                found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


def _part_of_another(widget: QWidget) -> bool:
    """Buttons that Qt makes inside its own headers, scroll bars and line edits; the owner speaks for them."""
    return (type(widget).__module__.startswith("PySide6") and widget.objectName().startswith("qt_")) or (
        type(widget).__name__ == "QAbstractButton"
    )


def _needed(page: QWidget) -> int:
    """The least height at the width that the page has: its texts wrap there as they do for a person."""
    layout = page.layout()
    assert layout is not None
    return layout.totalMinimumHeightForWidth(page.width())


@pytest.mark.parametrize("page", PAGES)
def test_every_control_has_a_name(stage: Stage, page: str) -> None:
    assert nameless(stage.open(page)) == []


def test_every_control_of_the_dialog_has_a_name(stage: Stage) -> None:
    assert nameless(stage.sign(Kind.INTENTS, [views.intent(views.BAD_FIT).id])) == []
    stage.do(stage.dialog().reject)  # type: ignore[union-attr]  # it is open
    stage.wait(lambda: stage.dialog() is None)
    assert nameless(stage.sign(Kind.BANK_CHANGE, [views.change(1).id], papers=views.change(1).documents)) == []


@pytest.mark.parametrize("language", ["th", "en"])
def test_large_text_on_a_small_screen_widens_nothing(stage: Stage, language: Language) -> None:
    stage.do(lambda: look.set_language(language))
    stage.do(lambda: look.set_text_size(130))
    for page in PAGES:
        shown = stage.open(page)
        assert (stage.shell.width(), stage.shell.height()) == (1366, 768), page
        assert stage.shell.minimumSizeHint().width() <= 1366, page
        assert stage.shell.nav.minimumSizeHint().height() <= 768
        assert _needed(shown) <= shown.height(), page


def _cut(chip: QWidget) -> bool:
    """Whether its words are shortened, or an ancestor ends before it does."""
    right = chip.mapTo(chip.window(), chip.rect().topRight()).x()
    around = chip.parentWidget()
    while around is not None and not around.isWindow():
        if around.mapTo(chip.window(), around.rect().topRight()).x() < right:
            return True
        around = around.parentWidget()
    return chip.width() < chip.sizeHint().width()


@pytest.mark.parametrize("size", [100, 130])
@pytest.mark.parametrize("language", ["th", "en"])
def test_no_chip_is_cut_on_a_small_screen(stage: Stage, language: Language, size: TextSize) -> None:
    stage.do(lambda: look.set_language(language))
    stage.do(lambda: look.set_text_size(size))
    for page in PAGES:
        shown = stage.open(page)
        cut = [chip.accessibleName() for chip in shown.findChildren(StatusChip) if chip.isVisible() and _cut(chip)]
        assert cut == [], page


def test_a_chip_without_room_says_all_of_it_in_its_tool_tip(stage: Stage) -> None:
    chip = StatusChip()
    chip.set_mark(Mark("wait", "clock", "May be paid, as the bank said this morning"))
    line = words_and_chip(Label("May this member be paid?"), chip)
    line.resize(900, 60)
    line.show()
    assert (chip.width(), chip.toolTip()) == (chip.sizeHint().width(), "")
    line.resize(200, 60)
    stage.idle()
    assert chip.width() <= 200
    assert chip.toolTip() == "May be paid, as the bank said this morning"
    line.close()
