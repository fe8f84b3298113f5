"""Empties the outbox: oldest first, one at a time, until done, offline, or a person must look."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from desktop.core.answers import Failure, Offline, Problem, passing, wants_sign_in
from desktop.core.client import ApiClient
from desktop.core.deliver import Report, deliver
from desktop.core.listeners import Listeners
from desktop.core.store.cache import Cache, Changes
from desktop.core.store.outbox import EventState, Outbox, PendingEvent

_KEEP_DONE: Final = timedelta(days=3)


@dataclass(frozen=True)
class Progress:
    """How far one event is, in its own units (lines, documents)."""

    event_id: str
    done: int
    total: int


class Sender:
    """Sends what is due; `changed` hears of cached rows that answers brought, `moved` of events by id."""

    def __init__(self, client: ApiClient, outbox: Outbox, cache: Cache) -> None:
        self._client, self._outbox, self._cache = client, outbox, cache
        self._one_at_a_time = asyncio.Lock()
        self.changed: Listeners[Changes] = Listeners()
        self.moved: Listeners[str] = Listeners()
        self.progress: Listeners[Progress] = Listeners()

    async def push(self, user_id: str) -> Failure | None:
        """Send this person's due events; the failure that stopped it (no connection, sign in again), if any."""
        async with self._one_at_a_time:
            now = self._client.clock.now()
            await self._outbox.release_due(now)
            while event := await self._outbox.claim(user_id):
                self.moved.tell(event.id)
                stopped = await self._deliver(event)
                self.moved.tell(event.id)
                if stopped is not None:
                    return stopped
            await self._outbox.forget_done(now - _KEEP_DONE)
            return None

    async def _deliver(self, event: PendingEvent) -> Failure | None:
        answered = False
        try:
            answer = await deliver(self._client, self._outbox, event, self._reporter(event.id))
            answered = True
        finally:
            if not answered:  # cancelled or a bug: the event must not stay `sending` for ever
                await asyncio.shield(self._outbox.put_back(event.id, b""))
        if isinstance(answer, (Problem, Offline)):
            return await self._not_delivered(event, answer)
        kind, view = answer
        changes = await self._cache.put(kind, [view])
        await self._outbox.finish(event.id, EventState.DONE, msgspec.json.encode({"kind": kind, "id": view.id}))
        self.changed.tell(changes)
        return None

    async def _not_delivered(self, event: PendingEvent, failure: Failure) -> Failure | None:
        answer = msgspec.json.encode(failure)
        if passing(failure) or wants_sign_in(failure):
            await self._outbox.put_back(event.id, answer)
            return failure
        await self._outbox.finish(event.id, EventState.NEEDS_ATTENTION, answer)
        return None

    def _reporter(self, event_id: str) -> Report:
        return lambda done, total: self.progress.tell(Progress(event_id, done, total))
