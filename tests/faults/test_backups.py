"""Backups on real servers of 15 and 18: taken, proved, harmed, cut off, refused."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from server.backup import shelf
from server.backup.evidence import books, chains, documents, payments
from server.backup.failures import BackupFailed, Cause
from server.backup.proving import intact
from server.context import Services, Vault
from server.database.transaction import Database, Transaction
from tests.faults.backups import KINDS, Get, Installation
from tests.waiting import wait_until


def copy_of(installation: Installation, folder: Path) -> Installation:
    """The same with a copy of its newest backup, to be harmed."""
    other = Installation(folder / "house", installation.superuser, installation.name, installation.admin)
    other.folder.mkdir(mode=0o700)
    for name in ("keys.json", "sheaf.toml"):
        shutil.copy2(installation.folder / name, other.folder / name)
    other.backups.mkdir(mode=0o700)
    newest = installation.newest().path
    shutil.copytree(newest, other.backups / newest.name)
    return other


def scratch_left(installation: Installation) -> list[str]:
    """Scratch clusters, half backups and the like."""
    return [one.name for one in installation.backups.glob(".*") if not one.name.endswith(".lock")]


def processes_of(installation: Installation) -> list[str]:
    """Programs that still work on something in its folder of backups."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(installation.backups) in command:
            found.append(command)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_proves_itself(installations: Get, kind: str) -> None:
    installation = installations(kind)
    said = installation.done("backup", "prove")
    assert "20 payments compared with" in said
    assert "3 documents opened" in said
    backup = installation.newest()
    assert backup.manifest is not None
    assert backup.manifest.way == kind.split()[1]
    assert backup.manifest.standing.postgres // 10_000 == int(kind.split()[0])
    assert backup.proof is not None
    assert backup.proof.well
    listed = installation.done("backup", "list")
    assert backup.id in listed
    assert "never" not in listed
    (known,) = installation.rows("select backup_id, cause, payments from sheaf.backup_proof order by at desc limit 1")
    assert known == {"backup_id": backup.id, "cause": "", "payments": 20}
    (taken,) = installation.rows("select way, cause, size from sheaf.backup where id = %s", backup.id)
    assert taken == {"way": kind.split()[1], "cause": "", "size": backup.manifest.size}
    assert scratch_left(installation) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_it_is_for_others_and_no_keys_are_in_it(installations: Get, kind: str) -> None:
    installation = installations(kind)
    vault_key = (installation.folder / "keys.json").read_bytes()
    for path in installation.newest().path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.name not in ("keys.json", "sheaf.toml")
        assert path.is_dir() or vault_key not in path.read_bytes()


@pytest.mark.parametrize("kind", ["18 dump", "18 base"])
def test_a_flipped_byte_in_any_file_is_found(installations: Get, tmp_path: Path, kind: str) -> None:
    """In each kind of file, at its beginning, in its middle and at its end."""
    installation = copy_of(installations(kind), tmp_path)
    found = installation.newest()
    files = [path for path in sorted(found.path.rglob("*")) if path.is_file()]
    assert len(files) >= 7 - 2 * (kind == "18 dump")
    for path in files:
        size = path.stat().st_size
        for place in {0, size // 3, size // 2, size - 1}:
            flip(path, place)
            with pytest.raises(BackupFailed) as failed:
                intact(installation.site, [found], lambda *_: None)
            assert path.name in str(failed.value) or path.name in ("manifest.json", "seal")
            flip(path, place)
    intact(installation.site, [found], lambda *_: None)
    flip(files[0], 100)
    assert "damaged: " in installation.refused("backup", "prove")
    assert "damaged: " in installation.refused("backup", "restore", "--give-up", installation.name)
    (known,) = installation.rows("select cause from sheaf.backup_proof order by at desc limit 1")
    assert known["cause"] == "damaged"
    assert "NOT: damaged" in installation.run("backup", "list")[1]


def flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 0x10]))


