"""How a process shows that it lives: every two seconds it writes down that it does, under a name of its own.

That a connection stands proves nothing: a process that is stopped or hangs keeps it.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec
import structlog
from psycopg import Error as DatabaseError
from sqlalchemy.exc import SQLAlchemyError

from server.database.transaction import Database, Row, Transaction

_log = structlog.get_logger(__name__)

EVERY: Final = 2.0
"""Seconds between two beats."""
LATE: Final = timedelta(seconds=7)
"""What was not heard for so long does not live: three beats, and a moment of the database's."""
_WAIT: Final = 2.0
"""Seconds that one beat may take."""
_NAMES: Final = 64
"""Processes of one kind on one machine without names of their own."""

Facts = Callable[[], Mapping[str, object]]

_OURS: Final[set[UUID]] = set()
"""Instances of this very process: its number proves nothing about them."""


class Beats:
    """One process' sign of life. `name` is a person's choice; without one the kind, the place and the machine make it.

    `facts` gives what the process tells of itself with each beat, as JSON.
    """

    def __init__(self, database: Database, kind: str, *, name: str = "", place: str = "", facts: Facts = dict) -> None:
        self._database, self._kind, self._place, self._facts = database, kind, place, facts
        self._chosen = name
        self._host = socket.gethostname()
        self._started = database.services.clock()
        self._task: asyncio.Task[None] | None = None
        self.instance: UUID = uuid4()
        _OURS.add(self.instance)
        self.name = ""
        self.heard: float | None = None
        """The event loop's moment of the last beat that was committed."""

    def start(self) -> None:
        """Beat from now on, beside everything else."""
        self._task = asyncio.create_task(self._run(), name="beats")

    async def stop(self) -> None:
        """Say that this process ends in order."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(DatabaseError, SQLAlchemyError, OSError):
            async with asyncio.timeout(_WAIT), self._database.transaction(()) as tx:
                await self._leave(tx)

    async def _run(self) -> None:
        silent = False
        while True:
            try:
                async with asyncio.timeout(_WAIT):
                    await self.beat()
                silent = False
            except (DatabaseError, SQLAlchemyError, OSError) as error:  # a TimeoutError is an OSError
                if not silent:
                    _log.warning("not heard", process=self.name, error=type(error).__name__)
                silent = True
            await asyncio.sleep(EVERY)

    async def beat(self) -> None:
        """Write down that this process lives; takes a name at first, and a new one when another has taken it."""
        async with self._database.transaction(()) as tx:
            if not self.name or not await self._again(tx):
                await self._take_a_name(tx)
        self.heard = asyncio.get_running_loop().time()

    async def _again(self, tx: Transaction) -> bool:
        count = await tx.execute(
            """
            update sheaf.process set beat_at = %(now)s, heard_at = clock_timestamp(), facts = %(facts)s
            where instance = %(instance)s
            """,
            now=self._database.services.clock(),
            facts=self._told(),
            instance=self.instance,
        )
        if not count:
            _log.warning("another process has this name", process=self.name)
        return count == 1

    def _told(self) -> str:
        return msgspec.json.encode(self._facts()).decode()

    async def _take_a_name(self, tx: Transaction) -> None:
        known = {
            row["name"]: row for row in await tx.rows("select * from sheaf.process where kind = %(k)s", k=self._kind)
        }
        for name in self._names():
            holder = known.get(name)
            taken_over = bool(self._chosen) and name == self._chosen and not self.name
            if (holder is None or taken_over or self._is_gone(holder)) and await self._enter(tx, name, holder):
                self.name = name
                return
        raise OSError(f"no name is free for a process of kind {self._kind}")

    def _names(self) -> list[str]:
        base = self._chosen or f"{self._kind}{self._place and f':{self._place}'}@{self._host}"
        return [base, *(f"{base}#{number}" for number in range(2, _NAMES))]

    def _is_gone(self, holder: Row) -> bool:
        """Whether whoever had this name ended, in order or not; one on another machine may only be silent."""
        if holder["stopped_at"] is not None or holder["instance"] == self.instance:
            return True
        return holder["host"] == self._host and holder["instance"] not in _OURS and not _lives(holder["pid"])

    async def _enter(self, tx: Transaction, name: str, holder: Row | None) -> bool:
        count = await tx.execute(
            """
            insert into sheaf.process as p
              (kind, name, instance, host, pid, place, started_at, beat_at, heard_at, facts)
            values (%(kind)s, %(name)s, %(instance)s, %(host)s, %(pid)s, %(place)s, %(started)s, %(now)s,
                    clock_timestamp(), %(facts)s)
            on conflict (kind, name) do update set instance = excluded.instance, host = excluded.host,
              pid = excluded.pid, place = excluded.place, started_at = excluded.started_at,
              beat_at = excluded.beat_at, heard_at = excluded.heard_at, facts = excluded.facts, stopped_at = null
              where p.instance = %(holder)s
            """,
            kind=self._kind,
            name=name,
            instance=self.instance,
            host=self._host,
            pid=os.getpid(),
            place=self._place,
            started=self._started,
            now=self._database.services.clock(),
            facts=self._told(),
            holder=None if holder is None else holder["instance"],
        )
        return count == 1

    async def _leave(self, tx: Transaction) -> None:
        """A name that a person chose stays, stopped; one that was made goes when another does the same work."""
        await tx.execute(
            "update sheaf.process set stopped_at = clock_timestamp() where instance = %(instance)s",
            instance=self.instance,
        )
        if self.name != self._chosen:
            await tx.execute(
                """
                delete from sheaf.process p where p.instance = %(instance)s and exists (
                  select from sheaf.process o where o.kind = p.kind and o.place = p.place and o.host = p.host
                    and o.stopped_at is null and o.instance <> p.instance and o.heard_at > clock_timestamp() - %(late)s)
                """,
                instance=self.instance,
                late=LATE,
            )


def _lives(pid: int) -> bool:
    """Whether a process of this machine has that number; ours is a new life of whoever had it."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
