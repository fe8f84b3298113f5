"""What every benchmark uses: a PostgreSQL of its own, timing in turns, medians, goals, and how they are told.

Competitors are timed in turns (A B A B), because a machine that others use is slower in one minute than in the next;
a goal is a ratio of two medians of one run wherever it can be.
"""

from __future__ import annotations

import asyncio
import math
import os
import platform
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from server.database.embedded import EmbeddedPostgres
from server.database.migrations import upgrade
from server.database.roles import role_url


def _quarter_of_memory() -> str:
    """What PostgreSQL's own guide gives a server of its own for shared_buffers; from 1 to 8 GB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(max(memory >> 22, 1024), 8192)}MB"


POSTGRES = {
    "shared_buffers": _quarter_of_memory(),
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
"""Memory as a server would have it. What keeps money safe stays on."""


class BenchSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the person running it chose; a bench reads what it has use for."""

    rounds: int = 5
    """How often each competitor has its turn."""
    seconds: float = 3.0
    """How long one turn of something that runs by the clock lasts."""
    members: int = 1_000_000
    queue: int = 50_000
    """How many payments of one branch wait while another pays."""
    soak: float = 60.0
    """How long something that must never happen is looked for."""
    folder: Path | None = None
    """Where the database's files go; else the system's folder for temporary files."""
    say: Callable[[str], None] = print
    """Where progress is told."""


class Figure(msgspec.Struct, frozen=True):
    """One measured value, such as ("batch of 1,000", "lines/s", 31_000.0)."""

    name: str
    unit: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


class Goal(msgspec.Struct, frozen=True):
    """What was promised and what was measured."""

    name: str
    value: float
    bound: float
    sense: Literal["at_least", "at_most"]
    met: bool
    note: str = ""


class BenchResult(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one bench. `remarks` are plain sentences, such as why a competitor is missing."""

    name: str
    figures: list[Figure]
    goals: list[Goal]
    remarks: list[str] = msgspec.field(default_factory=list)
    machine: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether every goal is met."""
        return all(goal.met for goal in self.goals)


def at_least(name: str, value: float, bound: float, note: str = "") -> Goal:
    """A goal that is met from `bound` up; a value that could not be measured (nan) does not meet it."""
    return Goal(name, value, bound, "at_least", value >= bound, note)


def at_most(name: str, value: float, bound: float, note: str = "") -> Goal:
    """A goal that is met up to `bound`; a value that could not be measured (nan) does not meet it."""
    return Goal(name, value, bound, "at_most", value <= bound, note)


class Series(msgspec.Struct, frozen=True):
    """What one competitor reached in each round."""

    name: str
    values: list[float]

    @property
    def median(self) -> float:
        """The middle value."""
        return percentile(self.values, 0.5)

    def over(self, other: Series) -> float:
        """This median as a multiple of the other's; nan when there is none."""
        return self.median / other.median if other.values and other.median else math.nan

    def figure(self, unit: str, note: str = "") -> Figure:
        """As a line of the result, with the lowest and highest round."""
        return Figure(self.name, unit, self.median, min(self.values), max(self.values), note)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, between neighbours in proportion; nan when empty."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


async def in_turns(
    settings: BenchSettings, competitors: Mapping[str, Callable[[], Awaitable[float]]], *, warm_up: bool = True
) -> dict[str, Series]:
    """Let each competitor have its turn, `rounds` times over, and once before for warmth; a turn returns its value."""
    reached: dict[str, list[float]] = {name: [] for name in competitors}
    if warm_up:
        for turn in competitors.values():
            await turn()
    for number in range(settings.rounds):
        for name, turn in competitors.items():
            began = time.perf_counter()
            reached[name].append(await turn())
            if time.perf_counter() - began > 1:
                settings.say(f"round {number + 1} of {settings.rounds}: {name} {reached[name][-1]:,.1f}")
    return {name: Series(name, values) for name, values in reached.items()}


async def rate(work: Callable[[], Awaitable[int]]) -> float:
    """Items a second of work that returns how many items it did."""
    began = time.perf_counter()
    done = await work()
    return done / (time.perf_counter() - began)


async def clients(count: int, seconds: float, work: Callable[[int], Awaitable[int]]) -> tuple[float, list[float]]:
    """`count` clients that repeat `work(client)` for a while: items a second of all, and each call's seconds."""
    latencies: list[float] = []
    done = 0
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        nonlocal done
        while (start := time.perf_counter()) < end:
            # In one line with the await, the sum would be read before it and lose what others added meanwhile.
            items = await work(number)
            done += items
            latencies.append(time.perf_counter() - start)

    began = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(count)))
    return done / (time.perf_counter() - began), latencies


class Cluster(msgspec.Struct, frozen=True):
    """A migrated PostgreSQL of this bench alone. `url` is the superuser's; `secret` made the roles' passwords."""

    url: str
    secret: str

    def role(self, role: str) -> str:
        """The URL of one of our roles."""
        return role_url(self.url, role, self.secret)


@asynccontextmanager
async def cluster(settings: BenchSettings, postgres: Mapping[str, str] | None = None) -> AsyncIterator[Cluster]:
    """Start a PostgreSQL, migrate it, and throw it away at the end. `postgres` adds server settings to POSTGRES.

    Start it before any process is forked: see server/database/embedded.py.
    """
    place = Path(tempfile.mkdtemp(prefix="sheaf-bench-", dir=settings.folder))
    server = EmbeddedPostgres(place, settings={**POSTGRES, **(postgres or {})})
    settings.say("starting a PostgreSQL of its own")
    try:
        found = Cluster(await asyncio.to_thread(server.start), secrets.token_hex(16))
        await asyncio.to_thread(upgrade, found.url, found.secret)
        yield found
    finally:
        await asyncio.to_thread(server.destroy)
        shutil.rmtree(place, ignore_errors=True)


def server_version(url: str) -> str:
    """Such as `18.6`."""
    with psycopg.connect(url) as connection:
        return str(connection.execute("show server_version").fetchall()[0][0])


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {"python": platform.python_version(), "system": platform.platform(terse=True), "processor": _processor()}


def _processor() -> str:
    with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else platform.machine()


def show(result: BenchResult, out: Console) -> None:
    """The figures and goals as tables, then the remarks."""
    figures = Table(title=f"{result.name}: medians, with the lowest and highest round", title_justify="left")
    for head in ("what", "median", "low", "high", "unit", ""):
        figures.add_column(head, justify="right" if head in ("median", "low", "high") else "left")
    for each in result.figures:
        figures.add_row(each.name, number(each.value), number(each.low), number(each.high), each.unit, each.note)
    out.print(figures)
    goals = Table(title="goals", title_justify="left")
    for head in ("goal", "value", "bound", "met", ""):
        goals.add_column(head, justify="right" if head in ("value", "bound") else "left")
    for goal in result.goals:
        sign = ">=" if goal.sense == "at_least" else "<="
        goals.add_row(
            goal.name, number(goal.value), f"{sign} {number(goal.bound)}", "yes" if goal.met else "NO", goal.note
        )
    out.print(goals)
    for remark in result.remarks:
        out.print(remark, markup=False, highlight=False)


def number(value: float | None) -> str:
    """Three or more digits that mean something; nothing for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def as_json(result: BenchResult) -> bytes:
    """The whole result; a value that could not be measured is null."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2)
