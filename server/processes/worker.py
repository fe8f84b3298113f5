"""One worker as its master sees it: a fresh interpreter, a socket to it, and what it last said."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from server.processes.messages import (
    Beat,
    Begin,
    Drain,
    FromWorker,
    Go,
    Leaving,
    Lines,
    Plan,
    Problems,
    Ready,
    Waiting,
    tell,
)

_log = structlog.get_logger(__name__)
_CHUNK = 1 << 16
EXIT_CONFIG = 78


class Worker:
    """Its life from its start to its end; `wake` is called whenever something about it has changed."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], number: int, wake: Callable[[], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.number = number
        self.plan: Plan | None = None
        self.problems: list[tuple[str, str]] | None = None
        self.works = self.waits = self.leaving = self.draining = self.gone = False
        self.heavy = False
        self.why = ""
        self.lost = 0
        self.born = self.heard = loop.time()
        self.kill_at: float | None = None
        self._wake, self._loop = wake, loop
        self._lines = Lines(FromWorker)
        self._control, theirs = socket.socketpair()
        try:
            # In a process group of its own: Ctrl-C is for the master, and a stopped worker whose master is killed is
            # an orphaned group, which the kernel wakes.
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env=environment,
                pass_fds=[theirs.fileno()],
                process_group=0,
            )
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()
        self._control.setblocking(False)
        loop.add_reader(self._control.fileno(), self._hear)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def begin(self, settings: dict[str, bytes | None] | None) -> None:
        """Let it read the settings, or take these."""
        tell(self._control, Begin(settings))

    def go(self, sockets: Sequence[socket.socket], *, at_once: bool) -> None:
        """Let it work on these listening sockets."""
        fds = [one.fileno() for one in sockets]
        tell(self._control, Go(self.number, len(fds), at_once), fds)

    def drain(self, seconds: float, *, last: bool) -> None:
        """Let it finish what it began; it is killed after so many seconds."""
        limit = self._loop.time() + seconds
        self.kill_at = limit if self.kill_at is None else min(limit, self.kill_at)
        told = self.works or self.waits
        if last or not self.draining:
            tell(self._control, Drain(last))
        if not told:
            self.signal(signal.SIGTERM)  # it has begun nothing yet
        self.draining = True
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        """Send it a signal, unless it is gone."""
        if not self.gone:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def look(self) -> bool:
        """Whether it has ended since the last look."""
        if self.gone or self._process.poll() is None:
            return False
        self._hear()  # its last words
        self.gone = True
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        return True

    @property
    def how(self) -> str:
        """How it ended, for people."""
        code = self._process.returncode
        if code is not None and code < 0:
            with suppress(ValueError):
                return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    @property
    def refused(self) -> bool:
        """Whether it ended because it will not work like this, however often it is tried."""
        return self.gone and self._process.returncode == EXIT_CONFIG

    def megabytes(self) -> int:
        """What it holds in memory, where the system tells."""
        with suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE") >> 20
        return 0

    def _hear(self) -> None:
        while not self.gone:
            try:
                data = self._control.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                # Its end is told by SIGCHLD; a reader at the end of a stream would be called for ever.
                self._loop.remove_reader(self._control.fileno())
                return
            try:
                for message in self._lines.feed(data):
                    self._take(message)
            except ValueError as error:
                _log.error("a worker told nonsense", worker=self.pid, error=str(error))
                self.signal(signal.SIGKILL)
                return

    def _take(self, message: Any) -> None:
        self.heard = self._loop.time()
        match message:
            case Plan():
                self.plan = message
            case Problems(found):
                self.problems = found
            case Ready():
                self.works, self.waits, self.why = True, False, ""
            case Waiting(why):
                self.waits, self.why = True, why
            case Leaving():
                self.leaving = True
            case Beat(lost):
                self.lost = lost
                return
        self._wake()


def worker_command(kind: str, arguments: Sequence[str]) -> list[str]:
    """How a worker is started: the interpreter of now with the code of now."""
    return [sys.executable, "-m", "server.processes", kind, *arguments]
