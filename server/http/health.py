"""How a worker of the API tells of itself and of everything: beats, readiness, and the table of what must be well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec
import structlog

from server.connections import HEALTH_POOL
from server.database.transaction import Database
from server.health import store
from server.health.beats import LATE, Beats
from server.health.examine import examine, worst, worst_first
from server.health.finding import SECONDS, Finding, Ground
from server.health.rules import Heard, lives
from server.health.table import CHECKS
from server.health.views import view_of
from server.health.watches import figures
from server.http import undeclared
from server.http.door import Door
from server.http.push import RevocationPush
from server.http.readiness import Answers, Readiness
from server.logs import lost_lines
from server.routing.channel_alarms import Lane, lanes_of_all
from server.wire_time import wire_time
from shared.wire.health import HealthReply

_log = structlog.get_logger(__name__)
_FRESH: Final = 2.0
"""Seconds for which what was found is told again: anybody may ask."""

Result = TypeVar("Result")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is known now: the findings in the order of the table, processes and channels; None could not be read."""

    at: datetime
    findings: Sequence[Finding]
    processes: Sequence[Heard] | None
    lanes: Sequence[Lane] | None

    @property
    def living(self) -> Sequence[Heard]:
        """The processes that were heard lately."""
        return [one for one in self.processes or () if lives(one, LATE)]


class Health:
    """One worker's view, by connections of its own, so that busy calls and slow checks don't wait for each other."""

    def __init__(self, database: Database, push: RevocationPush, door: Door, *, port: int, workers: int) -> None:
        """`port` and `workers` are those of `sheaf serve`: its workers are counted together."""
        self._door = door
        self._database = database.beside(HEALTH_POOL, "sheaf-health")
        self._push, self._workers = push, workers
        self.beats = Beats(self._database, "api", place=str(port or ""), facts=self._facts)
        self._readiness = Readiness(self._database, lambda: push.silent, lambda: self.beats.name)
        self._asking: asyncio.Task[Told] | None = None
        self._known: Told | None = None
        self._until = 0.0

    def start(self) -> None:
        """Beat."""
        self.beats.start()

    async def stop(self) -> None:
        """Say goodbye and let the connections go."""
        await self.beats.stop()
        await self._database.close()

    async def ready(self) -> Answers:
        """What of this worker is well; that it is told to end is said only then."""
        answers = await self._readiness.read()
        return answers if self._door.open else {**answers, "open": False}

    async def told(self) -> Told:
        """Everything, asked at most every two seconds, within 3 s."""
        moment = asyncio.get_running_loop().time()
        if self._known is None or moment >= self._until:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask(), name="health")
            self._known = await asyncio.shield(self._asking)
            self._until = asyncio.get_running_loop().time() + _FRESH
        return self._known

    async def _ask(self) -> Told:
        now = self._database.services.clock()
        ground = Ground(database=self._database, now=now, who=self.beats.name or "api")

        async def processes() -> Sequence[Heard]:
            async with ground.look() as tx:
                return await store.processes(tx)

        async def lanes() -> Sequence[Lane]:
            async with ground.look() as tx:
                return await lanes_of_all(tx, now)

        found, known, waiting = await asyncio.gather(examine(ground, CHECKS), _soon(processes), _soon(lanes))
        return Told(at=now, findings=found, processes=known, lanes=waiting)

    def _facts(self) -> dict[str, object]:
        return {
            "workers": self._workers,
            "push_silent": self._push.silent,
            "push_age_ms": int(self._push.age * 1000),
            "log_lines_lost": lost_lines(),
            **undeclared.told(),
            **figures(),
        }


async def get_health(health: Health) -> HealthReply:
    """The verb: everything that must be well, the worst first. It is told without the database too."""
    told = await health.told()
    return HealthReply(
        level=worst(told.findings).value,
        findings=[view_of(one) for one in worst_first(told.findings)],
        as_of=wire_time(told.at),
    )


async def _soon(work: Callable[[], Awaitable[Result]]) -> Result | None:
    """What comes within the time of a check, else None; what does not even end is left behind."""

    async def guarded() -> Result | None:
        try:
            return await work()
        except Exception as error:
            _log.warning("not read", error=type(error).__name__)
            return None

    task = asyncio.create_task(guarded())
    done, _ = await asyncio.wait([task], timeout=SECONDS)
    if done:
        return task.result()
    task.cancel()
    return None
