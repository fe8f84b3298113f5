"""The executor: sends authorized intents, resolves doubt, expires, and answers account checks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from server.channels.base import AccountName, Channel
from server.context import Services
from server.database.transaction import Database
from server.members import checks
from server.payments.batch_closing import Overdue
from server.payments.schedule import INQUIRIES
from server.payments.sending import Attempt, Lane
from server.workers.attempts import Attempts, Rests
from server.workers.breaker import BreakerSettings, BreakerState
from server.workers.commits import Commits
from server.workers.lanes import ChannelLimits, Gate, lanes_of, shares
from server.workers.liveness import Liveness
from server.workers.pace import Pace
from shared.thai import BANGKOK

log = structlog.get_logger("executor")

_SHARE = 0.9
"""The part of a channel's places that one branch may hold."""
_RESERVE = 8
"""Places for short queues beside those that back-pressure leaves to the long ones."""
_FEW = 4
"""A lane that gets at most so many is claimed together with other such lanes, and not with a long queue's."""


@dataclass(frozen=True, kw_only=True)
class ExecutorSettings:
    """Times in seconds. `limits` are by channel; a channel without any has those of its manifest."""

    concurrency: int = 192
    inquiries_at_once: int = 16
    flush_most: int = 250
    """So that one flush is a short batch for the ledger."""
    idle_poll: float = 0.05
    housekeeping: float = 1.0
    lease: float = 15.0
    inquiry_schedule: tuple[float, ...] = INQUIRIES
    retry_delay: float = 2.0
    retry_delay_most: float = 300.0
    pause_after_stop: float = 30.0
    anchor_every: timedelta = timedelta(hours=1)
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    limits: Mapping[str, ChannelLimits] = field(default_factory=dict)


