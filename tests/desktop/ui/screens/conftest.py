"""One loop for Qt and asyncio in all tests of screens: Qt keeps timers of a closed one, and a second one meets them."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from desktop.ui.loop import make_loop
from tests.desktop.ui.screens.stage import Stage


@pytest.fixture(scope="session")
def qt_loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    with make_loop(qapp) as loop:
        yield loop


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """End windows while their loop can run.

    The tool for Qt handles Qt's events as soon as a test's body is over, and again before any fixture ends: a timer
    that fires there, outside of the loop, begins work that nobody can await.
    """
    try:
        return (yield)
    finally:
        for made in getattr(item, "funcargs", {}).values():
            if isinstance(made, Stage) or type(made).__name__ == "Office":
                made.end()
