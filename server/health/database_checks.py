"""The database itself: of this version, writable, with room, with a clock like ours, and not held up by anybody."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
from psycopg import errors

from server.database import keys
from server.database.migrations import newest_version
from server.database.schema import is_restoring, misfit_in
from server.health import store
from server.health.aside import aside
from server.health.beats import LATE
from server.health.database_cases import CLOCK, DISK, FEED, IDLE, KEYS, LOCKS, SCHEMA, SESSIONS, WRITES
from server.health.finding import Check, Finding, Ground
from server.health.rules import graded, graded_down, lives
from shared.health import Level

_MEGABYTE: Final = 1_000_000


async def _schema(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        if await is_restoring(tx):
            return [check.found("restoring")]
        present = await store.schema_version(tx)
        fits = await misfit_in(tx) is None
    wanted = newest_version()
    return [check.found("well" if fits else "other", present=str(present), wanted=str(wanted))]


async def _keys(ground: Ground, check: Check) -> list[Finding]:
    try:
        async with ground.look() as tx:
            ours = await keys.proved(tx)
    except keys.KeyRefused:
        ours = False
    return [check.found({True: "well", None: "unproved", False: "other"}[ours])]


async def _writes(ground: Ground, check: Check) -> list[Finding]:
    began = asyncio.get_running_loop().time()
    try:
        async with ground.look() as tx:
            await store.write(tx, ground.who, ground.now)
    except (errors.DiskFull, errors.ConfigurationLimitExceeded):
        return [check.found("full")]
    except (errors.ReadOnlySqlTransaction, errors.ObjectNotInPrerequisiteState):
        return [check.found("read_only")]
    took = int((asyncio.get_running_loop().time() - began) * 1000)
    slow = graded(took, check.warns, check.bad) is not Level.WELL
    return [check.found("slow" if slow else "well", value=took, took=took)]


async def _disk(ground: Ground, check: Check) -> list[Finding]:
    """The database's disk where it lies on this machine, and the one with our own files; both in megabytes."""
    found = []
    async with ground.look() as tx:
        lies = await store.data_directory(tx)
        told = [one for one in await store.processes(tx, "statements") if lives(one, LATE)]
    if lies is not None and await aside(lambda: _seen(Path(lies))):
        found.append(await _free(check, "database", Path(lies)))
    else:
        found.append(check.found("unseen", "database"))
    if ground.settings is not None:
        found.append(await _free(check, "files", ground.settings.data_dir))
    else:
        frees = [free for one in told if isinstance(free := one.facts.get("files_free_mb"), int)]
        found += [_of_free(check, "files", min(frees))] if frees else []
    return found


