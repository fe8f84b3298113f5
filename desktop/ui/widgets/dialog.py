"""The base of every dialog: opened and awaited, never exec'd; no single key signs, Ctrl+Enter decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import common, keys
from desktop.i18n.text import Text
from desktop.ui.keys.actions import Action, own_key
from desktop.ui.keys.focus import can_focus, reading_order, step, step_on
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import ENTERS, Button, Label, Words

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
        self._primary: QAbstractButton | None = None
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
        """Put the deciding button last; Ctrl+Enter presses it from anywhere in the dialog."""
        self.foot.addWidget(button)
        self._primary = button

    def primary(self) -> QAbstractButton | None:
        """What Ctrl+Enter presses now."""
        return self._primary

    def tab_stops(self) -> list[QWidget]:
        """What Tab and Enter walk through: the content, what decides, then what leaves."""
        last = [self._primary, self.cancel]
        stops = [stop for stop in reading_order(self) if stop not in last]
        return [*stops, *(stop for stop in last if can_focus(stop) and stop is not None)]

    def key_actions(self) -> Sequence[Action]:
        """Ctrl+Enter, Enter and Esc."""
        made = [own_key("back", keys.BACK, self.reject, self, "Escape")]
        if any(isinstance(stop, QLineEdit | QCheckBox) for stop in self.tab_stops()):
            made.append(own_key("next_field", keys.NEXT_FIELD, lambda: step_on(self), self, "Return"))
        primary = self.primary()
        if primary is not None and primary.isVisible():
            run, words = self._press_primary, Text(primary.text(), primary.text())
            made.append(own_key("submit", words, run, self, "Ctrl+Return"))
        return made

    def focusNextPrevChild(self, next: bool) -> bool:  # Qt's name
        """Tab: around the dialog, in reading order."""
        return step(self.tab_stops(), ahead=next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on to the next field and never further: no Enter ever moves money."""
        if event.key() in ENTERS:
            step(self.tab_stops(), ahead=True)
            event.accept()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Begun before the desk was locked, opened after: it waits behind the gate."""
        super().showEvent(event)
        over = self.parentWidget()
        if over is not None and over.window().property(GATED):
            QTimer.singleShot(0, self, lambda: cover(self))

    def refuse(self) -> None:
        """Ctrl+Enter can't do what its button says: show why."""
        self.foot_note.set_ink("danger")
        if (primary := self.primary()) is not None and primary.toolTip():
            self.foot_note.setText(primary.toolTip())

    def _press_primary(self) -> None:
        primary = self.primary()
        if primary is not None and primary.isEnabled():
            primary.click()
        else:
            self.refuse()

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
        missing = self._needs_reason and not self.reason
        self.action.setEnabled(not missing)
        self.action.setToolTip(common.OTHER_REASON() if missing else "")
