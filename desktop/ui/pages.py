"""The registry of pages: a screen says here who it is for and how it is made, and the shell does the rest."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from desktop.i18n import Text, keys
from desktop.ui.keys.actions import Action, ActionRegistry, own_key
from desktop.ui.keys.focus import enter_steps, first_stop, reading_order, step, step_on
from desktop.ui.widgets.nav import NavEntry
from desktop.ui.widgets.toast import ToastHost
from shared.permissions import Role

EVERYONE = frozenset(Role)


class Page(QWidget):
    """A screen. Override what is needed; the shell calls these."""

    def shown(self, subject: str | None) -> None:
        """The page came to the front; `subject` is an id to show, or None."""

    def search_focus(self) -> QWidget | None:
        """Where Ctrl+F puts the focus."""
        return None

    def refresh(self) -> None:
        """F5: show what waits, ask again."""

    def home(self) -> QWidget | None:
        """Where the focus is when the page opens: its first pane that takes keys, else whatever comes first."""
        panes = (first_stop(pane) for pane in self.panes())
        return next((pane for pane in panes if pane is not None), None) or first_stop(self)

    def tab_stops(self) -> list[QWidget]:
        """What Tab and Enter walk through."""
        return [stop for stop in reading_order(self) if stop is not self]

    def focusNextPrevChild(self, next: bool) -> bool:  # Qt's name
        """Tab: in reading order, around the page; F6 leaves it."""
        return step(self.tab_stops(), ahead=next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter that no field wanted goes on to the next one."""
        if not enter_steps(event, self.tab_stops()):
            super().keyPressEvent(event)

    def key_actions(self) -> Sequence[Action]:
        """Enter, while a field has the focus."""
        return [next_field(self)] if isinstance(QApplication.focusWidget(), QLineEdit | QComboBox) else []

    def panes(self) -> list[QWidget]:
        """F6 walks the focus through these."""
        return []

    def put_away(self) -> None:
        """The person signed out: hear nothing more; what was typed is already kept."""


def next_field(owner: QWidget) -> Action:
    """Enter, as the key list shows it."""
    return own_key("next_field", keys.NEXT_FIELD, lambda: step_on(owner), owner, "Return")


class Workbench(Protocol):
    """What a page may ask of the window around it. `core` is the desk's heart (no Qt): client, store, view models."""

    commands: ActionRegistry
    toasts: ToastHost
    core: Any
    lock_requested: SignalInstance
    sign_out_requested: SignalInstance

    def open_page(self, page: str, subject: str | None = None) -> None:
        """Bring a page to the front, optionally on one subject."""
        ...

    def renew_page(self, old: Page, make: Callable[[], Page]) -> None:
        """Put a wholly new page where `old` is: nothing typed for one item is met in the form of the next."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run a coroutine as long as the window lives; its failure is shown, never lost."""
        ...


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page. Not every page stands in the menu (`in_nav`); `group` as in NavEntry; `key` is its F-key."""

    page: str
    icon: str
    title: Text
    factory: Callable[[Workbench], Page]
    roles: frozenset[Role] = EVERYONE
    group: int = 0
    in_nav: bool = True
    key: str = ""

    def nav_entry(self) -> NavEntry:
        """Its line in the menu."""
        return NavEntry(self.page, self.icon, self.title, self.group)


class PageRegistry:
    """Pages in menu order."""

    def __init__(self) -> None:
        self._specs: dict[str, PageSpec] = {}

    def register(self, spec: PageSpec) -> None:
        """Add a page; a second one of the same name is a mistake of the programmer."""
        if spec.page in self._specs:
            raise ValueError(f"page registered twice: {spec.page}")
        self._specs[spec.page] = spec

    def get(self, page: str) -> PageSpec:
        """The page's spec."""
        return self._specs[page]

    def all(self) -> list[PageSpec]:
        """Every page, in the order of registration within its group."""
        return sorted(self._specs.values(), key=lambda spec: spec.group)

    def for_roles(self, roles: frozenset[Role]) -> frozenset[str]:
        """The pages a person with these roles has a use for."""
        return frozenset(spec.page for spec in self._specs.values() if spec.roles & roles)
