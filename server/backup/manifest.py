"""What a backup says of itself: every file with size and SHA-256, where the database stood, and a seal over all of it.

The seal is a digest and, under a key derived from the installation's, a MAC: a manifest that somebody wrote anew is
found, and so is a backup that other keys made. `keys.json` itself is never in a backup.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from server.backup.failures import BackupFailed, Cause
from server.context import Vault

MANIFEST: Final = "manifest.json"
SEAL: Final = "seal"
OURS: Final = frozenset({MANIFEST, SEAL})
_CHUNK: Final = 1 << 20
_SEAL_KEY: Final = b"sheaf-backup-seal"
_FINGERPRINT: Final = b"sheaf-keys-fingerprint"


class FileEntry(msgspec.Struct, frozen=True):
    """One file: its path in the backup, bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class Head(msgspec.Struct, frozen=True):
    """Where one branch's audit chain stood."""

    sequence: int
    hash: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where the database stood when the backup was taken; `exact` says that the rows are those of the copy itself."""

    database: str
    schema: str
    postgres: int
    at: datetime
    feed: int
    audit: dict[str, Head]
    rows: dict[str, int]
    exact: bool


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`way` is how the database was copied, by a tool of PostgreSQL's major version `tool`; `keys` a fingerprint;
    `owner` what the owner's role was called, for the names of all roles belong to the keys.

    `absent` are statements (SHA-256) that the database knows and the archive of originals lacked.
    """

    format: Literal[1] = 1
    id: str
    way: Literal["base", "dump"]
    reason: str
    tool: int
    parent: str = ""
    sheaf: str
    keys: str
    owner: str
    standing: Standing
    begun_at: datetime
    finished_at: datetime
    absent: list[str]
    files: list[FileEntry]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def fingerprint(vault: Vault) -> str:
    """Tells keys apart and says nothing about them."""
    return vault.derive(_FINGERPRINT).hex()[:16]


def entry_of(folder: Path, path: Path) -> FileEntry:
    """The entry of a file as it is on the disk now."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return FileEntry(path.relative_to(folder).as_posix(), size, digest.hexdigest())


def write(folder: Path, manifest: Manifest, vault: Vault) -> None:
    """Write the manifest and its seal, durably; the last thing before a backup gets its name."""
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    for name, text in ((MANIFEST, content), (SEAL, _seal(content, vault))):
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def read(folder: Path, vault: Vault) -> Manifest:
    """The manifest, if nobody changed it and these keys made it; raises BackupFailed naming what is wrong."""
    try:
        content, seal = (folder / MANIFEST).read_bytes(), (folder / SEAL).read_bytes()
    except OSError as error:
        raise BackupFailed(Cause.DAMAGED, f"{folder.name}: {Path(str(error.filename)).name} can't be read") from error
    wanted = _seal(content, vault)
    if not hmac.compare_digest(seal, wanted):
        raise _wrong_seal(folder.name, seal, wanted)
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        # It bears a right seal: another version of the program wrote it.
        raise BackupFailed(Cause.DAMAGED, f"{folder.name}: its manifest can't be read by this version") from error
    if manifest.id != folder.name:
        raise BackupFailed(Cause.DAMAGED, f"{folder.name}: this is the backup {manifest.id} under another name")
    return manifest


def problems(folder: Path, manifest: Manifest, *, thorough: bool) -> Iterator[str]:
    """What is wrong with the files: missing, too many, no plain file, cut off, or (`thorough`) another content."""
    listed = {file.path: file for file in manifest.files}
    found = set()
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name in OURS:
            continue
        found.add(name)
        if name not in listed:
            yield f"{name} does not belong to it"
        elif problem := _problem(folder, path, listed[name], thorough=thorough):
            yield problem
    for name in sorted(set(listed) - found):
        yield f"{name} is missing"


def _problem(folder: Path, path: Path, entry: FileEntry, *, thorough: bool) -> str | None:
    about = path.lstat()
    if not stat.S_ISREG(about.st_mode):
        return f"{entry.path} is no plain file"
    if about.st_size != entry.size:
        return f"{entry.path} has {about.st_size} bytes instead of {entry.size}"
    try:
        if thorough and entry_of(folder, path) != entry:
            return f"{entry.path} has another content than when it was made"
    except OSError as error:
        return f"{entry.path} can't be read: {error.strerror}"
    return None


def _files(folder: Path) -> Iterator[Path]:
    """Everything in the folder but folders, links included, in order; an empty folder counts as a thing too."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in sorted([*files, *links]):
            yield Path(place, name)
        if not folders and not files and Path(place) != folder:
            yield Path(place)


def _seal(content: bytes, vault: Vault) -> bytes:
    mac = hmac.digest(vault.derive(_SEAL_KEY), content, "sha256").hex()
    lines = ("sheaf-backup-1", hashlib.sha256(content).hexdigest(), fingerprint(vault), mac)
    return "\n".join((*lines, "")).encode()


def _wrong_seal(name: str, seal: bytes, wanted: bytes) -> BackupFailed:
    """Which of seal, manifest and keys is not as it was."""
    is_, must = seal.split(b"\n"), wanted.split(b"\n")
    if len(is_) != len(must) or is_[0] != must[0]:
        return BackupFailed(Cause.DAMAGED, f"{name}: its seal was changed")
    if is_[1] != must[1]:
        return BackupFailed(Cause.DAMAGED, f"{name}: its manifest or its seal was changed")
    if is_[2] != must[2]:
        text = f"{name}: it was made with other keys ({ascii(is_[2].decode('utf-8', 'replace'))[1:-1]}) than this"
        return BackupFailed(
            Cause.KEYS,
            f"{text} installation's ({must[2].decode()}); put back the keys.json of that time beside sheaf.toml",
        )
    return BackupFailed(Cause.DAMAGED, f"{name}: its seal was changed")
