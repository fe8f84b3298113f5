"""The bell, the count beside Approvals and the notices: drawn from the inbox, so each ends with its cause."""

from __future__ import annotations

from typing import Final

from desktop.core.desk import Desk
from desktop.core.screens.inbox import ALARMS, NEWS, Entry, Inbox
from desktop.core.sync import Pill, SyncStatus
from desktop.i18n import inbox
from desktop.ui.screens.inbox.page import entry_mark, entry_who
from desktop.ui.shell import Shell
from desktop.ui.widgets.toast import Toast

_MANY: Final = 3


class Notices:
    """One person's, while they work here. What was there before the first exchange with the server is only counted."""

    def __init__(self, shell: Shell, desk: Desk) -> None:
        self._shell = shell
        self.inbox = Inbox(desk)
        self.inbox.on_change = self.draw
        self._known: set[str] = set()
        self._alarms: dict[Toast, frozenset[str]] = {}
        self._quiet = desk.sync.status.pill not in (Pill.ONLINE, Pill.ATTENTION)
        self._deafen = desk.sync.status_changed.add(self._heard)
        shell.spawn(self.inbox.load(), "inbox")

    def close(self) -> None:
        """The person has left."""
        self._deafen()
        self.inbox.on_change = lambda: None
        self.inbox.close()
        self._shell.topbar.bell.set_unread(0)

    def draw(self) -> None:
        """Count what is unseen, tell what is new, and end the notices whose cause is over."""
        unseen = {entry.subject: entry for entry in self.inbox.unseen}
        self._shell.nav.set_count("approvals", self.inbox.approvals.waiting_for_me)
        self._shell.nav.set_count("inbox", sum(entry.what not in NEWS for entry in self.inbox.entries))
        self._shell.topbar.bell.set_unread(len(unseen))
        for toast, about in list(self._alarms.items()):
            if not about & unseen.keys():
                toast.end()
        fresh = [entry for subject, entry in unseen.items() if subject not in self._known]
        self._known |= unseen.keys()
        if not self._quiet:
            self._alarm([entry for entry in fresh if entry.what in ALARMS])
            self._tell_news([entry for entry in fresh if entry.what in NEWS])

    def _heard(self, status: SyncStatus) -> None:
        if self._quiet and status.pill in (Pill.ONLINE, Pill.ATTENTION):
            self._shell.spawn(self._begin_to_tell(), "inbox")

    async def _begin_to_tell(self) -> None:
        """The first pull is history, which the list and the bell show."""
        await self.inbox.load()
        self._quiet = False

    def _alarm(self, entries: list[Entry]) -> None:
        if len(entries) > _MANY:
            count = len(entries)
            self._keep(self._shell.toasts.show_notice(lambda: inbox.several(count), "bad", sticky=True), entries)
            return
        for entry in entries:
            toast = self._shell.toasts.show_notice(lambda one=entry: _words(one), "bad", sticky=True)  # type: ignore[misc]
            self._keep(toast, [entry])

    def _keep(self, toast: Toast, entries: list[Entry]) -> None:
        subjects = frozenset(entry.subject for entry in entries)
        self._alarms[toast] = subjects
        toast.closed.connect(lambda _undone: self._alarms.pop(toast, None))
        toast.dismissed.connect(lambda: self._shell.spawn(self._seen(subjects), "inbox.seen"))

    async def _seen(self, subjects: frozenset[str]) -> None:
        await self.inbox.see_these(sorted(subjects))

    def _tell_news(self, entries: list[Entry]) -> None:
        if len(entries) > _MANY:
            count = len(entries)
            self._shell.toasts.show_notice(lambda: inbox.several_paid(count), "ok")
            return
        for entry in entries:
            self._shell.toasts.show_notice(lambda one=entry: _words(one), "ok")  # type: ignore[misc]


def _words(entry: Entry) -> str:
    return inbox.notice(entry_mark(entry).text, entry.number, entry_who(entry))
