"""`sheaf status`: what must be well, the worst first, and what to do about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from server.commands.common import OUT, Config, administer, fail, say, settings_of
from shared.health import Level

if TYPE_CHECKING:
    from server.context import Actor
    from server.database.transaction import Transaction
    from server.health.finding import Finding, Text
    from server.settings import Settings
    from shared.thai import Language

_SECONDS: Final = 3.0
_COLOURS: Final = {Level.WELL: "green", Level.WARNS: "yellow", Level.BAD: "bold red", Level.UNKNOWN: "magenta"}
_EXIT: Final = {Level.WELL: 0, Level.WARNS: 0, Level.BAD: 1, Level.UNKNOWN: 1}


def status(
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For a program: a list of findings in both languages.")
    ] = False,
    thai: Annotated[bool, typer.Option("--thai", help="Say it in Thai.")] = False,
    forget: Annotated[str, typer.Option(help="A process' name that will not come back.", metavar="NAME")] = "",
) -> None:
    """What must be well, the worst first; exit 0 when all is or only warns, 1 when something is bad or not known."""
    from server.health.examine import worst, worst_first

    settings = settings_of(config)
    if forget:
        _forget(settings, forget)
        return
    found = worst_first(examined(settings))
    if as_json:
        import msgspec

        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        _show(found, "th" if thai else "en")
    raise typer.Exit(_EXIT[worst(found)])


def examined(settings: Settings) -> list[Finding]:
    """What all checks find now, on this machine, within 3 seconds.

    In a thread of its own: what a check has left hanging must not hold the command up at its end.
    """
    import asyncio
    import logging
    import threading

    from server.health.table import CHECKS
    from server.logs import configure_logs

    configure_logs("status", level=logging.CRITICAL)
    found: list[Finding] = []
    thread = threading.Thread(target=lambda: asyncio.run(_examine(settings, found)), daemon=True)
    thread.start()
    thread.join(_SECONDS)
    return found or [check.unknown(_nothing_answers()) for check in CHECKS]


def _nothing_answers() -> Text:
    from server.health.finding import Text

    return Text("nothing answered in time", "ไม่มีสิ่งใดตอบทันเวลา")


async def _examine(settings: Settings, found: list[Finding]) -> None:
    from datetime import UTC, datetime

    from server.commands.common import services_of
    from server.database.transaction import Database
    from server.health.examine import examine
    from server.health.finding import Ground
    from server.health.table import CHECKS

    database = Database(settings.database.url, services_of(settings), connections=6, name="sheaf-status")
    try:
        found += await examine(Ground(database=database, now=datetime.now(UTC), settings=settings), CHECKS)
    finally:
        await database.close()


def _show(found: list[Finding], language: Language) -> None:
    from rich.markup import escape
    from rich.table import Table

    from shared.thai import format_datetime

    table = Table()
    for head, share in (("level", 0), ("what", 2), ("since", 1), ("says, and what to do", 5)):
        table.add_column(head, overflow="fold", ratio=share or None, no_wrap=not share)
    for one in found:
        says, do = (getattr(text, language) for text in (one.says, one.do))
        told = escape(says) + (f"\n[bold]{escape(do)}[/] ({one.who.value})" if do else "")
        since = "" if one.since is None else format_datetime(one.since, language)
        what = escape(f"{one.name} {one.subject}".strip())
        table.add_row(f"[{_COLOURS[one.level]}]{one.level.value}[/]", what, since, told)
    OUT.print(table)
    counts = {level: sum(one.level is level for one in found) for level in Level}
    say(", ".join(f"{count} {level.value}" for level, count in counts.items() if count))


def _forget(settings: Settings, name: str) -> None:
    async def work(tx: Transaction, _actor: Actor) -> int:
        from server.health.store import forget

        return await forget(tx, name)

    if not administer(settings, work):
        fail(f"No process has the name {name}; `sheaf status` lists them.")
    say(f"{name} is forgotten. One that still lives comes back with its next beat.")
