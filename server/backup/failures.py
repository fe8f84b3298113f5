"""How a backup, a proof or a restoration fails: always by a named cause, told in one sentence with what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path


class Cause(StrEnum):
    """The closed list of causes; the status tells them by these names."""

    DISK_FULL = "disk_full"
    DISK = "disk"
    FOLDER = "folder"
    BUSY = "busy"
    KEYS = "keys"
    DATABASE = "database"
    TOOLS = "tools"
    DAMAGED = "damaged"
    NOT_EMPTY = "not_empty"
    NOT_THERE = "not_there"
    NOT_PROVED = "not_proved"
    STOPPED = "stopped"


class BackupFailed(Exception):
    """The text says what happened, why and what to do; it holds nothing personal and no password."""

    def __init__(self, cause: Cause, text: str) -> None:
        super().__init__(text)
        self.cause = cause


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_WORDS = ("No space left on device", "Disk quota exceeded")


def full(folder: Path) -> BackupFailed:
    """The disk under a folder is full."""
    text = f"the disk of {folder} is full: free some space or name a larger disk in [backup] folder"
    return BackupFailed(Cause.DISK_FULL, f"{text}; backups made before are whole")


def says_full(text: str) -> bool:
    """Whether a program or a server said that a disk is full."""
    return any(sign in text for sign in _FULL_WORDS)


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Turns what a disk refuses into a named cause."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise full(folder) from error
        raise BackupFailed(Cause.DISK, f"{folder}: {error.strerror or error}") from error
