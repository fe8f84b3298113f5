"""Statements are fetched over real SFTP from the sandbox bank's drop, whole and proved or not at all."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import paramiko
import pytest

from lab.sandbox_bank import sftp as bank
from lab.sandbox_bank.statements import publish
from server.pki import open_ssh_key
from server.statements.fetch import (
    Fetched,
    FetchedFile,
    FetchFailed,
    FetchProblem,
    HeldFile,
    HeldReason,
    SftpSettings,
    fetch_new,
)

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
NAME = "STMT_1112223338_20261121.mt940"


class Drop(NamedTuple):
    folder: Path
    archive: Path
    settings: SftpSettings
    server: bank.SftpDrop

    async def fetch(self, have: frozenset[str] = frozenset(), **changes: Any) -> Fetched | FetchFailed:
        return await fetch_new(msgspec.structs.replace(self.settings, **changes), have, self.archive, NOW)


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[Drop]:
    host_line = open_ssh_key(tmp_path / "host")
    client_line = open_ssh_key(tmp_path / "client")
    folder = tmp_path / "bank" / "outbox" / "statement"
    folder.mkdir(parents=True)
    server = bank.SftpDrop("127.0.0.1", 0, tmp_path / "bank", tmp_path / "host", "sheaf", client_line)
    settings = SftpSettings(
        host="127.0.0.1",
        port=server.port,
        username="sheaf",
        private_key=tmp_path / "client",
        host_keys=(host_line,),
        timeout_seconds=5.0,
    )
    yield Drop(folder, tmp_path / "archive", settings, server)
    server.close()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def held(drop: Drop, **changes: Any) -> tuple[HeldFile, ...]:
    outcome = await drop.fetch(**changes)
    assert isinstance(outcome, Fetched)
    assert outcome.files == ()
    assert not drop.archive.exists() or list(drop.archive.iterdir()) == []
    return outcome.held


async def test_new_files_are_archived_unchanged_and_read_only(drop: Drop) -> None:
    small, large = b":20:A\r\n", os.urandom(3_000_000)
    publish(drop.folder, NAME, small)
    publish(drop.folder, "STMT_1112223338_20261121.csv", large)
    (drop.folder / "STMT_next.csv.tmp").write_bytes(b"half")
    (drop.folder / "old").mkdir()
    outcome = await drop.fetch()
    assert isinstance(outcome, Fetched)
    assert outcome.held == ()
    csv, mt940 = outcome.files
    assert (csv.path.read_bytes(), mt940.path.read_bytes()) == (large, small)
    assert (mt940.name, mt940.sha256, mt940.size, mt940.fetched_at) == (NAME, digest(small), 7, NOW)
    assert {path.stat().st_mode & 0o777 for path in drop.archive.iterdir()} == {0o400}
    assert len(list(drop.archive.iterdir())) == 2


async def test_content_that_is_known_is_not_fetched_again_under_any_name(drop: Drop) -> None:
    publish(drop.folder, NAME, b"one")
    publish(drop.folder, "STMT_renamed.mt940", b"one")
    assert await drop.fetch(frozenset({digest(b"one")})) == Fetched((), ())


async def test_a_corrected_file_of_the_same_name_never_overwrites_the_first(drop: Drop) -> None:
    publish(drop.folder, NAME, b"one")
    await drop.fetch()
    publish(drop.folder, NAME, b"two")
    outcome = await drop.fetch(frozenset({digest(b"one")}))
    assert isinstance(outcome, Fetched)
    assert [file.sha256 for file in outcome.files] == [digest(b"two")]
    assert {path.read_bytes() for path in drop.archive.iterdir()} == {b"one", b"two"}


async def test_a_file_without_its_checksum_waits(drop: Drop) -> None:
    (drop.folder / NAME).write_bytes(b"growing")
    assert await held(drop) == (HeldFile(NAME, HeldReason.NO_CHECKSUM_YET),)


@pytest.mark.parametrize("checksum", [b"", b"not a checksum", digest(b"other").encode(), b"0" * 600])
async def test_content_that_its_checksum_contradicts_is_held(drop: Drop, checksum: bytes) -> None:
    (drop.folder / NAME).write_bytes(b"content")
    (drop.folder / f"{NAME}.sha256").write_bytes(checksum)
    assert await held(drop) == (HeldFile(NAME, HeldReason.CHECKSUM_MISMATCH),)


async def test_a_file_over_the_limit_is_held_and_the_others_arrive(drop: Drop) -> None:
    publish(drop.folder, "a.csv", b"x" * 101)
    publish(drop.folder, "b.csv", b"x" * 100)
    outcome = await drop.fetch(max_bytes=100)
    assert isinstance(outcome, Fetched)
    assert outcome.held == (HeldFile("a.csv", HeldReason.TOO_LARGE),)
    assert [file.name for file in outcome.files] == ["b.csv"]


async def test_a_stranger_with_another_host_key_is_a_hard_stop_before_any_credential(
    drop: Drop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(drop.folder, NAME, b"one")
    asked: list[str] = []
    monkeypatch.setattr(bank._Login, "check_auth_publickey", lambda _self, user, _key: asked.append(user))
    outcome = await drop.fetch(host_keys=(open_ssh_key(tmp_path / "other"),))
    assert outcome == FetchFailed(FetchProblem.HOST_KEY_CHANGED)
    assert asked == []


async def test_either_key_is_good_during_a_rotation(drop: Drop, tmp_path: Path) -> None:
    keys = (open_ssh_key(tmp_path / "next"), *drop.settings.host_keys)
    assert await drop.fetch(host_keys=keys) == Fetched((), ())


async def test_a_refused_key_an_absent_bank_and_a_missing_folder_have_their_own_codes(
    drop: Drop, tmp_path: Path
) -> None:
    open_ssh_key(tmp_path / "stranger")
    assert await drop.fetch(private_key=tmp_path / "stranger") == FetchFailed(FetchProblem.NOT_ADMITTED)
    assert await drop.fetch(directory="/outbox/nowhere") == FetchFailed(FetchProblem.NO_DIRECTORY)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert await drop.fetch(port=port) == FetchFailed(FetchProblem.UNREACHABLE)
    assert await drop.fetch(host="sftp..bank.example") == FetchFailed(FetchProblem.UNREACHABLE)


async def test_a_host_that_accepts_and_says_nothing_does_not_hold_us(drop: Drop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = await drop.fetch(port=silent.getsockname()[1], timeout_seconds=0.3)
    assert outcome == FetchFailed(FetchProblem.UNREACHABLE)


async def test_a_forbidden_folder_is_not_an_empty_one(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank._Tree, "list_folder", lambda _self, _path: paramiko.sftp.SFTP_PERMISSION_DENIED)
    assert await drop.fetch() == FetchFailed(FetchProblem.PERMISSION)


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.csv", "/etc/x.csv", ".hidden", "a b.csv", "ก.csv", "x" * 101])
async def test_names_that_could_lead_elsewhere_are_held(drop: Drop, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attributes = paramiko.SFTPAttributes()
    attributes.filename, attributes.st_mode, attributes.st_size = name, stat.S_IFREG | 0o644, 1
    monkeypatch.setattr(bank._Tree, "list_folder", lambda _self, _path: [attributes])
    assert await held(drop) == (HeldFile(ascii(name)[:100], HeldReason.UNSAFE_NAME),)


def on_open(monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]) -> None:
    """Let the bank change a statement in the moment in which it is opened."""
    original = bank._Tree.open

    def changed(tree: Any, path: str, flags: int, attr: Any) -> Any:
        if not path.endswith(".sha256"):
            change(tree._place(path))
        return original(tree, path, flags, attr)

    monkeypatch.setattr(bank._Tree, "open", changed)


async def test_a_file_that_grew_since_it_was_listed_waits(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(drop.folder, NAME, b"one")
    on_open(monkeypatch, lambda path: path.write_bytes(b"one and more"))
    assert await held(drop) == (HeldFile(NAME, HeldReason.STILL_GROWING),)


async def test_a_file_taken_away_since_it_was_listed_is_held(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(drop.folder, NAME, b"one")
    on_open(monkeypatch, lambda path: path.unlink())
    assert await held(drop) == (HeldFile(NAME, HeldReason.VANISHED),)


async def test_what_arrived_before_the_line_broke_may_be_used(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(drop.folder, "a.csv", b"one")
    publish(drop.folder, "b.csv", b"two")

    def break_at_b(path: Path) -> None:
        if path.name == "b.csv":
            for transport in drop.server._transports:
                transport.close()

    on_open(monkeypatch, break_at_b)
    outcome = await drop.fetch()
    assert isinstance(outcome, FetchFailed)
    assert outcome.code is FetchProblem.INTERRUPTED
    assert [(type(file), file.name) for file in outcome.files] == [(FetchedFile, "a.csv")]
    assert len(list(drop.archive.iterdir())) == 1
