"""The folder of backups: private, one at a time at work in it, and nothing half in it that looks whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from server.backup import manifest as manifests
from server.backup.failures import BackupFailed, Cause, disk
from server.backup.manifest import Manifest
from server.backup.rules import Kept
from server.context import Vault
from server.database.embedded import EmbeddedPostgres, EmbeddedPostgresError

UNFINISHED: Final = ".unfinished-"
_DOOMED: Final = ".doomed-"
_SCRATCH: Final = ".scratch-"
_PROOF: Final = ".proof.json"
PROVE: Final = "prove"
RESTORE: Final = "restore"
_LONGEST_CHAIN: Final = 1000
_APART: Final = timedelta(minutes=5)
_AGAINST: Final = frozenset({Cause.DAMAGED.value, Cause.NOT_PROVED.value})


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How a proof ended; `cause` and `problem` are empty when all is well. Beside the backup and in the database.

    Looked at were so many audit entries, statements, documents, and payments, `waiting` of which are on no statement.
    """

    backup: str
    at: datetime
    seconds: int
    cause: str
    problem: str
    entries: int = 0
    payments: int = 0
    waiting: int = 0
    documents: int = 0
    statements: int = 0

    @property
    def well(self) -> bool:
        """Whether the backup was proved."""
        return not self.cause

    @property
    def against(self) -> bool:
        """Whether it speaks against the backup: a proof that could not be made says nothing of it."""
        return self.cause in _AGAINST


class Found(msgspec.Struct, frozen=True):
    """A backup in the folder; without a manifest it is damaged, and `problem` says how."""

    path: Path
    manifest: Manifest | None
    problem: str
    proof: Proof | None

    @property
    def id(self) -> str:
        """Its name."""
        return self.path.name


