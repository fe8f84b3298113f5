"""A drawn but screenless Qt for these tests, in one language and one set of colours at the start of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop.ui.theme.look import look


@pytest.fixture(scope="session", autouse=True)
def _dressed(qapp: QApplication) -> None:
    look.install(qapp)
    # As in the application: a test that closes its only window must not stop the loop.
    qapp.setQuitOnLastWindowClosed(False)


@pytest.fixture(autouse=True)
def _start_in_thai_light() -> Iterator[None]:
    look.set_language("th")
    look.set_mode("light")
    yield
    look.set_text_size(100)
