"""A flipped byte anywhere in a backup is found: in files, manifest and seal; so are missing and swapped files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from server.backup import manifest as manifests
from server.backup import shelf
from server.backup.failures import BackupFailed, Cause
from server.backup.manifest import MANIFEST, SEAL, Head, Manifest, Standing
from server.context import Vault

NOW = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
VAULT, OTHER = Vault(bytes(range(32))), Vault(bytes(32))
FILES = {"database.dump": b"d" * 60, "statements/one.csv": b"first", "statements/two.csv": b"other", "base/empty": b""}


def make(shelf_folder: Path, name: str = "20261130T050000Z", files: dict[str, bytes] | None = None) -> Path:
    """A backup with these files."""
    folder = shelf_folder / name
    for path, content in (files or FILES).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    standing = Standing(
        database="sheaf",
        schema="0004",
        postgres=180006,
        at=NOW,
        feed=9,
        audit={"0": Head(3, "ab" * 32)},
        rows={"intent": 2},
        exact=True,
    )
    manifest = Manifest(
        id=name,
        way="dump",
        reason="",
        tool=18,
        sheaf="0.1.0",
        keys=manifests.fingerprint(VAULT),
        owner="sheaf_owner",
        standing=standing,
        begun_at=NOW,
        finished_at=NOW,
        absent=[],
        files=[manifests.entry_of(folder, folder / path) for path in sorted(files or FILES)],
    )
    manifests.write(folder, manifest, VAULT)
    return folder


def problems(folder: Path, vault: Vault = VAULT) -> list[str]:
    """What is found wrong; what the manifest can't even be read for counts too."""
    try:
        manifest = manifests.read(folder, vault)
    except BackupFailed as failed:
        return [f"{failed.cause.value}: {failed}"]
    return list(manifests.problems(folder, manifest, thorough=True))


def flip(file: Path, place: int, bit: int) -> None:
    """Turn one bit round, or back."""
    content = bytearray(file.read_bytes())
    content[place] ^= 1 << bit
    file.write_bytes(content)


def test_a_whole_one_is_whole(tmp_path: Path) -> None:
    assert problems(make(tmp_path)) == []


@pytest.mark.parametrize("name", [MANIFEST, SEAL])
def test_a_flip_of_any_bit_of_manifest_and_seal_is_found(tmp_path: Path, name: str) -> None:
    folder = make(tmp_path)
    for place in range(0, (folder / name).stat().st_size, 3):
        flip(folder / name, place, place % 8)
        assert problems(folder), (name, place)
        flip(folder / name, place, place % 8)
    assert problems(folder) == []


@pytest.mark.parametrize("name", [name for name, content in FILES.items() if content])
def test_a_flip_of_any_byte_of_a_file_is_found(tmp_path: Path, name: str) -> None:
    folder = make(tmp_path)
    for place in range(len(FILES[name])):
        flip(folder / name, place, 7)
        assert problems(folder) == [f"{name} has another content than when it was made"]
        flip(folder / name, place, 7)


def swap(folder: Path, one: str, other: str) -> None:
    (folder / one).rename(folder / "between")
    (folder / other).rename(folder / one)
    (folder / "between").rename(folder / other)


def link(folder: Path) -> None:
    (folder / "statements" / "one.csv").rename(folder.parent / "elsewhere.csv")
    (folder / "statements" / "one.csv").symlink_to(folder.parent / "elsewhere.csv")


