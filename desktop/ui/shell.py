"""The window: a gate before anyone signed in, then navigation, top bar, banner and one page at a time."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.i18n import common, keys, language, nav, settings
from desktop.ui.keys.actions import Action, ActionRegistry
from desktop.ui.keys.focus import FocusKeeper, can_focus, first_stop
from desktop.ui.keys.scanner import ScannerFilter
from desktop.ui.pages import Page, PageRegistry
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.widgets.basics import PAGE_MARGIN, Words, row
from desktop.ui.widgets.dialog import COVERED, GATED, cover
from desktop.ui.widgets.key_list import KeyList
from desktop.ui.widgets.nav import Nav
from desktop.ui.widgets.palette import CommandPalette
from desktop.ui.widgets.states import Banner
from desktop.ui.widgets.toast import ToastHost
from desktop.ui.widgets.topbar import SyncState, TopBar
from shared.permissions import Role

log = logging.getLogger(__name__)
COLLAPSE_BELOW: Final = 1200
SMALLEST: Final = (1024, 700)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, as the shell shows it."""

    name: str
    role_title: str
    branch: str
    roles: frozenset[Role]


class Shell(QMainWindow):
    """Implements Workbench for its pages. Pages are made when first opened."""

    sync_requested = Signal()
    lock_requested = Signal()
    bell_opened = Signal()
    sign_out_requested = Signal()
    work_failed = Signal()

    def __init__(self, registry: PageRegistry, core: Any = None) -> None:
        super().__init__()
        self.core = core
        self.commands = ActionRegistry()
        self.scanner = ScannerFilter()
        self._registry = registry
        self._pages: dict[str, Page] = {}
        self._current = ""
        self._person: Person | None = None
        self._allowed = registry.for_roles(frozenset(Role))
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = False
        self._endings: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.nav = Nav([spec.nav_entry() for spec in registry.all() if spec.in_nav])
        self.topbar = TopBar()
        self.banner = Banner()
        self._stack = QStackedWidget()
        self._workspace = QWidget()
        self._build()
        self.toasts = ToastHost(self._workspace)  # hidden with it: nothing is drawn over the gate
        self.palette_box = CommandPalette(self, lambda: self.commands.available(self))
        self.nav.page_chosen.connect(self.open_page)
        self.topbar.sync_opened.connect(self._open_sync)
        self.topbar.bell_opened.connect(self.bell_opened)
        self._register_actions()
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self.scanner)
            application.installEventFilter(self.commands)
        self._left_at: QWidget | None = None
        self._keeper = FocusKeeper(self, self._home)
        follow(self._refresh)

    def _build(self) -> None:
        self.setMinimumSize(*SMALLEST)
        self._notice = QWidget()
        self._notice.setLayout(row(self.banner, margins=(PAGE_MARGIN, 12, PAGE_MARGIN, 0)))
        self._notice.hide()
        right = QWidget()
        right.setProperty("room", "page")
        layout = QVBoxLayout(right)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.topbar)
        layout.addWidget(self._notice)
        layout.addWidget(self._stack, 1)
        across = row(self.nav, right, spacing=0)
        across.setStretch(1, 1)
        self._workspace.setLayout(across)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self._workspace)
        self.setCentralWidget(self._rooms)

    def _register_actions(self) -> None:
        def add(
            name: str, title: Any, key: str, run: Any, icon: str, enabled: Any = _always, *, palette: bool = True
        ) -> None:
            made = Action(name, title, run, self._workspace, (key,) if key else (), icon, palette, enabled)
            self.commands.add(made)

        for spec in self._registry.all():
            opener = _Opener(self, spec.page)
            key = (spec.key,) if spec.key else ()
            name = f"open.{spec.page}"
            self.commands.add(
                Action(name, spec.title, opener, self._workspace, key, spec.icon, enabled=opener.is_allowed)
            )
        self.commands.add(Action("keys", keys.KEY_LIST, self._show_keys, self, ("F1",), "keyboard", everywhere=True))
        add("palette", keys.PALETTE, "Ctrl+K", self.palette_box.summon, "command", palette=False)
        add("refresh", keys.SHOW_NEW, "F5", self._refresh_page, "refresh-cw", self._can_refresh)
        add("pane", keys.NEXT_PANE, "F6", self._next_pane, "arrow-right", palette=False)
        add("sync", keys.SYNC_NOW, "F9", self.sync_requested.emit, "refresh-cw")
        add("lock", keys.LOCK, "F12", self.lock_requested.emit, "lock")
        add("sign_out", settings.SIGN_OUT, "", self.sign_out_requested.emit, "log-out")
        add("search", keys.SEARCH, "Ctrl+F", self._focus_search, "search", self._can_search, palette=False)
        add("undo", keys.UNDO, "Ctrl+Z", self.toasts.undo_latest, "undo-2", self.toasts.can_undo, palette=False)
        add("dark", keys.TOGGLE_DARK, "", look.toggle_mode, "moon")
        add("language", keys.TOGGLE_LANGUAGE, "", self._toggle_language, "languages")

    def show_gate(self, gate: QWidget) -> None:
        """Cover the work: nobody is signed in, or the desk is locked. Pages and what was typed in them stay."""
        if self._rooms.indexOf(gate) < 0:
            self._rooms.addWidget(gate)
        self.palette_box.hide()
        if self._rooms.currentWidget() is self._workspace:
            self._left_at = QApplication.focusWidget()
        self.setProperty(GATED, True)
        for dialog in self._dialogs(covered=False):
            cover(dialog)
        self._rooms.setCurrentWidget(gate)
        gate.setFocus()

    def hide_gate(self) -> None:
        """Back to work where it was left, dialogs included."""
        self._rooms.setCurrentWidget(self._workspace)
        left_at, self._left_at = self._left_at, None
        if left_at is not None and isValid(left_at) and can_focus(left_at):
            left_at.setFocus()
        self._settle_focus()
        self.setProperty(GATED, False)
        for dialog in self._dialogs(covered=True):
            dialog.setProperty(COVERED, False)
            dialog.open()

    @property
    def gated(self) -> bool:
        """Whether a gate covers the work."""
        return bool(self.property(GATED))

    def _dialogs(self, *, covered: bool) -> list[QDialog]:
        """Those in sight, or those that the gate covers: a dialog is a window of its own and would stay over it."""
        return [
            one for one in self.findChildren(QDialog) if (bool(one.property(COVERED)) if covered else one.isVisible())
        ]

    def forget_pages(self) -> None:
        """Another person works here now: every page is made anew, and nothing of the other's stays open."""
        for dialog in self._dialogs(covered=True):
            dialog.done(QDialog.DialogCode.Rejected)
        self.toasts.end_all()
        for page in self._pages.values():
            page.put_away()
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages, self._current, self._person = {}, "", None
        self._refresh()

    def set_person(self, person: Person) -> None:
        """Show who works here and hide the pages they have no use for."""
        self._allowed = self._registry.for_roles(person.roles)
        self._person = person
        self.nav.set_person(person.name, person.role_title, person.branch)
        self.nav.set_visible_pages(self._allowed)
        self._refresh()

    def come_forward(self) -> None:
        """Somebody asked for this desk once more: show the window, or at least say where it is."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def set_sync(self, state: SyncState) -> None:
        """What the pill says."""
        self.topbar.pill.set_state(state)

    def show_notice(self, words: Words, action: Words | None = None) -> None:
        """The bar under the top bar, with what still works; `banner.acted` is its button."""
        self.banner.show_notice(words, action)
        self._notice.show()

    def hide_notice(self) -> None:
        """All is well again."""
        self._notice.hide()

    def open_page(self, page: str, subject: str | None = None) -> None:
        """Bring a page to the front, making it if it was never open; a page not for this person stays shut."""
        if page not in self._allowed:
            return
        if page not in self._pages:
            made = self._registry.get(page).factory(self)
            self._pages[page] = made
            self._stack.addWidget(made)
        self._current = page
        shown = self._pages[page]
        self._stack.setCurrentWidget(shown)
        self.nav.set_current(page)
        self._refresh()
        self._drop_focus()
        shown.shown(subject)
        self._settle_focus()

    def renew_page(self, old: Page, make: Callable[[], Page]) -> None:
        """Put a wholly new page where `old` is; nothing when that is gone, because the person signed out."""
        name = next((page for page, made in self._pages.items() if made is old), None)
        if name is None:
            return
        self._pages[name] = fresh = make()
        self._stack.addWidget(fresh)
        if name == self._current:
            self.open_page(name)
        old.put_away()
        self._stack.removeWidget(old)
        old.deleteLater()

    def _drop_focus(self) -> None:
        """No field of the page before keeps the focus: the new one takes it, by itself or by what follows."""
        focused = QApplication.focusWidget()
        if focused is not None and focused.window() is self:
            focused.clearFocus()

    def _settle_focus(self) -> None:
        """The focus is on what the page shows, unless the page has put it there already."""
        page, focused = self.current_page(), QApplication.focusWidget()
        if page is None or (focused is not None and page.isAncestorOf(focused) and focused.isVisible()):
            return
        if (home := page.home()) is not None:
            home.setFocus(Qt.FocusReason.OtherFocusReason)

    def _home(self) -> QWidget | None:
        """Where the focus belongs when it was lost."""
        if self._rooms.currentWidget() is not self._workspace:
            return first_stop(self._rooms.currentWidget())
        page = self.current_page()
        return page.home() if page is not None else first_stop(self.nav)

    def is_allowed(self, page: str) -> bool:
        """Whether this person has a use for the page."""
        return page in self._allowed

    def current_page(self) -> Page | None:
        """The page at the front."""
        return self._pages.get(self._current)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run in the background as long as the window lives; its failure is shown, never lost."""
        if self._over:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def tell_failure(self, work: str, problem: BaseException | None) -> None:
        """A bug stopped some work: say so in plain words, and log where without values, which may be personal."""
        places = "".join(traceback.format_tb(problem.__traceback__)) if problem is not None else ""
        log.error("%s failed: %s\n%s", work, type(problem).__name__, places)
        if not self._over:
            self.toasts.show_notice(common.WORK_FAILED, "bad", sticky=True)
            self.work_failed.emit()

    @property
    def at_work(self) -> bool:
        """Whether any background work is under way."""
        return bool(self._tasks)

    def at_end(self, ending: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Await this when the window has closed, after all other work."""
        self._endings.append(ending)

    async def end_work(self) -> None:
        """Cancel all background work and wait for it; called once, when the window has closed."""
        self._over = True
        for page in self._pages.values():
            page.put_away()
        self._pages = {}
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for ending in self._endings:
            await ending()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Icons only below 1,200 px (more with larger text)."""
        super().resizeEvent(event)
        self._fit_nav()

    def _fit_nav(self) -> None:
        self.nav.set_wide(self.width() >= scaled(COLLAPSE_BELOW))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self.tell_failure(task.get_name(), problem)

    def _refresh_page(self) -> None:
        if (page := self.current_page()) is not None:
            page.refresh()

    def _focus_search(self) -> None:
        page = self.current_page()
        field = page.search_focus() if page is not None else None
        if field is not None:
            field.setFocus()

    def _next_pane(self) -> None:
        page = self.current_page()
        around: list[QWidget] = [self.nav, self.topbar, *self.toasts.shown()]
        panes = [pane for pane in [*around, *(page.panes() if page else [])] if first_stop(pane)]
        focused = QApplication.focusWidget()
        inside = [focused is not None and (pane is focused or pane.isAncestorOf(focused)) for pane in panes]
        here = inside.index(True) if True in inside else len(around) - 1  # in none of them: to the page's first
        stop = first_stop(panes[(here + 1) % len(panes)])
        if stop is not None:
            stop.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_keys(self) -> None:
        """F1, in every window; once more closes the list."""
        window = QApplication.activeWindow() or self
        if isinstance(window, KeyList):
            window.reject()
        else:
            KeyList([a for a in self.commands.available(window) if a.enabled()], window).open()

    def _can_refresh(self) -> bool:
        page = self.current_page()
        return page is not None and type(page).refresh is not Page.refresh

    def _can_search(self) -> bool:
        page = self.current_page()
        return page is not None and can_focus(page.search_focus())

    def _open_sync(self) -> None:
        self.open_page("sync")

    def _toggle_language(self) -> None:
        look.set_language("en" if language() == "th" else "th")

    def _refresh(self) -> None:
        self._fit_nav()
        parts = [nav.PRODUCT()]
        if self._person is not None:
            parts.insert(0, f"{self._person.role_title} · {self._person.branch}")
        if self._current:
            title = self._registry.get(self._current).title()
            self.topbar.title.setText(title)
            parts.insert(0, title)
        self.setWindowTitle(" — ".join(parts))


def _always() -> bool:
    return True


class _Opener:
    """Opens one page; a class so that each action keeps its own page."""

    def __init__(self, shell: Shell, page: str) -> None:
        self._shell, self._page = shell, page

    def __call__(self) -> None:
        self._shell.open_page(self._page)

    def is_allowed(self) -> bool:
        """Whether the page is for the person who works here."""
        return self._shell.is_allowed(self._page)
