"""What covers the window until a person is signed in: the brand on the left, one form on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from desktop.core.answers import Failure, Offline
from desktop.core.guard import GuardKind, GuardProblem
from desktop.core.screens.sign_in import SignIn
from desktop.core.texts import failure_text
from desktop.i18n import Text, language, nav
from desktop.i18n import sign_in as words
from desktop.ui.screens.sign_in.forms import EnrolForm, GateForm, PinForm, SignInForm, UnlockForm
from desktop.ui.theme import icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.widgets.basics import IconButton, Label, column, row, scrolled
from desktop.ui.widgets.cards import Card, Facts
from shared.refusals import RefusalCode as R

_SKEW_SHOWN_SECONDS = 60
_BY_CODE: dict[str, Text] = {R.DEVICE_UNKNOWN: words.DEVICE_UNKNOWN, R.DEVICE_PROOF: words.DEVICE_PROOF}
_PIN_PROBLEMS = {
    GuardProblem.PIN_WRONG: words.PIN_WRONG,
    GuardProblem.PIN_TOO_SHORT: words.PIN_SHORT,
    GuardProblem.DAMAGED: words.KEY_DAMAGED,
}


class Gate(QWidget):
    """Shows one of its forms; whoever made it listens to their `given` signals."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gate")
        self.model: SignIn | None = None
        self.pin, self.new_pin = PinForm(new=False), PinForm(new=True)
        self.enrol, self.sign_in, self.unlock = EnrolForm(), SignInForm(), UnlockForm()
        self._all: tuple[GateForm, ...] = (self.pin, self.new_pin, self.enrol, self.sign_in, self.unlock)
        self._notice = Card(padding=14)
        self._notice_words = Label(wrap=True, weight="medium")
        self._notice.body.addWidget(self._notice_words)
        self._notice.hide()
        self._facts = Facts()
        across = row(self._brand(), self._desk_side(), spacing=0)
        across.setStretch(0, 2)
        across.setStretch(1, 3)
        self.setLayout(across)
        self.sign_in.enrol.clicked.connect(lambda: self.show_form(self.enrol))
        self.enrol.back.clicked.connect(lambda: self.show_form(self.sign_in))
        follow(self._draw)

    def _brand(self) -> QWidget:
        side = QFrame()
        side.setProperty("room", "nav")
        mark = QLabel()
        mark.setPixmap(icons.art("sheaf-mark", 112))
        name = Label(nav.PRODUCT, size="figure")
        tagline = Label(words.TAGLINE, size="title", ink="muted", wrap=True)
        layout = column(spacing=14, margins=(56, 40, 48, 56))
        layout.addStretch(2)
        layout.addWidget(mark)
        layout.addWidget(name)
        layout.addWidget(tagline)
        layout.addStretch(3)
        side.setLayout(layout)
        return side

    def _desk_side(self) -> QWidget:
        side = QWidget()
        side.setProperty("room", "page")
        self._language = IconButton("languages", nav.SWITCH_LANGUAGE, show_text=nav.LANGUAGE_BUTTON)
        self._language.clicked.connect(lambda: look.set_language("en" if language() == "th" else "th"))
        top = row(spacing=0)
        top.addStretch()
        top.addWidget(self._language)
        self._card = Card(padding=32)
        for form in self._all:
            form.hide()
            self._card.body.addWidget(form)
        self._about = Card(padding=18)
        self._about.body.addWidget(self._facts)
        middle = QVBoxLayout()
        middle.setSpacing(14)
        middle.addStretch(2)
        for widget in (self._notice, self._card, self._about):
            middle.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(3)
        inside = QWidget()
        inside.setLayout(middle)
        layout = column(spacing=0, margins=(24, 14, 24, 24))
        layout.addLayout(top)
        layout.addWidget(scrolled(inside), 1)
        side.setLayout(layout)
        return side

    def show_form(self, form: GateForm) -> None:
        """Bring a form to the front and the focus into it."""
        for other in self._all:
            other.setVisible(other is form)
        self.setFocusProxy(form)
        form.setFocus()

    def ask_pin(self, problem: GuardProblem, *, new: bool) -> None:
        """The key cannot be opened without a PIN, or a new one must be chosen."""
        form = self.new_pin if new else self.pin
        form.show_problem(_PIN_PROBLEMS.get(problem) if form.pin.text() else None)
        self.show_form(form)

    def set_model(self, model: SignIn) -> None:
        """The key is open: show who may sign in here."""
        self.model = model
        model.on_change = self._draw
        self.sign_in.user.setText(model.last_user)
        self.enrol.server.setText(model.desk.settings.server)
        if model.last_user:
            self.sign_in.setFocusProxy(self.sign_in.password)
        self.show_form(self.sign_in if model.enrolled else self.enrol)
        self._draw()

    def show_locked(self, name: str, *, ended: bool) -> None:
        """Ask for the password of the person whose work is behind."""
        self.unlock.who.setText(name)
        self.unlock.show_reason(ended=ended)
        self.unlock.password.clear()
        self.unlock.show_problem(None)
        self.show_form(self.unlock)

    def tell(self, notice: Text | None) -> None:
        """A calm line above the form."""
        if notice is not None:
            self._notice_words.set_words(notice)
            self._notice.set_tone("info")
        self._notice.setVisible(notice is not None)

    def _draw(self) -> None:
        """The model's state: busy, why not, which key."""
        for widget in (self._card, self._about, self._notice):
            widget.setFixedWidth(scaled(460))
        model = self.model
        self._about.setVisible(model is not None)
        if model is None:
            return
        for form in (self.sign_in, self.unlock, self.enrol):
            form.set_busy(model.busy)
            form.show_problem(problem_words(model.failure) if model.failure is not None else None)
        self.enrol.back.setVisible(model.enrolled)
        store = words.KEYRING if model.guarded_by is GuardKind.KEYRING else words.KEY_FILE
        self._facts.set_facts([(words.FINGERPRINT(), model.fingerprint), (words.KEY_STORE(), store())])
        skew = abs(model.desk.client.clock.offset.total_seconds())
        if skew >= _SKEW_SHOWN_SECONDS:
            minutes = f"{round(skew / 60):,}"
            self._notice_words.set_words(lambda: words.clock_wrong(minutes))
            self._notice.set_tone("wait")
            self._notice.show()


def problem_words(failure: Failure) -> Text:
    """Why signing in did not work, with what a person can do."""
    if isinstance(failure, Offline):
        return words.NO_ANSWER
    return _BY_CODE.get(failure.code) or failure_text(failure)
