"""The server's processes of a schedule: API workers, executors and the statements worker, which die and come back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from multidict import MultiDict
from yarl import URL

from lab.simulation.bank import Bank, SimulatedChannel
from lab.simulation.company import VAULT, Slot
from lab.simulation.connections import Cabinet, SimulatedDatabase
from lab.simulation.processes import Process
from server.channels.base import Channel
from server.channels.internal import InternalChannel, InternalSettings
from server.context import Policy, Services
from server.database.roles import API, EXECUTOR
from server.database.transaction import Database
from server.http import store
from server.http.asked import Answer, Asked
from server.http.dispatch import Dispatcher
from server.http.gate import Call, Gate
from server.http.handlers import HANDLERS
from server.http.limits import Limiter, Rate, TokenBuckets
from server.http.push import RevocationPush
from server.restore.watch import Watch
from server.workers.breaker import BreakerSettings
from server.workers.house import Step
from server.workers.liveness import Liveness
from server.workers.payments import Executor, ExecutorSettings
from shared.ids import uuid7_from
from shared.refusals import Refused

SETTINGS = ExecutorSettings(
    idle_poll=300.0,
    housekeeping=900.0,
    lease=2000.0,
    retry_delay=20.0,
    retry_delay_most=600.0,
    pause_after_stop=120.0,
    inquiry_schedule=(20.0, 120.0, 300.0, 900.0, 2700.0, 3600.0),
    anchor_every=timedelta(hours=6),
    breaker=BreakerSettings(within=300.0, rest=60.0),
)
"""The real times, most of them longer: a poll of the database is what a simulated hour costs."""


class Heard(RevocationPush):
    """The push without its connection: nothing is revoked in a schedule, and it is never silent."""

    def __init__(self, database: Database, slot: Slot) -> None:
        super().__init__(database)
        self.branches = slot.branches
        self.branch_codes = {row["code"]: row["id"] for row in slot.branches}

    @property
    def silent(self) -> bool:
        """Never."""
        return False


@dataclass
class Site:
    """What all processes of one schedule share: the database, the bank, the time and the draw."""

    cabinet: Cabinet
    slot: Slot
    bank: Bank
    draw: random.Random
    policy: Policy
    polls: Mapping[str, float]
    """Seconds between two times of an executor's step, by its name; others have the settings' times."""

    def clock(self) -> datetime:
        """Virtual time."""
        return self.slot.begins + timedelta(seconds=asyncio.get_running_loop().time())

    def services(self, skew: timedelta = timedelta()) -> Services:
        """What one process is given; its clock may be wrong by `skew`."""
        return Services(vault=VAULT, clock=lambda: self.clock() + skew, new_id=self._new_id, policy=self.policy)

    def _new_id(self, now: datetime) -> UUID:
        return uuid7_from(int(now.timestamp() * 1000), self.draw.randbytes(10))


def dispatcher(database: Database, slot: Slot) -> Dispatcher:
    """What answers the calls of one worker."""
    push = Heard(database, slot)
    return Dispatcher(
        database,
        Gate(database, push),
        push,
        HANDLERS,
        limiter=Limiter(database, asyncio.get_running_loop().time),
        sign_ins=Rate(burst=1000, seconds=1.0),
        logged_refusals=TokenBuckets(1000, 1.0),
        monotonic=asyncio.get_running_loop().time,
    )


class ApiWorker:
    """One API process, without sockets: the dispatcher and the callbacks' inbox."""

    def __init__(self, site: Site, name: str, skew: timedelta) -> None:
        self.process = Process(name)
        self.database = SimulatedDatabase(site.cabinet, API, self.process, site.services(skew), site.slot.branches)
        self._dispatcher = dispatcher(self.database, site.slot)

    def answer(self, call: Call, asked: Asked) -> asyncio.Task[Answer | Refused]:
        """Begin to answer one call."""
        asked = Asked(verb=asked.verb, call=call, path=dict(asked.path), query=MultiDict(URL(call.target).query))
        return self.process.run(self._dispatcher.run(asked))

    def callback(self, body: bytes) -> asyncio.Task[Any]:
        """Take a callback in, as the API does."""
        task = self.process.run(self._callback(body))
        # A callback that is not taken in is lost, and what it told is found by the inquiries that come anyway.
        task.add_done_callback(lambda one: one.cancelled() or one.exception())
        return task

    async def _callback(self, body: bytes) -> None:
        async with self.database.transaction(()) as tx:
            await store.store_callback(tx, body, self.database.services.clock())


