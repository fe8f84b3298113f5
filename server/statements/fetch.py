"""Fetches new statement files from the bank's SFTP drop: pinned host key, proved content, originals kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec
import paramiko
from msgspec import Meta

from server.sftp import NoSession, session

_CHUNK: Final = 1 << 15
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_CHECKSUM = re.compile(rb"([0-9a-fA-F]{64})(?:\s.*)?", re.DOTALL)
_CHECKSUM_BYTES: Final = 512
_NOT_STATEMENTS: Final = (".tmp", ".sha256")


class SftpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bank leaves statements and how it proves to be the bank.

    `host_keys` are OpenSSH public keys (``ssh-ed25519 AAAA...``): every key the host has,
    and the old and the new one during a rotation. `timeout_seconds`
    bounds every wait for the network, `max_bytes` the size of one file. `accounts` are further accounts of ours whose
    statements come here, beside those that the channels pay from.
    """

    host: str
    port: int
    username: str
    private_key: Path
    host_keys: tuple[str, ...]
    directory: str = "/outbox/statement"
    timeout_seconds: float = 20.0
    max_bytes: int = 64 * 1024 * 1024
    accounts: tuple[Annotated[str, Meta(pattern=r"^[0-9]{5,16}$")], ...] = ()


class FetchProblem(StrEnum):
    """Why nothing (more) could be fetched; `HOST_KEY_CHANGED` stops everything until a person decides."""

    HOST_KEY_CHANGED = "host_key_changed"
    UNREACHABLE = "unreachable"
    NOT_ADMITTED = "not_admitted"
    NO_DIRECTORY = "no_directory"
    PERMISSION = "permission"
    INTERRUPTED = "interrupted"


class HeldReason(StrEnum):
    """Why one listed file was left at the bank; the next fetch looks at it again."""

    NO_CHECKSUM_YET = "no_checksum_yet"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    STILL_GROWING = "still_growing"
    TOO_LARGE = "too_large"
    UNSAFE_NAME = "unsafe_name"
    VANISHED = "vanished"


class FetchedFile(msgspec.Struct, frozen=True):
    """One original, kept unchanged at `path` (read-only) under a name that begins with its hash."""

    name: str
    path: Path
    sha256: str
    size: int
    fetched_at: datetime


class HeldFile(msgspec.Struct, frozen=True):
    """A file that was listed and not taken; an unsafe name is given escaped and shortened."""

    name: str
    reason: HeldReason


class Fetched(msgspec.Struct, frozen=True):
    """A complete pass over the drop; no files and nothing held means that there truly is nothing new."""

    files: tuple[FetchedFile, ...]
    held: tuple[HeldFile, ...]


class FetchFailed(msgspec.Struct, frozen=True):
    """The pass broke off; `files` were fetched and proved before and may be used."""

    code: FetchProblem
    files: tuple[FetchedFile, ...] = ()


class _Stop(Exception):
    def __init__(self, code: FetchProblem) -> None:
        super().__init__(code)
        self.code = code


async def fetch_new(settings: SftpSettings, have: Container[str], target: Path, now: datetime) -> Fetched | FetchFailed:
    """Fetch every statement file whose SHA-256 is not in `have` into `target`, the archive of originals.

    A file counts only when its `.sha256` is there and agrees with what arrived. Runs in a worker thread; if
    the awaiting task is cancelled, the thread ends at its next network timeout and leaves no partial file
    under a final name. Failures of the local disk are exceptions.
    """
    return await asyncio.to_thread(_fetch, settings, have, target, now)


def _fetch(settings: SftpSettings, have: Container[str], target: Path, now: datetime) -> Fetched | FetchFailed:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    files: list[FetchedFile] = []
    held: list[HeldFile] = []
    try:
        with _session(settings) as sftp:
            drop = _Drop(sftp, settings, target, now)
            for name in drop.names(held):
                outcome = drop.take(name, have)
                if isinstance(outcome, FetchedFile):
                    files.append(outcome)
                elif outcome is not None:
                    held.append(HeldFile(name, outcome))
    except _Stop as stop:
        return FetchFailed(stop.code, tuple(files))
    return Fetched(tuple(files), tuple(held))


@contextmanager
def _session(settings: SftpSettings) -> Iterator[paramiko.SFTPClient]:
    """An SFTP session with the pinned host."""
    try:
        with session(settings) as sftp:
            yield sftp
    except NoSession as problem:
        raise _Stop(FetchProblem(problem.code.value)) from None


