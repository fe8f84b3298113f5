"""Joins the window to the desk's heart: the gate, who works here, the pill, the banner, badges and notices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop.core.desk import Desk, open_desk
from desktop.core.guard import KEY_FILE, GuardProblem
from desktop.core.screens.sign_in import SignIn
from desktop.core.session import Session
from desktop.core.sync import Pill, SyncStatus
from desktop.i18n import common, dates, language, nav
from desktop.i18n import sign_in as words
from desktop.ui.idle import IdleWatch
from desktop.ui.keys.kedmanee import is_thai, untyped
from desktop.ui.keys.latin import readings
from desktop.ui.notices import Notices
from desktop.ui.screens.sign_in.gate import Gate
from desktop.ui.shell import Person, Shell
from desktop.ui.theme.look import TextSize, follow, look
from desktop.ui.widgets import topbar
from desktop.ui.widgets.topbar import SyncState
from shared.permissions import Permission, Role

FIRST_PAGE: Final = "dashboard"
_ROLES: Final = {
    Role.CASHIER: nav.ROLE_CASHIER,
    Role.MANAGER: nav.ROLE_MANAGER,
    Role.TREASURER: nav.ROLE_TREASURER,
    Role.AUDITOR: nav.ROLE_AUDITOR,
    Role.ADMINISTRATOR: nav.ROLE_ADMINISTRATOR,
}


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a start brings along: the profile, its PIN, and what a demo fills in beforehand."""

    profile: Path
    pin: str = ""
    username: str = ""
    password: str = ""


