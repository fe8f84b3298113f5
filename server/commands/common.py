"""What all commands share: where settings come from, the administrator's transaction, tables, and how they fail.

Exit codes: 0 done, 1 refused or not well (the text says why), 2 wrong usage, 78 wrong settings. Rooms are imported
inside the commands: `sheaf --help` must not wait for all of them.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.refusals import Refused, refusal_text

if TYPE_CHECKING:
    from server.context import Actor, Services
    from server.database.keys import KeyRefused
    from server.database.transaction import Database, Transaction
    from server.settings import Problem, Settings
    from shared.wire.auth import NewSecretReply

_FILE_WIDTH = 400
OUT = Console(width=None if sys.stdout.isatty() else _FILE_WIDTH)
ERRORS = Console(stderr=True)
ACTOR = "command line"

Config = Annotated[
    Path | None,
    typer.Option("--config", help="The settings file; else SHEAF_CONFIG, else sheaf.toml in the data folder."),
]
Result = TypeVar("Result")


def fail(text: str, code: int = 1) -> NoReturn:
    """Say why on standard error and end with the code."""
    ERRORS.print(escape(text), highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def say(text: str) -> None:
    """One line of plain text."""
    OUT.print(escape(text), highlight=False, soft_wrap=True)


def ask(question: str) -> str:
    """A secret that a person types, not shown; without a terminal the next line of standard input."""
    import getpass
    import sys

    if sys.stdin.isatty():
        return getpass.getpass(question).strip()
    line = sys.stdin.readline()
    if not line:
        fail(f"{question.rstrip(': ')}: nothing was given. Type it at a terminal, pipe it in, or name a file.", 2)
    return line.strip()


def counted(number: int, thing: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def show(heads: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """A table; cells are plain text, whatever they hold. An id stays in one piece, for people copy it.

    Where nobody looks but a program, no row is broken to fit a window.
    """
    table = Table(title=title, title_justify="left")
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head == "id")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    OUT.print(table)


def settings_of(config: Path | None, *needs: str) -> Settings:
    """The settings with the optional sections that are needed; else every mistake is listed and the exit is 78."""
    from server.settings import config_file, load_settings

    place = config_file(config)
    loaded = load_settings(place, needs=needs)
    if isinstance(loaded, list):
        end_with_problems(loaded, place)
    return loaded


def end_with_problems(problems: Sequence[Problem], place: Path) -> NoReturn:
    """List the mistakes on standard error and end with 78; of a file that is not there first that it is not."""
    from server.settings import EXIT_CONFIG

    if not place.exists():
        ERRORS.print(escape(f"There is no {place}: `sheaf init` makes it, --config names another."), soft_wrap=True)
    for problem in problems:
        ERRORS.print(f"{escape(problem.place)} {escape(problem.text)}", highlight=False, soft_wrap=True)
    fail(f"{counted(len(problems), 'mistake')} in the settings", EXIT_CONFIG)


def end_with_refused_keys(refused: Sequence[KeyRefused]) -> None:
    """End with 78 when keys are not the database's, naming each."""
    from server.settings import EXIT_CONFIG

    for one in refused:
        ERRORS.print(f"{escape(one.place)} {escape(one.text)}.", highlight=False, soft_wrap=True)
    if refused:
        raise typer.Exit(EXIT_CONFIG)


def services_of(settings: Settings) -> Services:
    """What rooms are given."""
    from server.channels import set_up
    from server.context import Services, Vault

    return Services(vault=Vault(settings.keys.vault_key), policy=settings.policy, channels=set_up(settings.channels))


def administer(settings: Settings, work: Callable[[Transaction, Actor], Awaitable[Result]]) -> Result:
    """Run `work` in one transaction of the database's administrator that sees every branch; a refusal rolls back."""
    from server.bootstrap import administration, see_everything

    async def run(database: Database) -> Result:
        async with database.transaction(()) as tx:
            result = await work(tx, await see_everything(tx, ACTOR))
            tx.refused = isinstance(result, Refused)
            return result

    async def connected() -> Result:
        async with administration(settings.database.url, services_of(settings)) as database:
            return await run(database)

    from server.database.keys import KeyRefused

    try:
        return asyncio.run(connected())
    except KeyRefused as refused:
        end_with_refused_keys([refused])
        raise


def accepted(result: Result | Refused) -> Result:
    """The result of a verb, or an end with the refusal's English text."""
    if isinstance(result, Refused):
        fail(refusal_text(result, "en"))
    return result


def show_secrets(made: NewSecretReply) -> None:
    """A user's new secrets, on the screen once and nowhere else."""
    say(f"user: {made.username}")
    say(f"password: {made.password}")
    say(f"second factor, for an authenticator app: {made.totp_secret}")
