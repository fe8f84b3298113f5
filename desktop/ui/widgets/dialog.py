"""The base of every dialog: opened and awaited, never exec'd; Enter never presses its main button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.i18n import common
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import Button, Label, Words

GATED: Final = "gated"
"""Property of a window whose gate covers it."""
COVERED: Final = "covered"
"""Property of a dialog that waits behind it."""


class Dialog(QDialog):
    """Put content into `body`, buttons into `foot` (which already has Cancel). Esc closes without effect."""

    def __init__(self, title: Words, parent: QWidget | None = None, *, cancel: Words = common.CANCEL) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._title = title
        self.body = QVBoxLayout()
        self.body.setSpacing(14)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(12)
        self.foot_note = Label(size="small", ink="muted")
        self.cancel = Button(cancel)
        self.cancel.clicked.connect(self.reject)
        self.foot.addWidget(self.foot_note)
        self.foot.addStretch()
        self.foot.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 22)
        layout.setSpacing(18)
        layout.addLayout(self.body, 1)
        layout.addLayout(self.foot)
        follow(self._refresh)

    def add_primary(self, button: QAbstractButton) -> None:
        """Put the deciding button last. It is pressed by mouse, or by Space when a person moved the focus onto it."""
        self.foot.addWidget(button)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is swallowed, whatever has the focus: no Enter ever moves money."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Begun before the desk was locked, opened after: it waits behind the gate."""
        super().showEvent(event)
        over = self.parentWidget()
        if over is not None and over.window().property(GATED):
            QTimer.singleShot(0, self, lambda: cover(self))

    def _refresh(self) -> None:
        self.setWindowTitle(self._title())


def cover(dialog: QDialog) -> None:
    """Out of sight without an answer, until the window's gate is gone."""
    dialog.setProperty(COVERED, True)
    dialog.hide()


async def ask(dialog: QDialog) -> bool:
    """Open a dialog and wait; True when it was accepted. `exec()` would re-enter the loop and kill the task."""
    finished: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def done(result: int) -> None:
        if not finished.done():
            finished.set_result(result)

    dialog.finished.connect(done)
    dialog.open()
    try:
        return await finished == QDialog.DialogCode.Accepted
    finally:
        dialog.deleteLater()


class ConfirmDialog(Dialog):
    """A question with a button that says what it does, optionally with a reason that must be given."""

    def __init__(
        self,
        title: Words,
        words: Words,
        action: Words,
        parent: QWidget | None = None,
        *,
        danger: bool = False,
        reason: bool = False,
    ) -> None:
        super().__init__(title, parent)
        self.setMinimumWidth(440)
        self.body.addWidget(Label(title, size="heading"))
        self.body.addWidget(Label(words, wrap=True, ink="muted"))
        self._reason = QPlainTextEdit()
        self._reason.setTabChangesFocus(True)
        self._reason.setFixedHeight(84)
        self._reason.setAccessibleName(common.OTHER_REASON())
        self._reason.setPlaceholderText(common.OTHER_REASON())
        self.body.addWidget(self._reason)
        self._reason.setVisible(reason)
        self.action = Button(action, kind="danger" if danger else "primary")
        self.action.setObjectName("confirm_action")
        self.action.clicked.connect(self.accept)
        self.add_primary(self.action)
        check: Callable[[], None] = self._check
        self._needs_reason = reason
        self._reason.textChanged.connect(check)
        self._check()

    @property
    def reason(self) -> str:
        """The reason, trimmed."""
        return self._reason.toPlainText().strip()

    def _check(self) -> None:
        self.action.setEnabled(bool(self.reason) or not self._needs_reason)
