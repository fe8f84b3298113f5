"""Endurance of real processes.

events: random kills, pauses, cuts and reloads under load; then everything is compared with the sandbox bank's books.
soak: half of what this machine can do, for long; memory, descriptors and latency are measured, with their slopes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from lab.endurance import books, events, soak
from lab.endurance.books import Verdict
from lab.endurance.events import Event
from lab.endurance.load import Load
from lab.endurance.town import NotReady, Town, living, until
from server.database.embedded import EmbeddedPostgres

_MEMBERS: Final = 1000
_LATENCY_MS: Final = 50
_WIND_UP: Final = 240.0
"""Seconds in which all that was acknowledged must be signed, sent and ended: a code of the second factor takes 30."""
app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@asynccontextmanager
async def loaded(url: str, data: Path, per_second: float, seed: int) -> AsyncIterator[tuple[Town, Load]]:
    """A town with people at work, until the block ends."""
    async with living(data, url, _MEMBERS, _LATENCY_MS) as town:
        load = Load(town, per_second, seed)
        load.open()
        try:
            yield town, load
        finally:
            await asyncio.to_thread(load.close)


async def wound_up(town: Town, load: Load) -> Verdict:
    """Let what was acknowledged be signed and come to its end, and compare."""
    load.stop_submitting()
    left = "select count(*) from sheaf.intent where state in ('validated', 'authorized', 'sent', 'in_doubt')"

    def is_over() -> bool:
        load.check()
        return load.left_to_sign == 0 and town.ask(left) == [(0,)]

    with contextlib.suppress(NotReady):
        # What is left over then is told by the comparison.
        await until(is_over, "the last payments", _WIND_UP)
    return await asyncio.to_thread(books.compare, town, dict(load.acknowledged))


async def survived(
    url: str, data: Path, count: int, per_second: float, seed: int, say: Callable[[str], None]
) -> tuple[list[Event], Verdict]:
    """So many events under load."""
    async with loaded(url, data, per_second, seed) as (town, load):
        happened = await events.many(town, count, random.Random(seed), say)
        verdict = await wound_up(town, load)
        if load.refused:
            say(f"{len(load.refused)} submissions refused, the first: {load.refused[0]}")
        return happened, verdict


def _tell(happened: list[Event]) -> None:
    for kind in sorted({one.kind for one in happened}):
        seconds = [one.seconds for one in happened if one.kind == kind]
        typer.echo(
            f"{kind}: {len(seconds)}, recovered in {statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s"
        )
    slow = sum(one.seconds > 10 for one in happened)
    typer.echo(f"{len(happened)} events, {slow} took more than 10 s")


@app.command("events")
def events_command(
    count: Annotated[int, typer.Option(min=1)] = 300,
    per_second: Annotated[float, typer.Option(help="Payments submitted a second.")] = 4.0,
    seed: Annotated[int, typer.Option(help="What is drawn follows from it.")] = 1,
) -> None:
    """Random kills, pauses, cuts and reloads under load; fails unless the bank's books agree with ours."""
    with tempfile.TemporaryDirectory(prefix="sheaf-endurance-") as place:
        database = EmbeddedPostgres(Path(place) / "postgres")
        # Before the loop: a process forked earlier would hold the server's pipe.
        url = database.start()
        try:
            happened, verdict = asyncio.run(survived(url, Path(place), count, per_second, seed, _say))
        finally:
            database.stop()
    _tell(happened)
    typer.echo(verdict)
    sys.exit(0 if verdict.is_clean else 1)


@app.command("soak")
def soak_command(
    minutes: Annotated[float, typer.Option(min=0.5)] = 60.0,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Half load for long; tells memory, descriptors and latency, and how they grow in an hour."""
    with tempfile.TemporaryDirectory(prefix="sheaf-endurance-") as place:
        database = EmbeddedPostgres(Path(place) / "postgres")
        url = database.start()
        try:
            verdict = asyncio.run(_soak(url, Path(place), minutes, seed))
        finally:
            database.stop()
    typer.echo(verdict)
    sys.exit(0 if verdict.is_clean else 1)


async def _soak(url: str, data: Path, minutes: float, seed: int) -> Verdict:
    async with loaded(url, data, soak.FULL, seed) as (town, load):
        half = await soak.half_of_full(load, _say)
        load.per_second = half
        for line in await soak.measured(town, load, minutes * 60, _say):
            typer.echo(line)
        return await wound_up(town, load)


def _say(line: str) -> None:
    typer.echo(line)
