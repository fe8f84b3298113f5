"""`sheaf demo`, `bank`, `bench`, `simulate`: what the lab beside the product does, where an installation has one.

The lab fills the entry points; nothing here knows its modules, so that a package may leave it out.
"""

from __future__ import annotations

from typing import Final

import typer

from server.commands.common import fail

GROUP: Final = "sheaf.lab"
PASS_ON: Final = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
COMMANDS: Final = {
    "demo": "Run everything on this machine: database, sandbox bank, server, workers and the desks' windows.",
    "bank": "Run the sandbox bank, or switch its faults; its own commands follow (`sheaf bank --help`).",
    "bench": "Measure this machine against the goals, beside the competitors that can be run here.",
    "simulate": "Live days of a branch in virtual time, with everything that can go wrong drawn from a seed.",
}


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands; everything behind their names, `--help` too, goes to the lab."""
    for name, text in COMMANDS.items():
        app.command(name, help=text, context_settings=PASS_ON, rich_help_panel="Try it")(_pass_on)


def _pass_on(context: typer.Context) -> None:
    from importlib.metadata import entry_points

    name = str(context.info_name)
    found = {entry.name: entry for entry in entry_points(group=GROUP)}.get(name)
    try:
        command = found.load() if found else None
    except ModuleNotFoundError as error:
        if found is None or error.name != found.module.partition(".")[0]:
            raise
        command = None
    if command is None:
        fail(f"This installation has no lab, so it has no sheaf {name}; a clone of the project has one (make setup).")
    command(context.args, prog_name=f"sheaf {name}")
