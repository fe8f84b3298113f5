"""Starts the desk: one process per profile, first window at once, everything heavy after the first paint."""

from __future__ import annotations

import asyncio
import faulthandler
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QLockFile, QTimer
from PySide6.QtWidgets import QApplication

from desktop.ui.loop import make_loop
from desktop.ui.pages import PageRegistry
from desktop.ui.shell import Shell
from desktop.ui.theme.look import look

ALREADY_RUNNING = 3
LOCK_WAIT_MS = 100

# Fills the window after its first paint; this is where the desk's heart is imported and started.
Prepare = Callable[[Shell], Awaitable[None]]


def run(argv: Sequence[str], profile: Path, registry: PageRegistry, prepare: Prepare, first_page: str) -> int:
    """Run until the window closes; the exit code. ALREADY_RUNNING when the profile is in use: two tills on one
    outbox would send it twice."""
    faulthandler.enable()
    profile.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(profile / "desk.lock"))
    lock.setStaleLockTime(0)
    if not lock.tryLock(LOCK_WAIT_MS):
        return ALREADY_RUNNING
    app = make_application(argv)
    loop = make_loop(app)
    with loop:
        shell = Shell(registry)
        quitting = asyncio.Event()
        app.aboutToQuit.connect(shell.cancel_work)
        app.aboutToQuit.connect(quitting.set)
        shell.showMaximized()
        shell.open_page(first_page)
        QTimer.singleShot(0, lambda: shell.spawn(_prepared(prepare, shell), "prepare"))
        loop.run_until_complete(quitting.wait())
    lock.unlock()
    return 0


def make_application(argv: Sequence[str]) -> QApplication:
    """The QApplication with fonts, colours and names in place."""
    app = QApplication(list(argv) or sys.argv[:1])
    app.setApplicationName("Sheaf")
    app.setDesktopFileName("sheaf-desk")
    look.install(app)
    return app


async def _prepared(prepare: Prepare, shell: Shell) -> None:
    await prepare(shell)
