"""Runs of schedules as the command line asks for them, and what it is told."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from rich.console import Console
from rich.table import Table

from lab.simulation.company import SLOTS
from lab.simulation.ground import copy, database, ground
from lab.simulation.killed import RealDay
from lab.simulation.matrix import KILLED, OUTCOMES, Cell, aimed, cell, killed, way_to
from lab.simulation.mutants import MUTANTS, RESTORED, mutated, provoke
from lab.simulation.restored import RestoredSchedule
from lab.simulation.schedule import Lived, Schedule, quiet
from server import failpoints

Copy = TypeVar("Copy")

MOST_FOR_A_MUTANT = 200
"""Schedules in which a wrong variant must be caught."""
_EACH_SEED = 1_000_000
"""Numbers of one seed's schedules begin at its multiple of this."""
_TOLD_SECONDS = 30.0


class Summary(msgspec.Struct, kw_only=True):
    """What a run did and found."""

    command: str
    schedules: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    virtual_hours: float = 0.0
    calls: int = 0
    broken: dict[int, list[str]] = msgspec.field(default_factory=dict)
    states: dict[str, int] = msgspec.field(default_factory=dict)
    faults: dict[str, int] = msgspec.field(default_factory=dict)
    checked: dict[str, int] = msgspec.field(default_factory=dict)
    refusals: dict[str, int] = msgspec.field(default_factory=dict)
    points: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, lived: Lived) -> None:
        """Count one schedule."""
        self.schedules += 1
        self.virtual_hours += lived.hours
        self.calls += lived.calls
        if lived.broken:
            self.broken[lived.number] = lived.broken
        for total, new in (
            (self.states, lived.states),
            (self.faults, lived.faults),
            (self.checked, lived.checked),
            (self.refusals, lived.refusals),
            (self.points, lived.points),
        ):
            for name, count in new.items():
                total[name] = total.get(name, 0) + count


def live(
    url: str,
    name: str,
    numbers: Sequence[int],
    shape: Callable[[Schedule], None] | None = None,
    kind: type[Schedule] = Schedule,
) -> Iterator[Lived]:
    """Schedules one after the other; the days of one copy of the company go forward in time, a slot each."""
    left = list(numbers)
    part = 0
    while left:
        last = -1
        with copy(url, f"{name}_{part}") as cabinet:
            while left and left[0] % SLOTS > last:
                number = left.pop(0)
                last = number % SLOTS
                schedule = kind(number, cabinet)
                if shape is not None:
                    shape(schedule)
                yield schedule.live()
        part += 1


def many(seed: int, schedules: int, jobs: int, json: Path | None, out: Console, *, restored: bool = False) -> bool:
    """Schedules of one seed, in `jobs` processes; whether every law held. `restored`: of days with a restore."""
    quiet()
    first = seed * _EACH_SEED
    what = "restores" if restored else "schedules"
    summary = Summary(command=f"sheaf simulate --{what} {schedules} --seed {seed} --jobs {jobs}")
    kind = RestoredSchedule if restored else Schedule
    began = told = time.perf_counter()
    for lived in _shared(range(first, first + schedules), jobs, kind):
        summary.add(lived)
        if time.perf_counter() - told > _TOLD_SECONDS:
            told = time.perf_counter()
            rate = summary.schedules / (told - began)
            progress = f"{summary.schedules} of {schedules}, {rate:.2f} a second, {len(summary.broken)} broken"
            out.print(progress, markup=False, highlight=False, soft_wrap=True)
        for law in lived.broken:
            out.print(f"{lived.number}: {law}", markup=False, highlight=False, soft_wrap=True)
    summary.seconds = time.perf_counter() - began
    summary.rate = summary.schedules / summary.seconds
    tell(summary, json, out)
    return not summary.broken


def _shared(numbers: Sequence[int], jobs: int, kind: type[Schedule]) -> Iterator[Lived]:
    """Each job has a server of its own: a snapshot's oldest transaction is the whole server's, and must not vary."""
    if jobs == 1:
        with ground() as url:
            yield from live(url, "job", numbers, kind=kind)
        return
    context = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[Lived | None] = context.Queue()
    size = -(-len(numbers) // jobs)
    parts = [list(numbers[start : start + size]) for start in range(0, len(numbers), size)]
    workers = [context.Process(target=_job, args=(part, kind, found)) for part in parts]
    for worker in workers:
        worker.start()
    left = len(workers)
    while left:
        lived = found.get()
        if lived is None:
            left -= 1
        else:
            yield lived
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise RuntimeError("a job of the simulation has failed")


def _job(numbers: Sequence[int], kind: type[Schedule], found: multiprocessing.Queue[Lived | None]) -> None:
    quiet()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with ground() as url:
            for lived in live(url, "job", numbers, kind=kind):
                found.put(lived)
    finally:
        found.put(None)


def mutants(seed: int, json: Path | None, out: Console) -> bool:
    """Whether each wrong variant is caught, and by which law."""
    quiet()
    caught: dict[str, dict[str, object]] = {}
    with ground() as url:
        for name in MUTANTS:
            with mutated(name):
                caught[name] = hunt(url, name, seed * _EACH_SEED)
            out.print(f"{name}: {caught[name]}", markup=False, highlight=False, soft_wrap=True)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(caught), indent=2))
    return all(one["caught"] for one in caught.values())


