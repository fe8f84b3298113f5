"""One loop for Qt and asyncio in all tests of screens: Qt keeps timers of a closed one, and a second one meets them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from desktop.ui.loop import make_loop


@pytest.fixture(scope="session")
def qt_loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    with make_loop(qapp) as loop:
        yield loop
