"""One schedule: everything drawn from its number, lived through, wound up and judged."""

from __future__ import annotations

import asyncio
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from lab.simulation import processes
from lab.simulation.bank import Bank, Mood
from lab.simulation.company import SLOTS, account_of, slot
from lab.simulation.connections import Cabinet, SimulatedDatabase
from lab.simulation.day import COURSES, Day
from lab.simulation.desks import Network, Weather
from lab.simulation.invariants import Verdicts, judge, judge_waiting
from lab.simulation.next_day import A_WEEK, reconcile_a_week, reconcile_with
from lab.simulation.processes import Process, be, current, forever
from lab.simulation.servers import POLLS, SETTINGS, ApiWorker, Crew, ExecutorProcess, Site
from lab.simulation.virtual_loop import VirtualLoop
from server import failpoints
from server.context import Policy
from server.database.roles import API, STATEMENTS
from server.database.transaction import Transaction

UNFINISHED = """
    select exists (select from sheaf.intent
                   where branch_id = %(branch)s and state in ('authorized', 'sent', 'in_doubt'))
      or exists (select from sheaf.callback_inbox where outcome = 'stored')"""
"""A callback that nobody had read would be read in the next day of this database."""

_IDLE_IN_TRANSACTION = 30.0


@dataclass
class Lived:
    """What came of one schedule."""

    number: int
    broken: list[str] = field(default_factory=list)
    trace: str = ""
    calls: int = 0
    hours: float = 0.0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)


@dataclass
class Deaths:
    """Kills and stalls at failpoints: by chance, or the one that is aimed at."""

    draw: random.Random
    chance: float = 0.0
    stall: float = 0.0
    stalls: tuple[float, ...] = (1.0, 15.0, 60.0, 900.0, 3600.0)
    """Seconds that a process may stand still."""
    stall_at: str = ""
    """The only point to stall at; empty for all."""
    most: int = 0
    aims: list[str] = field(default_factory=list)
    """Points to die at, one after the other."""
    cut: Callable[[Process], None] = lambda process: None
    """What the database does to a process that has been silent inside a transaction for 30 s."""
    reached: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    died_at: Counter[str] = field(default_factory=Counter)

    async def at(self, point: str) -> None:
        """A process has come to a point."""
        self.reached[point] += 1
        process = current()
        if not process.mortal:
            return
        if self._hits(point):
            self.counts["killed"] += 1
            self.died_at[point] += 1
            process.die()
            await forever()
        if self.stall_at in ("", point):
            await self._perhaps_stall(process)

    def _hits(self, point: str) -> bool:
        if self.aims and point == self.aims[0]:
            del self.aims[0]
            return True
        if self.most > 0 and self.chance and self.draw.random() < self.chance:
            self.most -= 1
            return True
        return False

    async def _perhaps_stall(self, process: Process) -> None:
        if self.stall and self.draw.random() < self.stall:
            self.counts["stalled"] += 1
            seconds = self.draw.choice(self.stalls)
            loop = asyncio.get_running_loop()
            process.stalled_until = loop.time() + seconds
            if seconds > _IDLE_IN_TRANSACTION:
                loop.call_later(_IDLE_IN_TRANSACTION, self.cut, process)
            await process.awake()


@dataclass
class Stage:
    """Who takes part in a schedule that is being lived."""

    site: Site
    apis: Crew
    executors: Crew
    bank: Bank
    network: Network


