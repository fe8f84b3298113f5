"""`sheaf simulate`: days of a branch in virtual time, with everything that can go wrong drawn from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.commands.common import OUT, say

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def simulate(
    schedules: Annotated[int, typer.Option(help="How many days to live through.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Which days; another seed is other days.", min=0)] = 1,
    json: Annotated[Path | None, typer.Option("--json", help="Write what was done and found here.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes that share the work.", min=1)] = 1,
    replay: Annotated[
        int | None,
        typer.Option(
            help="Live one schedule by its number again (with --restores 1 one with a restore), and say its trace."
        ),
    ] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="See that wrong variants of the server are caught.")
    ] = False,
    restores: Annotated[
        int, typer.Option(help="How many days on which an old copy of the database is put back.", min=0)
    ] = 0,
    matrix: Annotated[bool, typer.Option("--matrix", help="Die at every failpoint under every outcome.")] = False,
) -> None:
    """The real server on the real database, with a bank and a network that fail; exit 1 when a law is broken."""
    import signal
    import sys

    from lab.simulation import runs

    # Ended by a supervisor it must still let go on what it has stopped, or its PostgreSQL would never end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if replay is not None:
        clean = runs.replay(replay, OUT, restored=bool(restores))
    elif mutants:
        clean = runs.mutants(seed, json, OUT)
    elif matrix:
        clean = runs.matrix(seed, json, OUT)
    elif restores:
        clean = runs.many(seed, restores, jobs, json, OUT, restored=True)
    else:
        clean = runs.many(seed, schedules, jobs, json, OUT)
    say("clean" if clean else "NOT CLEAN")
    raise typer.Exit(0 if clean else 1)
