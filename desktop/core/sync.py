"""Keeps the cache like the server: pulls by cursor, hears "there is news", polls where it hears nothing, pushes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

import httpx
import msgspec
from httpx_sse import SSEError, aconnect_sse

from desktop.core.answers import Failure, Offline, Problem, wants_sign_in
from desktop.core.client import ApiClient
from desktop.core.clock import parse_instant
from desktop.core.listeners import Listeners
from desktop.core.lost import list_lost
from desktop.core.operations import records
from desktop.core.sender import Sender
from desktop.core.session import SessionKeeper
from desktop.core.store import queries
from desktop.core.store.cache import Cache, Changes
from desktop.core.store.entities import rows_of
from desktop.core.store.outbox import WAITING, EventState, Outbox
from shared.refusals import RefusalCode as R
from shared.wire.records import ChannelAlarm, PolicyView, SyncReply
from shared.wire.table import EVENTS_PATH

POLL_SECONDS: Final = 30.0
_OFFLINE_SECONDS: Final = 5.0
_LOST: Final = frozenset({R.CURSOR_GONE, R.CURSOR})
_LISTEN_TIMEOUT: Final = httpx.Timeout(45.0, connect=5.0)
_RECONNECT_SECONDS: Final = (1.0, 2.0, 5.0, 15.0)


class Pill(StrEnum):
    """What the status pill says; the first that holds, from the bottom up."""

    ONLINE = "online"
    SYNCING = "syncing"
    OFFLINE = "offline"
    SIGN_IN = "sign_in"
    ATTENTION = "attention"


@dataclass(frozen=True)
class SyncStatus:
    """Everything the pill, the banner and the sync screen show."""

    pill: Pill = Pill.OFFLINE
    pulled_at: datetime | None = None
    done: int = 0
    total: int = 0
    queued: int = 0
    attention: int = 0
    offline_since: datetime | None = None
    reason: str = ""
    alarms: tuple[ChannelAlarm, ...] = ()
    policy: PolicyView | None = None
    """What the company has set, as the server last said."""


class SyncLoop:
    """Start it after sign-in. `changed` tells which rows changed, `status_changed` feeds the pill."""

    def __init__(self, client: ApiClient, keeper: SessionKeeper, cache: Cache, outbox: Outbox, sender: Sender) -> None:
        self._client, self._keeper, self._cache, self._outbox, self._sender = client, keeper, cache, outbox, sender
        self.status = SyncStatus()
        self.changed: Listeners[Changes] = Listeners()
        self.status_changed: Listeners[SyncStatus] = Listeners()
        sender.changed.add(self.changed.tell)
        self._last: Failure | None = Offline(reason="nothing was asked yet")
        self._alarms: tuple[ChannelAlarm, ...] = ()
        self._wake = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; needs a running loop."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """End both tasks; what was being sent is put back into the queue."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._alarms = ()  # they are in the sight of the person who was here

    def wake(self) -> None:
        """Pull and push now: F9, or when the machine woke up. After a submission: know when its window ends."""
        self._wake.set()

    async def once(self) -> Failure | None:
        """Push, then pull until there is no more; the failure that stopped it, if any."""
        async with self._one_at_a_time:
            session = self._keeper.session
            failure: Failure | None = Problem(code=R.TOKEN, status=401)
            if session is not None and not self._keeper.ended:
                user = str(session.user_id)
                failure = await self._sender.push(user) or await self._pull(user)
            if isinstance(failure, Problem) and failure.code == R.DEVICE_UNKNOWN:
                await self._cache.rebuild()  # shut out: nothing of others stays here, what was typed does
            self._last = failure
            await self.refresh_status()
            return failure

    async def refresh_status(self) -> None:
        """Count the outbox anew and show what the last exchange came to."""
        failure = self._last
        counts, pulled = await self._outbox.counts(), await self._cache.pulled_at()
        attention = counts.get(EventState.NEEDS_ATTENTION, 0)
        was_offline = self.status.offline_since
        offline_since = (was_offline or self._client.clock.now()) if isinstance(failure, Offline) else None
        self._show(
            SyncStatus(
                pill=_pill(failure, attention),
                pulled_at=parse_instant(pulled) if pulled else None,
                queued=sum(counts.get(state, 0) for state in WAITING),
                attention=attention,
                offline_since=offline_since,
                reason=_reason(failure),
                alarms=self._alarms,
                policy=await self._cache.read(queries.policy),
            )
        )

    async def _pull(self, user_id: str, *, again: bool = False) -> Failure | None:
        """Page by page; between two pages leaves what has become due, or it would wait for the whole register."""
        applied = 0
        while True:
            cursor = await self._cache.cursor()
            page = await records.sync(self._client, cursor)
            if isinstance(page, Problem) and page.code in _LOST and cursor:
                await self._cache.rebuild(put_back=True)
                continue
            if not isinstance(page, SyncReply):
                return page
            self._client.clock.learn_text(page.server_time)
            changes = await self._cache.apply(page)
            applied += sum(len(rows) for _, rows in rows_of(page))
            if changes:
                self.changed.tell(changes)
            if not page.more:
                return await self._pulled(page, user_id, again=again)
            self._show(replace(self.status, pill=Pill.SYNCING, done=applied, total=applied + page.remaining))
            if (failure := await self._sender.push(user_id)) is not None:
                return failure

    async def _pulled(self, last: SyncReply, user_id: str, *, again: bool) -> Failure | None:
        """The last page is here. Rows that were judged by other settings are pulled anew: once, or two servers that are
        set differently would have it begin for ever."""
        if last.policy is not None and not await self._cache.go_by(last.policy) and not again:
            return await self._pull(user_id, again=True)
        if await self._cache.was_put_back():
            await list_lost(self._cache, self._outbox, user_id)
            await self._cache.looked_for()
        self._alarms = _going_on(last.alarms, self._alarms)
        return None

    def _show(self, status: SyncStatus) -> None:
        if status != self.status:
            self.status = status
            self.status_changed.tell(status)

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            began = self._client.clock.now()
            await self.once()
            await self._rest(began)

    async def _rest(self, began: datetime) -> None:
        """Until news, the next poll, or the end of an undo window that was open when the last exchange `began`.

        A timer says only when to look at the clock again: Qt's may come a twentieth too early, and what was looked at
        half a second before its window ended would wait for the next poll.
        """
        loop = asyncio.get_running_loop()
        over = loop.time() + self._pause()
        while not self._wake.is_set():
            left = over - loop.time()
            if (due := await self._outbox.next_due(began)) is not None:
                left = min(left, (due - self._client.clock.now()).total_seconds())
            if left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._wake.wait()

    def _pause(self) -> float:
        return _OFFLINE_SECONDS if self.status.pill is Pill.OFFLINE else POLL_SECONDS

    async def _listen(self) -> None:
        """News carry nothing: a lost one costs at most the time to the next poll."""
        tries = 0
        while True:
            used = self._client.shop_token
            if used is not None and not self._keeper.ended:
                heard = await self._hear(used)
                tries = 0 if heard else tries
            await asyncio.sleep(_RECONNECT_SECONDS[min(tries, len(_RECONNECT_SECONDS) - 1)])
            tries += 1

    async def _hear(self, used: str) -> bool:
        """Listen until the connection ends; whether anything was heard."""
        headers = self._client.proof_headers("GET", EVENTS_PATH, b"", reading=True)
        heard = False
        try:
            async with aconnect_sse(
                self._client.http, "GET", EVENTS_PATH, headers=headers, timeout=_LISTEN_TIMEOUT
            ) as source:
                if source.response.status_code == 401:
                    await self._client.refresh(used)
                    return False
                source.response.raise_for_status()
                self.wake()  # whatever happened between the last pull and this connection
                async for event in source.aiter_sse():
                    heard = True
                    if event.event == "news":
                        self.wake()
        except (httpx.HTTPError, SSEError, OSError):
            pass
        return heard


def _going_on(alarms: Sequence[ChannelAlarm], before: Sequence[ChannelAlarm]) -> tuple[ChannelAlarm, ...]:
    """A lane that is tried now and then begins no new alarm: it keeps the instant at which its first was heard of."""
    began = {alarm.channel: alarm.since for alarm in before}
    return tuple(msgspec.structs.replace(one, since=began.get(one.channel, one.since)) for one in alarms)


def _pill(failure: Failure | None, attention: int) -> Pill:
    if failure is not None and wants_sign_in(failure):
        return Pill.SIGN_IN
    if failure is not None:
        return Pill.OFFLINE
    return Pill.ATTENTION if attention else Pill.ONLINE


def _reason(failure: Failure | None) -> str:
    if failure is None:
        return ""
    return failure.reason if isinstance(failure, Offline) else failure.code
