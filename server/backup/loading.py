"""Brings a copy back to life: a dump into a database, a physical copy as a server of its own."""

from __future__ import annotations

import gzip
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg import sql

from server.backup import shelf, tools
from server.backup.failures import BackupFailed, Cause, disk, full, says_full
from server.backup.manifest import Manifest
from server.backup.shelf import Found
from server.backup.site import Site
from server.backup.standing import Progress, connected
from server.backup.ways import BASE, DUMP
from server.database.copied import CopiedPostgres
from server.database.embedded import EmbeddedPostgres, EmbeddedPostgresError, program_folder
from server.database.migrations import prepare

_NAME: Final = "sheaf"
_OLD_SERVER: Final = 17
"""Programs of this version or newer write for servers of this version or newer."""


@contextmanager
def revived(site: Site, links: Sequence[Found], manifest: Manifest, purpose: str, progress: Progress) -> Iterator[str]:
    """The superuser's URL of the database in a scratch cluster, ended and removed at the end of the block.

    `links` are the backup and what it builds on, that first; `manifest` is the backup's.
    """
    place, path = shelf.scratch(site.folder, purpose), links[-1].path
    cluster = (
        _physical(site, links, manifest, place, progress) if manifest.way == "base" else _empty(site, manifest, place)
    )
    try:
        with disk(site.folder):
            try:
                url = cluster.start()
            except EmbeddedPostgresError as error:
                if says_full(str(error)):
                    raise full(site.folder) from error
                raise BackupFailed(Cause.NOT_PROVED, f"the copy does not start: {_last_line(error)}") from error
        if manifest.way == "base":
            yield of_database(url, manifest.standing.database)
        else:
            with connected(url, autocommit=True) as admin:
                admin.execute(sql.SQL("create database {}").format(sql.Identifier(_NAME)))
            target = of_database(url, _NAME)
            load(site, path / DUMP, manifest.tool, target, place, progress)
            yield target
    finally:
        with suppress(EmbeddedPostgresError):
            cluster.destroy()


def load(site: Site, dump: Path, tool: int, url: str, place: Path, progress: Progress) -> None:
    """Load a dump, made by programs of version `tool`, into an empty database: all of it or nothing.

    Roles are made first, and the schema with them: its few functions that see all branches can belong to their role
    only where that role may create, which an administrator who is no superuser could not arrange in between.
    """
    with connected(url) as connection:
        server = connection.info.server_version // 10_000
    major, programs = tools.fitting(server, site.settings.binaries, least=tool)
    if server < _OLD_SERVER <= major:
        text = (
            f"this dump was made by programs of PostgreSQL {tool} and can't be loaded into a server of version {server}"
        )
        raise BackupFailed(Cause.TOOLS, f"{text}; restore it into PostgreSQL {_OLD_SERVER} or newer")
    prepare(url, site.role_secret)
    contents = place.with_name(f"{place.name}.list")
    there = _there_already(url)
    listed = [line for line in _table_of_contents(programs, dump) if not any(one in line for one in there)]
    with disk(site.folder):
        contents.write_text("\n".join(listed), encoding="utf-8")
    try:
        command: list[str | Path] = [
            *(programs / "pg_restore", f"--dbname={urlsplit(url).path.lstrip('/')}", f"--use-list={contents}"),
            *("--exit-on-error", "--single-transaction", "--verbose", "--no-password", dump),
        ]
        done = iter(range(1, 1_000_000))
        tools.run(
            command,
            tools.address(url),
            folder=site.folder,
            line=lambda _: progress("Loading the database", min(next(done), len(listed)), len(listed)),
            cause=Cause.NOT_PROVED,
        )
    finally:
        contents.unlink(missing_ok=True)
    with connected(url, autocommit=True) as connection:
        progress("Gathering statistics", 0, 0)
        connection.execute("analyze")


