"""The part of the SFTP tree that a partner may write: new files in the inbox, renamed when they are whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO, Final

import paramiko
from paramiko import sftp

from lab.sandbox_bank.faults import Fault, FaultBoard

INBOX: Final = "inbox"
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class InboxFile(paramiko.SFTPHandle):
    """A file that is being written; a fault cuts off its end although every write was answered with success."""

    writefile: BinaryIO
    readfile: BinaryIO

    def __init__(self, path: Path, flags: int, *, cut: bool) -> None:
        super().__init__(flags)
        self._path, self._cut = path, cut

    def close(self) -> None:
        """End the file, and cut it where the fault was struck."""
        super().close()
        if self._cut:
            os.truncate(self._path, self._path.stat().st_size // 2)


def wants_to_write(flags: int) -> bool:
    """Whether open flags are more than reading."""
    return bool(flags & _WRITES)


def may_write(root: Path, place: Path) -> bool:
    """Whether a partner may write here: directly in the inbox."""
    return place.parent == root / INBOX


def open_for_writing(place: Path, flags: int, faults: FaultBoard) -> Any:
    """A handle on a new or emptied file, or SFTP's error code; O_EXCL is kept."""
    kept = flags & (os.O_CREAT | os.O_EXCL | os.O_TRUNC | os.O_APPEND)
    try:
        descriptor = os.open(place, os.O_RDWR | kept, 0o600)
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno or 0)
    handle = InboxFile(place, flags, cut=faults.strike(Fault.UPLOAD_CUT, "upload") is not None)
    handle.writefile = handle.readfile = os.fdopen(descriptor, "r+b")
    return handle


def rename(old: Path, new: Path) -> int:
    """Rename as SFTP 3 wants it: refused where the new name exists."""
    try:
        os.link(old, new)
    except FileExistsError:
        return sftp.SFTP_FAILURE
    except OSError as error:
        return int(paramiko.SFTPServer.convert_errno(error.errno or 0))
    old.unlink()
    return sftp.SFTP_OK