def open_shelf(folder: Path) -> Path:
    """The folder, made private when it is not there; refused when others may read in it or it is not ours."""
    with disk(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
    if about.st_uid != os.geteuid():
        raise BackupFailed(Cause.FOLDER, f"{folder} belongs to another user; run as its owner or name another folder")
    if stat.S_IMODE(about.st_mode) & 0o077:
        text = f"{folder} can be entered by others, and backups hold personal data; run: chmod 700 {folder}"
        raise BackupFailed(Cause.FOLDER, text)
    return folder


@contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Nobody else does `what` in this folder meanwhile; a second one is refused at once."""
    with disk(folder):
        descriptor = os.open(folder / f".{what}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = f"another `sheaf backup {what}` is at work in {folder}; wait for its end"
            raise BackupFailed(Cause.BUSY, text) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def held(*backups: Path) -> Iterator[None]:
    """Nobody deletes these backups meanwhile."""
    with ExitStack() as stack:
        for one in backups:
            stack.enter_context(_flock(one, fcntl.LOCK_SH))
        yield


@contextmanager
def _flock(found: Path, kind: int) -> Iterator[None]:
    descriptor = os.open(found, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def clear(folder: Path) -> None:
    """Remove what runs left that were killed; who calls it is alone with `run`."""
    for leftover in (*folder.glob(f"{UNFINISHED}*"), *folder.glob(f"{_DOOMED}*")):
        shutil.rmtree(leftover, ignore_errors=True)


def clear_scratch(folder: Path, purpose: str) -> None:
    """Remove what killed proofs and restorations left: whole copies of the database, servers and files; who calls it is
    alone with `purpose`. What is at work meanwhile, and a scratch server that still runs, stays."""
    for one in (PROVE, RESTORE):
        with suppress(BackupFailed), nullcontext() if one == purpose else alone(folder, one):
            for leftover in folder.glob(f"{_SCRATCH}{one}-*"):
                _clear_away(leftover)


def _clear_away(leftover: Path) -> None:
    with suppress(EmbeddedPostgresError, OSError):
        if leftover.is_dir():
            EmbeddedPostgres(leftover).destroy()
        else:
            leftover.unlink()


def scratch(folder: Path, name: str) -> Path:
    """Where a scratch cluster for this purpose lives; `clear_scratch` finds it."""
    return folder / f"{_SCRATCH}{name}-{os.getpid()}"


def finish(unfinished: Path, final: Path) -> None:
    """Make all durable, then give the backup its name in one step."""
    with disk(final.parent):
        for place, _, files in os.walk(unfinished):
            for name in files:
                sync(Path(place, name))
            sync(Path(place))
        unfinished.rename(final)
        sync(final.parent)


def sync(path: Path) -> None:
    """Let the disk have it now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def whole(folder: Path, vault: Vault) -> list[Found]:
    """Every backup with a name, oldest first; seal, presence and sizes of its files are looked at, contents are not."""
    named = sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    found = [look(one, vault) for one in named]
    return [_with_its_parent(one, {each.id for each in found}) for one in found]


def _with_its_parent(one: Found, there: set[str]) -> Found:
    if one.manifest is None or one.problem or one.manifest.parent in ("", *there):
        return one
    return Found(one.path, one.manifest, f"{one.id} builds on {one.manifest.parent}, which is not there", one.proof)


def look(path: Path, vault: Vault) -> Found:
    """One backup as `whole` sees it."""
    proof = proof_of(path)
    try:
        manifest = manifests.read(path, vault)
    except BackupFailed as failed:
        return Found(path, None, str(failed), proof)
    return Found(path, manifest, next(manifests.problems(path, manifest, thorough=False), ""), proof)


def chain(folder: Path, vault: Vault, found: Found) -> list[Found]:
    """The full copy that a backup builds on, what builds on that, and so on up to itself; raises when one is gone."""
    links = [found]
    while links[0].manifest is not None and links[0].manifest.parent:
        parent = links[0].manifest.parent
        if not (folder / parent).is_dir() or len(links) > _LONGEST_CHAIN:
            raise BackupFailed(Cause.DAMAGED, f"{found.id} builds on {parent}, which is not there")
        links.insert(0, look(folder / parent, vault))
    return links


def choose(folder: Path, vault: Vault, wanted: str, now: datetime) -> Found:
    """The backup of this name, or the newest when `wanted` is empty: one that a wrong clock has dated after `now` is it
    only where there is no other."""
    backups = sorted(whole(folder, vault), key=lambda one: not _is_ahead(one, now))
    for one in reversed(backups):
        if wanted in ("", one.id):
            return one
    if not backups:
        text = f"there is no backup in {folder}: `sheaf backup run` takes one, [backup] folder names another place"
        raise BackupFailed(Cause.NOT_THERE, text)
    known = ", ".join(one.id for one in backups[-5:])
    raise BackupFailed(Cause.NOT_THERE, f"there is no backup {wanted} in {folder}; the newest are: {known}")


def _is_ahead(found: Found, now: datetime) -> bool:
    return found.manifest is not None and found.manifest.begun_at > now + _APART


def proof_of(path: Path) -> Proof | None:
    """What stands beside a backup about its last proof."""
    try:
        return msgspec.json.decode(_proof_file(path).read_bytes(), type=Proof)
    except (OSError, msgspec.MsgspecError):
        return None


def put_proof(path: Path, proof: Proof) -> None:
    """Write a proof's result beside its backup, in one step."""
    file = _proof_file(path)
    temporary = file.with_name(f".{file.name}.new")
    with disk(path.parent):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(proof)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
        sync(path.parent)


def kept(found: Found) -> Kept | None:
    """What retention decides from; None for what is damaged, which only people delete."""
    if found.manifest is None:
        return None
    proved = None
    if found.proof is not None and (found.proof.well or found.proof.against):
        proved = found.proof.well
    return Kept(found.id, found.manifest.standing.at, found.manifest.parent, False if found.problem else proved)


def delete(path: Path) -> bool:
    """Delete a backup so that no half of it is ever seen; not one that is being proved or restored."""
    doomed = path.with_name(f"{_DOOMED}{path.name}")
    try:
        with _flock(path, fcntl.LOCK_EX):
            path.rename(doomed)
    except BlockingIOError:
        return False
    shutil.rmtree(doomed, ignore_errors=True)
    _proof_file(path).unlink(missing_ok=True)
    return True


def _proof_file(path: Path) -> Path:
    return path.with_name(f"{path.name}{_PROOF}")
