"""PostgreSQL's own programs: which of them fit a server, and running one that ends when its owner does."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Final

from psycopg import pq

from server.backup.failures import BackupFailed, Cause, full, says_full
from server.database.embedded import program_folder
from server.environment import foreign_environment

_CHUNK: Final = 1 << 20
_LAST_WORDS: Final = 12
_INSTALLED: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)
_ERROR = re.compile("error|ERROR|fatal|FATAL")
_VERSION = re.compile(r"\(PostgreSQL\) ([0-9]+)")

# The tool dies with its owner, and so do its own children: the kernel closes the pipe that the owner holds, also of one
# that was killed. `kill 0` means the shell's own group.
_WATCHER: Final = """
exec 3<&0
"$@" 3<&- </dev/null &
tool=$!
( trap '' TERM; read -r _ <&3; kill -TERM 0 ) 2>/dev/null &
reader=$!
wait "$tool"; status=$?
kill -KILL "$reader" 2>/dev/null
exit "$status"
"""


@cache
def installed(further: tuple[str, ...] = ()) -> dict[int, Path]:
    """Folders of PostgreSQL's programs by major version: those of the settings first, then ours, then the system's."""
    found: dict[int, Path] = {}
    system = (path for pattern in _INSTALLED for path in sorted(Path("/").glob(pattern.lstrip("/"))))
    for folder in (*map(Path, further), program_folder(), *system):
        major = _major(folder / "pg_dump")
        if major:
            found.setdefault(major, folder)
    return found


def fitting(major: int, further: tuple[str, ...] = (), *, least: int = 0) -> tuple[int, Path]:
    """Programs for a server of this major version, and not older than `least`: its own, else the next newer ones."""
    have = installed(further)
    fit = sorted(one for one in have if one >= max(major, least))
    if not fit:
        text = f"no programs for PostgreSQL {max(major, least)} are here (found: {', '.join(map(str, have)) or 'none'})"
        raise BackupFailed(
            Cause.TOOLS,
            f"{text}; install postgresql-client-{max(major, least)} or name their folder in [backup] binaries",
        )
    return fit[0], have[fit[0]]


def run(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    folder: Path,
    sink: Callable[[bytes], object] | None = None,
    line: Callable[[str], object] | None = None,
    cause: Cause = Cause.TOOLS,
) -> None:
    """Run a program to its end; `sink` gets what it prints, `line` each line that it says on standard error.

    Raises BackupFailed with its last words when it fails, by `cause` unless the disk was full or the server went away.
    What `sink` raises ends the program.
    """
    words: list[str] = []
    process = subprocess.Popen(
        ["/bin/sh", "-c", _WATCHER, "sheaf-tool", *map(str, command)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if sink else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**foreign_environment(), **environment, "LC_ALL": "C"},
        start_new_session=True,
        umask=0o077,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    hearer = threading.Thread(target=_hear, args=(process.stderr, words, line), daemon=True)
    hearer.start()
    try:
        if sink is not None:
            assert process.stdout is not None
            while piece := process.stdout.read(_CHUNK):
                sink(piece)
        status = process.wait()
    finally:
        process.stdin.close()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()
        hearer.join()
        process.stderr.close()
    if status != 0:
        raise _failure(Path(command[0]).name, words, folder, cause)


def _hear(pipe: IO[bytes], words: list[str], line: Callable[[str], object] | None) -> None:
    for raw in pipe:
        said = raw.decode("utf-8", "replace").rstrip()
        if line is not None:
            line(said)
        words.append(said)
        del words[:-_LAST_WORDS]


def _failure(name: str, words: Sequence[str], folder: Path, cause: Cause) -> BackupFailed:
    told = [word for word in words if _ERROR.search(word)] or list(words[-1:])
    if any(says_full(word) for word in words):
        return full(folder)
    if any("connection" in word for word in told):
        cause = Cause.DATABASE
    # A failing row is quoted in CONTEXT and DETAIL lines; the errors themselves name tables and roles only.
    return BackupFailed(cause, f"{name}: {'; '.join(told[:3]) or 'it failed and said nothing'}")


def address(url: str, database: str = "") -> dict[str, str]:
    """A URL as the variables that PostgreSQL's programs read: a password in arguments could be seen by everybody."""
    found = {}
    for option in pq.Conninfo.parse(url.encode()):
        if option.val and option.envvar:
            found[option.envvar.decode()] = option.val.decode()
    return {**found, **({"PGDATABASE": database} if database else {})}


def _major(program: Path) -> int:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = _VERSION.search(said)
    return int(found[1]) if found else 0
