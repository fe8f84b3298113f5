"""Physical copies of what has changed, on a server that keeps summaries of its log: combined, proved, harmed, kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from server.backup import shelf
from tests.faults.backups import Installation, fill, server
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def superuser() -> Iterator[str]:
    with server("18", {"summarize_wal": "on"}) as url:
        yield url


@pytest.fixture(scope="module")
def installation(superuser: str, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """With a full copy, and two more that each hold what has changed since."""
    one = Installation(tmp_path_factory.mktemp("house"), superuser, "sheaf", False, {"keep_daily": 1, "keep_weekly": 0})
    one.make()
    fill(one)
    for number in range(3):
        one.force("update sheaf.member set name = %s where id in (select id from sheaf.member limit 3)", str(number))
        one.done("backup", "run")
    return one


def test_each_holds_what_has_changed_and_the_last_one_proves_itself(installation: Installation) -> None:
    full, second, third = (one.manifest for one in shelf.whole(installation.backups, installation.site.vault))
    assert full is not None
    assert second is not None
    assert third is not None
    assert (full.parent, second.parent, third.parent) == ("", full.id, second.id)
    assert third.size < full.size
    assert "20 payments compared" in installation.done("backup", "prove")
    assert "20 payments compared" in installation.done("backup", "prove", second.id)


def test_one_restores_what_was_there_then(installation: Installation, tmp_path: Path) -> None:
    with server("18") as other:
        elsewhere = Installation(tmp_path / "new", other, "new", True)
        elsewhere.make()
        shutil.copytree(installation.backups, elsewhere.backups)
        elsewhere.backups.chmod(0o700)
        second = shelf.whole(installation.backups, installation.site.vault)[1].id
        elsewhere.done("backup", "restore", second)
        assert len(elsewhere.rows("select from sheaf.member where name = '1'")) == 3


def test_harm_to_what_it_builds_on_is_found(installation: Installation, tmp_path: Path) -> None:
    harmed = Installation(tmp_path / "house", installation.superuser, "sheaf", False)
    harmed.folder.mkdir()
    for name in ("keys.json", "sheaf.toml"):
        shutil.copy2(installation.folder / name, harmed.folder / name)
    shutil.copytree(installation.backups, harmed.backups)
    harmed.backups.chmod(0o700)
    full, second, _ = (one.id for one in shelf.whole(harmed.backups, harmed.site.vault))
    archive = harmed.backups / full / "base" / "base.tar.gz"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    assert f"damaged: {harmed.newest().id} is not proved: {full}: base/base.tar.gz" in harmed.refused("backup", "prove")
    shutil.rmtree(harmed.backups / second)
    assert f"builds on {second}, which is not there" in harmed.refused("backup", "list")
    assert "damaged: " in harmed.refused("backup", "prove")


def test_a_full_one_is_taken_when_the_server_can_not_tell_what_has_changed(installation: Installation) -> None:
    """Its summaries are gone, as after a time in which it kept none."""
    (row,) = installation.rows("select current_setting('data_directory') place")
    summaries = Path(row["place"], "pg_wal", "summaries")
    for summary in summaries.iterdir():
        summary.unlink()
    installation.force("update sheaf.member set name = 'later'")
    with psycopg.connect(installation.superuser, autocommit=True) as admin:
        admin.execute("checkpoint")
    wait_until(lambda: any(summaries.iterdir()))
    for summary in summaries.iterdir():
        summary.unlink()
    assert "what has changed" not in installation.done("backup", "run")
    assert installation.newest().problem == ""


def test_a_full_one_is_taken_when_its_days_are_over(installation: Installation) -> None:
    assert "what has changed" in installation.done("backup", "run")
    installation.settings["full_days"] = 0
    installation.write_settings()
    assert "what has changed" not in installation.done("backup", "run")
