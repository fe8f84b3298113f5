"""One event of the outbox on its way: what a screen shows of it until it is done or a person must look."""

from __future__ import annotations

from typing import Any

import msgspec

from desktop.core.desk import Desk
from desktop.core.screens.base import Screen
from desktop.core.screens.sync_screen import answer_text
from desktop.core.store.outbox import EventState, PendingEvent
from desktop.i18n.text import Text


class Followed(Screen):
    """`follow` an event; `view` is what the server made of it once it is done."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.event: PendingEvent | None = None
        self.view: Any | None = None
        self._event_id = ""
        self._detach.append(desk.sender.moved.add(self._moved))

    async def follow(self, event_id: str) -> None:
        """From now on this one; an empty id ends it."""
        self._event_id, self.event, self.view = event_id, None, None
        await self._read()

    @property
    def state(self) -> EventState | None:
        """Where it stands; None when nothing is followed."""
        return self.event.state if self.event is not None else None

    @property
    def answer(self) -> Text | None:
        """The server's last word, when it is not done."""
        return answer_text(self.event) if self.event is not None else None

    def _moved(self, event_id: str) -> None:
        if event_id == self._event_id:
            self._start(self._read())

    async def _read(self) -> None:
        wanted = self._event_id
        event = await self.desk.outbox.get(wanted) if wanted else None
        view = None
        if event is not None and event.state is EventState.DONE:
            made = msgspec.json.decode(event.answer)
            view = await self.desk.cache.get(made["kind"], made["id"])
        if wanted == self._event_id:
            self.event, self.view = event, view
            self.on_change()