LIES: dict[str, tuple[str, str]] = {
    "audit entry": ("update sheaf.audit_entry set actor = 'nobody' where sequence = 2", "the entry was changed"),
    "audit entry gone": ("delete from sheaf.audit_entry where sequence = 2", "missing"),
    "audit head": ("update sheaf.audit_head set hash = sha256('x') where branch_id = 0", "head"),
    "balance": ("update sheaf.ledger_account set posted = posted + 1 where purpose = 'transit'", "the ledger differs"),
    "leg": ("update sheaf.ledger_entry set posted = posted + 1 where posted > 0", "the ledger differs"),
    "line": ("update sheaf.statement_line set amount = amount - 100", "the bank's file says something else"),
    "line's reference": (
        "update sheaf.statement_line set reference = 'S' || reference where sequence = 3",
        "something else",
    ),
    "line gone": ("delete from sheaf.statement_line where sequence = 3", "the bank's file says something else"),
    "line added": (
        """insert into sheaf.statement_line select gen_random_uuid(), branch_id, statement_id, 900, booked_at, amount,
           balance, reference, bank_reference, description, kind from sheaf.statement_line where sequence = 1""",
        "the bank's file says something else",
    ),
    "statement of other bytes": ("update sheaf.statement set sha256 = repeat('0', 64)", "is not in the archive"),
    "reconciled without a line": (
        "update sheaf.intent set state = 'reconciled' where state = 'settled'",
        "no statement says that it was paid",
    ),
    "other amount": ("update sheaf.intent set amount = amount + 1 where state = 'reconciled'", "no statement says"),
    "document": ("update sheaf.deposit_document set sha256 = repeat('0', 64)", "is not what was signed"),
    "cipher": ("update sheaf.deposit_document set content_cipher = '\\x00'", "can't be opened"),
    "two documents": (
        """update sheaf.deposit_document set content_cipher =
             (select content_cipher from sheaf.deposit_document order by deposit_id limit 1)""",
        "is not what was signed",
    ),
}


async def look(tx: Transaction, archive: Path, vault: Vault, seed: str) -> None:
    """All that a proof recomputes."""
    await chains(tx)
    await books(tx)
    await payments(tx, archive, seed)
    await documents(tx, vault, seed)


def test_what_is_untrue_in_the_database_does_not_prove(installations: Get) -> None:
    asyncio.run(lie_after_lie(installations("18 dump")))


async def lie_after_lie(one: Installation) -> None:
    """Tell each in a transaction that is rolled back."""
    url = f"{one.superuser.rpartition('/')[0]}/{one.name}"
    archive = one.newest().path / "statements"
    database = Database(url, Services(vault=one.site.vault), connections=1)
    try:
        for lie, (tell, what) in LIES.items():
            async with database.transaction((0, 1, 2, 3)) as tx:
                tx.refused = True  # nothing of it stays
                await tx.execute("set local session_replication_role = replica")
                assert await tx.execute(tell) > 0, lie  # type: ignore[arg-type]  # one of the texts above
                with pytest.raises(BackupFailed, match=what) as failed:
                    await look(tx, archive, one.site.vault, lie)
                assert failed.value.cause is Cause.NOT_PROVED
    finally:
        await database.close()


def test_an_untrue_database_is_told_where_people_look(installations: Get, tmp_path: Path) -> None:
    """The statements' originals were lost before the backup, and somebody helped the ledger along."""
    source = installations("18 dump")
    one = Installation(tmp_path / "house", source.superuser, "lies", True)
    one.make()
    shutil.copytree(source.newest().path, one.backups / source.newest().id)
    one.backups.chmod(0o700)
    one.done("backup", "restore")
    shutil.rmtree(one.folder / "statements")
    assert "4 statements that the database knows are not in" in one.done("backup", "run")
    assert "is not in the archive" in one.refused("backup", "prove")
    one.force("update sheaf.ledger_account set posted = posted + 1 where purpose = 'transit'")
    one.done("backup", "run")
    assert "not_proved: " in one.refused("backup", "prove")
    assert "NOT: not_proved" in one.done("backup", "list")
    (known,) = one.rows("select cause, problem from sheaf.backup_proof order by at desc limit 1")
    assert known["cause"] == "not_proved"
    assert "the ledger differs" in known["problem"]
    status, said = one.run("status")
    assert status == 1
    assert "The last proof failed" in said
    assert "The last backup is of" in said


def test_a_killed_run_leaves_nothing_that_looks_whole(installations: Get, tmp_path: Path) -> None:
    installation = copy_of(installations("18 base"), tmp_path)
    began = time.monotonic()
    whole = installation.start("backup", "run")
    assert whole.wait(60) == 0
    took = time.monotonic() - began
    for part in range(1, 6):
        process = installation.start("backup", "run")
        deadline = time.monotonic() + took * part / 6
        wait_until(lambda at=deadline: time.monotonic() > at, 60)  # type: ignore[misc]  # a moment of each run
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_until(lambda: processes_of(installation) == [], 10)
        left = shelf.whole(installation.backups, installation.site.vault)
        assert left
        for found in left:
            intact(installation.site, [found], lambda *_: None)
    installation.done("backup", "run")
    assert scratch_left(installation) == []