HARMS: dict[str, Callable[[Path], object]] = {
    "cut off": lambda one: (one / "database.dump").write_bytes(b"d" * 59),
    "longer": lambda one: (one / "database.dump").write_bytes(b"d" * 61),
    "emptied": lambda one: (one / "database.dump").write_bytes(b""),
    "filled": lambda one: (one / "base" / "empty").write_bytes(b"x"),
    "missing": lambda one: (one / "statements" / "one.csv").unlink(),
    "missing folder": lambda one: shutil.rmtree(one / "statements"),
    "renamed file": lambda one: (one / "statements" / "one.csv").rename(one / "statements" / "three.csv"),
    "swapped": lambda one: swap(one, "statements/one.csv", "statements/two.csv"),
    "further file": lambda one: (one / "statements" / "three.csv").write_bytes(b"x"),
    "hidden file": lambda one: (one / ".more").write_bytes(b"x"),
    "further folder": lambda one: (one / "more").mkdir(),
    "file as folder": lambda one: ((one / "base" / "empty").unlink(), (one / "base" / "empty").mkdir()),
    "link": link,
    "linked folder": lambda one: (one / "more").symlink_to(one / "statements"),
    "manifest missing": lambda one: (one / MANIFEST).unlink(),
    "seal missing": lambda one: (one / SEAL).unlink(),
    "seal emptied": lambda one: (one / SEAL).write_bytes(b""),
    "seal longer": lambda one: (one / SEAL).write_bytes((one / SEAL).read_bytes() + b"\n"),
    "another's manifest": lambda one: shutil.copy(make(one.parent, "another") / MANIFEST, one / MANIFEST),
    "another's papers": lambda one: (
        [shutil.copy(place / MANIFEST, one) for place in [make(one.parent, "another")]]
        and shutil.copy(one.parent / "another" / SEAL, one)
    ),
}


@pytest.mark.parametrize("harm", HARMS)
def test_whatever_else_is_done_to_it_is_found(tmp_path: Path, harm: str) -> None:
    folder = make(tmp_path)
    HARMS[harm](folder)
    assert problems(folder)


def test_another_name_is_found(tmp_path: Path) -> None:
    moved = make(tmp_path).rename(tmp_path / "20261201T050000Z")
    assert problems(moved) == ["damaged: 20261201T050000Z: this is the backup 20261130T050000Z under another name"]


def test_a_manifest_written_anew_without_the_keys_is_found(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "database.dump").write_bytes(b"a better one")
    manifest = manifests.read(folder, VAULT)
    files = [manifests.entry_of(folder, folder / file.path) for file in manifest.files]
    for name in (MANIFEST, SEAL):
        (folder / name).unlink()
    manifests.write(folder, structs.replace(manifest, files=files), OTHER)
    assert "other keys" in problems(folder)[0]


def test_other_keys_are_told_apart_from_damage(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=r"other keys .*put back the keys\.json") as failed:
        manifests.read(make(tmp_path), OTHER)
    assert failed.value.cause is Cause.KEYS


def test_the_list_sees_what_it_can_without_reading_all(tmp_path: Path) -> None:
    whole, short = make(tmp_path), make(tmp_path, "20261130T060000Z")
    (short / "database.dump").write_bytes(b"")
    (tmp_path / f"{shelf.UNFINISHED}20261130T070000Z").mkdir()
    assert [(one.id, one.problem) for one in shelf.whole(tmp_path, VAULT)] == [
        (whole.name, ""),
        (short.name, "database.dump has 0 bytes instead of 60"),
    ]


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o770])
def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)
    with pytest.raises(BackupFailed, match="chmod 700") as failed:
        shelf.open_shelf(tmp_path / "open")
    assert failed.value.cause is Cause.FOLDER


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    assert shelf.open_shelf(tmp_path / "new" / "backups").stat().st_mode & 0o777 == 0o700


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with (
        shelf.alone(tmp_path, "run"),
        pytest.raises(BackupFailed, match="another `sheaf backup run`"),
        shelf.alone(tmp_path, "run"),
    ):
        pass
    with shelf.alone(tmp_path, "run"):
        pass


def test_one_that_is_being_proved_is_not_deleted(tmp_path: Path) -> None:
    folder = make(tmp_path)
    with shelf.held(folder), shelf.held(folder):
        assert not shelf.delete(folder)
    assert problems(folder) == []
    assert shelf.delete(folder)
    assert list(tmp_path.iterdir()) == []