class Executor:
    """One executor process. `run` works until `stop` is set and everything under way has been recorded."""

    def __init__(
        self,
        database: Database,
        url: str,
        services: Services,
        channels: Mapping[str, Channel],
        settings: ExecutorSettings,
    ) -> None:
        """`url` is the executor role's, for the connection whose life is this executor's life."""
        self._services = services
        self._channels = dict(sorted(channels.items()))
        self._settings = settings
        self._liveness = Liveness(url, timedelta(seconds=settings.lease))
        self._commits = Commits(database)
        self._gates = {
            name: Gate(settings.limits.get(name) or _limits(channel), settings.breaker)
            for name, channel in self._channels.items()
        }
        self._rests = Rests(settings.retry_delay, settings.retry_delay_most)
        self._attempts = Attempts(
            self._commits,
            services,
            self._channels,
            self._gates,
            self._rests,
            settings.inquiry_schedule,
            settings.pause_after_stop,
            settings.flush_most,
        )
        self._pace = Pace(settings.concurrency)
        self._claiming: dict[Lane, int] = {}
        self._claims: list[asyncio.Task[None]] = []
        self._claim_from = 0.0
        self._sending: dict[UUID, tuple[Attempt, asyncio.Task[None]]] = {}
        self._asking: dict[UUID, tuple[Attempt, asyncio.Task[None]]] = {}
        self._adrift: dict[UUID, datetime] = {}
        self._turn = 0
        self._more = False
        self._wake = asyncio.Event()
        self._told: dict[str, BreakerState] = {}
        self._overdue: dict[str, dict[str, int]] = {}
        self._beat_at = 0.0
        self._next_anchor = services.clock()

    async def run(self, stop: asyncio.Event) -> None:
        """Register, then send, inquire and keep house until told to stop."""
        await self._commits.learn_branches()
        self._commits.executor = await self._liveness.register(self._services.clock())
        self._beat_at = self._rests.moment()
        log.info("started", executor=self._commits.executor, channels=list(self._channels))
        loops = [
            asyncio.create_task(self._repeat(stop, seconds, step))
            for seconds, step in (
                (self._settings.idle_poll, self._claim),
                (0.2, self._inquire),
                (self._settings.housekeeping, self._keep_house),
                (0.2, self._answer_checks),
            )
        ]
        waking = asyncio.create_task(self._wake_at(stop))
        try:
            await asyncio.gather(*loops)
            await asyncio.gather(*self._claims)
            await asyncio.gather(*self._under_way(), return_exceptions=True)
        finally:
            # After a lost connection nothing of this executor may go on: others take over what it leaves.
            left = [*loops, waking, *self._claims, *self._under_way()]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await self._liveness.close()
            log.info("stopped", executor=self._commits.executor)

    def _under_way(self) -> list[asyncio.Task[None]]:
        return [task for _, task in (*self._sending.values(), *self._asking.values())]

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _repeat(self, stop: asyncio.Event, seconds: float, step: Callable[[], Awaitable[bool]]) -> None:
        """Run a step until stopped, at once again when it found work. A failure is logged and waited out."""
        delay = seconds
        while not stop.is_set():
            try:
                busy = await step()
                delay = 0.0 if busy else seconds
            except ConnectionError:
                raise
            except Exception:
                # The database may be away for a while; everything that was under way is found again by inquiry.
                log.exception("step failed", step=step.__name__)
                delay = min(max(delay, 0.5) * 2, 10.0)
            try:
                async with asyncio.timeout(delay):
                    await self._pause(stop, step)
            except TimeoutError:
                continue

    async def _pause(self, stop: asyncio.Event, step: Callable[[], Awaitable[bool]]) -> None:
        if step != self._claim:
            await stop.wait()
            return
        self._wake.clear()
        await (stop if stop.is_set() else self._wake).wait()

    # --- sending

    async def _claim(self) -> bool:
        """Take as many as can be begun now, and no more.

        Lanes that get many are claimed beside those that get few: a long queue's transaction holds nobody up.
        """
        moment = self._rests.moment()
        under_way = lanes_of([(one.branch_id, one.channel) for one, _ in self._sending.values()])
        for lane, count in self._claiming.items():
            under_way[lane] = under_way.get(lane, 0) + count
        free = min(self._settings.concurrency, self._pace.places + _RESERVE) - sum(under_way.values())
        rooms = self._rooms(moment, under_way) if free > 0 and self._may_claim(moment) else {}
        if not rooms:
            return False
        began = self._rests.moment()
        waiting = await self._commits.waiting(list(rooms), free)
        self._pace.took(self._rests.moment() - began)
        limits = shares(
            {lane: count for lane, count in waiting.items() if lane not in self._claiming},
            under_way,
            rooms,
            lane_most={name: self._lane_most(gate) for name, gate in self._gates.items()},
            free=free,
            turn=self._turn,
        )
        self._turn += 1
        self._more = sum(waiting.values()) > sum(limits.values())
        few = {lane: count for lane, count in limits.items() if count <= _FEW}
        self._begin_claim(few)
        self._begin_claim({lane: count for lane, count in limits.items() if lane not in few})
        return False

    def _lane_most(self, gate: Gate) -> int:
        places = min(gate.limits.at_once, self._settings.concurrency)
        return max(1, min(int(places * _SHARE), self._pace.places))

    def _may_claim(self, moment: float) -> bool:
        """Not after a claim that failed a moment ago, and not while others may think that this executor is dead."""
        return moment >= self._claim_from and moment - self._beat_at <= self._settings.lease

    def _rooms(self, moment: float, under_way: Mapping[Lane, int]) -> dict[str, int]:
        rooms = {}
        hour = self._services.clock().astimezone(BANGKOK).time()
        for name, gate in self._gates.items():
            if not self._channels[name].manifest.is_open(hour):
                continue
            busy = sum(count for lane, count in under_way.items() if lane.channel == name)
            claiming = sum(count for lane, count in self._claiming.items() if lane.channel == name)
            if room := gate.room(moment, busy, claiming):
                rooms[name] = room
        return rooms

    def _begin_claim(self, limits: dict[Lane, int]) -> None:
        if limits:
            self._claiming.update(limits)
            task = asyncio.create_task(self._take(limits))
            self._claims.append(task)
            task.add_done_callback(self._claims.remove)

    async def _take(self, limits: dict[Lane, int]) -> None:
        try:
            for attempt in await self._commits.claim(limits, self._rests.resting()):
                self._gates[attempt.channel].began(attempt.id)
                self._start(self._sending, attempt, self._attempts.send(attempt))
        except Exception:
            log.exception("step failed", step="claim")
            self._claim_from = self._rests.moment() + 1.0
        finally:
            for lane in limits:
                del self._claiming[lane]
            self._freed()

    def _start(
        self, where: dict[UUID, tuple[Attempt, asyncio.Task[None]]], attempt: Attempt, work: Awaitable[None]
    ) -> None:
        async def guarded() -> None:
            structlog.contextvars.bind_contextvars(correlation_id=attempt.correlation_id)
            try:
                await work
            except Exception:
                # Nothing is known to have failed at the bank: the attempt stays under way and is asked about.
                log.exception("attempt interrupted", reference=attempt.bank_reference)
                self._attempts.interrupted(attempt)
                self._adrift[attempt.id] = self._attempts.next_inquiry(attempt)
            finally:
                where.pop(attempt.id, None)
                self._freed()

        where[attempt.id] = (attempt, asyncio.create_task(guarded()))

    def _freed(self) -> None:
        """Claims are worth their transaction when a fair part of the places is free."""
        if self._more and self._settings.concurrency - len(self._sending) >= self._settings.concurrency // 4:
            self._wake.set()

    # --- doubt

    async def _inquire(self) -> bool:
        adrift = dict(self._adrift)
        if adrift:
            await self._commits.put_inquiries(adrift)
        # Only now are they in the database: while it is away they stay here, or nobody would ever ask about them.
        for attempt_id in adrift:
            del self._adrift[attempt_id]
        limits = self._inquiry_limits()
        if not limits:
            return False
        due = await self._commits.due_inquiries([*self._sending, *self._asking], limits)
        for attempt in due:
            if attempt.id not in self._sending:  # its claim was committed while we asked
                self._start(self._asking, attempt, self._attempts.resolve(attempt))
        return bool(due)

    def _inquiry_limits(self) -> dict[str, int]:
        """Each channel has places of its own; one that does not answer gets a question now and then."""
        busy = [one.channel for one, _ in self._asking.values()]
        limits = {}
        for name, gate in self._gates.items():
            most = self._settings.inquiries_at_once if gate.is_closed else 2
            if (free := most - busy.count(name)) > 0:
                limits[name] = free
        return limits

    # --- housekeeping

    async def _keep_house(self) -> bool:
        now = self._services.clock()
        alive = await self._liveness.beat(now)
        self._beat_at = self._rests.moment()
        for gate in self._gates.values():
            gate.executors = alive
        await self._tell_channels()
        await self._commits.learn_branches()
        for dead in await self._liveness.dead(self._commits.branches, now):
            await self._take_over(dead, now)
        await self._commits.expire_payments()
        self._tell_overdue(await self._commits.close_batches())
        await self._commits.expire_bank_changes()
        await self._commits.drain_callbacks()
        if now >= self._next_anchor:
            self._next_anchor = now + self._settings.anchor_every
            await self._commits.anchor_audit()
        return False

    def _tell_overdue(self, batches: Sequence[Overdue]) -> None:
        """What keeps a batch open past its term is told when it changes."""
        now_open = {batch.number: batch.states for batch in batches}
        for number, states in now_open.items():
            if self._overdue.get(number) != states:
                log.warning("batch open past its term", number=number, **states)
        self._overdue = now_open

    async def _take_over(self, dead: int, now: datetime) -> None:
        if dead > self._commits.executor:
            # Only a younger executor may take over. What is under way here is found dead next, and goes on.
            self._commits.executor = await self._liveness.renew(now)
        count = await self._commits.adopt(dead)
        await self._liveness.release(dead)
        log.warning("took over", executor=dead, attempts=count)

    async def _tell_channels(self) -> None:
        for name, gate in self._gates.items():
            state, reason = gate.breaker.state, gate.breaker.reason
            if self._told.get(name) is not state:
                await self._commits.note_channel(name, state, reason)
                self._told[name] = state
                tell = log.info if gate.is_closed else log.warning
                tell("channel", channel=name, state=state.value, reason=reason)

    # --- account checks

    async def _answer_checks(self) -> bool:
        questions = await self._commits.questions()
        await asyncio.gather(*(self._answer(question) for question in questions))
        return bool(questions)

    async def _answer(self, question: checks.Question) -> None:
        known = None
        channel = self._verifying()
        if question.number is not None and channel is not None:
            answer = await channel.verify(question.bank, question.number, self._services.clock())
            known = answer if isinstance(answer, AccountName) else None
        await self._commits.answer_check(question, known)

    def _verifying(self) -> Channel | None:
        """The channel that can say whose account at a bank it is."""
        able: Sequence[Channel] = [one for one in self._channels.values() if one.manifest.names_accounts]
        return able[0] if able else None


def _limits(channel: Channel) -> ChannelLimits:
    # A payment announces itself once, so the quota for one call is the quota for beginnings.
    manifest = channel.manifest
    return ChannelLimits(
        at_once=manifest.concurrency + manifest.concurrency // 2,
        calls=manifest.concurrency,
        starts_per_second=manifest.calls_per_second,
    )


async def run(
    database: Database,
    url: str,
    services: Services,
    channels: Mapping[str, Channel],
    stop: asyncio.Event,
    settings: ExecutorSettings | None = None,
) -> None:
    """Be an executor until `stop` is set. `database` and `url` are reached as the executor's role.

    Ends with ConnectionError when the connection that proves its life is lost: the supervisor starts a new one, which
    gets a new fence.
    """
    await Executor(database, url, services, channels, settings or ExecutorSettings()).run(stop)
