"""A day whose processes are real, and the kernel kills them at a failpoint; others go on, and every law must hold."""

from __future__ import annotations

import asyncio
import random
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from typing import Any

from multidict import MultiDict
from yarl import URL

from lab.simulation import children
from lab.simulation.bank import Bank, Mood, SimulatedChannel
from lab.simulation.company import SLOTS, account_of, slot
from lab.simulation.day import Day
from lab.simulation.desks import Network, Weather
from lab.simulation.ground import SECRET
from lab.simulation.invariants import judge, judge_waiting
from lab.simulation.link import FastLoop, Link
from lab.simulation.next_day import A_WEEK, reconcile_a_week, reconcile_with
from lab.simulation.processes import Process, be
from lab.simulation.schedule import UNFINISHED
from lab.simulation.servers import Crew
from server.context import Policy
from server.database.roles import API, STATEMENTS, role_url
from server.database.transaction import Database
from server.http.asked import Answer, Asked
from server.http.gate import Call
from shared.refusals import Refused

MOOD = Mood(lost_before=0.25, lost_after=0.25, inquiry_denies=0.2, callback=0.7)
_WEATHER = Weather(doubled=0.1)
_POLICY = Policy(approval_life=timedelta(minutes=5))
_LONGER_THAN_APPROVALS = 400.0
_MOST = 3000.0
"""Fast seconds in which what is under way must have ended."""
_LOOK = 10.0
_LATE = 90
"""Executors of a week later are numbered from here."""
_RETURNED = 0.2

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["lab.simulation.children"])


@dataclass
class Killed:
    """What came of one day: how many processes were killed at the point, and what broke."""

    number: int
    deaths: int = 0
    broken: list[str] = field(default_factory=list)


class Child:
    """One real process; `told` is given its exit code when it has not been ended from here."""

    def __init__(self, job: children.Job, name: str, channel: SimulatedChannel, told: Callable[[int], None]) -> None:
        self.process = Process(name)
        self._channel = channel
        self._told = told
        self._link = Link(self._of_the_bank)
        here, there = socket.socketpair()
        self._child = _processes.Process(target=children.main, args=(job, there), name=name, daemon=True)
        self._child.start()
        there.close()
        self._line = asyncio.create_task(self._talk(here))
        self.process.at_death.append(self._child.kill)

    async def _talk(self, end: socket.socket) -> None:
        await self._link.run(end)
        if not self.process.dead:
            await asyncio.to_thread(self._child.join)
            self._told(self._child.exitcode or 0)
            self.process.die()

    async def _of_the_bank(self, what: str, *args: Any) -> Any:
        return await getattr(self._channel, what)(*args)

    def answer(self, call: Call, asked: Asked) -> asyncio.Task[Answer | Refused]:
        """Begin to answer one call."""
        query = list(MultiDict(URL(call.target).query).items())
        return asyncio.create_task(self._link.ask("answer", asked.verb.name, call, dict(asked.path), query))

    async def callback(self, body: bytes) -> None:
        """Give a callback in."""
        await self._link.ask("callback", body)

    def wake(self) -> None:
        """There is work."""
        self._link.tell("wake")

    async def gone(self) -> None:
        """Wait until nothing is left of it."""
        await self._line
        await asyncio.to_thread(self._child.join)


