"""The executor's own file: how far the database had come, kept outside of it, on disk before a confirm leaves.

A line is a checksum and JSON; the newest value of each field counts. A last line that is cut off was never answered, so
its confirms never left. Each running executor has one file; all of a folder tell what they know, running or not.
"""

from __future__ import annotations

import fcntl
import os
import threading
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

_MOST_BYTES: Final = 32 * 1024 * 1024
"""Above it a file is written anew with its newer half: some hundred thousand payments."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One payment that was let go to the bank: nothing personal. `payout` is satang, `at` ISO 8601 in UTC."""

    reference: str
    attempt_id: UUID
    intent_id: UUID
    ordinal: int
    branch_id: int
    channel: str
    payout: int
    token: str
    at: str


class Head(msgspec.Struct, frozen=True, array_like=True):
    """The newest audit entry that was seen of a branch."""

    sequence: int
    hash: str


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What one line adds."""

    file_id: UUID | None = None
    installation: str | None = None
    position: int | None = None
    restore: UUID | None = None
    heads: dict[int, Head] = {}
    sent: list[Sent] = []


class Known(msgspec.Struct, kw_only=True):
    """What a file knows: how often it was told of confirms, the newest audit entries, the last restore agreed on."""

    file_id: UUID
    installation: str = ""
    position: int = 0
    restore: UUID | None = None
    heads: dict[int, Head] = {}
    sent: list[Sent] = []
    """Only where it was asked for: they are many."""

    @property
    def is_new(self) -> bool:
        """Whether it has never been found true against a database."""
        return not self.installation

    def learn(self, line: Line) -> None:
        """Take what a line adds. Of two that were said at once either may come first: the higher position counts."""
        if line.position is not None:
            self.position = max(self.position, line.position)
        self.installation = line.installation or self.installation
        self.restore = line.restore or self.restore
        self.heads.update(line.heads)


class Damaged(Exception):
    """A file whose middle can't be read: what it knew is not known any more."""


class Journal:
    """The file of one running executor. Methods block until what they write is on disk; OSError when it can't be.

    Threads take turns: who fails takes back no other's line, and nobody writes while the file is written anew.
    """

    def __init__(self, path: Path, known: Known, lock: int) -> None:
        self._path, self.known, self._lock = path, known, lock
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._cut = os.fstat(self._file).st_size
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def add(self, line: Line) -> None:
        """Append and flush; what could not be flushed is taken back, and counts as never said."""
        data = _encoded(line)
        with self._turn:
            self._take_back_the_name()
            if os.fstat(self._file).st_size > self._cut:
                os.ftruncate(self._file, self._cut)  # what could not be taken back the last time
            try:
                _write_all(self._file, data)
                os.fsync(self._file)
            except OSError:
                os.ftruncate(self._file, self._cut)
                raise
            self._cut += len(data)
            self.known.learn(line)
            if self._cut > _MOST_BYTES:
                self._shorten()

    def close(self) -> None:
        """Let another executor have the file."""
        os.close(self._file)
        os.close(self._lock)

    def _shorten(self) -> None:
        """Keep the newer half; where there is no room to write it anew, all goes on growing."""
        known = read(self._path, with_sent=True)
        known.sent = known.sent[len(known.sent) // 2 :]
        with suppress(OSError):
            _write_whole(self._path, known)
        self._take_up()

    def _take_back_the_name(self) -> None:
        """Somebody may have put another file in its place while we run, or taken it away: what is written then would be
        read by nobody."""
        with suppress(FileNotFoundError):
            if os.stat(self._path).st_ino == os.fstat(self._file).st_ino:
                return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_whole(self._path, self.known)
        self._take_up()

    def _take_up(self) -> None:
        fresh = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        os.close(self._file)
        self._file = fresh
        self._cut = os.fstat(fresh).st_size


def open_journal(folder: Path, new_id: UUID) -> Journal:
    """The first file that no running executor has, or a new one; raises Damaged, and keeps the file aside."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = 1
    while True:
        lock = os.open(folder / f"executor-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            number += 1
            continue
        path = folder / f"executor-{number}.log"
        try:
            if not path.exists():
                _write_whole(path, Known(file_id=new_id))
            return Journal(path, _readable(path), lock)
        except BaseException:
            os.close(lock)
            raise


def read_folder(folder: Path, *, with_sent: bool = False) -> tuple[list[Known], list[str]]:
    """What every file here knows, and the names of those that can't be read."""
    known, damaged = [], []
    for path in sorted(folder.glob("executor-*.log")):
        try:
            known.append(read(path, with_sent=with_sent))
        except (Damaged, OSError):
            damaged.append(path.name)
    return known, damaged


def read(path: Path, *, with_sent: bool = False) -> Known:
    """What a file knows, up to its last whole line; raises Damaged, and OSError where it may not be read."""
    whole, known = _whole_lines(path), None
    for number, text in enumerate(whole):
        line = _decoded(text)
        if line is None:
            if number == len(whole) - 1 and known is not None:
                break
            raise Damaged(path.name)
        if known is None:
            if line.file_id is None:
                raise Damaged(path.name)
            known = Known(file_id=line.file_id)
        known.learn(line)
        if with_sent:
            known.sent += line.sent
    if known is None:
        raise Damaged(path.name)
    return known


def _whole_lines(path: Path) -> list[bytes]:
    if path.exists() and not path.is_file():
        raise Damaged(path.name)  # a folder, or a pipe, which would be waited for
    return path.read_bytes().split(b"\n")[:-1]


def put_aside(folder: Path, name: str) -> None:
    """Keep a damaged file under another name, so that the executor gets a new one."""
    path = folder / name
    number = 1
    while (aside := path.with_suffix(f".damaged-{number}")).exists():
        number += 1
    path.rename(aside)


def _readable(path: Path) -> Known:
    """What the file knows; a last line that was cut off is taken away, or the next one would be glued to it."""
    known = read(path)
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    last = data[:end].rstrip(b"\n").rsplit(b"\n", 1)[-1]
    if _decoded(last) is None:
        end -= len(last) + 1
    if end < len(data):
        os.truncate(path, end)
    return known


def _encoded(line: Line) -> bytes:
    text = msgspec.json.encode(line)
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decoded(text: bytes) -> Line | None:
    checksum, _, body = text.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        return None
    try:
        return msgspec.json.decode(body, type=Line)
    except msgspec.DecodeError:
        return None


def _write_whole(path: Path, known: Known) -> None:
    """Written beside, flushed and moved into place."""
    beside = path.with_suffix(".new")
    line = Line(
        file_id=known.file_id,
        installation=known.installation or None,
        position=known.position,
        restore=known.restore,
        heads=known.heads,
        sent=known.sent,
    )
    with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(_encoded(line))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    _flush_folder(path.parent)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _flush_folder(folder: Path) -> None:
    """What was moved into a folder stays there."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