class _Liveness(Liveness):
    def __init__(self, database: SimulatedDatabase, lease: timedelta) -> None:
        super().__init__("", lease)
        self._database = database

    async def register(self, now: datetime) -> int:
        self._connection = await self._database.listener()
        return await self._enter(self._connection, now)


POLLS: Mapping[str, float] = {
    "_inquire": 180.0,
    "_answer_checks": 3600.0,
    "learn_branches": 3600.0,
    "expire_bank_changes": 3600.0,
}


class PatientExecutor(Executor):
    """Looks for some kinds of work less often: `polls` are seconds by the name of the step."""

    def __init__(self, *args: Any, polls: Mapping[str, float]) -> None:
        super().__init__(*args)
        self._polls = polls

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    async def _repeat(self, stop: asyncio.Event, seconds: float, step: Step) -> None:
        await super()._repeat(stop, self._polls.get(getattr(step, "__name__", ""), seconds), step)


async def _at_once(work: Callable[..., Any], *args: Any) -> Any:
    """Blocking calls block: virtual time has no threads."""
    return work(*args)


class ExecutorProcess:
    """One executor process."""

    def __init__(self, site: Site, name: str, skew: timedelta, settings: ExecutorSettings = SETTINGS) -> None:
        self.process = Process(name)
        self._stop = asyncio.Event()
        services = site.services(skew)
        database = SimulatedDatabase(site.cabinet, EXECUTOR, self.process, services, site.slot.branches)
        channels: dict[str, Channel] = {
            "scb": SimulatedChannel(site.bank),
            "internal": InternalChannel(InternalSettings()),
        }
        watch = Watch(site.cabinet.positions, _at_once)
        executor = PatientExecutor(database, "", services, channels, settings, watch, polls=site.polls)
        self.wake = executor.wake
        executor._liveness = _Liveness(database, timedelta(seconds=settings.lease))
        # The kernel lets go of a dead process's locks.
        self.process.at_death.append(watch.close)
        self.process.run(executor.run(self._stop)).add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        """An executor that ends, for whatever reason, is started anew by its supervisor."""
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self.process.bug = None if isinstance(error, ConnectionError) else error
        self.process.die()


class Crew:
    """Processes of one kind that are started anew when they die."""

    def __init__(self, start: Callable[[int], Any], count: int, rest: Callable[[], float]) -> None:
        self._start, self._rest = start, rest
        self._started = self._up = 0
        self.members: list[Any] = []
        self._tasks = [asyncio.create_task(self._keep(place)) for place in range(count)]
        self.members = [None] * count
        self.hold = False

    async def _keep(self, place: int) -> None:
        while True:
            while self.hold:  # noqa: ASYNC110 - virtual time costs nothing
                await asyncio.sleep(1.0)
            self._started += 1
            self._up += 1
            member = self._start(self._started)
            self.members[place] = member
            await _ended(member.process)
            self.members[place] = None
            await member.process.bury()
            self._up -= 1
            await asyncio.sleep(self._rest())

    async def halt(self) -> None:
        """Everybody dies, and nobody is started before `go_on`."""
        self.hold = True
        for one in self.living:
            one.process.die()
        while self._up:  # noqa: ASYNC110 - virtual time costs nothing
            await asyncio.sleep(1.0)

    def go_on(self) -> None:
        """They may be started again."""
        self.hold = False

    @property
    def living(self) -> list[Any]:
        """Those that are up."""
        return [one for one in self.members if one is not None and not one.process.dead]

    def wake(self) -> None:
        """Tell all that there is work."""
        for one in self.living:
            one.wake()

    async def end(self) -> None:
        """Everybody dies for good."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for member in [one for one in self.members if one is not None]:
            member.process.die()
            await member.process.bury()

    def check(self) -> None:
        """Raise what kept a place from being filled again: what was lived since then is no day of ours."""
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error


async def _ended(process: Process) -> None:
    await process.ended.wait()
