"""`sheaf bench NAME`: measure this machine against the goals, beside the competitors that can be run here."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import Annotated

import typer

from lab.bench import BENCHES
from server.commands.common import ERRORS, OUT, fail

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(sorted(BENCHES))}.")],
    json: Annotated[Path | None, typer.Option("--json", help="Write figures and goals here.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a goal is not met.")] = False,
    rounds: Annotated[int, typer.Option(help="How often each competitor has its turn.", min=1)] = 5,
    seconds: Annotated[float, typer.Option(help="How long a turn lasts that goes by the clock.", min=0.1)] = 3.0,
    members: Annotated[int, typer.Option(help="How many members the register has.", min=1000)] = 1_000_000,
    queue: Annotated[
        int, typer.Option(help="How many payments wait at the branch with the long queue.", min=1000)
    ] = 50_000,
    soak: Annotated[float, typer.Option(help="Seconds to look for what must never happen.", min=1)] = 60.0,
    folder: Annotated[Path | None, typer.Option(help="Where the database's files go while it runs.")] = None,
) -> None:
    """Measure, with a database and processes of its own, and print medians, ratios and goals."""
    if name not in BENCHES:
        fail(f"There is no bench {name}; there are {', '.join(sorted(BENCHES))}.", 2)
    from lab.bench.harness import BenchResult, BenchSettings, as_json, show

    def say(text: str) -> None:
        ERRORS.print(text, markup=False, highlight=False, soft_wrap=True, style="dim")

    settings = BenchSettings(
        rounds=rounds, seconds=seconds, members=members, queue=queue, soak=soak, folder=folder, say=say
    )
    result: BenchResult = asyncio.run(importlib.import_module(BENCHES[name]).run(settings))
    show(result, OUT)
    if json is not None:
        json.write_bytes(as_json(result))
    raise typer.Exit(1 if strict and not result.met else 0)
