"""The forms of the gate; each emits what a person gave and shows why it was refused."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.i18n import Text
from desktop.i18n import sign_in as words
from desktop.ui.keys.actions import Action, own_key
from desktop.ui.keys.latin import LatinEdit
from desktop.ui.widgets.basics import BusyButton, Button, Label, Words, column, row
from desktop.ui.widgets.fields import Field


class GateForm(QWidget):
    """Title, hint, fields, an error in red, and one button that Enter presses: nothing here moves money."""

    def __init__(self, title: Words, hint: Words, action: Words, icon: str) -> None:
        super().__init__()
        self._edits: list[QLineEdit] = []
        self.title = Label(title, size="heading")
        self.hint = Label(hint, ink="muted", wrap=True)
        self.problem = Label(ink="danger", wrap=True, weight="medium")
        self.problem.setObjectName("gate.problem")
        self.problem.hide()
        self.action = BusyButton(action, icon=icon)
        self.action.setObjectName("gate.action")
        self.action.clicked.connect(self.send)
        self.body = column(self.title, self.hint, spacing=6)
        self.body.addSpacing(10)
        self.setLayout(self.body)

    def field(self, title: Words, name: str, *, secret: bool = False, code: bool = False) -> QLineEdit:
        """Add a field; Enter in it sends the form, or goes on to the next that is empty. `code`: Latin letters only."""
        edit = LatinEdit() if code else QLineEdit()
        edit.setObjectName(name)
        if secret:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        edit.returnPressed.connect(self._enter)
        self._edits.append(edit)
        self.body.addWidget(Field(title, edit))
        return edit

    def finish(self, *extra: QWidget) -> None:
        """Close with the error line, the button and what stands beside it."""
        self.body.addWidget(self.problem)
        foot = row(self.action, spacing=12)
        for widget in extra:
            foot.addWidget(widget)
        foot.addStretch()
        self.body.addLayout(foot)

    def show_problem(self, problem: Words | None) -> None:
        """Why it did not work, or None."""
        if problem is not None:
            self.problem.set_words(problem)
        self.problem.setVisible(problem is not None)

    def set_busy(self, busy: bool) -> None:
        """While the server is asked."""
        if busy != self.action.busy:
            self.action.set_busy(busy)

    def send(self) -> None:
        """Emit what was typed; a subclass says how."""

    def key_actions(self) -> list[Action]:
        """Enter, as Ctrl+Enter does."""
        words = Text(self.action.text(), self.action.text())
        return [own_key("submit", words, self.send, self, "Return", "Ctrl+Return")]

    def _enter(self) -> None:
        empty = next((edit for edit in self._edits if not edit.text()), None)
        if empty is not None and not empty.hasFocus():
            empty.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.send()


class PinForm(GateForm):
    """The PIN of a key file; `new` asks for it twice."""

    given = Signal(str)

    def __init__(self, *, new: bool) -> None:
        title, hint = (words.NEW_PIN_TITLE, words.NEW_PIN_HINT) if new else (words.PIN_TITLE, words.PIN_HINT)
        super().__init__(title, hint, words.OPEN, "key-round")
        self.pin = self.field(words.PIN, "gate.pin", secret=True, code=new)
        self.again = self.field(words.PIN_AGAIN, "gate.pin_again", secret=True, code=True) if new else None
        self.finish()
        self.setFocusProxy(self.pin)

    def send(self) -> None:
        """Two PINs must agree."""
        if self.again is not None and self.again.text() != self.pin.text():
            self.show_problem(words.PIN_DIFFERS)
        else:
            self.given.emit(self.pin.text())


class EnrolForm(GateForm):
    """Where the server is, head office's code, and what this desk shall be called."""

    given = Signal(str, str, str)

    def __init__(self) -> None:
        super().__init__(words.ENROL_TITLE, words.ENROL_HINT, words.ENROL, "smartphone")
        self.server = self.field(words.SERVER, "gate.server", code=True)
        self.server.setPlaceholderText("https://sheaf.example")
        self.code = self.field(words.CODE, "gate.code", code=True)
        self.name = self.field(words.DEVICE_NAME, "gate.device_name")
        self.back = Button(words.BACK, kind="quiet")
        self.finish(self.back)
        self.setFocusProxy(self.code)

    def send(self) -> None:
        """All three are needed."""
        server, code, name = self.server.text().strip(), self.code.text().strip(), self.name.text().strip()
        if server and code and name:
            self.given.emit(server, code, name)


class SignInForm(GateForm):
    """User and password."""

    given = Signal(str, str)

    def __init__(self) -> None:
        super().__init__(words.WELCOME, lambda: "", words.SIGN_IN, "arrow-right")
        self.hint.hide()
        self.user = self.field(words.USERNAME, "gate.user", code=True)
        self.password = self.field(words.PASSWORD, "gate.password", secret=True)
        self.enrol = Button(words.NEW_DEVICE, icon="smartphone", kind="quiet")
        self.finish(self.enrol)
        self.setFocusProxy(self.user)

    def send(self) -> None:
        """Both are needed."""
        if self.user.text().strip() and self.password.text():
            self.given.emit(self.user.text().strip(), self.password.text())


class UnlockForm(GateForm):
    """The password of who is signed in; the work behind stays as it is."""

    given = Signal(str)

    def __init__(self) -> None:
        super().__init__(words.UNLOCK_TITLE, words.UNLOCK_HINT, words.UNLOCK, "lock-open")
        self.who = Label(size="title")
        self.body.addWidget(self.who)
        self.password = self.field(words.PASSWORD, "gate.unlock_password", secret=True)
        self.other = Button(words.OTHER_PERSON, icon="log-out", kind="quiet")
        self.finish(self.other)
        self.setFocusProxy(self.password)

    def show_reason(self, *, ended: bool) -> None:
        """Locked by a person or by time, or ended by the server."""
        self.title.set_words(words.ENDED_TITLE if ended else words.UNLOCK_TITLE)
        self.hint.set_words(words.ENDED_HINT if ended else words.UNLOCK_HINT)

    def send(self) -> None:
        """The password is needed."""
        if self.password.text():
            self.given.emit(self.password.text())