@pytest.mark.parametrize("kind", ["18 dump", "15 base"])
def test_a_killed_proof_leaves_no_server(installations: Get, tmp_path: Path, kind: str) -> None:
    installation = copy_of(installations(kind), tmp_path)
    for ending in (signal.SIGKILL, signal.SIGTERM):
        process = installation.start("backup", "prove")
        running = Path("home", "cluster", "postmaster.pid")
        wait_until(lambda: list(installation.backups.glob(f".scratch-*/{running}")) != [], 60)  # noqa: B023
        process.send_signal(ending)
        assert process.wait(60) in (-signal.SIGKILL, 1)
        wait_until(lambda: processes_of(installation) == [], 20)
        assert (scratch_left(installation) == []) == (ending is signal.SIGTERM)
        if ending is signal.SIGKILL:
            installation.done("backup", "prove")
            assert scratch_left(installation) == []


def test_a_second_run_is_refused_while_one_works(installations: Get) -> None:
    installation = installations("18 dump")
    with shelf.alone(installation.backups, "run"):
        assert "busy: another `sheaf backup run`" in installation.refused("backup", "run")
    with shelf.alone(installation.backups, "prove"):
        assert "busy: another `sheaf backup prove`" in installation.refused("backup", "prove")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("kind", ["18 dump", "18 base"])
@pytest.mark.parametrize("size", ["64k", "320k"])
def test_a_full_disk_is_named_and_leaves_nothing(installations: Get, tmp_path: Path, kind: str, size: str) -> None:
    source = installations(kind)
    one = Installation(source.folder, source.superuser, source.name, source.admin, {"folder": str(tmp_path / "small")})
    (tmp_path / "small").mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(tmp_path / "small")],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    one.write_settings()
    try:
        assert "disk_full: the disk of" in one.refused("backup", "run")
        assert [each.name for each in (tmp_path / "small").iterdir() if not each.name.endswith(".lock")] == []
        (known,) = one.rows("select cause from sheaf.backup order by begun_at desc limit 1")
        assert known["cause"] == "disk_full"
    finally:
        subprocess.run(["umount", str(tmp_path / "small")], check=True)
        source.write_settings()
    source.done("backup", "run")


def test_what_must_be_well_before_a_backup_is_asked(installations: Get, tmp_path: Path) -> None:
    installation = copy_of(installations("18 dump"), tmp_path)
    installation.backups.chmod(0o750)
    assert "folder: " in installation.refused("backup", "run")
    (known,) = installation.rows("select cause from sheaf.backup order by begun_at desc limit 1")
    assert known["cause"] == "folder"
    assert "chmod 700" in installation.refused("backup", "prove")
    installation.backups.chmod(0o700)

    installation.settings["folder"] = "."
    installation.write_settings()
    assert "keys: " in installation.refused("backup", "run")
    del installation.settings["folder"]
    installation.write_settings()

    (installation.folder / "keys.json").write_bytes(
        b'{"role_secret": "%s", "vault_key": "%s"}' % (b"x" * 32, b"A" * 43 + b"=")
    )
    assert "keys: keys.vault_key is not the key" in installation.refused("backup", "run")
    assert "other keys" in installation.refused("backup", "prove")
    assert "other keys" in installation.refused("backup", "restore")
    (installation.folder / "keys.json").unlink()
    assert installation.run("backup", "run")[0] == 78


def test_a_database_that_is_away_is_named(installations: Get, tmp_path: Path) -> None:
    installation = copy_of(installations("18 dump"), tmp_path)
    away = Installation(installation.folder, "postgresql://nobody@127.0.0.1:9/none", "none", True)
    away.write_settings()
    assert "database: " in away.refused("backup", "run")
    assert scratch_left(away) == []
    said = away.done("backup", "prove")
    assert "Status can't learn of it" in said


def test_who_may_not_read_everything_is_refused(installations: Get) -> None:
    installation = installations("18 dump")
    with closing(psycopg.connect(installation.superuser, autocommit=True)) as admin:
        admin.execute("alter role sheaf_admin nobypassrls")
        try:
            assert "alter role sheaf_admin bypassrls" in installation.refused("backup", "run")
        finally:
            admin.execute("alter role sheaf_admin bypassrls")
