"""What all view models share: an `on_change`, actions that say why not, and rows that page from the cache."""

from __future__ import annotations

import asyncio
from array import array
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from desktop.core import background, texts
from desktop.core.answers import Failure
from desktop.core.desk import Desk
from desktop.core.store.cache import Changes
from desktop.i18n.text import Text
from shared.permissions import Permission

AMBER_AGE: Final = timedelta(hours=24)
SUBMIT_AGE: Final = timedelta(hours=72)


@dataclass(frozen=True)
class Action:
    """Whether a button works, and the reason where it does not."""

    why_not: Text | None = None

    @property
    def enabled(self) -> bool:
        """Nothing speaks against it."""
        return self.why_not is None


ALLOWED: Final = Action()


def first_reason(*reasons: Text | None) -> Action:
    """An action with the first reason that is one."""
    return Action(next((reason for reason in reasons if reason is not None), None))


class Screen:
    """Base of all view models. Set `on_change`; call `close` when the screen goes away."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.on_change: Callable[[], None] = lambda: None
        self.failure: Failure | None = None
        self.busy = False
        self._detach = [desk.sync.changed.add(self._rows_changed)]
        self._tasks: set[asyncio.Task[Any]] = set()

    def close(self) -> None:
        """Hear nothing more, and read nothing more: what was being read is for a screen that is gone."""
        for detach in self._detach:
            detach()
        self._detach = []
        for task in self._tasks:
            task.cancel()

    @property
    def failure_text(self) -> Text | None:
        """The last failure in words; data that was there before stays."""
        return None if self.failure is None else texts.failure_text(self.failure)

    def _rows_changed(self, changes: Changes) -> None:
        """Rows changed in the cache; screens that show such rows override this."""

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        background.start(work, self._tasks)

    def _may(self, permission: Permission) -> Text | None:
        session = self.desk.session
        return None if session is not None and session.can(permission) else texts.NOT_ALLOWED

    def _needs_connection(self) -> Text | None:
        return None if self.desk.online else texts.NO_CONNECTION

    def _fresh_enough(self) -> Text | None:
        pulled = self.desk.sync.status.pulled_at
        old = pulled is None or self.desk.now() - pulled > SUBMIT_AGE
        return texts.TOO_OLD if old else None

    @property
    def _user_id(self) -> str:
        session = self.desk.session
        return "" if session is None else str(session.user_id)


PAGE: Final = 200
_KEPT_PAGES: Final = 20


class Rows:
    """Places of a long list, and the few pages of views that are in sight; a row not read yet is None and arrives."""

    def __init__(self, screen: Screen, kind: str) -> None:
        self._screen, self._kind = screen, kind
        self._places: array[int] = array("q")
        self._pages: OrderedDict[int, list[Any]] = OrderedDict()
        self._asked: set[int] = set()
        self.generation = 0  # grows with every new list, so that a window knows a repaint from a new result

    def __len__(self) -> int:
        return len(self._places)

    def row(self, index: int) -> Any | None:
        """The view at an index, or None while it is being read."""
        page = index // PAGE
        if page in self._pages:
            self._pages.move_to_end(page)
            views = self._pages[page]
            return views[index % PAGE] if index % PAGE < len(views) else None
        if page not in self._asked:
            self._asked.add(page)
            self._screen._start(self._fetch(page))
        return None

    async def show(self, places: array[int]) -> None:
        """Take a new list of places and read its first page."""
        self._places = places
        self.generation += 1
        self._pages.clear()
        self._asked = {0}
        await self._fetch(0)

    async def refresh(self) -> None:
        """Read the pages in sight again: rows changed in place."""
        for page in list(self._pages):
            await self._fetch(page, quiet=True)

    async def _fetch(self, page: int, *, quiet: bool = False) -> None:
        places = self._places
        views = await self._screen.desk.cache.page(self._kind, places[page * PAGE : (page + 1) * PAGE])
        if places is not self._places:
            return  # another list is shown by now
        self._pages[page] = views
        self._asked.discard(page)
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)
        if not quiet:
            self._screen.on_change()
