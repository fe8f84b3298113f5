"""On the smallest screen with the largest text nothing is wider than the window, and every control has a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTableView, QWidget

from desktop.core.screens.sign_off import Kind
from desktop.i18n import Language
from desktop.ui.theme.look import look
from shared.permissions import Role
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.stage import Stage, staged

PAGES = (
    *("dashboard", "members", "payment", "disbursements", "sync", "settings"),
    *("approvals", "bank_changes", "batch", "statements", "reconciliation", "liquidity", "funding", "in_doubt"),
    "treasury",
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
