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
from server.executing.schedule import INQUIRIES
from server.executing.sending import Attempt, Lane
from server.members import checks
from server.restore.watch import Watch
from server.workers.attempts import Attempts
from server.workers.breaker import BreakerSettings
from server.workers.commits import Commits
from server.workers.house import House, Step
from server.workers.jobs import Jobs
from server.workers.lanes import BEATS, ChannelLimits, Gate, lanes_of, limits_of, shares
from server.workers.lease import Lease
from server.workers.liveness import Liveness
from server.workers.pace import Pace
from server.workers.probing import Prober, recall
from server.workers.rests import Rests
from shared.thai import BANGKOK

log = structlog.get_logger("executor")

_SHARE = 0.9
"""The part of a channel's places that one branch may hold."""
_OWN = 8
"""Places of each channel that no other can hold: a bank that hangs, or a long queue, stops nobody else's payments."""
_FEW = 4
"""A lane that gets at most so many is claimed together with other such lanes, and not with a long queue's."""


@dataclass(frozen=True, kw_only=True)
class ExecutorSettings:
    """Times in seconds. `limits` are by channel; a channel without any has those of its manifest.

    `concurrency`: payments under way, beside the few places that each channel has to itself.
    """

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
        watch: Watch | None = None,
    ) -> None:
        """`url` is the executor role's, for the connection whose life is this executor's life.

        Without a `watch` nothing outside of the database knows how far it had come.
        """
        self._database = database
        self._services = services
        self._channels = dict(sorted(channels.items()))
        self._settings = settings
        self._liveness = Liveness(url, timedelta(seconds=settings.lease))
        self._watch = Watch(None) if watch is None else watch
        self._commits = Commits(database, list(channels), self._watch)
        self._gates = {
            name: Gate(settings.limits.get(name) or limits_of(channel.manifest, settings.lease), settings.breaker)
            for name, channel in self._channels.items()
        }
        self._rests = Rests(settings.retry_delay, settings.retry_delay_most)
        self._lease = Lease(settings.lease)
        self._attempts = Attempts(
            self._commits,
            services,
            self._channels,
            self._gates,
            self._rests,
            self._lease,
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

    async def run(self, stop: asyncio.Event, started: Callable[[], None] = lambda: None) -> None:
        """Register, call `started`, then send, inquire and keep house until told to stop."""
        await self._commits.learn_branches()
        asked_at = self._rests.moment()
        try:
            self._commits.executor = await self._liveness.register(self._services.clock())
            self._lease.renewed(asked_at, self._rests.moment())
            await self._watch.open(self._services.new_id(self._services.clock()))
            await self._commits.look()
        except BaseException:
            self._watch.close()
            await self._liveness.close()
            raise
        started()
        house = House(
            self._commits,
            self._liveness,
            self._gates,
            self._services.clock,
            timedelta(seconds=self._settings.lease),
            self._settings.anchor_every,
            Jobs(self._database, self._commits),
        )
        gates, clock = self._gates, self._services.clock
        probers = [Prober(one, gates[name], clock, self._wake.set) for name, one in self._channels.items()]
        recall(gates, await self._commits.left_open(self._settings.lease), self._settings.pause_after_stop)
        log.info("started", executor=self._commits.executor, channels=list(self._channels))
        for name, count in (await self._commits.untended()).items():
            log.error("payments are under way on a channel that is not set up here", channel=name, payments=count)
        steps: list[tuple[float, Step]] = [
            (self._settings.idle_poll, self._claim),
            (0.2, self._inquire),
            (0.2, self._answer_checks),
            *((self._settings.housekeeping, step) for step in house.steps),
            *((min(self._settings.housekeeping, self._settings.breaker.rest / 2), one.probe) for one in probers),
        ]
        loops = [asyncio.create_task(self._repeat(stop, seconds, step)) for seconds, step in steps]
        beating = asyncio.create_task(self._repeat(asyncio.Event(), self._settings.lease / BEATS, self._beat))
        ending = asyncio.create_task(self._end(loops))
        waking = asyncio.create_task(self._wake_at(stop))
        try:
            # The heart beats until the last payment under way is recorded, or others would take it over.
            over, _ = await asyncio.wait((ending, beating), return_when=asyncio.FIRST_COMPLETED)
            for task in over:
                task.result()
        finally:
            # After a lost connection nothing of this executor may go on: others take over what it leaves.
            left = [*loops, beating, ending, waking, *self._claims, *self._under_way()]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            self._watch.close()
            await self._liveness.close()
            log.info("stopped", executor=self._commits.executor)

    def figures(self) -> dict[str, object]:
        """What it tells of itself: its number, how many payments it sends and asks the bank about, and why it can't."""
        under_way = {"sending": len(self._sending), "asking": len(self._asking)}
        return {"executor": self._commits.executor, **under_way, "waits": self._watch.unwritable}

    async def _end(self, loops: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.gather(*loops)
        await asyncio.gather(*self._claims)
        await asyncio.gather(*self._under_way(), return_exceptions=True)

    def _under_way(self) -> list[asyncio.Task[None]]:
        return [task for _, task in (*self._sending.values(), *self._asking.values())]

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _repeat(self, stop: asyncio.Event, seconds: float, step: Step) -> None:
        """Run a step until stopped, at once again when it found work. A failure is logged and waited out."""
        delay = seconds
        while not stop.is_set():
            try:
                busy = await step()
                delay = 0.0 if busy is True else seconds
            except ConnectionError:
                raise
            except Exception:
                if _told_to_end():
                    raise  # something on the way made another error of the cancellation
                # The database may be away for a while; everything that was under way is found again by inquiry.
                log.exception("step failed", step=step.__name__)
                delay = min(max(delay, 0.5) * 2, 10.0)
            try:
                async with asyncio.timeout(delay):
                    await self._pause(stop, step)
            except TimeoutError:
                continue

    async def _pause(self, stop: asyncio.Event, step: Step) -> None:
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
        own, free = self._places(under_way)
        rooms = self._rooms(moment, under_way) if self._may_claim(moment) else {}
        rooms = {name: room for name, room in rooms.items() if free > 0 or own[name]}
        if not rooms:
            return False
        began = self._rests.moment()
        waiting = await self._commits.waiting(list(rooms), free + max(own.values()))
        self._pace.took(self._rests.moment() - began)
        limits = shares(
            {lane: count for lane, count in waiting.items() if lane not in self._claiming},
            under_way,
            rooms,
            lane_most={name: self._lane_most(gate) for name, gate in self._gates.items()},
            own=own,
            free=free,
            turn=self._turn,
        )
        self._turn += 1
        self._more = sum(waiting.values()) > sum(limits.values())
        few = {lane: count for lane, count in limits.items() if count <= _FEW}
        self._begin_claim(few)
        self._begin_claim({lane: count for lane, count in limits.items() if lane not in few})
        return False

    def _places(self, under_way: Mapping[Lane, int]) -> tuple[dict[str, int], int]:
        """What is left of each channel's own places, and of those that back-pressure leaves to all together."""
        most = min(_OWN, max(1, self._settings.concurrency // 4))
        free = min(self._settings.concurrency, self._pace.places + _OWN) - most
        own = {}
        for name in self._channels:
            busy = sum(count for lane, count in under_way.items() if lane.channel == name)
            own[name] = max(0, most - busy)
            free -= max(0, busy - most)
        return own, max(0, free)

    def _lane_most(self, gate: Gate) -> int:
        places = min(gate.limits.at_once, self._settings.concurrency)
        return max(1, min(int(places * _SHARE), self._pace.places))

    def _may_claim(self, moment: float) -> bool:
        """Not after a claim that failed a moment ago, nor while others may think that this executor is dead, nor from a
        database that is behind, nor while nothing can be noted outside of it."""
        if self._watch.behind or self._watch.unwritable:
            return False
        return moment >= self._claim_from and self._lease.held(moment, moment)

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
            for attempt in await self._commits.claim(limits, self._rests.resting(), self._rests.wait):
                self._gates[attempt.channel].began(attempt.id, self._rests.moment())
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
        if self._watch.behind:
            return False
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

    # --- life

    async def _beat(self) -> None:
        """Renew the lease. It waits for nothing else, or others would take a busy executor for a dead one."""
        asked_at = self._rests.moment()
        alive = await self._liveness.beat(self._services.clock())
        self._lease.renewed(asked_at, self._rests.moment())
        for gate in self._gates.values():
            gate.executors = alive

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


def _told_to_end() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
