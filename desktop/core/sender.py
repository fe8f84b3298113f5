"""Empties the outbox: oldest first, batches beside the rest, until done, offline, or a person must look."""

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
from desktop.core.store.outbox import EventKind, EventState, Outbox, PendingEvent

_KEEP_DONE: Final = timedelta(days=3)
_LOOK_SECONDS: Final = 0.5
"""While a batch is under way, how often the rest of the outbox is looked at."""
_AT_ONCE: Final = tuple(kind for kind in EventKind if kind is not EventKind.BATCH)


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
            stopped = await self._send_due(user_id)
            while stopped is None and (batch := await self._outbox.claim(user_id, (EventKind.BATCH,))):
                stopped = await self._send_batch(batch, user_id)
            if stopped is None:
                await self._outbox.forget_done(self._client.clock.now() - _KEEP_DONE)
            return stopped

    async def _send_due(self, user_id: str) -> Failure | None:
        """Everything but batches, oldest first."""
        await self._outbox.release_due(self._client.clock.now())
        while event := await self._outbox.claim(user_id, _AT_ONCE):
            if (stopped := await self._send(event)) is not None:
                return stopped
        return None

    async def _send_batch(self, batch: PendingEvent, user_id: str) -> Failure | None:
        """A batch takes minutes, and what becomes due meanwhile does not wait for it, nor behind one that hangs."""
        sending = asyncio.create_task(self._send(batch))
        try:
            while not sending.done():
                await asyncio.wait([sending], timeout=_LOOK_SECONDS)
                if not sending.done():
                    await self._send_due(user_id)  # a failure is the batch's too, which says so when it ends
            return sending.result()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, event: PendingEvent) -> Failure | None:
        self.moved.tell(event.id)
        stopped = await self._deliver(event)
        self.moved.tell(event.id)
        return stopped

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
