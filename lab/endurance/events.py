"""What is done to the processes: killed, stopped for a while, cut off from the database, told to reload."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from lab.endurance.town import ROLES, Keeper, NotReady, Town, until

BOUND: Final = 90.0
"""Seconds after which an event counts as not recovered from."""
_KINDS: Final = {
    "kill": 20,
    "kill_master": 15,
    "kill_child": 20,
    "pause": 20,
    "cut": 20,
    "reload": 15,
    "crash_database": 2,
}
"""kill: a master with all its children at once."""
_WEIGHTS: Final = {"api": 3, "executor": 6, "statements": 1}


class Event(msgspec.Struct, frozen=True):
    """One event, and how many seconds it took until all was as before."""

    number: int
    kind: str
    what: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.number:4} {self.kind} {self.what}: {self.seconds:.1f} s"


async def happen(town: Town, number: int, draw: random.Random) -> Event:
    """Let one event happen, and wait until the town has recovered; NotReady when it does not."""
    kind = draw.choices(list(_KINDS), list(_KINDS.values()))[0]
    victim = draw.choice(town.of(draw.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]))
    under_way = await asyncio.to_thread(_under_way, town)
    what = await _do(town, kind, victim, draw)
    loop = asyncio.get_running_loop()
    began = loop.time()
    since = await _database_time(town)
    try:
        await until(lambda: _is_as_before(town, under_way, since), f"what was under way at {kind} {what}", BOUND)
        while not await town.is_ready():
            if loop.time() > began + BOUND:
                raise NotReady(f"the API is not ready after {kind} {what}")
            await asyncio.sleep(0.1)
    except NotReady as error:
        raise NotReady(f"event {number}: {error}") from None
    return Event(number, kind, what, loop.time() - began)


async def _do(town: Town, kind: str, victim: Keeper, draw: random.Random) -> str:
    if kind == "crash_database":
        return await asyncio.to_thread(_crash_a_backend, town)
    if kind == "cut":
        return await asyncio.to_thread(_cut, town, victim.kind)
    if kind == "pause":
        # Some longer than an executor's lease: others take over, and it wakes up among them.
        seconds = draw.choice([0.3, 1.0, 3.0, 17.0])
        victim.signal(signal.SIGSTOP, children=True)
        await asyncio.sleep(seconds)
        victim.signal(signal.SIGCONT, children=True)
        return f"{victim.name} for {seconds:g} s"
    if kind == "kill_child" and (child := _a_child(victim, draw)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return f"of {victim.name}"
    number = signal.SIGHUP if kind == "reload" else signal.SIGKILL
    victim.signal(number, children=kind == "kill")
    return victim.name


def _under_way(town: Town) -> list[object]:
    sql = "select id from sheaf.intent where state in ('sent', 'in_doubt')"
    return [row[0] for row in _patiently(town, sql)]


def _is_as_before(town: Town, under_way: list[object], since: object) -> bool:
    """What was under way has ended, and both executors and the statements worker have been heard of since."""
    left = "select count(*) from sheaf.intent where id = any(%s) and state in ('authorized', 'sent', 'in_doubt')"
    beats = "select count(*) from sheaf.executor where beat_at > %s"
    try:
        if town.ask(left, under_way) != [(0,)] or town.ask(beats, since)[0][0] < len(town.of("executor")):
            return False
        connected = "select count(*) from pg_stat_activity where usename = %s"
        return all(town.ask(connected, role)[0][0] > 0 for role in ROLES.values())
    except psycopg.Error:
        return False


async def _database_time(town: Town) -> object:
    rows = await asyncio.to_thread(_patiently, town, "select clock_timestamp()")
    return rows[0][0]


def _patiently(town: Town, sql: str) -> list[tuple[object, ...]]:
    """Ask a database that may be recovering from a crash."""
    while True:
        try:
            return town.ask(sql)
        except psycopg.OperationalError:
            continue


def _cut(town: Town, kind: str) -> str:
    with contextlib.suppress(psycopg.Error):
        town.ask(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s and pid <> pg_backend_pid()",
            ROLES[kind],
        )
    return f"all connections of {ROLES[kind]}"


def _crash_a_backend(town: Town) -> str:
    rows = town.ask("select pid from pg_stat_activity where usename = 'sheaf_executor' limit 1")
    for (pid,) in rows:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return "by a backend of it"


def _a_child(victim: Keeper, draw: random.Random) -> int:
    """One of a master's processes; 0 when it has none."""
    pid = victim.pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return 0
    return int(draw.choice(children)) if children else 0


async def many(town: Town, count: int, draw: random.Random, say: Callable[[str], None]) -> list[Event]:
    """So many events, one after the other, with a little life between them."""
    events = []
    for number in range(1, count + 1):
        await asyncio.sleep(draw.uniform(0.1, 1.0))
        events.append(await happen(town, number, draw))
        say(str(events[-1]))
    return events
