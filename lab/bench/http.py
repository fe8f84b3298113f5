"""`sheaf bench http`: one worker of ours beside one of Fastify and of Express, by the same load, in one run.

Theirs verify a token with a key object and make one indexed read or one durable insert; ours does what it always does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import psycopg

from lab.bench.harness import (
    BenchResult,
    BenchSettings,
    Figure,
    Goal,
    Series,
    at_least,
    at_most,
    cluster,
    in_turns,
    machine,
    percentile,
    server_version,
)
from lab.bench.http_company import Company, Requests, api_workers, found
from lab.bench.load import Load, drive, generator
from lab.bench.rivals.node import RivalRequests, rivals

_BRANCHES = 20
_CLIENTS = (16, 64)
_OK, _WRITTEN = 200, 201
_READS, _WRITES = 20_000, 12_000
"""The most that is answered in a second: so many requests are made and signed before the clock starts."""
_OUR_WRITES = 6_000


class Turns:
    """What takes turns, by name, and the loads of each."""

    def __init__(self, settings: BenchSettings, ours: Requests, theirs: RivalRequests) -> None:
        self.settings, self.ours, self.theirs = settings, ours, theirs
        self.loads: dict[str, list[Load]] = {}
        self._seconds = max(1, round(settings.seconds))

    def of(self, port: int, rival_ports: dict[str, int]) -> dict[str, Callable[[], Awaitable[float]]]:
        """One for each server, number of clients and kind of call."""
        turns: dict[str, Callable[[], Awaitable[float]]] = {}
        for count in _CLIENTS:
            reads = {
                "sheaf": (port, self.ours.lookups),
                **{r: (p, self.theirs.lookups) for r, p in rival_ports.items()},
            }
            for name, (where, make) in reads.items():
                title = _look_up(name, count)
                turns[title] = partial(self._turn, title, where, make, _READS, count, _OK)
            for name, where in rival_ports.items():
                title = _insert(name, count)
                turns[title] = partial(self._turn, title, where, self.theirs.submissions, _WRITES, count, _WRITTEN)
            for branches in (1, _BRANCHES):
                title = _submit(count, branches)
                make_ours = partial(self.ours.submissions, branches=branches)
                turns[title] = partial(self._turn, title, port, make_ours, _OUR_WRITES, count, _WRITTEN)
        return turns

    async def _turn(
        self, title: str, port: int, make: Callable[[int], list[bytes]], most: int, count: int, status: int
    ) -> float:
        load = await drive(port, make(most * self._seconds), count, self._seconds)
        self.loads.setdefault(title, []).append(load)
        return load.rate(status)

    def figure(self, series: Series) -> Figure:
        """Its rate, with the latencies in the middle round."""
        return series.figure(
            "calls/s", f"p50 {self.middle(series.name, 'p50'):.2f} ms, p99 {self.p99(series.name):.1f} ms"
        )

    def p99(self, title: str) -> float:
        """Milliseconds."""
        return self.middle(title, "p99")

    def middle(self, title: str, what: str) -> float:
        """The median over the rounds."""
        return percentile([getattr(load, what) for load in self.loads[title]], 0.5)

    def strange(self) -> str:
        """Answers that nobody should get."""
        found: dict[tuple[str, int], int] = {}
        for title, loads in self.loads.items():
            for load in loads:
                for status, count in load.statuses.items():
                    if status not in (_OK, _WRITTEN):
                        found[title, status] = found.get((title, status), 0) + count
        return "; ".join(f"{count} x {status} ({title})" for (title, status), count in sorted(found.items())) or "none"


async def run(settings: BenchSettings) -> BenchResult:
    """Every call is for another member; every proof, key and token is made before the clock starts."""
    async with cluster(settings) as place:
        settings.say(f"making {settings.members:,} members in {_BRANCHES} branches")
        company = await found(place, _BRANCHES, settings.members)
        theirs = RivalRequests(company)
        turns = Turns(settings, Requests(company), theirs)
        async with api_workers(company, 1) as port, rivals(company, theirs.secret) as others:
            await _warm(turns, port, others.ports)
            with psycopg.connect(place.url, autocommit=True) as admin:
                # what autovacuum does within a minute: plans of young tables are not what is measured
                admin.execute("analyze")
            series = await in_turns(settings, turns.of(port, others.ports), warm_up=False)
        written, version = _count(company), server_version(place.url)
    answered = sum(
        load.statuses.get(_WRITTEN, 0) for name, loads in turns.loads.items() if "submit" in name for load in loads
    )
    return BenchResult(
        name="http",
        figures=[turns.figure(one) for one in series.values()]
        + [Figure("intents in the database", "intents", written, note=f"{answered:,} of them in timed turns")],
        goals=[
            *_goals(series, turns),
            at_least("every acknowledged intent is in the database (1 = yes)", float(written >= answered), 1),
        ],
        remarks=[
            f"Load by {generator()}, one thread. It, PostgreSQL and the servers share the machine.",
            f"Rivals: {others.missing or 'one worker each, 10 connections, HS256 with a key object'}.",
            f"Other answers than 200 and 201: {turns.strange()}.",
        ],
        machine=machine() | {"postgresql": version},
    )


async def _warm(turns: Turns, port: int, rival_ports: dict[str, int]) -> None:
    await drive(port, turns.ours.lookups(8_000), 16, 2)
    await drive(port, turns.ours.submissions(4_000, _BRANCHES), 16, 3)
    for where in rival_ports.values():
        await drive(where, turns.theirs.lookups(10_000), 16, 1)
        await drive(where, turns.theirs.submissions(10_000), 16, 1)


def _goals(series: dict[str, Series], turns: Turns) -> list[Goal]:
    goals = []
    for count in _CLIENTS:
        one, many = series[_submit(count, 1)], series[_submit(count, _BRANCHES)]
        if (rival := series.get(_look_up("fastify", count))) is not None:
            ratio = series[_look_up("sheaf", count)].over(rival)
            goals.append(at_least(f"look-ups of Fastify's, {count} clients", ratio, 0.6))
            ratio = one.over(series[_insert("fastify", count)])
            goals.append(at_least(f"submissions of Fastify's inserts, {count} clients, 1 branch", ratio, 0.5))
        name = f"submissions over {_BRANCHES} branches of those of one, {count} clients"
        goals.append(at_least(name, many.over(one), 0.8))
    for branches in (1, _BRANCHES):
        title = _submit(16, branches)
        goals.append(at_most(f"{title}, p99 in ms", turns.p99(title), 50))
    return goals


def _look_up(server: str, clients: int) -> str:
    return f"look-up, {clients} clients, {server}"


def _insert(server: str, clients: int) -> str:
    return f"insert, {clients} clients, {server}"


def _submit(clients: int, branches: int) -> str:
    return f"submit, {clients} clients, {branches} branch{'es' * (branches > 1)}, sheaf"


def _count(company: Company) -> int:
    with psycopg.connect(company.cluster.url) as admin:
        return int(admin.execute("select count(*) from sheaf.intent").fetchall()[0][0])
