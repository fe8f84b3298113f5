"""`sheaf restore`: what a restored database has forgotten, and how payments go on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.common import ACTOR, OUT, Config, administer, counted, fail, say, settings_of, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.context import Actor
    from server.database.transaction import Row, Transaction
    from server.restore.journal import Known
    from server.restore.report import Report
    from server.settings import Settings

restore = typer.Typer(help="After a restore: what is missing, and how payments go on.", no_args_is_help=True)

_NEXT = """\
Two people of head office let payments go on, over this digest; nobody signs their own proposal. On the desk's page
After a restore an administrator or a treasurer proposes and a treasurer signs; by command:
  sheaf call propose_restore --as NAME --set report={digest} --set reason="..."
  sheaf call sign_restore --as ANOTHER --set id=... --set decision=approve"""


@restore.command("status")
def status(config: Config = None) -> None:
    """Whether payments stand still because this database is older than what was paid; exit 1 when they do."""
    found = administer(settings_of(config), _witnesses)
    if not found:
        say("Nothing says that this database is behind.")
        return
    _show_witnesses(found)
    say("Run: sheaf restore compare")
    raise typer.Exit(1)


@restore.command("stop")
def stop(
    reason: Annotated[str, typer.Option(help="Why, for those who decide.")] = "restored from a backup",
    config: Config = None,
) -> None:
    """Say that this database was restored: nothing is sent until two people agreed to a comparison.

    For a restore that no executor can notice, such as one on a new machine from a copy of before version 4.
    """

    async def work(tx: Transaction, _actor: Actor) -> None:
        from server.restore import store
        from server.restore.rules import told_by_person

        now = datetime.now(UTC)
        await store.tell(tx, [told_by_person(ACTOR, reason, now)], now)

    administer(settings_of(config), work)
    say("Payments stand still. Run: sheaf restore compare")


@restore.command("compare")
def compare(
    positions: Annotated[
        list[Path] | None, typer.Option(help="Folders with position files of other machines; may be repeated.")
    ] = None,
    ask: Annotated[bool, typer.Option(help="Ask the bank about every payment that is missing here.")] = True,
    config: Config = None,
) -> None:
    """List what the bank, the statements, callbacks and executors' files know and this database doesn't.

    Writes the report beside the settings and keeps it in the database; its digest is what two people agree to.
    """
    from server.restore import store
    from server.restore.report import digest_of
    from server.restore.watch import POSITIONS

    settings, given = settings_of(config), positions or []
    _refuse_what_holds_no_file(given)
    report = _compared(settings, [settings.data_dir / POSITIONS, *given], ask=ask)
    body = report.encoded()
    digest = digest_of(body)

    async def keep(tx: Transaction, _actor: Actor) -> None:
        await store.keep_report(tx, digest, body, datetime.now(UTC))

    administer(settings, keep)
    file = _written(settings.data_dir, digest, body)
    _show_report(report)
    say(f"report: {file}")
    say(f"digest: {digest}")
    if report.witnesses:
        OUT.print(_NEXT.format(digest=digest), markup=False, highlight=False, soft_wrap=True)
    else:
        say("Nothing stops the payments: there is nothing to agree to.")


def _refuse_what_holds_no_file(folders: Sequence[Path]) -> None:
    """A folder that is named and holds nothing would be a comparison that only seems to have looked there."""
    from server.restore.journal import read_folder

    for folder in folders:
        if not any(read_folder(folder)):
            fail(
                f"There is no executor's file in {folder}; nothing was compared. Name the folder that holds "
                "executor-*.log: positions/ in the data folder of the other machine.",
                2,
            )


def _compared(settings: Settings, folders: Sequence[Path], *, ask: bool) -> Report:
    from server.restore.journal import read_folder
    from server.restore.report import compare as compared

    known: list[Known] = []
    damaged: list[str] = []
    for folder in folders:
        files, unreadable = read_folder(folder, with_sent=True)
        known += files
        damaged += unreadable

    async def work(tx: Transaction, _actor: Actor) -> Report:
        return await compared(tx, known, damaged, datetime.now(UTC))

    with OUT.status("Comparing"):
        report = administer(settings, work)
    return _with_the_banks_word(settings, report) if ask and settings.channels and report.items else report


def _with_the_banks_word(settings: Settings, report: Report) -> Report:
    import logging

    from msgspec import structs
    from rich.progress import Progress

    from server.channels import open_channels
    from server.logs import configure_logs
    from server.restore.asking import asked

    configure_logs("restore", level=logging.ERROR)

    async def ask() -> Report:
        channels = open_channels(settings.channels)
        try:
            with Progress(console=OUT, transient=True) as bar:
                task = bar.add_task("Asking the bank", total=len(report.items))
                items = await asked(report.items, channels, datetime.now(UTC), lambda: bar.advance(task))
        finally:
            for channel in channels.values():
                await channel.close()
        return structs.replace(report, items=items)

    return asyncio.run(ask())


def _written(data_dir: Path, digest: str, body: bytes) -> Path:
    """The report names payees: for its owner alone."""
    from server.pki import write_secret

    folder = data_dir / "restores"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{digest[:16]}.json"
    write_secret(file, body)
    return file


def _show_report(report: Report) -> None:
    from server.restore.report import lines_of

    for one in report.witnesses:
        say(f"{one.kind}: {one.subject} {one.detail}")
    show(
        ("file", "position", "here"),
        ((str(file.file_id), str(file.position), str(max(file.here, 0))) for file in report.files),
        "Executors' files",
    )
    heads = ("reference", "baht", "here", "branch", "number", "payee", "bank", "found by")
    show(heads, lines_of(report), "Payments that are missing or unpaid here")
    people = sum(item.is_exception for item in report.items)
    missing = counted(len(report.items), "payment")
    say(f"Missing or unpaid here: {missing}; {people} of them people must find out.")


def _show_witnesses(found: Sequence[Row]) -> None:
    from server.restore.rules import TEXTS, Kind

    show(
        ("since", "why payments stand still", "detail"),
        ((f"{row['found_at']:%Y-%m-%d %H:%M} UTC", TEXTS[Kind(row["kind"])][0], row["detail"]) for row in found),
    )


async def _witnesses(tx: Transaction, _actor: Actor) -> list[Row]:
    from server.restore import store

    return await store.open_witnesses(tx)
