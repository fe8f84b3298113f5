"""How a database is copied: physically with its log where the server allows it, else as a dump; and why which.

A physical copy holds the whole server, so it is taken only where the server holds nothing but ours.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import psycopg

from server.backup import tools
from server.backup.failures import BackupFailed, Cause, disk
from server.backup.settings import BackupSettings
from server.backup.standing import Connection, Progress

DUMP: Final = "database.dump"
BASE: Final = "base"
EXTENSIONS: Final = "sheaf_extensions"
"""The schema of what our schema needs of PostgreSQL's extensions."""

_LOCK_WAIT: Final = "30s"


class Way(NamedTuple):
    """How, why (empty where it was asked for), and with whose programs."""

    kind: Literal["base", "dump"]
    reason: str
    major: int
    programs: Path
    increments: bool = False
    """Whether the server keeps summaries of its log, from which a copy of what has changed is made."""


def choose(connection: Connection, url: str, settings: BackupSettings) -> Way:
    """The way for this server; raises BackupFailed when the one that the settings ask for can't be gone."""
    major = connection.info.server_version // 10_000
    if settings.way == "dump":
        return Way("dump", "the settings ask for it", *tools.fitting(major, settings.binaries))
    against = next(filter(None, _against(connection, url, settings)), "")
    if not against:
        summaries = connection.execute("select current_setting('summarize_wal', true) = 'on' kept").fetchone()
        programs = tools.installed(settings.binaries)[major]
        return Way("base", "the server allows it", major, programs, bool(summaries and summaries["kept"]))
    if settings.way == "base":
        raise BackupFailed(Cause.DATABASE, f"no physical copy can be taken: {against}; mend it, or set [backup] way")
    return Way("dump", against, *tools.fitting(major, settings.binaries))


def _against(connection: Connection, url: str, settings: BackupSettings) -> list[str]:
    """What speaks against a physical copy, one after the other."""
    about: Any = connection.execute(
        """
        select (select rolsuper or rolreplication from pg_roles where rolname = current_user) may,
               current_setting('wal_level') level, current_setting('max_wal_senders')::int senders,
               (select count(*) from pg_tablespace) - 2 spaces,
               (select count(*) from pg_database where not datistemplate
                  and datname not in ('postgres', current_database())) others
        """
    ).fetchone()
    major = connection.info.server_version // 10_000
    reasons = [
        "" if about["may"] else "the administrator may not replicate",
        "" if about["level"] != "minimal" and about["senders"] > 0 else "the server streams no log (wal_level)",
        "" if not about["others"] else "the server holds other databases too",
        "" if not about["spaces"] else "the server has tablespaces of its own",
        "" if _is_complete(major, settings) else f"no programs of PostgreSQL {major} are here to prove it with",
    ]
    return reasons if any(reasons) else [_refused_stream(url)]


def _is_complete(major: int, settings: BackupSettings) -> bool:
    folder = tools.installed(settings.binaries).get(major)
    return folder is not None and all(
        (folder / name).exists() for name in ("postgres", "initdb", "pg_basebackup", "pg_verifybackup", "pg_waldump")
    )


def _refused_stream(url: str) -> str:
    try:
        psycopg.connect(url, replication="true", connect_timeout=10, autocommit=True).close()
    except psycopg.Error as error:
        said = (str(error).strip().splitlines() or [""])[-1]
        return f"the server refuses a replication connection ({said.rpartition('FATAL:')[2].strip()})"
    return ""


def dump(way: Way, url: str, connection: Connection, snapshot: str, folder: Path, progress: Progress) -> None:
    """Dump the schema as it is in the snapshot, custom format, compressed."""
    _may_read_all(connection)
    file = folder / DUMP
    with disk(folder.parent), os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        _dump(way.programs, url, stream.write, folder.parent, progress, f"--snapshot={snapshot}")


def dump_whole(
    major: int, settings: BackupSettings, url: str, sink: Callable[[bytes], int], folder: Path, progress: Progress
) -> None:
    """Dump a scratch server's schema, with nobody at work in it, by programs of version `major` or the next newer."""
    _dump(tools.fitting(major, settings.binaries)[1], url, sink, folder, progress)


def _dump(
    programs: Path, url: str, sink: Callable[[bytes], int], folder: Path, progress: Progress, *further: str
) -> None:
    command: list[str | Path] = [
        *(programs / "pg_dump", "--format=custom", "--no-password"),
        *("--schema=sheaf", f"--schema={EXTENSIONS}", "--extension=btree_gist"),
        *(f"--lock-wait-timeout={_LOCK_WAIT}", *further),
    ]
    tools.run(command, tools.address(url), folder=folder, sink=_counted(sink, progress))


def _may_read_all(connection: Connection) -> None:
    """A dump under row-level security would lack rows without a word."""
    about: Any = connection.execute(
        "select rolname, rolsuper or rolbypassrls may from pg_roles where rolname = current_user"
    ).fetchone()
    if not about["may"]:
        text = f"{about['rolname']} may not read past row-level security, so a dump would lack rows"
        raise BackupFailed(
            Cause.DATABASE, f"{text}; as a superuser of the server: alter role {about['rolname']} bypassrls"
        )


def base(way: Way, url: str, folder: Path, progress: Progress, since: Path | None = None) -> None:
    """Copy the whole server, or what has changed since the copy with this manifest, and the log that makes it whole."""
    place = folder / BASE
    command: list[str | Path] = [
        *(way.programs / "pg_basebackup", f"--pgdata={place}", "--format=tar", "--wal-method=stream", "--gzip"),
        *(
            "--compress=1",
            "--checkpoint=fast",
            "--manifest-checksums=SHA256",
            "--no-password",
            "--progress",
            "--verbose",
        ),
    ]
    if since is not None:
        command.append(f"--incremental={since}")
    progress("Copying the server" if since is None else "Copying what has changed", 0, 0)
    tools.run(command, tools.address(url), folder=folder.parent)


def _counted(write: Callable[[bytes], int], progress: Progress) -> Callable[[bytes], None]:
    done = 0

    def sink(piece: bytes) -> None:
        nonlocal done
        write(piece)
        done += len(piece)
        progress("Dumping the database", done, 0)

    return sink
