"""`sheaf bench submit`: whole submissions over HTTP to real workers, by few clients and many, to one branch and 20."""

from __future__ import annotations

from functools import partial

import psycopg

from lab.bench.harness import (
    BenchResult,
    BenchSettings,
    Figure,
    at_least,
    at_most,
    cluster,
    in_turns,
    machine,
    percentile,
    server_version,
)
from lab.bench.http_company import Company, Requests, api_workers, found
from lab.bench.load import Load, drive

_BRANCHES = 20
_WRITTEN = 201
_TURNS = ((1, 1), (16, 1), (64, 1), (16, _BRANCHES), (64, _BRANCHES))
_MOST_PER_SECOND = {1: 1_000, 16: 3_000, 64: 4_000}


async def run(settings: BenchSettings) -> BenchResult:
    """Every request brings its own key, operation token and proof, signed before the clock starts."""
    async with cluster(settings) as place:
        company = await found(place, _BRANCHES, max(1_000, min(settings.members, 200_000)))
        requests = Requests(company)
        async with api_workers(company) as port:
            await drive(port, requests.submissions(6_000, _BRANCHES), 16, 4)
            with psycopg.connect(place.url, autocommit=True) as admin:
                # what autovacuum does within a minute: plans of young tables are not what is measured
                admin.execute("analyze")
            loads: dict[str, list[Load]] = {}
            turns = {
                _name(clients, branches): partial(_turn, settings, port, requests, clients, branches, loads)
                for clients, branches in _TURNS
            }
            series = await in_turns(settings, turns, warm_up=False)
        written, version = _count(company), server_version(place.url)
    answered = sum(load.statuses.get(_WRITTEN, 0) for rounds in loads.values() for load in rounds)
    figures = [one.figure("intents/s", _latency(loads[name])) for name, one in series.items()]
    figures.append(Figure("intents in the database", "intents", written, note=f"{answered:,} of them in timed turns"))
    busy, hot = series[_name(16, 1)], series[_name(64, 1)]
    return BenchResult(
        name="submit",
        figures=figures,
        goals=[
            at_least("16 clients, intents a second", busy.median, 800),
            at_most("16 clients, p99 in ms", percentile([load.p99 for load in loads[busy.name]], 0.5), 50),
            at_least("64 clients, intents a second", hot.median, 1_500),
            at_least("every acknowledged intent is in the database (1 = yes)", float(written >= answered), 1),
        ],
        remarks=[
            "Two API workers, PostgreSQL and the load generator share the machine.",
            f"Other answers than {_WRITTEN}: {_others(loads)}.",
        ],
        machine=machine() | {"postgresql": version},
    )


async def _turn(
    settings: BenchSettings, port: int, requests: Requests, clients: int, branches: int, loads: dict[str, list[Load]]
) -> float:
    seconds = max(1, round(settings.seconds))
    prepared = requests.submissions(_MOST_PER_SECOND[clients] * seconds, branches)
    load = await drive(port, prepared, clients, seconds)
    loads.setdefault(_name(clients, branches), []).append(load)
    return load.rate(_WRITTEN)


def _name(clients: int, branches: int) -> str:
    return f"{clients} client{'s' * (clients > 1)}, {branches} branch{'es' * (branches > 1)}"


def _latency(loads: list[Load]) -> str:
    p50, p99 = (percentile([getattr(load, name) for load in loads], 0.5) for name in ("p50", "p99"))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def _others(loads: dict[str, list[Load]]) -> str:
    found: dict[int, int] = {}
    for load in (load for rounds in loads.values() for load in rounds):
        for status, count in load.statuses.items():
            if status != _WRITTEN:
                found[status] = found.get(status, 0) + count
    return ", ".join(f"{count} x {status}" for status, count in sorted(found.items())) or "none"


def _count(company: Company) -> int:
    with psycopg.connect(company.cluster.url) as admin:
        return int(admin.execute("select count(*) from sheaf.intent").fetchall()[0][0])
