"""Takes a backup: database, originals of statements, and a sealed manifest; whole under its name, or not at all."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from server.backup import manifest as manifests
from server.backup import records, shelf, ways
from server.backup.failures import BackupFailed, Cause, disk
from server.backup.manifest import FileEntry, Manifest
from server.backup.rules import surplus
from server.backup.shelf import Found
from server.backup.site import Site
from server.backup.standing import Progress, one_moment, refused, standing
from server.backup.ways import Way
from server.context import Clock
from server.database import keys
from server.database.roles import OWNER, role_name

STATEMENTS: Final = "statements"


class Taken(msgspec.Struct, frozen=True):
    """A finished backup, what retention deleted, and what a person should know besides."""

    manifest: Manifest
    deleted: list[str]
    warnings: list[str]


def take(site: Site, clock: Clock, progress: Progress) -> Taken:
    """Take a backup, write down how it went, and delete what is kept no longer. Raises BackupFailed with its cause."""
    begun = clock()
    try:
        folder = shelf.open_shelf(site.folder)
        with shelf.alone(folder, "run"):
            shelf.clear(folder)
            return _take(site, begun, clock, progress)
    except BackupFailed as failed:
        # Another one that is at work will say how it went.
        if failed.cause is not Cause.BUSY:
            records.note_failure(site, begun, clock(), failed)
        raise
    except KeyboardInterrupt:
        records.note_failure(site, begun, clock(), BackupFailed(Cause.STOPPED, "it was stopped before its end"))
        raise


def _take(site: Site, begun: datetime, clock: Clock, progress: Progress) -> Taken:
    name = _free_name(site.folder, begun)
    unfinished = site.folder / f"{shelf.UNFINISHED}{name}"
    try:
        _look_at_keys(site)
        manifest = _copy(site, unfinished, name, begun, clock, progress)
        shelf.finish(unfinished, site.folder / name)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    warnings = records.note_backup(site, manifest)
    deleted = _retain(site, progress)
    return Taken(manifest, deleted, [*warnings, *_warnings(site, manifest)])


def _look_at_keys(site: Site) -> None:
    """The keys are never in a backup; that they are kept apart, and open the database, is what can be seen to here."""
    if site.keys_file.resolve().is_relative_to(site.folder.resolve()):
        text = f"{site.keys_file} lies among the backups: who has one would have both; move the folder of backups"
        raise BackupFailed(Cause.KEYS, text)
    try:
        wrong = keys.examine(site.url, site.vault_key, site.role_secret, new_role_secret=True)
    except psycopg.Error as error:
        raise refused(error) from error
    if wrong:
        raise BackupFailed(Cause.KEYS, f"{wrong[0]}: a backup beside keys that don't open it is none")


def _free_name(folder: Path, begun: datetime) -> str:
    name = f"{begun:%Y%m%dT%H%M%SZ}"
    taken = sum(one.name.startswith(name) and one.is_dir() for one in folder.iterdir())
    return f"{name}-{taken + 1}" if taken else name


def _copy(site: Site, place: Path, name: str, begun: datetime, clock: Clock, progress: Progress) -> Manifest:
    with disk(site.folder):
        place.mkdir(mode=0o700)
    with one_moment(site.url) as (connection, snapshot):
        way = ways.choose(connection, site.url, site.settings)
        parent = ""
        stood = standing(connection, way.kind == "dump", progress)
        known = [row["sha256"] for row in connection.execute("select sha256 from sheaf.statement_file").fetchall()]
        if way.kind == "dump":
            ways.dump(way, site.url, connection, snapshot, place, progress)
    if way.kind == "base":
        # What is not in the archive yet was not imported when the rows were counted.
        parent = _copy_physically(site, way, place, begun, progress)
    _copy_archive(site, place, progress)
    with disk(site.folder):
        files = list(_entries(place, progress))
    archived = {file.sha256 for file in files if file.path.startswith(f"{STATEMENTS}/")}
    manifest = Manifest(
        id=name,
        way=way.kind,
        reason=way.reason,
        tool=way.major,
        parent=parent,
        sheaf=version("sheaf"),
        keys=manifests.fingerprint(site.vault),
        owner=role_name(site.role_secret, OWNER),
        standing=stood,
        begun_at=begun,
        finished_at=clock(),
        absent=sorted(set(known) - archived),
        files=files,
    )
    with disk(site.folder):
        manifests.write(place, manifest, site.vault)
    return manifest


def _copy_physically(site: Site, way: Way, place: Path, now: datetime, progress: Progress) -> str:
    """Copy all of it, or what has changed since the newest copy; the name of what it builds on, empty for all."""
    parent = _may_build_on(site, way, now)
    if parent is not None:
        try:
            ways.base(way, site.url, place, progress, parent.path / ways.BASE / "backup_manifest")
        except BackupFailed as failed:
            if failed.cause is not Cause.TOOLS:
                raise
            # The server's summaries don't reach back that far, or it is another server now.
            shutil.rmtree(place / ways.BASE, ignore_errors=True)
        else:
            return parent.id
    ways.base(way, site.url, place, progress)
    return ""


def _may_build_on(site: Site, way: Way, now: datetime) -> Found | None:
    """The newest physical copy of this version whose full one is not too old; nothing on what failed its proof."""
    if not way.increments or not site.settings.full_days:
        return None
    for found in reversed(shelf.whole(site.folder, site.vault)):
        if found.manifest is None or found.problem or found.manifest.way != "base" or found.manifest.tool != way.major:
            continue
        links = shelf.chain(site.folder, site.vault, found)
        full = links[0].manifest
        bad = any(one.problem or (one.proof is not None and one.proof.against) for one in links)
        if full is None or bad or now - full.begun_at >= timedelta(days=site.settings.full_days):
            return None
        return found
    return None


def _copy_archive(site: Site, place: Path, progress: Progress) -> None:
    """The originals: complete files only, for a fetch may be under way."""
    originals = sorted(path for path in site.archive.glob("*") if not path.name.startswith("."))
    with disk(site.folder):
        for number, original in enumerate(originals):
            progress("Copying statements", number, len(originals))
            if not stat.S_ISREG(original.lstat().st_mode):
                raise BackupFailed(Cause.DISK, f"{original} is no plain file; take it out of the archive of statements")
            (place / STATEMENTS).mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(original, place / STATEMENTS / original.name)


def _entries(place: Path, progress: Progress) -> Iterator[FileEntry]:
    found = sorted(path for path in place.rglob("*") if path.is_file())
    for number, path in enumerate(found):
        progress("Taking digests", number, len(found))
        path.chmod(0o600)
        yield manifests.entry_of(place, path)


def _retain(site: Site, progress: Progress) -> list[str]:
    progress("Clearing away", 0, 0)
    kept = [one for found in shelf.whole(site.folder, site.vault) if (one := shelf.kept(found))]
    doomed = surplus(kept, site.settings.keep_daily, site.settings.keep_weekly)
    return [name for name in doomed if shelf.delete(site.folder / name)]


def _warnings(site: Site, manifest: Manifest) -> list[str]:
    told = []
    if not site.keys_file.exists():
        told.append(f"There is no {site.keys_file}: the keys come from elsewhere. Keep a copy of them in a safe place.")
    if manifest.absent:
        told.append(
            f"{len(manifest.absent)} statements that the database knows are not in {site.archive}, and in no backup: "
            "take it where the statements worker keeps its originals, or put them back there."
        )
    if (
        site.archive.parent in site.folder.parents
        and os.stat(site.archive.parent).st_dev == os.stat(site.folder).st_dev
    ):
        told.append("Backups and data share a disk; name another one in [backup] folder, or copy them away.")
    return told
