"""Gives a backup back: into an empty database, or beside one that somebody has given up; never over a living one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import psycopg
from psycopg import sql

from server.backup import loading, shelf, tools, ways
from server.backup.failures import BackupFailed, Cause, disk
from server.backup.manifest import Manifest
from server.backup.proving import intact, stands_as_stated
from server.backup.shelf import Found
from server.backup.site import Site
from server.backup.standing import Progress, connected, refused
from server.backup.taking import STATEMENTS
from server.context import Clock
from server.database import keys
from server.database.migrations import upgrade
from server.database.schema import RESTORING

_GIVEN_UP: Final = "sheaf_until_"
_MARK: Final = sql.Identifier(RESTORING)


class Restored(msgspec.Struct, frozen=True):
    """What was restored where, as of when, and the schema in which what was there before still is, if anything was."""

    backup: str
    database: str
    at: datetime
    given_up: str
    statements: int


def restore(
    site: Site, wanted: str, giving_up: str, stop: Callable[[str], None], clock: Clock, progress: Progress
) -> Restored:
    """Restore a backup into the database of the settings, and the originals of statements into the archive.

    The database must be empty. A living one stays untouched unless `giving_up` is its name, as a person typed it: then
    it is kept under another schema name, and nobody works with it any more. `stop` is told what was restored and must
    see to it that nothing is paid from it before people agreed. Raises BackupFailed; then the database is what it was.
    """
    folder = shelf.open_shelf(site.folder)
    with shelf.alone(folder, shelf.RESTORE):
        shelf.clear_scratch(folder, shelf.RESTORE)
        found = shelf.choose(folder, site.vault, wanted, clock())
        links = shelf.chain(folder, site.vault, found)
        with shelf.held(*(one.path for one in links)):
            manifest = intact(site, links, progress)
            given_up = _make_room(site.url, giving_up, clock())
            try:
                _look_at_roles(site)
                count = _restore_archive(site, found.path)
                _load(site, links, manifest, progress)
                stands_as_stated(site.url, manifest.standing, progress)
                upgrade(site.url, site.role_secret)
                keys.keep(site.url, site.vault_key, site.role_secret)
                stop(f"backup {found.id} of {manifest.standing.at:%Y-%m-%d %H:%M:%S} UTC")
                _open(site.url)
            except BaseException:
                _put_back(site.url, given_up)
                raise
    return Restored(found.id, _name(site.url), manifest.standing.at, given_up, count)


def _look_at_roles(site: Site) -> None:
    """Nobody's roles get other passwords: another installation on this server may have some of the same names."""
    try:
        wrong = keys.examine(site.url, site.vault_key, site.role_secret)
    except psycopg.Error as error:
        raise refused(error) from error
    if wrong:
        raise BackupFailed(Cause.KEYS, str(wrong[0]))


def _load(site: Site, links: Sequence[Found], manifest: Manifest, progress: Progress) -> None:
    place = shelf.scratch(site.folder, shelf.RESTORE)
    if manifest.way == "dump":
        loading.load(site, links[-1].path / ways.DUMP, manifest.tool, site.url, place, progress)
        return
    # A physical copy is a whole server: it is run beside, and only what is ours goes over.
    between = place.with_name(f"{place.name}.dump")
    try:
        with (
            loading.revived(site, links, manifest, shelf.RESTORE, progress) as url,
            disk(site.folder),
            open(between, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file,
        ):
            ways.dump_whole(manifest.tool, site.settings, url, file.write, site.folder, progress)
        loading.load(site, between, manifest.tool, site.url, place, progress)
    finally:
        between.unlink(missing_ok=True)


def _make_room(url: str, giving_up: str, now: datetime) -> str:
    """Refuse a living database, or give it up; the schema's new name, empty where there was nothing.

    Afterwards nobody works here until `_open`, not even when this process is killed: what it leaves is no living
    installation, and the next restoration begins where this one did.
    """
    with connected(url) as connection:
        about: Any = connection.execute(
            """
            select current_database() name, to_regnamespace(%(mark)s) is not null broken_off,
                   coalesce(obj_description(to_regnamespace(%(mark)s), 'pg_namespace'), '') given_up,
                   (select count(*) from pg_class where relnamespace = to_regnamespace('sheaf')) things,
                   (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                      and backend_type = 'client backend') others
            """,
            {"mark": RESTORING},
        ).fetchone()
        living = about["things"] and not about["broken_off"]
        if living and giving_up != about["name"]:
            raise BackupFailed(
                Cause.NOT_EMPTY,
                f"the database {about['name']} is a living installation: restore into an empty one (database.url in "
                f"sheaf.toml), or give this one up with --give-up {about['name']}",
            )
        if (living or about["broken_off"]) and about["others"]:
            text = f"{about['others']} connections to {about['name']} are open; stop API and workers first"
            raise BackupFailed(Cause.BUSY, text)
        if about["broken_off"]:
            connection.execute("drop schema if exists sheaf cascade")
            return str(about["given_up"])
        name = f"{_GIVEN_UP}{now:%Y%m%dt%H%M%S}" if living else ""
        connection.execute(sql.SQL("create schema {}").format(_MARK))
        if living:
            connection.execute(sql.SQL("alter schema sheaf rename to {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("comment on schema {} is {}").format(_MARK, sql.Literal(name)))
        return name


def _put_back(url: str, given_up: str) -> None:
    """After a failure the database is what it was; what was loaded meanwhile goes."""
    with connected(url) as connection:
        connection.execute("drop schema if exists sheaf cascade")
        if given_up:
            connection.execute(sql.SQL("alter schema {} rename to sheaf").format(sql.Identifier(given_up)))
        connection.execute(sql.SQL("drop schema if exists {}").format(_MARK))


def _open(url: str) -> None:
    """Let processes in: no desk goes on from what it has seen of a later state, no process of then is missed now."""
    with connected(url) as connection:
        connection.execute("select sheaf.begin_feed_history()")
        connection.execute("delete from sheaf.process")
        connection.execute(sql.SQL("drop schema {}").format(_MARK))


def _restore_archive(site: Site, path: Path) -> int:
    """Put originals back that are not there; none is written over."""
    count = 0
    with disk(site.archive):
        site.archive.mkdir(mode=0o700, parents=True, exist_ok=True)
        for original in sorted((path / STATEMENTS).glob("*")):
            target = site.archive / original.name
            if target.exists():
                continue
            temporary = site.archive / f".{original.name}.part"
            shutil.copyfile(original, temporary)
            temporary.chmod(0o400)
            shelf.sync(temporary)
            os.replace(temporary, target)
            count += 1
        shelf.sync(site.archive)
    return count


def _name(url: str) -> str:
    return tools.address(url).get("PGDATABASE", urlsplit(url).path.lstrip("/"))
