"""`sheaf bench ledger`: posting with every law on, beside the bare limit of the same server and django-hordak."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, sql

from lab.bench import ledger_ground as ground
from lab.bench.harness import (
    BenchResult,
    BenchSettings,
    Cluster,
    Figure,
    Goal,
    at_least,
    at_most,
    clients,
    cluster,
    in_turns,
    machine,
    percentile,
    server_version,
)
from server.ledger.transfers import Transfer

Turn = Callable[[], Awaitable[float]]
_WITHOUT_HORDAK = "django-hordak is not installed (pip install 'sheaf[bench]'), so it was not measured."
_REPEATS = {1: 200, 100: 20, 1_000: 6, 10_000: 1}
CHUNK = 100
"""Lines in one transaction of a long batch: what a single payment from the same account waits for at most."""
LINES = 10_000
CLIENTS = 16


async def run(settings: BenchSettings) -> BenchResult:
    """All of it, with a PostgreSQL of its own."""
    figures: list[Figure] = []
    goals: list[Goal] = []
    remarks: list[str] = []
    async with cluster(settings) as found:
        ground.lay(found)
        ours = ground.Ours(found, CLIENTS + 4)
        try:
            await ours.open()
            await _batches(settings, found, ours, figures, goals, remarks)
            for slow in (False, True):
                await _hot(settings, found, ours, slow, figures, goals)
            await _beside(settings, ours, figures, goals)
            goals.append(await _soak(settings, found, ours))
        finally:
            await ours.database.close()
        version = server_version(found.url)
    return BenchResult(
        name="ledger", figures=figures, goals=goals, remarks=remarks, machine={**machine(), "postgresql": version}
    )


class _Numbers:
    """Payments whose targets go round."""

    def __init__(self) -> None:
        self._next = 0

    def payments(self, count: int) -> list[Transfer]:
        """The next ones from the hot account."""
        self._next += count
        return [ground.payment(number) for number in range(self._next - count, self._next)]


def _posting(post: Callable[[Sequence[Transfer]], Awaitable[int]], numbers: _Numbers, size: int) -> Turn:
    async def turn() -> float:
        batches = [numbers.payments(size) for _ in range(_REPEATS[size])]
        began = time.perf_counter()
        done = sum([await post(batch) for batch in batches])
        return done / (time.perf_counter() - began)

    return turn


async def _batches(
    settings: BenchSettings,
    found: Cluster,
    ours: ground.Ours,
    figures: list[Figure],
    goals: list[Goal],
    remarks: list[str],
) -> None:
    numbers = _Numbers()
    async with (
        await psycopg.AsyncConnection.connect(found.url, autocommit=True) as connection,
        _hordak(found) as hordak,
    ):
        bare = ground.Bare(connection)
        competitors: dict[str, Turn] = {}
        for size in _REPEATS:
            competitors[f"ours, {size:,} at a time"] = _posting(ours.post, numbers, size)
            competitors[f"bare, {size:,} at a time"] = _posting(bare.post, numbers, size)
        competitors[_DECLARED] = _declared(connection, _posting(ours.post, numbers, 1_000))
        competitors["ours, 1 at a time, spread"] = _spread_singles(ours)
        if hordak is not None:
            competitors |= {name: _asked(hordak, way, count) for name, way, count in _HORDAK_WAYS}
        reached = await in_turns(settings, competitors)
    figures += [series.figure("transfers/s") for series in reached.values()]
    thousand = reached["ours, 1,000 at a time"]
    goals.append(at_least("1,000 at a time, of the bare limit", thousand.over(reached["bare, 1,000 at a time"]), 0.5))
    goals.append(at_least("1,000 at a time, of our singles", thousand.over(reached["ours, 1 at a time"]), 8))
    if hordak is None:
        remarks.append(_WITHOUT_HORDAK)
    else:
        goals.append(at_least("1,000 at a time, of hordak in one transaction", thousand.over(reached[_TOGETHER]), 15))


_DECLARED = "ours, 1,000 at a time, with declared foreign keys too"


def _declared(admin: AsyncConnection[Any], turn: Turn) -> Turn:
    """The same, proved twice: by our trigger for the statement, and by foreign keys for each row."""

    async def declared() -> float:
        await admin.execute(ground.DECLARE)
        reached = await turn()
        await admin.execute(ground.UNDECLARE)
        return reached

    return declared


def _spread_singles(ours: ground.Ours) -> Turn:
    async def turn() -> float:
        payments = [ground.payment(n, source=ground.SOURCES[n % len(ground.SOURCES)]) for n in range(_REPEATS[1])]
        began = time.perf_counter()
        for payment in payments:
            await ours.post([payment])
        return len(payments) / (time.perf_counter() - began)

    return turn


_TOGETHER = "hordak, 200 in one transaction"
_HORDAK_WAYS = (
    ("hordak, 1 at a time", "single", 100),
    (_TOGETHER, "together", 200),
    ("hordak, 1,000 legs of one transaction", "legs", 1_000),
)


@asynccontextmanager
async def _hordak(found: Cluster) -> AsyncIterator[asyncio.subprocess.Process | None]:
    """The rival's process on a database of its own, ready; None when it is not installed."""
    if find_spec("hordak") is None:
        yield None
        return
    with psycopg.connect(found.url, autocommit=True) as admin:
        admin.execute("create database hordak")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lab.bench.hordak_rival", found.url.rsplit("/", 1)[0] + "/hordak"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await _line(process)
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("hordak's process ended")
    return line.decode()


