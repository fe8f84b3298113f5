"""A typed form that survives a lost connection, the end of a session and a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec

from desktop.core import background
from desktop.core.desk import Desk
from desktop.core.store.outbox import EventKind, EventState, PendingEvent, new_event_id

DEBOUNCE_SECONDS: Final = 0.3


class DraftKeeper:
    """Saves one form under one id a moment after the last keystroke, or at the latest when the desk closes.

    `flush` saves at once. A keeper is for one form: what was submitted or discarded is never saved again, so that no
    late change of a field brings it back; the next form has a keeper of its own.
    """

    def __init__(self, desk: Desk, kind: EventKind, read_form: Callable[[], msgspec.Struct]) -> None:
        self._desk, self._kind, self._read_form = desk, kind, read_form
        self.event_id = new_event_id()
        self._over = self._unsaved = False
        self._timer: asyncio.TimerHandle | None = None
        self._saving: set[asyncio.Task[Any]] = set()
        desk.drafts.add(self)

    def touch(self) -> None:
        """The form changed."""
        self._stop_timer()
        if self._over:
            return
        self._unsaved = True
        self._timer = asyncio.get_running_loop().call_later(DEBOUNCE_SECONDS, self._save)

    async def flush(self) -> None:
        """Save now."""
        self._stop_timer()
        self._unsaved = False
        if self._over:
            return
        await self._desk.outbox.save_draft(
            self._kind, self._body(), draft_id=self.event_id, user_id=self._user_id, now=self._desk.now()
        )

    async def settle(self) -> None:
        """Return when nothing that was typed is unsaved."""
        while self._unsaved:
            await self.flush()
        await asyncio.gather(*self._saving)

    def end(self) -> None:
        """The desk closes: nothing is saved any more, and no timer is left that would try."""
        self._stop_timer()
        self._over = True

    async def submit(self) -> str:
        """Hand the form over for sending after the undo window; its event's id."""
        self._stop_timer()
        self._over = True
        now = self._desk.now()
        window = self._desk.undo_window
        await self._desk.outbox.submit(
            self._kind, self._body(), event_id=self.event_id, user_id=self._user_id, now=now, due=now + window
        )
        self._desk.sender.moved.tell(self.event_id)
        self._desk.sync.wake()
        return self.event_id

    async def undo(self) -> bool:
        """Take it back within the window; False when it has left or is leaving."""
        taken = await self._desk.outbox.undo(self.event_id)
        self._over = self._over and not taken
        return taken

    async def newest(self) -> PendingEvent | None:
        """The draft of this kind that this person left last: what a window shows again after a crash."""
        mine = [
            event
            for event in await self._desk.outbox.events((EventState.DRAFT,))
            if event.kind is self._kind and event.user_id == self._user_id
        ]
        return mine[-1] if mine else None

    async def discard(self) -> None:
        """Forget the draft, also what of it is just being saved."""
        self._stop_timer()
        self._over = True
        await asyncio.gather(*self._saving)
        await self._desk.outbox.discard(self.event_id)

    def adopt(self, event: PendingEvent) -> None:
        """Go on with a draft that was kept. A refused event is copied under a new id: its content will differ."""
        self.event_id = event.id if event.state is EventState.DRAFT else new_event_id()

    def _body(self) -> bytes:
        return msgspec.json.encode(self._read_form())

    def _save(self) -> None:
        self._timer = None
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # Qt's timers also come where Qt alone handles events; nothing can be awaited there
            return  # `settle` saves it
        background.start(self.flush(), self._saving)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _user_id(self) -> str:
        session = self._desk.session
        return "" if session is None else str(session.user_id)