class Schedule:
    """Draws what a schedule will be like from its number."""

    polls = POLLS
    may_wait = False
    """Whether payments may be in doubt when all is quiet, for other reasons than that nobody may confirm them."""

    def __init__(self, number: int, cabinet: Cabinet, spy: Callable[[str], None] | None = None) -> None:
        self.number = number
        self._cabinet = cabinet
        self._draw = random.Random(number)
        self._slot = slot(number % SLOTS)
        self._spy = spy
        draw = self._draw
        self.intents = min(40, 4 + int(draw.expovariate(1 / 5)))
        self.mood, self.weather = _mood(draw), _weather(draw)
        self.executors = draw.choice([1, 1, 2, 3])
        self.apis = draw.choice([1, 2])
        self.pauses: tuple[float, ...] = (0.05, 30.0, 120.0)
        self.settings = SETTINGS
        self.courses: Mapping[str, int] = COURSES
        self.length = draw.choice([60.0, 300.0, 1200.0])
        self.policy = Policy(approval_life=timedelta(hours=draw.choice([2, 6, 72])))
        self.evening = draw.choice([0.0, 0.0, 0.0, 10_000.0])
        """Seconds for which nobody does anything more: what nobody decided may run out."""
        rough = draw.random() < 0.6
        self.deaths = Deaths(
            random.Random(draw.random()),
            chance=draw.choice([0.002, 0.01, 0.03]) if rough else 0.0,
            stall=draw.choice([0.0, 0.0, 0.002, 0.01]),
            most=draw.choice([1, 2, 4, 8]) if rough else 0,
            cut=cabinet.cut,
        )

    def live(self) -> Lived:
        """From the first wish to the judgement."""
        began = time.perf_counter()
        loop = VirtualLoop()
        loop.set_task_factory(processes.factory)  # type: ignore[arg-type]  # typeshed wants a protocol with names of its own
        asyncio.set_event_loop(loop)
        lived = Lived(self.number)
        try:
            loop.run_until_complete(self._live(lived))
        finally:
            failpoints.arm(None)
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            asyncio.set_event_loop(None)
            loop.close()
        lived.seconds = time.perf_counter() - began
        return lived

    async def _live(self, lived: Lived) -> None:
        turns = self._cabinet.turns
        turns.begin(random.Random(self._draw.random()))
        self._cabinet.begin_day()
        turns.spy = self._spy
        world = Process("world", mortal=False)
        be(world)
        bank = Bank(world, random.Random(self._draw.random()), self._clock, self.mood, account_of(self._slot))
        site = Site(self._cabinet, self._slot, bank, random.Random(self._draw.random()), self.policy, self.polls)
        apis = Crew(lambda n: ApiWorker(site, f"api {n}", self._skew()), self.apis, self._rest)
        executors = Crew(
            lambda n: ExecutorProcess(site, f"executor {n}", self._skew(), self.settings), self.executors, self._rest
        )
        network = Network(
            random.Random(self._draw.random()), self.weather, self._clock, lambda: apis.living, executors.wake
        )
        bank.call_back = _callbacks(site, apis)
        day = Day(network, self._slot, random.Random(self._draw.random()), pauses=self.pauses)
        day.courses = self.courses
        self.stage = Stage(site, apis, executors, bank, network)
        failpoints.arm(self._reached)
        office = SimulatedDatabase(self._cabinet, "", world, site.services(), self._slot.branches)
        try:
            await self._live_through(day, office)
            await self._wind_up(bank, network, office)
        finally:
            failpoints.arm(None)
            await apis.end()
            await executors.end()
        apis.check()
        executors.check()
        tellers = SimulatedDatabase(self._cabinet, STATEMENTS, world, site.services(), self._slot.branches)
        await reconcile_with(bank, tellers, self._slot, self.mood)
        if await self._left(office) and not self.may_wait:
            # What was not confirmed before its approval ran out stays in doubt until statements without it have come.
            async with office.transaction([self._slot.branch_id]) as tx:
                lived.broken += await judge_waiting(tx, self._slot.branch_id, bank, self._clock())
        if await self._left(office):
            await reconcile_a_week(bank, tellers, self._slot)
            await self._a_week_later(office)
        last = ApiWorker(site, "api at last", timedelta())
        network.workers = lambda: [last]
        await day.read()
        last.process.die()
        await last.process.bury()
        # As the API's role: the superuser would be shown every schedule's branch.
        court = SimulatedDatabase(self._cabinet, API, world, site.services(), self._slot.branches)
        async with court.transaction([0, self._slot.branch_id]) as tx:
            verdicts = await self._judged(tx, day, bank)
            for row in await tx.rows(
                "select state, count(*)::int n from sheaf.intent where branch_id = %(b)s group by 1 order by 1",
                b=self._slot.branch_id,
            ):
                lived.states[row["state"]] = row["n"]
        for call in world.at_death:
            call()
        self._tell(lived, verdicts, bank, network)

    async def _a_week_later(self, office: SimulatedDatabase) -> None:
        site = self.stage.site
        late = Crew(lambda n: ExecutorProcess(site, f"executor of later {n}", A_WEEK), 1, self._rest)
        try:
            await self._wind_up(self.stage.bank, self.stage.network, office)
        finally:
            await late.end()
        late.check()

    async def _judged(self, tx: Transaction, day: Day, bank: Bank) -> Verdicts:
        return await judge(tx, day, bank)

    def _clock(self) -> datetime:
        return self._slot.begins + timedelta(seconds=asyncio.get_running_loop().time())

    def _skew(self) -> timedelta:
        return timedelta(seconds=self._draw.uniform(-2, 2))

    def _rest(self) -> float:
        return self._draw.choice([0.1, 5.0, 60.0, 400.0])

    async def _wind_up(self, bank: Bank, network: Network, office: SimulatedDatabase) -> None:
        """Faults end, and what is under way comes to its end."""
        bank.mood, network.weather = Mood(), Weather()
        self.deaths.most, self.deaths.stall = 0, 0.0
        self.deaths.aims.clear()
        for _ in range(800):
            await asyncio.sleep(150.0)
            if not bank.later and not await self._left(office):
                return

    async def _live_through(self, day: Day, office: SimulatedDatabase) -> None:
        """The day and its evening. Head office's treasurer lives all days of a copy, in whatever order: none may lock
        them out of another."""
        async with office.transaction([0]) as tx:
            await tx.execute(
                "update sheaf.app_user set wrong_codes = 0, locked_until = null where id = %(id)s",
                id=self._slot.treasurer.user_id,
            )
        await day.live(self.intents, self.length)
        await asyncio.sleep(self.evening)

    async def _left(self, office: SimulatedDatabase) -> bool:
        async with office.transaction([self._slot.branch_id]) as tx:
            return bool(await tx.value(UNFINISHED, branch=self._slot.branch_id))

    async def _reached(self, point: str) -> None:
        self._cabinet.turns.note(f"{current().name} {point}")
        await self.deaths.at(point)

    def _tell(self, lived: Lived, verdicts: Verdicts, bank: Bank, network: Network) -> None:
        turns = self._cabinet.turns
        lived.broken += verdicts.broken
        lived.trace, lived.calls = turns.trace, turns.calls
        lived.hours = asyncio.get_running_loop().time() / 3600
        lived.faults = bank.counts + network.counts + self.deaths.counts + turns.counts
        lived.deaths = self.deaths.died_at
        lived.checked, lived.points, lived.refusals = verdicts.checked, self.deaths.reached, network.refusals


