"""A backup is restored on another server, of the same or a newer PostgreSQL, and never over a living installation."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec import structs

from server.backup import manifest as manifests
from server.context import Services
from server.database.migrations import upgrade
from server.database.roles import API, role_url
from server.database.schema import misfit
from server.database.transaction import Database
from tests.conftest import ROLE_SECRET
from tests.faults.backups import Get, Installation, server
from tests.faults.place import family
from tests.waiting import wait_until


def contents(installation: Installation) -> dict[str, Any]:
    """A digest of every table, but for what restoring itself writes."""
    tables = installation.rows(
        "select relname name from pg_class where relnamespace = 'sheaf'::regnamespace and relkind = 'r' order by 1"
    )
    own = {"backup", "backup_proof", "feed_life", "restore_witness", "process", "key_canary"}
    return {
        table["name"]: installation.rows(
            f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) digest from sheaf.{table['name']} t"
        )[0]["digest"]
        for table in tables
        if table["name"] not in own
    }


@pytest.mark.parametrize(
    ("kind", "target"), [("15 dump", "18"), ("15 base", "18"), ("18 base", "18"), ("15 dump", "15")]
)
def test_it_is_restored_elsewhere_by_who_is_no_superuser(
    installations: Get, servers: Callable[[str], str], tmp_path: Path, kind: str, target: str
) -> None:
    source = installations(kind)
    elsewhere = Installation(
        tmp_path / "new", servers(f"{target} dump"), f"new_{kind.replace(' ', '_')}_{target}", True
    )
    elsewhere.make()
    shutil.copytree(source.newest().path, elsewhere.backups / source.newest().id)
    elsewhere.backups.chmod(0o700)
    said = elsewhere.done("backup", "restore")
    assert "sheaf restore compare" in said
    (witness,) = elsewhere.rows("select kind, detail from sheaf.restore_witness where restore_id is null")
    assert witness["kind"] == "person"
    assert source.newest().id in witness["detail"]
    assert contents(elsewhere) == contents(source)
    assert elsewhere.rows("select name from sheaf.process") == []  # nobody of then is missed now
    originals = {one.name: one.read_bytes() for one in (source.folder / "statements").iterdir()}
    assert {one.name: one.read_bytes() for one in (elsewhere.folder / "statements").iterdir()} == originals
    assert "verified" in elsewhere.done("audit", "verify")
    elsewhere.done("ledger", "check")
    if kind == "15 base":
        return
    # and it goes on: another backup of the restored one proves itself
    elsewhere.done("backup", "run")
    elsewhere.done("backup", "prove")


def test_a_living_database_is_not_restored_over(installations: Get, tmp_path: Path) -> None:
    source = installations("18 dump")
    living = Installation(tmp_path / "new", source.superuser, "living", True)
    living.make()
    shutil.copytree(source.newest().path, living.backups / source.newest().id)
    living.backups.chmod(0o700)
    living.done("backup", "restore")
    living.force("update sheaf.member set name = 'after' where id in (select id from sheaf.member limit 1)")
    for words in ((), ("--give-up", "other"), ("--give-up", "LIVING"), ("--give-up", "yes")):
        assert "not_empty: the database living is a living installation" in living.refused("backup", "restore", *words)
    with psycopg.connect(living.url):
        assert "busy: 1 connections" in living.refused("backup", "restore", "--give-up", "living")
    assert len(living.rows("select from sheaf.member where name = 'after'")) == 1

    given_up = living.done("backup", "restore", "--give-up", "living")
    assert "is in the schema sheaf_until_" in given_up
    assert living.rows("select from sheaf.member where name = 'after'") == []
    (schema,) = living.rows("select nspname name from pg_namespace where nspname like 'sheaf_until_%%'")
    assert len(living.rows(f"select from {schema['name']}.member where name = 'after'")) == 1


def test_a_restoration_that_fails_changes_nothing(installations: Get, tmp_path: Path) -> None:
    """The archive takes no originals; the dump ends in the middle, sealed as if that were right."""
    source = installations("18 dump")
    one = Installation(tmp_path / "new", source.superuser, "fails", True)
    one.make()
    folder = one.backups / source.newest().id
    shutil.copytree(source.newest().path, folder)
    one.backups.chmod(0o700)
    archive = one.folder / "statements"
    archive.write_bytes(b"no folder")
    assert "disk: " in one.refused("backup", "restore")
    assert one.rows("select from pg_class where relnamespace = to_regnamespace('sheaf')") == []
    archive.unlink()
    one.done("backup", "restore")
    before = contents(one)
    dump = folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    manifest = source.newest().manifest
    assert manifest is not None
    files = [manifests.entry_of(folder, folder / file.path) for file in manifest.files]
    for name in ("manifest.json", "seal"):
        (folder / name).unlink()
    manifests.write(folder, structs.replace(manifest, files=files), one.site.vault)
    assert "not_proved: pg_restore" in one.refused("backup", "restore", "--give-up", "fails")
    assert contents(one) == before
    assert one.rows("select from pg_namespace where nspname like 'sheaf_until_%%'") == []


def test_another_installations_roles_keep_their_passwords(installations: Get, tmp_path: Path) -> None:
    """A backup comes to a server where another installation has roles of the same names."""
    source = installations("18 dump")
    with server("18") as other:
        theirs = Installation(tmp_path / "theirs", other, "theirs", True)
        theirs.make()
        upgrade(theirs.url, "another installation's secret")
        ours = Installation(tmp_path / "ours", other, "ours", True)
        ours.make()
        shutil.copytree(source.newest().path, ours.backups / source.newest().id)
        ours.backups.chmod(0o700)
        assert "keys: keys.role_secret" in ours.refused("backup", "restore")
        psycopg.connect(role_url(theirs.url, API, "another installation's secret")).close()
        assert ours.rows("select from pg_class where relnamespace = to_regnamespace('sheaf')") == []


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_restoration_that_was_killed_lets_nobody_work_and_begins_again(
    installations: Get, tmp_path: Path, gives_up: bool
) -> None:
    """Right after its rows are there: a schema that looks whole, from which nobody has said that nothing is paid."""
    source = installations("18 dump")
    one = Installation(tmp_path / "new", source.superuser, f"killed_{gives_up}".lower(), True)
    one.make()
    shutil.copytree(source.newest().path, one.backups / source.newest().id)
    one.backups.chmod(0o700)
    words = ["backup", "restore"]
    if gives_up:
        one.done(*words)
        words += ["--give-up", one.name]
    running = one.start(*words)
    # given up or empty, there is nothing until all rows are committed at once
    there = (
        "select to_regclass('sheaf.alembic_version') is not null and to_regnamespace('sheaf_restoring') is not null y"
    )
    wait_until(lambda: one.rows(there)[0]["y"], 60)
    for pid in reversed(family(running.pid)):
        os.kill(pid, signal.SIGKILL)
    running.wait()
    assert one.rows("select nspname from pg_namespace where nspname = 'sheaf_restoring'")

    async def why() -> str | None:
        database = Database(role_url(one.url, API, ROLE_SECRET), Services(vault=one.site.vault), connections=1)
        try:
            return await misfit(database)
        finally:
            await database.close()

    assert "run again: sheaf backup restore" in str(asyncio.run(why()))
    status, said = one.run("status")
    assert (status, "broken off" in said) == (1, True)
    wait_until(lambda: "busy: " not in one.run("backup", "restore")[1], 60)
    assert one.rows("select nspname from pg_namespace where nspname = 'sheaf_restoring'") == []
    assert [row["kind"] for row in one.rows("select kind from sheaf.restore_witness")] == ["person"]
    assert asyncio.run(why()) is None
    given_up = one.rows("select nspname name from pg_namespace where nspname like 'sheaf_until_%%'")
    assert len(given_up) == int(gives_up)
    assert contents(one) == contents(source)
