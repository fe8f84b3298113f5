"""The outbox as a person sees it: in order, with state, age and the server's last word; retry, mend or discard."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from desktop.core import texts
from desktop.core.answers import Offline, Problem
from desktop.core.deliver import let_go_of
from desktop.core.desk import Desk
from desktop.core.forms import BatchProgress
from desktop.core.screens.base import ALLOWED, Action, Screen
from desktop.core.sender import Progress
from desktop.core.store import queries
from desktop.core.store.entities import ENTITIES
from desktop.core.store.outbox import EventKind, EventState, PendingEvent
from desktop.i18n.text import Text


@dataclass(frozen=True)
class OutboxRow:
    """One event; `answer` is why it is not done, `mend` opens the form again; `held`: it stands at the server too."""

    event: PendingEvent
    answer: Text | None
    retry: Action
    discard: Action
    mend: Action
    progress: Progress | None
    held: bool = False


class SyncScreen(Screen):
    """`rows` in the order made; `cached` is how many rows of each kind the desk knows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows: tuple[OutboxRow, ...] = ()
        self.cached: dict[str, int] = {}
        self._progress: dict[str, Progress] = {}
        self._detach += [
            desk.sender.moved.add(lambda _: self._start(self.load())),
            desk.sender.progress.add(self._note_progress),
            desk.sync.status_changed.add(lambda _: self.on_change()),
        ]

    async def load(self) -> None:
        """Read the outbox and count the cache."""
        self.rows = tuple(self._row(event) for event in await self.desk.outbox.events())
        self.cached = await self.desk.cache.read(lambda c: {e.name: queries.count(c, e.name) for e in ENTITIES})
        self.on_change()

    async def sync_now(self) -> None:
        """F9: push and pull at once."""
        await self.desk.sync.once()
        await self.load()

    async def retry(self, event_id: str) -> None:
        """Send a refused event again as it is."""
        await self.desk.outbox.retry(event_id)
        self.desk.sync.wake()
        await self._reload()

    async def discard(self, event_id: str) -> bool:
        """Remove a draft or a refused event; one that may have reached the server stays.

        A batch that was begun at the server is taken back there first; where that fails, `failure` says why.
        """
        event = await self.desk.outbox.get(event_id)
        if event is not None and event.state is EventState.NEEDS_ATTENTION:
            self.failure = await let_go_of(self.desk.client, event)
            if self.failure is not None:
                await self._reload()
                return False
        removed = await self.desk.outbox.discard(event_id)
        await self._reload()
        return removed

    async def _reload(self) -> None:
        await self.desk.sync.refresh_status()
        await self.load()

    def _note_progress(self, progress: Progress) -> None:
        self._progress[progress.event_id] = progress
        self._start(self.load())

    def _row(self, event: PendingEvent) -> OutboxRow:
        refused = event.state is EventState.NEEDS_ATTENTION
        open_ = event.state in (EventState.DRAFT, EventState.NEEDS_ATTENTION)
        removable = open_ or event.state is EventState.HELD
        return OutboxRow(
            event=event,
            answer=answer_text(event),
            retry=ALLOWED if refused else Action(texts.MUST_REACH),
            discard=ALLOWED if removable else Action(texts.MUST_REACH),
            mend=ALLOWED if open_ else Action(texts.MUST_REACH),
            progress=self._progress.get(event.id),
            held=_is_held(event),
        )


def _is_held(event: PendingEvent) -> bool:
    if event.kind is not EventKind.BATCH:
        return False
    return bool(msgspec.json.decode(event.progress, type=BatchProgress).batch_id)


def answer_text(event: PendingEvent) -> Text | None:
    """The server's last word on an event; None where there is none or it is done."""
    if event.state is EventState.DONE or not event.answer:
        return None
    if b'"reason"' in event.answer and b'"code"' not in event.answer:
        return texts.failure_text(msgspec.json.decode(event.answer, type=Offline))
    return texts.failure_text(msgspec.json.decode(event.answer, type=Problem))
