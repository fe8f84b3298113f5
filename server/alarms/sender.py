"""The sender: looks at everything that must be well, again and again, and tells what is not; one process at a time.

It runs beside the work of every worker. Whoever holds the lease tells, and another takes over when it is late, so the
death of any one process is told by one that lives. That all of them are gone is told by who watches the heartbeat file.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec
import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from server.alarm_settings import AlarmSection
from server.alarms.message import Message
from server.alarms.rules import plan, unwell
from server.alarms.store import InDatabase, InFile, Told
from server.alarms.ways import Way
from server.database.transaction import Database
from server.health.finding import Finding, Text
from shared.health import Level
from shared.refusals import Fixer

log = structlog.get_logger("alarms")

HEARTBEAT: Final = "heartbeat.json"
_ANSWER: Final = 5.0
"""Seconds that the database may take for one of our small transactions."""
_AGAIN: Final = (30.0, 60.0, 120.0, 300.0)
"""Seconds before a way that failed is tried again."""
_AWAY: Final = (psycopg.Error, SQLAlchemyError, OSError)  # a TimeoutError is an OSError

Look = Callable[[], Awaitable[Sequence[Finding]]]


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """The last round of any sender of this machine. `database`: whether it was reached."""

    at: datetime
    process: str
    database: bool


class Sender:
    """One process' sender. `look` gives the whole table of what must be well."""

    def __init__(
        self, database: Database, ways: Sequence[Way], settings: AlarmSection, folder: Path, process: str, look: Look
    ) -> None:
        """`folder` is where the heartbeat is written and what is told while the database is away."""
        self._ways, self._settings, self._folder, self._look = ways, settings, folder, look
        self._clock = database.services.clock
        self._process = process
        self._shared = InDatabase(database, uuid4(), process)
        self._local = InFile(folder)
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        slowest = max(settings.mail_seconds, settings.command_seconds)
        self._lease = timedelta(seconds=3 * settings.every_seconds + slowest + 2 * _ANSWER)

    async def run(self, stop: asyncio.Event) -> None:
        """Rounds until `stop`; nothing that goes wrong here ends the process that it runs in."""
        while not stop.is_set():
            try:
                await self.round()
            except Exception:
                log.exception("alarms not looked at")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.every_seconds):
                    await stop.wait()
        self._local.give_back()
        with suppress(*_AWAY):
            async with asyncio.timeout(_ANSWER):
                await self._shared.leave()

    async def round(self) -> None:
        """Look once, and tell what is to be told."""
        now = self._clock()
        try:
            async with asyncio.timeout(_ANSWER):
                leads = await self._leads(now)
        except _AWAY as error:
            log.warning("database away", error=type(error).__name__)
            await self._tell_locally([_database_away()])
            self._beat(now, database=False)
            return
        if not self._local.is_empty():
            await self._tell_locally([])
        if leads:
            found = await self._look()
            await asyncio.gather(*(self._tell(self._shared, way, found) for way in self._ways))
        self._beat(now, database=True)

    async def _leads(self, now: datetime) -> bool:
        """Who can tell nobody does not stand in the way of who can."""
        if not self._ways:
            await self._shared.forget_ways(now)
            return False
        return await self._shared.lead([way.name for way in self._ways], now, now + self._lease)

    async def _tell_locally(self, found: Sequence[Finding]) -> None:
        if self._local.take():
            await asyncio.gather(*(self._tell(self._local, way, found) for way in self._ways))
            if self._local.is_empty():
                self._local.give_back()

    async def _tell(self, told: Told, way: Way, found: Sequence[Finding]) -> None:
        """What is about to be told is written down first: told again after a death, it bears the same number."""
        now = self._clock()
        planned = plan(await told.known(way.name), unwell(found, Level(self._settings.least)), now)
        await told.save(way.name, planned)
        moment = asyncio.get_running_loop().time()
        if not planned.tellings or moment < self._not_before.get(way.name, moment):
            return
        message = Message(installation=installation_of(self._settings), at=now, tellings=planned.tellings)
        failure = await way.send(message)
        self._note(way.name, failure, len(planned.tellings))
        await told.sent(way.name, [one.after for one in planned.tellings], failure, self._clock())

    def _note(self, way: str, failure: str | None, count: int) -> None:
        if failure is None:
            self._failures.pop(way, None)
            log.info("alarms told", way=way, count=count)
            return
        before = self._failures.get(way, 0)
        self._failures[way] = before + 1
        rest = _AGAIN[min(before, len(_AGAIN) - 1)]
        self._not_before[way] = asyncio.get_running_loop().time() + rest
        log.error("alarms not told", way=way, reason=failure, count=count)

    def _beat(self, now: datetime, *, database: bool) -> None:
        """For who watches from outside; a disk that takes nothing leaves it old, which is right."""
        file = self._folder / HEARTBEAT
        new = file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            new.write_bytes(msgspec.json.encode(Heartbeat(at=now, process=self._process, database=database)))
            os.replace(new, file)


@asynccontextmanager
async def beside(sender: Sender) -> AsyncIterator[None]:
    """The sender runs as long as what is inside."""
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop), name="alarms")
    try:
        yield
    finally:
        stop.set()
        try:
            async with asyncio.timeout(2 * _ANSWER):
                await running
        except TimeoutError:
            log.warning("an alarm was still on its way")


def installation_of(settings: AlarmSection) -> str:
    """How messages call this installation."""
    return settings.installation or socket.gethostname()


def _database_away() -> Finding:
    return Finding(
        name="database",
        case="away",
        subject="",
        level=Level.BAD,
        since=None,
        says=Text(
            "the database is not reached: nothing is paid and nobody can work",
            "ติดต่อฐานข้อมูลไม่ได้: จ่ายเงินไม่ได้และไม่มีใครทำงานได้",
        ),
        do=Text(
            "See that PostgreSQL runs and that its disk has room; sheaf doctor says more.",
            "ตรวจว่า PostgreSQL ทำงานและดิสก์มีที่ว่าง คำสั่ง sheaf doctor บอกรายละเอียด",
        ),
        who=Fixer.OPERATOR,
        value=None,
        unit="",
    )
