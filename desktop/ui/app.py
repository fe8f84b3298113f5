"""Starts the desk: one process per profile, first window at once, everything heavy after the first paint."""

from __future__ import annotations

import asyncio
import faulthandler
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QTimer
from PySide6.QtWidgets import QApplication

from desktop.ui.loop import make_loop
from desktop.ui.pages import PageRegistry
from desktop.ui.shell import Shell
from desktop.ui.single import Doorbell, show_the_first
from desktop.ui.theme.look import look

ALREADY_RUNNING = 3
LOCK_WAIT_MS = 100

# Fills the window after its first paint; this is where the desk's heart is imported and started.
Prepare = Callable[[Shell], Coroutine[Any, Any, None]]


def run(argv: Sequence[str], profile: Path, registry: PageRegistry, prepare: Prepare, first_page: str = "") -> int:
    """Run until the window closes; the exit code. Without `first_page`, `prepare` opens one.

    Two tills on one outbox would send it twice: where the profile is in use its window is shown and this process ends
    with 0; ALREADY_RUNNING when that window does not answer.
    """
    faulthandler.enable()
    profile.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(profile / "desk.lock"))
    lock.setStaleLockTime(0)
    if not lock.tryLock(LOCK_WAIT_MS):
        return _leave_it_to_the_first(profile)
    app = make_application(argv)
    # The loop must end itself: Qt's own quit would stop it before running work was cancelled.
    app.setQuitOnLastWindowClosed(False)
    with make_loop(app) as loop:
        shell = Shell(registry)
        bell = Doorbell(profile, shell.come_forward)
        loop.run_until_complete(_serve(app, shell, prepare, first_page))
        bell.close()
    lock.unlock()
    return 0


def _leave_it_to_the_first(profile: Path) -> int:
    if show_the_first(profile):
        sys.stdout.write("This desk is open already; its window was brought to the front.\n")
        return 0
    sys.stderr.write(f"This desk ({profile}) is open already and does not answer. Close its window, then try again.\n")
    return ALREADY_RUNNING


async def _serve(app: QApplication, shell: Shell, prepare: Prepare, first_page: str) -> None:
    closed = asyncio.Event()
    app.lastWindowClosed.connect(closed.set)
    if sys.platform != "win32":  # there a session that ends closes the window, and nothing else asks politely
        for ending in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(ending, closed.set)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: shell.tell_failure(*failure_of(told)))
    if first_page:
        shell.open_page(first_page)
    shell.showMaximized()
    QTimer.singleShot(0, lambda: shell.spawn(prepare(shell), "prepare"))
    await closed.wait()
    await shell.end_work()


def failure_of(told: dict[str, Any]) -> tuple[str, BaseException | None]:
    """Which work an event loop says has failed, and of what."""
    return str(told.get("message", "")), told.get("exception")


def make_application(argv: Sequence[str]) -> QApplication:
    """The QApplication with fonts, colours and names in place."""
    app = QApplication(list(argv) or sys.argv[:1])
    app.setApplicationName("Sheaf")
    app.setDesktopFileName("sheaf-desk")
    look.install(app)
    return app