def _table_of_contents(programs: Path, dump: Path) -> list[str]:
    """What the dump holds, one line each as pg_restore reads them again."""
    said: list[bytes] = []
    tools.run(
        [programs / "pg_restore", "--list", dump], {}, folder=dump.parent, sink=said.append, cause=Cause.NOT_PROVED
    )
    lines = b"".join(said).decode().splitlines()
    return [line for line in lines if line and not line.startswith(";")]


def _there_already(url: str) -> list[str]:
    """How a table of contents names the schemas and extensions that the database has: they are not made twice."""
    with connected(url) as connection:
        rows = connection.execute(
            """
            select format(' SCHEMA - %s ', nspname) line from pg_namespace
            union all select format(' EXTENSION - %s ', extname) from pg_extension
            union all select format(' COMMENT - EXTENSION %s ', extname) from pg_extension
            """
        ).fetchall()
    return [row["line"] for row in rows]


def _empty(site: Site, manifest: Manifest, place: Path) -> EmbeddedPostgres:
    """A new cluster, not older than the programs that made the dump."""
    ours = next(major for major, folder in tools.installed().items() if folder == program_folder())
    if ours >= manifest.tool:
        return EmbeddedPostgres(place, unsafe_for_tests=True)
    _, programs = tools.fitting(manifest.tool, site.settings.binaries)
    return EmbeddedPostgres(place, unsafe_for_tests=True, binaries=programs)


def _physical(
    site: Site, links: Sequence[Found], manifest: Manifest, place: Path, progress: Progress
) -> EmbeddedPostgres:
    """The copy as a cluster, run by programs of its own version."""
    programs = tools.installed(site.settings.binaries).get(manifest.tool)
    if programs is None:
        text = f"this copy is one of PostgreSQL {manifest.tool}, and no programs of that version are here"
        raise BackupFailed(Cause.TOOLS, f"{text}: install postgresql-{manifest.tool}, or take dumps ([backup] way)")

    def fill(cluster: Path) -> None:
        if len(links) == 1:
            _unpack_and_verify(site, programs, links[0].path, cluster, progress)
            return
        # It does not verify what it combines: each is verified first.
        parts = [cluster.with_name(f"{place.name}.{number}") for number in range(len(links))]
        for one, part in zip(links, parts, strict=True):
            _unpack_and_verify(site, programs, one.path, part, progress)
        progress("Combining the copies", 0, 0)
        command: list[str | Path] = [programs / "pg_combinebackup", "--no-sync", f"--output={cluster}", *parts]
        tools.run(command, {}, folder=site.folder, cause=Cause.DAMAGED)
        for part in parts:
            shutil.rmtree(part)

    return CopiedPostgres(place, fill, binaries=None if programs == program_folder() else programs)


def _unpack_and_verify(site: Site, programs: Path, path: Path, target: Path, progress: Progress) -> None:
    progress(f"Unpacking {path.name}", 0, 0)
    with disk(site.folder):
        target.mkdir(mode=0o700, exist_ok=True)
        _unpack(path / BASE / "base.tar.gz", target)
        _unpack(path / BASE / "pg_wal.tar.gz", target / "pg_wal")
        shutil.copyfile(path / BASE / "backup_manifest", target / "backup_manifest")
    progress(f"Verifying {path.name}", 0, 0)
    tools.run([programs / "pg_verifybackup", "--exit-on-error", target], {}, folder=site.folder, cause=Cause.DAMAGED)


def _unpack(archive: Path, place: Path) -> None:
    """Plain files and folders only, none of them outside of `place`."""
    with gzip.open(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as members:
        for member in members:
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
                raise BackupFailed(Cause.DAMAGED, f"{archive.name} holds {member.name}, which is no plain file")
            target = place / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if member.isdir():
                target.mkdir(mode=0o700, exist_ok=True)
                continue
            content = members.extractfile(member)
            assert content is not None
            with target.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)


def of_database(url: str, name: str) -> str:
    """The same server's URL for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[-1]