def _callbacks(site: Site, apis: Crew) -> Callable[[bytes], Any]:
    async def call_back(body: bytes) -> None:
        living = apis.living
        if living:
            await asyncio.wait([site.draw.choice(living).callback(body)], timeout=30)

    return call_back


_DRAWN: Final = [name for name in Mood.__struct_fields__ if name != "forgets"]
"""No bank of a company forgets references: only wrong variants meet one that does."""


def _mood(draw: random.Random) -> Mood:
    """A bank of this schedule: mostly well, or bad at a few things, or at all of them."""
    kind = draw.random()
    if kind < 0.2:
        return Mood(callback=0.5)
    shares = {}
    for name in _DRAWN:
        if kind > 0.9 or draw.random() < 0.3:
            shares[name] = draw.choice([0.05, 0.2, 0.5])
    shares["stopped"] = draw.choice([0.0, 0.0, 0.02])
    return Mood(**shares)


def _weather(draw: random.Random) -> Weather:
    if draw.random() < 0.3:
        return Weather()
    return Weather(**{name: draw.choice([0.0, 0.02, 0.1, 0.25]) for name in Weather.__struct_fields__})


def quiet() -> None:
    """No log lines: a thousand processes would tell of their deaths."""
    # A task that dies before its first step leaves the coroutine that it was given.
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