def _asked(process: asyncio.subprocess.Process, way: str, count: int) -> Turn:
    async def turn() -> float:
        assert process.stdin is not None
        process.stdin.write(f"{way} {count}\n".encode())
        return count / float(await _line(process))

    return turn


async def _hot(
    settings: BenchSettings, found: Cluster, ours: ground.Ours, slow: bool, figures: list[Figure], goals: list[Goal]
) -> None:
    """Many clients with single payments, from one account and from an account each; coalesced, and each by itself."""
    _commit_delay(found, 2000 if slow else 0)
    lane = ours.lane()

    async def together(payment: Transfer) -> None:
        await lane.submit(payment)

    async def apart(payment: Transfer) -> None:
        await ours.post([payment])

    def paying(pay: Callable[[Transfer], Awaitable[None]], hot: bool) -> Turn:
        numbers = iter(range(10**9))

        async def one(client: int) -> int:
            await pay(ground.payment(next(numbers), source=ground.FUNDING if hot else ground.SOURCES[client]))
            return 1

        async def turn() -> float:
            return (await clients(CLIENTS, settings.seconds / 2, one))[0]

        return turn

    disk = ", 2 ms disk" if slow else ""
    reached = await in_turns(
        settings,
        {
            f"{CLIENTS} clients, one account{disk}": paying(together, True),
            f"{CLIENTS} clients, {CLIENTS} accounts{disk}": paying(together, False),
            f"{CLIENTS} clients, one account, not coalesced{disk}": paying(apart, True),
            f"{CLIENTS} clients, {CLIENTS} accounts, not coalesced{disk}": paying(apart, False),
        },
    )
    figures += [series.figure("transfers/s") for series in reached.values()]
    hot, spread, *_ = reached.values()
    goals.append(at_least(f"one account, of {CLIENTS} accounts{disk}", hot.over(spread), 0.7))
    _commit_delay(found, 0)


def _commit_delay(found: Cluster, microseconds: int) -> None:
    """What a log flush costs, on top; the server's way to pretend a slower disk."""
    with psycopg.connect(found.url, autocommit=True) as admin:
        admin.execute(sql.SQL("alter system set commit_delay = {}").format(sql.Literal(microseconds)))
        admin.execute("alter system set commit_siblings = 0")
        admin.execute("select pg_reload_conf()")


async def _beside(settings: BenchSettings, ours: ground.Ours, figures: list[Figure], goals: list[Goal]) -> None:
    """Single payments while a long batch is posted from the same account, chunk by chunk."""
    alone: list[float] = []
    beside: list[float] = []
    numbers = _Numbers()
    for _ in range(settings.rounds):
        alone += (await clients(1, settings.seconds / 3, lambda _: ours.post(numbers.payments(1))))[1]
        payments = numbers.payments(LINES)
        ended = asyncio.Event()

        async def batch(payments: list[Transfer] = payments, ended: asyncio.Event = ended) -> None:
            for start in range(0, LINES, CHUNK):
                await ours.post(payments[start : start + CHUNK])
            ended.set()

        running = asyncio.create_task(batch())
        while not ended.is_set():
            began = time.perf_counter()
            await ours.post(numbers.payments(1))
            beside.append(time.perf_counter() - began)
        await running
    quiet, busy = percentile(alone, 0.99) * 1000, percentile(beside, 0.99) * 1000
    figures.append(Figure("a single payment alone, p99", "ms", quiet, note=f"{len(alone):,} payments"))
    figures.append(Figure("a single payment beside, p50", "ms", percentile(beside, 0.5) * 1000))
    figures.append(Figure("a single payment beside, p99", "ms", busy, note=f"{len(beside):,} payments"))
    goals.append(at_most(f"single's p99 while {LINES:,} lines post on its account, ms", busy, 15))


async def _soak(settings: BenchSettings, found: Cluster, ours: ground.Ours) -> Goal:
    """Singles, batches, and transfers that touch the same accounts the other way round, all at once: no deadlock."""
    before = _deadlocks(found)
    end = time.perf_counter() + settings.soak
    settings.say(f"looking for deadlocks for {settings.soak:.0f} s")

    async def worker(number: int) -> None:
        count = 0
        while time.perf_counter() < end:
            count += 1
            size = 200 if number == 0 else 1 + count % 7
            payments = [
                ground.payment((number + 1) * count * step, source=_source(step)) for step in range(1, size + 1)
            ]
            await ours.post(payments if number % 2 else payments[::-1])

    await asyncio.gather(*(worker(number) for number in range(8)))
    return at_most(f"deadlocks in {settings.soak:.0f} s", _deadlocks(found) - before, 0)


def _source(step: int) -> UUID:
    return ground.FUNDING if step % 3 else ground.SOURCES[step % 5]


def _deadlocks(found: Cluster) -> int:
    with psycopg.connect(found.url) as admin:
        admin.execute("select pg_stat_force_next_flush()")
        rows = admin.execute("select deadlocks from pg_stat_database where datname = current_database()").fetchall()
    return int(rows[0][0])
