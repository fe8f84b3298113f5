"""`sheaf backup`: take backups, prove them, give them back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from server.commands.common import ACTOR, OUT, Config, administer, counted, fail, say, settings_of, show

if TYPE_CHECKING:
    from server.backup.shelf import Found
    from server.backup.site import Site
    from server.backup.standing import Progress
    from server.database.transaction import Transaction
    from server.settings import Settings

backup = typer.Typer(
    help="Backups that prove themselves. Exit codes: 0 done, 1 failed (the text names the cause), 78 wrong settings.",
    no_args_is_help=True,
)
Wanted = Annotated[
    str, typer.Argument(metavar="[BACKUP]", help="Its name as `sheaf backup list` shows it; else the newest.")
]
Result = TypeVar("Result")


@backup.command("run")
def run(config: Config = None) -> None:
    """Take a backup of database and statements, and delete those that are kept no longer."""
    from server.backup.taking import take
    from server.context import system_clock

    taken = _work(config, lambda site, progress: take(site, system_clock, progress))
    manifest = taken.manifest
    way = "physical copy with its log" if manifest.way == "base" else "dump"
    way = f"{way}, of what has changed since {manifest.parent}" if manifest.parent else way
    say(f"{manifest.id}: {way} ({manifest.reason}), {counted(len(manifest.files), 'file')}, {_size(manifest.size)}.")
    for name in taken.deleted:
        say(f"{name} is kept no longer and was deleted.")
    for warning in taken.warnings:
        say(warning)
    say(f"keys.json is not in it (keys {manifest.keys}): keep a copy in another place. Next: sheaf backup prove")


@backup.command("list")
def list_backups(config: Config = None) -> None:
    """Show the backups that are there, and how their last proofs ended; exit 1 when one is damaged."""
    from server.backup import shelf

    def work(site: Site, progress: Progress) -> list[Found]:
        progress("Looking at the backups", 0, 0)
        return shelf.whole(shelf.open_shelf(site.folder), site.vault)

    found = _work(config, work)
    show(("backup", "way", "size", "schema", "keys", "proof"), (_row(one) for one in found))
    damaged = [one for one in found if one.problem]
    if damaged:
        fail("\n".join(one.problem for one in damaged))
    if not found:
        say("There is no backup yet. Next: sheaf backup run")


@backup.command("prove")
def prove(wanted: Wanted = "", config: Config = None) -> None:
    """Restore a backup into a scratch server and recompute audit trail, ledger, payments and documents there."""
    from server.backup.proving import prove as prove_backup
    from server.context import system_clock

    proof, warnings = _work(config, lambda site, progress: prove_backup(site, wanted, system_clock, progress))
    for warning in warnings:
        say(warning)
    if not proof.well:
        fail(f"{proof.cause}: {proof.backup} is not proved: {proof.problem}")
    say(
        f"{proof.backup} is proved in {proof.seconds} s: {proof.entries} audit entries, the ledger balances, "
        f"{proof.payments} payments compared with {proof.statements} statements ({proof.waiting} not on one yet), "
        f"{proof.documents} documents opened."
    )


@backup.command("restore")
def restore(
    wanted: Wanted = "",
    give_up: Annotated[
        str, typer.Option("--give-up", metavar="DATABASE", help="The name of a living database that is to be given up.")
    ] = "",
    config: Config = None,
) -> None:
    """Restore a backup into the empty database of the settings, which may be a newer PostgreSQL on another machine."""
    from server.backup.restoring import restore as restore_backup
    from server.context import system_clock

    settings = settings_of(config)

    def stop(what: str) -> None:
        administer(settings, lambda tx, _actor: _tell(tx, what))

    done = _work(config, lambda site, progress: restore_backup(site, wanted, give_up, stop, system_clock, progress))
    say(f"{done.backup} is restored into {done.database}: all that was there at {done.at:%Y-%m-%d %H:%M:%S} UTC.")
    if done.given_up:
        say(f"What was there before is in the schema {done.given_up}; nobody works with it any more.")
    say(f"{done.statements} statements went back into the archive.")
    say("What was paid since then is not in it, and the bank has paid it. No executor pays until that is known.")
    say("Next: sheaf config check, sheaf restore compare, and two people's consent.")


async def _tell(tx: Transaction, what: str) -> None:
    """No executor pays from what was restored until it is known what was paid since."""
    from server.restore import store
    from server.restore.rules import told_by_person

    now = tx.services.clock()
    await store.tell(tx, [told_by_person(ACTOR, what, now)], now)


def _row(found: Found) -> tuple[str, ...]:
    if found.manifest is None:
        return found.id, "?", "?", "?", "?", "damaged"
    proof = found.proof
    told = "never" if proof is None else f"{proof.at:%Y-%m-%d %H:%M} UTC" if proof.well else f"NOT: {proof.cause}"
    manifest = found.manifest
    way = f"{manifest.way} on {manifest.parent}" if manifest.parent else manifest.way
    last = "damaged" if found.problem else told
    return found.id, way, _size(manifest.size), manifest.standing.schema, manifest.keys, last


def _work(config: Config, work: Callable[[Site, Progress], Result]) -> Result:
    """Do it with progress on the screen; what fails is one line with its cause, and a stop leaves nothing behind."""
    from server.backup.failures import BackupFailed, Cause

    site = _site(settings_of(config))
    before = signal.signal(signal.SIGTERM, _stopped)
    try:
        with _progress() as progress:
            return work(site, progress)
    except BackupFailed as failed:
        fail(f"{failed.cause.value}: {failed}")
    except KeyboardInterrupt:
        fail(f"{Cause.STOPPED.value}: stopped before its end; nothing half is left")
    finally:
        signal.signal(signal.SIGTERM, before)


def _stopped(number: int, frame: object) -> NoReturn:
    """A service manager's stop ends it as Ctrl-C does: whatever is under way is cleared away."""
    raise KeyboardInterrupt


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    with Bar(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=OUT, transient=True) as bar:
        task = bar.add_task("Beginning", total=None)

        def tell(text: str, done: int, of: int) -> None:
            size = f" ({_size(done)})" if done and not of else ""
            bar.update(task, description=f"{text}{size}", completed=done, total=of or None)

        yield tell


def _site(settings: Settings) -> Site:
    from server.backup.site import Site
    from server.settings import KEYS_FILE

    return Site(
        url=settings.database.url,
        role_secret=settings.keys.role_secret,
        vault_key=settings.keys.vault_key,
        settings=settings.backup,
        folder=settings.data_dir / settings.backup.folder,
        archive=settings.data_dir / "statements",
        keys_file=settings.data_dir / KEYS_FILE,
    )


def _size(count: int) -> str:
    """Bytes for people."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count // size}.{count * 10 // size % 10} {unit}"
    return f"{count} B"
