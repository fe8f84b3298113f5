"""`sheaf serve`, `sheaf worker ...` and `sheaf desk`: the processes of an installation, each in the foreground."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from server.commands.common import Config, end_with_problems, fail

worker = typer.Typer(help="The workers; each may run any number of times.", no_args_is_help=True)
Name = Annotated[
    str, typer.Option("--name", help="By which status names it; else its kind and this machine, with a number.")
]


def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of the setting's.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, instead of the setting's.", min=1)] = None,
) -> None:
    """Run the API for desks and head office until SIGTERM or Ctrl-C; what is under way is answered first.

    SIGHUP reloads settings, certificates and code without failing a call.
    """
    _master("api", config, host or "", port or 0)


@worker.command("payments")
def payments(config: Config = None, name: Name = "") -> None:
    """Send what was signed off to the bank, resolve doubt, expire; until SIGTERM or Ctrl-C, finishing what it began.

    SIGHUP reloads settings, certificates and code: another one works before this one has finished.
    """
    _master("payments", config, name=name)


@worker.command("statements")
def statements(config: Config = None, name: Name = "") -> None:
    """Fetch the bank's statements and reconcile; until SIGTERM or Ctrl-C. SIGHUP reloads settings, keys and code."""
    _master("statements", config, name=name)


def desk(context: typer.Context) -> None:
    """Open the branch's desk; its own options follow (`sheaf desk --help`)."""
    command = [sys.executable, "-m", "desktop", *context.args]
    sys.stdout.flush()
    os.execv(sys.executable, command)


def _master(kind: str, config: Path | None, host: str = "", port: int = 0, name: str = "") -> None:
    """Run the master of a kind's workers; ends as it does, with what people must know on standard error."""
    from server.processes import master
    from server.settings import Problem, config_file

    place = config_file(config).absolute()
    ending = master.run(kind, [str(place), host, str(port), name])
    if ending.problems:
        end_with_problems([Problem(*each) for each in ending.problems], place)
    if ending.text:
        fail(ending.text, ending.code)
    raise typer.Exit(ending.code)
