"""The file channel's hands at the bank's SFTP drop: put a file under its name once, look for it, give its name up."""

from __future__ import annotations

import contextlib
import errno
import hashlib
from enum import StrEnum
from typing import Final, Protocol

import msgspec
import paramiko

from server.channels.scb_file_format import ResultFile, ResultLine, Upload, file_name, read_result, result_stem
from server.sftp import REMOTE_ERRORS, Address, session

_MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_RESULTS: Final = 8
_MOST_LOOKED_THROUGH: Final = 2000


class Folders(Address, Protocol):
    """Where the drop is, and its folders."""

    @property
    def inbox(self) -> str: ...
    @property
    def taken(self) -> str: ...
    @property
    def results(self) -> str: ...


class Put(StrEnum):
    """How an upload ended. `NOT_PUT` is proof that this call put nothing under the file's name."""

    DONE = "done"
    NOT_PUT = "not_put"
    GIVEN_UP = "given_up"
    UNKNOWN = "unknown"


class Place(StrEnum):
    """What stands under a file's name, in the inbox or among the files that the bank has taken."""

    THERE = "there"
    ABSENT = "absent"
    GIVEN_UP = "given_up"
    UNKNOWN = "unknown"


class Look(msgspec.Struct, frozen=True):
    """What one look at the drop found; `contradiction` when two whole result files disagree."""

    place: Place
    result: ResultFile | None = None
    contradiction: bool = False


class FileDrop:
    """Blocking, for worker threads; every call is a session of its own and raises NoSession when there is none.

    A key of ours that can't be read raises here, at the start, and not when money is to be sent.
    """

    def __init__(self, folders: Folders) -> None:
        paramiko.PKey.from_path(folders.private_key)
        self._folders = folders

    def put(self, upload: Upload) -> Put:
        """Write beside the name, read back, and only then rename, which fails where the name is taken."""
        with session(self._folders) as sftp:
            try:
                there = self._place(sftp, upload.batch_ref)
                if there is not Place.ABSENT:
                    return _already(there)
                waiting, final = f"{self._folders.inbox}/{upload.name}.tmp", f"{self._folders.inbox}/{upload.name}"
                if not _written(sftp, waiting, upload.content):
                    return Put.NOT_PUT
            except REMOTE_ERRORS:
                return Put.NOT_PUT
            return self._rename(sftp, waiting, final, upload.batch_ref)

    def look(self, batch_ref: str) -> Look:
        """The results first: whoever finds none may still find the file."""
        with session(self._folders) as sftp:
            try:
                results = self._results(sftp, batch_ref)
                place = self._place(sftp, batch_ref)
            except REMOTE_ERRORS:
                return Look(Place.UNKNOWN)
        # Copies of one result may differ in when they were written, never in what they say.
        said = {msgspec.json.encode((result.refused, result.lines), order="sorted") for result in results}
        return Look(place, results[0] if results else None, contradiction=len(said) > 1)

    def is_there(self) -> bool:
        """Whether each of the folders is."""
        with session(self._folders) as sftp:
            try:
                for folder in (self._folders.inbox, self._folders.taken, self._folders.results):
                    sftp.stat(folder)
            except REMOTE_ERRORS:
                return False
        return True

    def all_results(self) -> dict[str, list[ResultLine]]:
        """What all result files that are still there say, by reference; as far as it could be read."""
        found: dict[str, list[ResultLine]] = {}
        with session(self._folders) as sftp, contextlib.suppress(*REMOTE_ERRORS):
            names = sorted(one for one in sftp.listdir(self._folders.results) if one.endswith(".txt"))
            for name in names[-_MOST_LOOKED_THROUGH:]:
                result = self._result(sftp, name)
                for reference, line in result.lines.items() if result else ():
                    found.setdefault(reference, []).append(line)
        return found

    def give_up(self, batch_ref: str) -> bool:
        """Put an empty file under the name where nothing is; whether that was done. The bank refuses empty files."""
        with session(self._folders) as sftp:
            try:
                with sftp.open(f"{self._folders.inbox}/{file_name(batch_ref)}", "wx"):
                    pass
                # A late upload may have come and been taken since we looked; then the empty file is one name too many.
                return self._place(sftp, batch_ref) is Place.GIVEN_UP
            except REMOTE_ERRORS:
                return False

    def _rename(self, sftp: paramiko.SFTPClient, waiting: str, final: str, batch_ref: str) -> Put:
        try:
            sftp.rename(waiting, final)
        except (TimeoutError, EOFError, paramiko.SSHException):
            return Put.UNKNOWN
        except OSError:
            # The server's no, if it still answers on this session; else the connection is gone and nobody knows.
            with contextlib.suppress(*REMOTE_ERRORS):
                there = self._place(sftp, batch_ref)
                return Put.NOT_PUT if there is Place.ABSENT else _already(there)
            return Put.UNKNOWN
        return Put.DONE

    def _place(self, sftp: paramiko.SFTPClient, batch_ref: str) -> Place:
        """The inbox first: the bank moves files from there to those it has taken, never back."""
        folders = (self._folders.inbox, self._folders.taken)
        sizes = [_size_in(sftp, folder, file_name(batch_ref)) for folder in folders]
        if any(sizes):
            return Place.THERE
        return Place.ABSENT if sizes == [None, None] else Place.GIVEN_UP

    def _results(self, sftp: paramiko.SFTPClient, batch_ref: str) -> list[ResultFile]:
        folder = self._folders.results
        wanted = result_stem(batch_ref)
        names = sorted(name for name in sftp.listdir(folder) if name.startswith(wanted) and name.endswith(".txt"))
        found = []
        for name in names[:_MOST_RESULTS]:
            result = self._result(sftp, name)
            if result is not None and result.batch_ref == batch_ref:
                found.append(result)
        return found

    def _result(self, sftp: paramiko.SFTPClient, name: str) -> ResultFile | None:
        """A whole result file; None for anything else."""
        path = f"{self._folders.results}/{name}"
        content, proof = _read(sftp, path), _read(sftp, f"{path}.sha256")
        if content is None or proof is None or proof[:64] != hashlib.sha256(content).hexdigest().encode():
            return None
        return read_result(content)


def _already(there: Place) -> Put:
    return {Place.THERE: Put.DONE, Place.GIVEN_UP: Put.GIVEN_UP}.get(there, Put.UNKNOWN)


def _written(sftp: paramiko.SFTPClient, path: str, content: bytes) -> bool:
    """Write, then believe only size and hash of what can be read back: servers have reported success for nothing."""
    with sftp.open(path, "w") as file:
        file.write(content)
    return _size(sftp, path) == len(content) and _read(sftp, path) == content


def _size(sftp: paramiko.SFTPClient, path: str) -> int | None:
    try:
        return sftp.stat(path).st_size or 0
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise


def _size_in(sftp: paramiko.SFTPClient, folder: str, name: str) -> int | None:
    """None where the folder is there and the file is not; a folder that is missing proves nothing and raises."""
    size = _size(sftp, f"{folder}/{name}")
    if size is None:
        sftp.stat(folder)
    return size


def _read(sftp: paramiko.SFTPClient, path: str) -> bytes | None:
    size = _size(sftp, path)
    if size is None or size > _MOST_BYTES:
        return None
    with sftp.open(path, "r") as file:
        file.prefetch(size)
        return file.read(size + 1)