class RealDay:
    """One day of a branch with real processes."""

    def __init__(self, url: str, number: int, points: list[str]) -> None:
        """Two executors die at each of the points, one after the other; the first API worker dies at the last."""
        self._url, self._place, self._number = url, slot(number % SLOTS), number
        self._points = points
        self._draw = random.Random(f"{number} {points}")
        self._found = Killed(number)
        self._children: list[Child] = []

    def live(self) -> Killed:
        """From the first wish to the judgement."""
        with asyncio.Runner(loop_factory=FastLoop) as runner:
            runner.run(self._live())
        return self._found

    def _clock(self) -> datetime:
        return self._place.begins + timedelta(seconds=asyncio.get_running_loop().time() - self._begun)

    def _told(self, point: str, code: int) -> None:
        if point and code == -signal.SIGKILL:
            self._found.deaths += point == self._points[-1]
        else:
            self._found.broken.append(f"no bug: a process has ended with {code}")

    def _child(self, kind: str, number: int, point: str, *, later: timedelta = timedelta()) -> Child:
        """Start a process; its clock is ahead by `later`."""
        begun = self._begun - later.total_seconds()
        job = children.Job(kind, point, self._url, SECRET, self._number % SLOTS, begun, _POLICY)
        child = Child(job, f"{kind} {number}", self._channel, partial(self._told, point))
        self._children.append(child)
        return child

    async def _live(self) -> None:
        self._begun = asyncio.get_running_loop().time()
        world = Process("world", mortal=False)
        be(world)
        bank = Bank(world, self._draw, self._clock, MOOD, account_of(self._place))
        self._channel = SimulatedChannel(bank)
        aims = [point for point in self._points for _ in range(2)]
        apis = Crew(lambda n: self._child("api", n, aims[-1] if n == 1 else ""), 1, lambda: 1.0)
        executors = Crew(lambda n: self._child("executor", n, aims[n - 1] if n <= len(aims) else ""), 2, lambda: 1.0)
        network = Network(self._draw, _WEATHER, self._clock, lambda: apis.living, executors.wake)
        bank.call_back = lambda body: _given(apis, body)
        day = Day(network, self._place, self._draw, pauses=(1.0, 5.0), thought=2.0)
        owner = Database(self._url, children.services(self._place, self._begun, _POLICY))
        court = Database(role_url(self._url, API, SECRET), owner.services)
        tellers = Database(role_url(self._url, STATEMENTS, SECRET), owner.services)
        try:
            await day.live_through_everything()
            await self._wind_up(bank, network, owner)
            await executors.end()
            await apis.end()
            executors.check()
            apis.check()
            await reconcile_with(bank, tellers, self._place, Mood(returned=_RETURNED))
            await self._settle_doubts(bank, network, owner, tellers)
            final = self._child("api", 0, "")
            network.workers = lambda: [final]
            await day.read()
            final.process.die()
            await final.process.bury()
            async with court.transaction([0, self._place.branch_id]) as tx:
                self._found.broken += (await judge(tx, day, bank)).broken
        finally:
            await owner.close()
            await court.close()
            await tellers.close()
            await apis.end()
            await executors.end()
            for child in self._children:
                await child.gone()

    async def _settle_doubts(self, bank: Bank, network: Network, owner: Database, tellers: Database) -> None:
        """What was not confirmed before its approval ran out stays in doubt until statements without it have come."""
        if not await self._left(owner):
            return
        async with owner.transaction([self._place.branch_id]) as tx:
            self._found.broken += await judge_waiting(tx, self._place.branch_id, bank, self._clock())
        await reconcile_a_week(bank, tellers, self._place)
        late = Crew(lambda n: self._child("executor", _LATE + n, "", later=A_WEEK), 1, lambda: 1.0)
        try:
            await self._wind_up(bank, network, owner)
        finally:
            await late.end()
        late.check()

    async def _left(self, owner: Database) -> bool:
        async with owner.transaction([self._place.branch_id]) as tx:
            return bool(await tx.value(UNFINISHED, branch=self._place.branch_id))

    async def _wind_up(self, bank: Bank, network: Network, owner: Database) -> None:
        """Until all has ended; a little longer when nobody has died yet, for what comes when approvals run out."""
        bank.mood, network.weather = Mood(), Weather()
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (passed := loop.time() - began) < _MOST:
            over = self._found.deaths or passed > _LONGER_THAN_APPROVALS
            if over and not bank.later and not await self._left(owner):
                return
            await asyncio.sleep(_LOOK)


async def _given(apis: Crew, body: bytes) -> None:
    for api in apis.living[:1]:
        try:
            await api.callback(body)
        except asyncio.CancelledError:
            return
