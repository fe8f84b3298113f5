"""`sheaf bench lookup`: is this member payable? Over HTTP, and in the database with row-level security and without."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg

from lab.bench.harness import (
    BenchResult,
    BenchSettings,
    Figure,
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
from lab.bench.load import Load, drive
from server.database.roles import API

_BRANCHES = 100
_OK = 200
_MOST_PER_SECOND = {1: 3_000, 16: 9_000}
_LIST = 1_000
_CALLS = 500
# The superuser passes by row-level security: the same function, the same plans, without the policies.
_LOOK_UP = "select * from sheaf.look_up_members(%s::int[], %s::uuid[], null)"
_BY_CODE = "select * from sheaf.look_up_members(%s::int[], null, %s::text[])"


async def run(settings: BenchSettings) -> BenchResult:
    """Every call is for another member; answers in the database are fetched to the client."""
    async with cluster(settings) as place:
        settings.say(f"making {settings.members:,} members in {_BRANCHES} branches")
        company = await found(place, _BRANCHES, settings.members)
        plans = _plans(company)
        loads: dict[int, list[Load]] = {1: [], 16: []}
        requests = Requests(company)
        async with api_workers(company) as port:
            await drive(port, requests.lookups(4_000), 16, 1)
            turns: dict[str, Callable[[], Any]] = {
                f"over HTTP, {count} client{'s' * (count > 1)}": partial(_turn, settings, port, requests, count, loads)
                for count in loads
            }
            over_http = await in_turns(settings, turns, warm_up=False)
        with_rls, without, long = await _in_database(settings, company)
        version = server_version(place.url)
    medians = {name: percentile(times, 0.5) for name, times in (("with", with_rls), ("without", without))}
    p50, p99 = _of(loads[1], "p50"), _of(loads[16], "p99")
    return BenchResult(
        name="lookup",
        figures=[
            *(
                one.figure("calls/s", _latency(loads[count]))
                for one, count in zip(over_http.values(), loads, strict=True)
            ),
            Figure("in the database, with RLS", "ms", medians["with"], note=f"p99 {percentile(with_rls, 0.99):.3f} ms"),
            Figure(
                "in the database, without", "ms", medians["without"], note=f"p99 {percentile(without, 0.99):.3f} ms"
            ),
            long.figure("ms"),
        ],
        goals=[
            at_most("over HTTP, 1 client, p50 in ms", p50, 1.5),
            at_most("over HTTP, 16 clients, p99 in ms", p99, 10),
            at_most("in the database, p99 in ms", percentile(with_rls, 0.99), 1),
            at_most("with RLS as a multiple of without", medians["with"] / medians["without"], 1.3),
            at_most(f"{_LIST:,} members in one call, ms", long.median, 15),
            at_least("every plan reads indexes only (1 = yes)", float(not plans), 1),
        ],
        remarks=[
            f"{settings.members:,} members in {_BRANCHES} branches.",
            f"Plans that scan a table: {', '.join(plans) or 'none'}.",
            "Two API workers, PostgreSQL and the load generator share the machine.",
        ],
        machine=machine() | {"postgresql": version},
    )


async def _turn(
    settings: BenchSettings, port: int, requests: Requests, clients: int, loads: dict[int, list[Load]]
) -> float:
    seconds = max(1, round(settings.seconds))
    load = await drive(port, requests.lookups(_MOST_PER_SECOND[clients] * seconds), clients, seconds)
    loads[clients].append(load)
    return load.rate(_OK)


async def _in_database(settings: BenchSettings, company: Company) -> tuple[list[float], list[float], Series]:
    """Milliseconds of single look-ups with and without policies in turns, and of long lists."""
    times: dict[str, list[float]] = {"with": [], "without": []}
    numbers = iter(range(10**9))
    with (
        psycopg.connect(company.cluster.role(API), autocommit=True) as api,
        psycopg.connect(company.cluster.url, autocommit=True) as owner,
    ):
        for _ in range(20):
            for connection in (api, owner):
                _single(company, connection, next(numbers))
            _list(company, api, next(numbers))

        async def singles(name: str, connection: psycopg.Connection[Any]) -> float:
            took = [_single(company, connection, next(numbers)) for _ in range(_CALLS)]
            times[name] += took
            return percentile(took, 0.5)

        async def long() -> float:
            return percentile([_list(company, api, next(numbers)) for _ in range(10)], 0.5)

        series = await in_turns(
            settings,
            {
                "with": partial(singles, "with", api),
                "without": partial(singles, "without", owner),
                f"{_LIST:,} members in one call": long,
            },
        )
    return times["with"], times["without"], series[f"{_LIST:,} members in one call"]


def _single(company: Company, connection: psycopg.Connection[Any], number: int) -> float:
    place = number % len(company.cashiers)
    member, sight = company.member(place, number * 7919), [company.cashiers[place].branch_id]
    began = time.perf_counter()
    rows = connection.execute(_LOOK_UP, [sight, [member]], prepare=True).fetchall()
    took = time.perf_counter() - began
    if len(rows) != 1:
        raise LookupError("a member that was made is not found")
    return took * 1000


def _list(company: Company, connection: psycopg.Connection[Any], number: int) -> float:
    place = number % len(company.cashiers)
    codes = [f"M{company.member(place, number * _LIST + one).int}" for one in range(_LIST)]
    began = time.perf_counter()
    rows = connection.execute(_BY_CODE, [[company.cashiers[place].branch_id], codes], prepare=True).fetchall()
    took = time.perf_counter() - began
    if len(rows) != len(set(codes)):
        raise LookupError("members that were made are not found")
    return took * 1000


def _plans(company: Company) -> list[str]:
    """Tables that a look-up scans, by the plans that PostgreSQL logs of what runs inside; none is right."""
    scanned: list[str] = []
    sight, member = [company.cashiers[0].branch_id], company.member(0, 1)
    with psycopg.connect(company.cluster.url, autocommit=True) as owner:
        found: list[str] = []
        owner.add_notice_handler(lambda notice: found.append(notice.message_primary or ""))
        owner.execute("load 'auto_explain'")
        for setting, value in (
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_nested_statements", "on"),
            ("auto_explain.log_format", "json"),
            ("client_min_messages", "log"),
        ):
            owner.execute("select set_config(%s, %s, false)", [setting, value])
        owner.execute("set role sheaf_api")
        owner.execute(_LOOK_UP, [sight, [member]])
        owner.execute(_BY_CODE, [sight, [f"M{member.int}"]])
    nested = [text[text.index("{") :] for text in found if "{" in text and "look_up_members(" not in text]
    if not any("sheaf.member" in text for text in nested):
        return ["nothing was seen"]
    for text in nested:
        scanned += _scans(json.loads(text)["Plan"])
    return sorted(set(scanned))


def _scans(plan: dict[str, Any]) -> list[str]:
    own = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" else []
    return own + [name for inner in plan.get("Plans", ()) for name in _scans(inner)]


def _of(loads: list[Load], name: str) -> float:
    return percentile([getattr(load, name) for load in loads], 0.5)


def _latency(loads: list[Load]) -> str:
    return f"p50 {_of(loads, 'p50'):.2f} ms, p99 {_of(loads, 'p99'):.2f} ms"