def _seen(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False


async def _free(check: Check, subject: str, folder: Path) -> Finding:
    return _of_free(check, subject, await aside(lambda: shutil.disk_usage(folder).free // _MEGABYTE))


def _of_free(check: Check, subject: str, free: int) -> Finding:
    level = graded_down(free, check.warns, check.bad)
    case = {Level.WELL: "well", Level.WARNS: "little", Level.BAD: "full"}[level]
    return check.found(case, subject, value=free, free=free)


async def _clock(ground: Ground, check: Check) -> list[Finding]:
    from server.context import system_clock

    async with ground.look() as tx:
        await store.database_time(tx)  # the first statement also opens the connection
        before = system_clock()
        there = await store.database_time(tx)
        apart = {ground.who: before + (system_clock() - before) / 2 - there}
        known = [one for one in await store.processes(tx) if lives(one, LATE)]
    apart |= {one.name: one.apart for one in known}
    found = []
    for name, span in sorted(apart.items()):
        off = int(abs(span).total_seconds() * 1000)
        level = graded(off, check.warns, check.bad)
        case = "well" if level is Level.WELL else "off" if level is Level.WARNS else "wrong"
        ahead = span > timedelta(0)
        sides = ("before", "ก่อน") if ahead else ("behind", "หลัง")
        found.append(check.found(case, name, value=off, off=abs(span), side_en=sides[0], side_th=sides[1]))
    return found


async def _locks(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        row = await store.waits_for_locks(tx)
    seconds = int(row["longest"].total_seconds())
    level = graded(seconds, check.warns, check.bad)
    case = {Level.WELL: "well", Level.WARNS: "some", Level.BAD: "long"}[level]
    since = None if level is Level.WELL else ground.now - row["longest"]
    facts = {"count": row["waiting"], "longest": row["longest"], "pids": row["blockers"] or "-"}
    return [check.found(case, since=since, value=seconds, **facts)]


class _Sessions(msgspec.Struct, frozen=True):
    used: int
    most: int
    idle: timedelta | None
    writing: timedelta | None
    hidden: int


async def _sessions_of(ground: Ground) -> _Sessions:
    async with ground.look() as tx:
        row = await store.sessions(tx)
        there = await store.database_time(tx)
    idle, writing = (None if at is None else there - at for at in (row["idle_since"], row["writing_since"]))
    return _Sessions(int(row["used"] or 0), row["most"], idle, writing, row["hidden"])


async def _sessions(ground: Ground, check: Check) -> list[Finding]:
    sessions = await _sessions_of(ground)
    percent = 100 * sessions.used // max(1, sessions.most)
    level = graded(percent, check.warns, check.bad)
    case = {Level.WELL: "well", Level.WARNS: "many", Level.BAD: "full"}[level]
    return [check.found(case, value=percent, used=sessions.used, most=sessions.most)]


async def _idle(ground: Ground, check: Check) -> list[Finding]:
    sessions = await _sessions_of(ground)
    if sessions.idle is None and sessions.hidden:
        return [check.found("hidden")]
    span = sessions.idle or timedelta(0)
    seconds = int(span.total_seconds())
    level = graded(seconds, check.warns, check.bad)
    case = "well" if level is Level.WELL else "idle" if level is Level.WARNS else "long"
    return [check.found(case, since=None if level is Level.WELL else ground.now - span, value=seconds, age=span)]


async def _feed(ground: Ground, check: Check) -> list[Finding]:
    sessions = await _sessions_of(ground)
    if sessions.writing is None and sessions.hidden:
        return [check.found("hidden")]
    span = sessions.writing or timedelta(0)
    seconds = int(span.total_seconds())
    level = graded(seconds, check.warns, check.bad)
    case = {Level.WELL: "well", Level.WARNS: "late", Level.BAD: "held_up"}[level]
    return [check.found(case, since=None if level is Level.WELL else ground.now - span, value=seconds, age=span)]


CHECKS: Final = (
    Check(
        name="database.schema",
        title=SCHEMA.title,
        measures="whether the database is reached and has this program's schema",
        cases=SCHEMA.cases,
        read=_schema,
    ),
    Check(
        name="database.keys",
        title=KEYS.title,
        measures="whether this process has the keys with which the database was written",
        cases=KEYS.cases,
        read=_keys,
    ),
    Check(
        name="database.writes",
        title=WRITES.title,
        measures="milliseconds that a row and 16 MB of temporary space take to write",
        unit="ms",
        warns=1000,
        cases=WRITES.cases,
        read=_writes,
    ),
    Check(
        name="database.disk",
        title=DISK.title,
        measures="megabytes free where the database lies, and where our own files do",
        unit="MB",
        warns=2000,
        bad=200,
        cases=DISK.cases,
        read=_disk,
    ),
    Check(
        name="database.clock",
        title=CLOCK.title,
        measures="milliseconds between the database's clock and a process'",
        unit="ms",
        warns=2000,
        bad=30_000,
        cases=CLOCK.cases,
        read=_clock,
    ),
    Check(
        name="database.locks",
        title=LOCKS.title,
        measures="seconds that the longest waiting session waits for a lock",
        unit="s",
        warns=5,
        bad=30,
        cases=LOCKS.cases,
        read=_locks,
    ),
    Check(
        name="database.sessions",
        title=SESSIONS.title,
        measures="percent of the connections that PostgreSQL gives",
        unit="%",
        warns=80,
        bad=95,
        cases=SESSIONS.cases,
        read=_sessions,
    ),
    Check(
        name="database.idle",
        title=IDLE.title,
        measures="seconds that the longest session does nothing in a transaction",
        unit="s",
        warns=60,
        bad=600,
        cases=IDLE.cases,
        read=_idle,
    ),
    Check(
        name="feed.lag",
        title=FEED.title,
        measures="seconds since the oldest transaction that writes began: what came later is not told to the desks yet",
        unit="s",
        warns=15,
        bad=60,
        cases=FEED.cases,
        read=_feed,
    ),
)