class Heart(QObject):
    """Made with the window; `begin` opens the profile's key and then the gate."""

    def __init__(self, shell: Shell, start: Start) -> None:
        super().__init__(shell)  # it ends with its window, and hears nothing after
        self.shell, self.start = shell, start
        self.desk: Desk | None = None
        self.gate = Gate()
        self.idle = IdleWatch()
        self.bell: Notices | None = None
        self._who = ""
        self._connect()
        shell.show_gate(self.gate)

    def _connect(self) -> None:
        shell, gate = self.shell, self.gate
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self.idle)
        self.idle.idle.connect(self.lock)
        shell.lock_requested.connect(self.lock)
        shell.sync_requested.connect(self._sync_now)
        shell.bell_opened.connect(lambda: shell.open_page("inbox"))
        shell.work_failed.connect(lambda: gate.tell(common.WORK_FAILED) if shell.gated else None)
        shell.banner.acted.connect(lambda: shell.open_page("sync"))
        shell.scanner.scanned.connect(self._scanned)
        shell.sign_out_requested.connect(self._other_person)
        gate.pin.given.connect(self.open_key)
        gate.new_pin.given.connect(self.open_key)
        gate.sign_in.given.connect(lambda user, password: shell.spawn(self._sign_in(user, password), "sign in"))
        gate.unlock.given.connect(lambda password: shell.spawn(self._unlock(password), "unlock"))
        gate.unlock.other.clicked.connect(self._other_person)
        gate.enrol.given.connect(lambda *given: shell.spawn(self._enrol(*given), "enrol"))

    async def begin(self) -> None:
        """Open the key if that needs nobody, else ask for the PIN."""
        self.open_key(self.start.pin)

    def open_key(self, pin: str) -> None:
        """Open the profile with this PIN (none where the system's keyring holds the key)."""
        desk = open_desk(self.start.profile, pin=pin)
        if isinstance(desk, GuardProblem) and is_thai(pin):
            desk = open_desk(self.start.profile, pin=untyped(pin))
        if isinstance(desk, GuardProblem):
            new = not (self.start.profile / KEY_FILE).exists()
            self.gate.ask_pin(desk, new=new)
            return
        self.desk = self.shell.core = desk
        desk.keeper.on_change = self._session_changed
        desk.sync.status_changed.add(self._show_status)
        self._dress(desk)
        self.gate.set_model(SignIn(desk))
        if self.start.username:
            self.gate.sign_in.user.setText(self.start.username)
            self.gate.sign_in.password.setText(self.start.password)
        follow(self._refresh)

    async def end(self) -> None:
        """The window has closed: stop syncing, close files and connections."""
        self._end_notices()
        if self.desk is not None:
            await self.desk.close()

    def lock(self) -> None:
        """F12, or five minutes without a touch."""
        if self.desk is not None and self.desk.session is not None:
            self.desk.keeper.lock()

    def _dress(self, desk: Desk) -> None:
        settings = desk.settings
        size: TextSize = 130 if settings.text_size >= 130 else 115 if settings.text_size >= 115 else 100
        look.set_language(settings.language)
        look.set_text_size(size)
        if settings.theme != "system":
            look.set_mode(settings.theme)

    async def _sign_in(self, user: str, password: str) -> None:
        model = self.gate.model
        for meant in readings(password):
            if model is not None and await model.sign_in(user, meant):
                self.gate.sign_in.password.clear()
                return
            if model is None or not model.wrong_secret:
                return

    async def _unlock(self, password: str) -> None:
        model = self.gate.model
        for meant in readings(password):
            if model is not None and await model.unlock(meant):
                model.desk.sync.wake()
                return
            if model is None or not model.wrong_secret:
                return

    async def _enrol(self, server: str, code: str, name: str) -> None:
        model = self.gate.model
        if model is None:
            return
        if server != model.desk.settings.server:
            model.desk.use_server(server)
        if await model.enrol(code, name) is not None:
            self.gate.show_form(self.gate.sign_in)
            self.gate.tell(words.ENROLLED)

    def _other_person(self) -> None:
        self.shell.spawn(self._sign_out(), "sign out")

    async def _sign_out(self) -> None:
        if self.desk is not None:
            await self.desk.sign_out()

    def _session_changed(self) -> None:
        desk = self.desk
        if desk is None:
            return
        session, keeper = desk.session, desk.keeper
        if session is None:
            self._leave()
        elif keeper.locked or keeper.ended:
            self.gate.show_locked(session.user.name, ended=keeper.ended)
            self.shell.show_gate(self.gate)
        else:
            self._enter(desk, session)

    def _leave(self) -> None:
        self._who = ""
        self._end_notices()
        self.shell.forget_pages()
        self.gate.show_form(self.gate.sign_in)
        self.shell.show_gate(self.gate)

    def _enter(self, desk: Desk, session: Session) -> None:
        self.gate.tell(None)
        if self._who != str(session.user_id):
            self.shell.forget_pages()
            self._who = str(session.user_id)
            self._refresh()
            self._end_notices()
            self.bell = Notices(self.shell, desk)
            self.shell.open_page(FIRST_PAGE if session.can(Permission.READ_INTENTS) else "settings")
        self.shell.hide_gate()

    def _end_notices(self) -> None:
        if self.bell is not None:
            self.bell.close()
            self.bell = None

    def _scanned(self, code: str) -> None:
        """A member's card was scanned: only where a person works, not into the gate and not under a dialog."""
        signed_in = self.desk is not None and self.desk.session is not None and not self.gate.isVisible()
        if signed_in and QApplication.activeWindow() is self.shell:
            self.shell.open_page("payment", f"scan:{code}")

    def _sync_now(self) -> None:
        if self.desk is not None:
            self.desk.sync.wake()

    def _refresh(self) -> None:
        desk = self.desk
        if desk is None or desk.session is None:
            return
        self.shell.set_person(person_of(desk.session))
        self._show_status(desk.sync.status)

    def _show_status(self, status: SyncStatus) -> None:
        self.shell.set_sync(pill_of(status))
        self.shell.nav.set_count("sync", status.attention)
        since = status.offline_since
        if since is None:
            self.shell.hide_notice()
            return
        queue = (lambda: nav.see_queue(status.queued)) if status.queued else None
        self.shell.show_notice(lambda: nav.offline_banner(dates.clock(since)), queue)


def person_of(session: Session) -> Person:
    """Who is signed in, as the window shows it, in the language in force."""
    roles = frozenset(Role(role) for role in session.user.roles)
    titles = " · ".join(_ROLES[role]() for role in sorted(roles))
    branch = session.user.branch
    name = branch.name_th if language() == "th" else branch.name_en
    return Person(session.user.name, titles, f"{branch.code} {name}", roles)


def pill_of(status: SyncStatus) -> SyncState:
    """What the pill says of a status."""
    if status.pill is Pill.SIGN_IN:
        return topbar.signed_out()
    if status.pill is Pill.OFFLINE:
        return topbar.offline(status.queued)
    if status.pill is Pill.SYNCING:
        return topbar.syncing(status.done, status.total)
    if status.pill is Pill.ATTENTION:
        return topbar.attention(status.attention)
    return topbar.online(dates.clock(status.pulled_at, seconds=True) if status.pulled_at else "")