def hunt(url: str, mutant: str, first: int) -> dict[str, object]:
    """Live days until a law breaks; after how many, and which law."""
    numbers, name = range(first, first + MOST_FOR_A_MUTANT), mutant
    kind = RestoredSchedule if mutant in RESTORED else Schedule
    for tried, lived in enumerate(live(url, name, numbers, partial(provoke, mutant), kind), 1):
        if lived.broken:
            return {"caught": True, "after": tried, "schedule": lived.number, "law": lived.broken[0]}
    return {"caught": False, "after": MOST_FOR_A_MUTANT}


def matrix(
    seed: int,
    json: Path | None,
    out: Console,
    points: Sequence[str] | None = None,
    outcomes: Sequence[str] = (*OUTCOMES, KILLED),
) -> bool:
    """Die at every point under every outcome, and for real, and print the verdicts; whether every law held."""
    quiet()
    cells: list[Cell] = []
    began = time.perf_counter()
    table = Table(title="a process dies here", title_justify="left")
    for head in ("failpoint", *outcomes):
        table.add_column(head)
    with ground() as url:
        days = _Days(url, seed * _EACH_SEED)
        for point in points or failpoints.points():
            row = [days.cell(point, outcome) for outcome in outcomes]
            cells += row
            verdicts = [f"{one.verdict} ({one.deaths})" for one in row]
            table.add_row(point, *verdicts)
            out.print(f"{time.perf_counter() - began:6.0f} s  {point}: {', '.join(verdicts)}", highlight=False)
        days.close()
    out.print(table)
    for one in cells:
        for law in one.broken:
            out.print(f"{one.point} {one.outcome} {one.schedule}: {law}", markup=False, highlight=False, soft_wrap=True)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(cells), indent=2))
    return not any(one.broken for one in cells)


class _Copies(Generic[Copy]):
    """Copies of the company, a new one when each of its slots has been lived in."""

    def __init__(self, make: Callable[[], AbstractContextManager[Copy]]) -> None:
        self._make, self._number = make, 0
        self._open = ExitStack()
        self._copy: Copy | None = None

    def next(self) -> tuple[Copy, int]:
        """A copy, and the number of a day that nobody has lived."""
        if self._copy is None or self._number % SLOTS == 0:
            self._open.close()
            self._copy = self._open.enter_context(self._make())
        self._number += 1
        return self._copy, self._number - 1

    def close(self) -> None:
        """Drop the last copy."""
        self._open.close()


class _Days:
    """The days of a matrix; those of real processes have copies of the company of their own."""

    def __init__(self, url: str, first: int) -> None:
        self._first = first
        self._simulated = _Copies(partial(copy, url, "matrix"))
        self._real = _Copies(partial(database, url, "matrix_real"))

    def cell(self, point: str, outcome: str) -> Cell:
        """Days until somebody has died at the point."""
        if outcome == KILLED:
            return killed(point, lambda: RealDay(*self._real.next(), way_to(point)).live())
        return cell(point, outcome, partial(self._live, point, outcome))

    def _live(self, point: str, outcome: str) -> Lived:
        cabinet, number = self._simulated.next()
        return aimed(self._first + number, cabinet, point, outcome).live()

    def close(self) -> None:
        """Drop the last copies."""
        self._simulated.close()
        self._real.close()


def tell(summary: Summary, json: Path | None, out: Console) -> None:
    """Say what was done, and write it."""
    lines = [
        f"{summary.schedules} schedules in {summary.seconds:.1f} s, {summary.rate:.2f} a second",
        f"{summary.virtual_hours:.0f} virtual hours, {summary.calls} database calls",
        f"intents at the end: {_counts(summary.states)}",
        f"faults: {_counts(summary.faults)}",
        f"laws looked at: {_counts(summary.checked)}",
        f"failpoints reached: {len(summary.points)}",
        f"failing schedules: {sorted(summary.broken) or 'none'}",
    ]
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2))


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def replay(number: int, out: Console, *, restored: bool = False) -> bool:
    """One schedule, with every call and failpoint; whether every law held. `restored`: a day with a restore."""
    quiet()

    def spy(text: str) -> None:
        now = asyncio.get_running_loop().time()
        out.print(f"{now:12.4f} {text}", markup=False, highlight=False, soft_wrap=True)

    with ground() as url, copy(url, "replay") as cabinet:
        lived = (RestoredSchedule if restored else Schedule)(number, cabinet, spy).live()
    for law in lived.broken:
        out.print(law, markup=False, highlight=False, soft_wrap=True)
    out.print(f"trace {lived.trace}", markup=False, highlight=False, soft_wrap=True)
    return not lived.broken