@contextmanager
def _network_errors(missing: FetchProblem = FetchProblem.INTERRUPTED) -> Iterator[None]:
    """Turns what SFTP raises into codes; only remote calls may stand inside, or a full disk looks like the bank."""
    try:
        yield
    except FileNotFoundError:
        raise _Stop(missing) from None
    except PermissionError:
        raise _Stop(FetchProblem.PERMISSION) from None
    except (paramiko.SSHException, OSError, EOFError, UnicodeDecodeError):
        raise _Stop(FetchProblem.INTERRUPTED) from None


class _Vanished(Exception):
    """A listed file is no longer there."""


class _Drop:
    """The bank's folder during one pass."""

    def __init__(self, sftp: paramiko.SFTPClient, settings: SftpSettings, target: Path, now: datetime) -> None:
        self._sftp, self._settings, self._target, self._now = sftp, settings, target, now
        self._all: set[str] = set()
        self._sizes: dict[str, int] = {}

    def names(self, held: list[HeldFile]) -> list[str]:
        """Statement files in the folder by name; names that could lead elsewhere are held, folders ignored."""
        with _network_errors(FetchProblem.NO_DIRECTORY):
            listed = self._sftp.listdir_attr(self._settings.directory)
        for entry in sorted(listed, key=lambda entry: entry.filename):
            if stat.S_ISDIR(entry.st_mode or 0):
                continue
            self._all.add(entry.filename)
            if entry.filename.endswith(_NOT_STATEMENTS):
                continue
            if not _SAFE_NAME.fullmatch(entry.filename) or not stat.S_ISREG(entry.st_mode or 0):
                held.append(HeldFile(ascii(entry.filename)[:100], HeldReason.UNSAFE_NAME))
                continue
            self._sizes[entry.filename] = entry.st_size or 0
        return list(self._sizes)

    def take(self, name: str, have: Container[str]) -> FetchedFile | HeldReason | None:
        """Download and prove one file; None means that its content is known already."""
        if self._sizes[name] > self._settings.max_bytes:
            return HeldReason.TOO_LARGE
        if f"{name}.sha256" not in self._all:
            return HeldReason.NO_CHECKSUM_YET
        try:
            stated = _CHECKSUM.fullmatch(b"".join(self._read(f"{name}.sha256", _CHECKSUM_BYTES)).strip())
            if stated is None:
                return HeldReason.CHECKSUM_MISMATCH
            sha256 = stated[1].decode("ascii").lower()
            return None if sha256 in have else self._download(name, sha256)
        except _Vanished:
            return HeldReason.VANISHED

    def _read(self, name: str, limit: int) -> Iterator[bytes]:
        """The file's bytes, at most `limit`, in pieces."""
        path = f"{self._settings.directory}/{name}"
        with _network_errors():
            remote = self._open(path)
            # One round trip per piece would take a second for every megabyte on a slow line.
            if size := self._size_now(name):
                remote.prefetch(min(limit, size))
        with closing(remote):
            left = limit
            while left:
                with _network_errors():
                    piece = remote.read(min(_CHUNK, left))
                if not piece:
                    return
                left -= len(piece)
                yield piece

    def _open(self, path: str) -> paramiko.SFTPFile:
        try:
            return self._sftp.open(path, "rb")
        except FileNotFoundError:
            raise _Vanished from None

    def _download(self, name: str, sha256: str) -> FetchedFile | HeldReason:
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._target)
        try:
            with os.fdopen(handle, "wb") as local:
                digest, size = hashlib.sha256(), 0
                for piece in self._read(name, self._settings.max_bytes + 1):
                    local.write(piece)
                    digest.update(piece)
                    size += len(piece)
                local.flush()
                os.fsync(local.fileno())
            if reason := self._doubt(name, size, digest.hexdigest() == sha256):
                return reason
            final = self._target / f"{sha256[:16]}-{name}"
            _keep(Path(temporary), final)
            return FetchedFile(name, final, sha256, size, self._now)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _doubt(self, name: str, size: int, proved: bool) -> HeldReason | None:
        if size > self._settings.max_bytes:
            return HeldReason.TOO_LARGE
        try:
            with _network_errors():
                after = self._size_now(name)
        except _Vanished:
            return HeldReason.VANISHED
        if not size == after == self._sizes[name]:
            return HeldReason.STILL_GROWING
        return None if proved else HeldReason.CHECKSUM_MISMATCH

    def _size_now(self, name: str) -> int:
        try:
            return self._sftp.stat(f"{self._settings.directory}/{name}").st_size or 0
        except FileNotFoundError:
            raise _Vanished from None


def _keep(temporary: Path, final: Path) -> None:
    """Rename into the archive, durably; the hash in a name means that no original overwrites another."""
    temporary.chmod(0o400)
    temporary.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
