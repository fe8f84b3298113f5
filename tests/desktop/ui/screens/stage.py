"""A window with a filled desk, on one loop for Qt and asyncio; tests act between the loop's runs like a person does."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.core.desk import Desk
from desktop.core.signing import Kind
from desktop.ui.registry_of_pages import all_pages
from desktop.ui.screens.sign_off.dialog import SignOffDialog
from desktop.ui.screens.sign_off.flow import sign
from desktop.ui.shell import Shell
from shared.permissions import Role
from tests.desktop.ui.screens import pictures
from tests.desktop.ui.screens.sample_desk import Answers, make_desk
from tests.waiting import eventually

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)
PATIENCE = 5.0
NOTHING_HELD = Qt.KeyboardModifier.NoModifier


class Stage:
    """`run` a coroutine, `wait` for a condition, `find` a widget by its object name."""

    def __init__(self, loop: Any, desk: Desk, answers: Answers, shell: Shell) -> None:
        self.loop, self.desk, self.answers, self.shell = loop, desk, answers, shell
        self._ended = False

    def end(self) -> None:
        """Take the window down; once."""
        if not self._ended:
            self._ended = True
            _clear(self)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return run_in(self.loop, self.loop.create_task(work))

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the loop run until something is so."""
        self.run(eventually(condition, PATIENCE))

    def do(self, act: Callable[[], object]) -> None:
        """Act inside the running loop but in no task, as Qt delivers what a person does."""
        done = self.loop.create_future()

        def now() -> None:
            act()
            done.set_result(None)

        self.loop.call_soon(now)
        run_in(self.loop, done)

    def click(self, widget: QWidget) -> None:
        """A left click in the middle."""
        self.do(lambda: QTest.mouseClick(widget, Qt.MouseButton.LeftButton))

    def press(self, widget: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = NOTHING_HELD) -> None:
        """A key."""
        self.do(lambda: QTest.keyClick(widget, key, held))

    def type(self, widget: QWidget, text: str) -> None:
        """Replace what a field holds, letter by letter."""

        def now() -> None:
            widget.setFocus()
            widget.selectAll()  # type: ignore[attr-defined]  # every field has it
            QTest.keyClick(widget, Qt.Key.Key_Delete)
            if text.isascii():
                QTest.keyClicks(widget, text)
            else:  # QTest knows no key for a Thai letter and ends the process
                widget.insert(text)  # type: ignore[attr-defined]  # every field has it

        self.do(now)

    def idle(self) -> None:
        """Let everything that was started end."""
        self.wait(lambda: not self.shell._tasks and not self._reading())

    def find(self, kind: type[W], name: str, inside: QWidget | None = None) -> W:
        found = (inside or self.shell).findChild(kind, name)
        assert found is not None, name
        return found

    def asked(self, verb: str) -> list[Any]:
        return [request for name, request in self.answers.asked if name == verb]

    def open(self, page: str, subject: str | None = None) -> Any:
        self.do(lambda: self.shell.open_page(page, subject))
        self.idle()
        return self.shell.current_page()

    def sign(self, kind: Kind, ids: list[Any], **more: Any) -> SignOffDialog:
        async def run() -> None:
            await sign(self.shell, self.shell, kind, ids, **more)

        async def begin() -> None:
            self.shell.spawn(run(), "sign")

        self.run(begin())
        self.wait(lambda: self.dialog() is not None and self.dialog_ready())
        dialog = self.dialog()
        assert isinstance(dialog, SignOffDialog)
        return dialog

    def dialog_ready(self) -> bool:
        dialog = self.dialog()
        return isinstance(dialog, SignOffDialog) and dialog._stack.currentIndex() != 0

    def dialog(self) -> QDialog | None:
        return next((d for d in self.shell.findChildren(QDialog) if d.isVisible()), None)

    def lose_connection(self) -> None:
        self.answers.lost = True
        self.run(self.desk.sync.once())
        # pytest-qt lets Qt run between a test and its end: nothing may be left that would need the loop.
        self.wait(lambda: not self._reading())

    def _reading(self) -> bool:
        """Whether the page's model is still reading."""
        model = getattr(self.shell.current_page(), "model", None)
        return bool(getattr(model, "_tasks", ()))


def run_in(loop: Any, awaited: asyncio.Future[T]) -> T:
    """Run until something is done. `run_until_complete` goes on handling events after its end, without a loop."""
    awaited.add_done_callback(lambda _: loop.stop())
    loop.run_forever()
    return awaited.result()


@contextmanager
def staged(loop: Any, directory: Path, *roles: Role) -> Iterator[Stage]:
    """Set up, and take down in the right order."""
    answers = Answers()
    pictures.prepare(answers)
    desk = run_in(loop, loop.create_task(make_desk(directory, answers, *roles)))
    shell = Shell(all_pages(), desk)
    shell.resize(1366, 768)
    shell.show()
    stage = Stage(loop, desk, answers, shell)
    try:
        yield stage
    finally:
        stage.end()


def _clear(stage: Stage) -> None:
    stage.run(_take_down(stage))
    app, shell = QApplication.instance(), stage.shell
    assert app is not None
    app.removeEventFilter(shell.scanner)
    app.removeEventFilter(shell.commands)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    # Here and not while Qt delivers a later test's event, where collecting a whole window would crash.
    gc.collect()


async def _take_down(stage: Stage) -> None:
    for dialog in stage.shell.findChildren(QDialog):
        dialog.done(0)
    stage.shell.forget_pages()
    await stage.shell.end_work()
    stage.shell.close()
    stage.shell.deleteLater()
    await stage.desk.close()
