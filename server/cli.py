"""`sheaf`: every command of the server and the person on call; those of the lab are passed on.

Exit codes: 0 done, 1 refused or not well (the text says why), 2 wrong usage, 78 wrong settings.
"""

from __future__ import annotations

import sys

import typer

from server.commands import (
    alarm,
    backup,
    call,
    doctor,
    health,
    install,
    lab,
    people,
    processes,
    restore,
    status,
)
from server.commands.common import ERRORS

app = typer.Typer(
    help="Sheaf pays farmers: what you approved is what was paid, once, to the account you saw.",
    epilog="Exit codes: 0 done, 1 refused or not well, 2 wrong usage, 78 wrong settings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

lab.add_to(app)
app.command("call", rich_help_panel="Try it")(call.call)
app.command("init", rich_help_panel="Set up")(install.init)
app.command("migrate", rich_help_panel="Set up")(install.migrate)
app.add_typer(install.import_app, name="import", rich_help_panel="Set up")
app.add_typer(install.config_app, name="config", rich_help_panel="Set up")
app.command("serve", rich_help_panel="Run")(processes.serve)
app.add_typer(processes.worker, name="worker", rich_help_panel="Run")
app.command("desk", context_settings=lab.PASS_ON, rich_help_panel="Run")(processes.desk)
app.add_typer(people.user, name="user", rich_help_panel="People and desks")
app.add_typer(people.branch, name="branch", rich_help_panel="People and desks")
app.add_typer(people.device, name="device", rich_help_panel="People and desks")
app.command("status", rich_help_panel="Look after it")(status.status)
app.command("doctor", rich_help_panel="Look after it")(doctor.doctor)
app.add_typer(alarm.alarm, name="alarm", rich_help_panel="Look after it")
app.command("heartbeat", rich_help_panel="Look after it")(alarm.heartbeat)
app.add_typer(health.audit, name="audit", rich_help_panel="Look after it")
app.add_typer(health.ledger, name="ledger", rich_help_panel="Look after it")
app.add_typer(restore.restore, name="restore", rich_help_panel="Look after it")
app.add_typer(backup.backup, name="backup", rich_help_panel="Look after it")


def main() -> None:
    """Run the command line; what the database, the network or the disk refuse is one line, not a traceback."""
    try:
        app()
    except Exception as error:
        _end_with_a_refused_key(error)
        if not _is_from_outside(error):
            raise
        ERRORS.print(f"{type(error).__name__}: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


def _end_with_a_refused_key(error: Exception) -> None:
    """A process that was connected when its database became another one's."""
    from server.database.keys import KeyRefused
    from server.settings import EXIT_CONFIG

    if isinstance(error, KeyRefused):
        ERRORS.print(f"{error}.", markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_CONFIG)


def _is_from_outside(error: Exception) -> bool:
    # Imported here, for `sheaf --help` needs none of them.
    import httpx
    import psycopg
    from sqlalchemy.exc import DBAPIError

    return isinstance(error, psycopg.Error | DBAPIError | httpx.HTTPError | OSError)


if __name__ == "__main__":
    main()
