"""A worker's side: reads the settings or is given them, works, beats, and ends with its master.

Who kills the master leaves no worker behind: the kernel sends each SIGTERM (Linux), the socket to the master ends
(everywhere), and whoever has not finished some seconds later is ended by an alarm that no code of ours can hold up.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from server.life import Life, StartRefused
from server.logs import configure_logs, lost_lines, never_waiting
from server.processes.messages import Beat, Begin, Drain, FromMaster, Go, Leaving, Problems, Ready, Waiting, tell
from server.processes.worker import EXIT_CONFIG

if TYPE_CHECKING:
    from server.processes.kinds import Kind

WorkOf = Callable[[Life], Awaitable[None]]

_log = structlog.get_logger(__name__)
_PR_SET_PDEATHSIG = 1
_BEAT_SECONDS = 1.0
_ORPHAN_SECONDS = 10
_FIRST_TO_GO = "500"
"""Where memory is short, the kernel ends a worker of the API rather than the database or who sends (oom_score_adj)."""


def main(words: Sequence[str]) -> int:
    """Be a worker until told to end; the exit code."""
    kind_name, config, host, port, name, descriptor = words
    control = socket.socket(fileno=int(descriptor))
    os.set_inheritable(control.fileno(), False)
    _tie_to_master(first_to_go=kind_name == "api")
    from server.processes.kinds import KINDS  # nothing is imported before the master's end would be noticed

    kind = KINDS[kind_name]
    configure_logs(kind.process)
    with never_waiting():
        return _work(kind, Path(config), host, int(port), name, control)


def _work(kind: Kind, config: Path, host: str, port: int, name: str, control: socket.socket) -> int:
    from server.processes.kinds import Order

    master = FromMaster(control)
    begin = master.next()
    if not isinstance(begin, Begin):
        return 0
    loaded = kind.load(config, host, port, begin.settings)
    if isinstance(loaded, list):
        tell(control, Problems([(each.place, each.text) for each in loaded]))
        return EXIT_CONFIG
    settings, plan = loaded
    if begin.settings is None:
        tell(control, plan)
    go = master.next()
    if not isinstance(go, Go):
        return 0
    _bound_memory(plan.memory)
    sockets = [socket.socket(fileno=one) for one in master.sockets]
    worker = _Work(control, master, Life(last=False, at_once=go.at_once))
    try:
        order = Order(settings=settings, plan=plan, sockets=sockets, number=go.number, name=name)
        worker.run(lambda life: kind.run(order, life))
    except StartRefused as refused:
        tell(control, Problems([("", str(refused))]))
        return EXIT_CONFIG
    return 0


class _Work:
    """What surrounds the work of a kind: signals, the master's words, beats."""

    def __init__(self, control: socket.socket, master: FromMaster, life: Life) -> None:
        self._control, self._master, self._life = control, master, life
        life.told = _Voice(control)

    def run(self, work: WorkOf) -> None:
        """Do the work. Raises what it raises."""
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._live(work))

    async def _live(self, work: WorkOf) -> None:
        loop = asyncio.get_running_loop()
        # Told by somebody else than the master, who then needs another one.
        for kind in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(kind, self._leave)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        threading.Thread(target=self._listen, args=(loop,), name="master", daemon=True).start()
        beating = asyncio.create_task(self._beat(), name="beat")
        try:
            await work(self._life)
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    def _leave(self) -> None:
        if not self._life.stop.is_set():
            tell(self._control, Leaving())
        self._life.end(last=False)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread of its own: a loop that hangs must not keep a worker alive that nobody owns."""
        with contextlib.suppress(RuntimeError):  # the loop is over
            while (message := self._master.next()) is not None:
                if isinstance(message, Drain):
                    loop.call_soon_threadsafe(self._end, message.last)
            signal.alarm(_ORPHAN_SECONDS)
            loop.call_soon_threadsafe(self._end, True)
            _log.warning("the master is gone; ending")

    def _end(self, last: bool) -> None:
        self._life.end(last=last)

    async def _beat(self) -> None:
        while True:
            tell(self._control, Beat(lost_lines()))
            await asyncio.sleep(_BEAT_SECONDS)


class _Voice:
    """Tells the master how the worker is."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def ready(self) -> None:
        tell(self._control, Ready())

    def waiting(self, why: str) -> None:
        tell(self._control, Waiting(why))


def _tie_to_master(*, first_to_go: bool) -> None:
    """Be told by the kernel when the master is gone, and perhaps be the first to go when memory is short."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(ImportError, OSError, MemoryError, AttributeError):  # a sandbox may forbid it
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if first_to_go:
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, "ascii")


def _bound_memory(megabytes: int) -> None:
    """One call that wants twice of what a worker should hold is refused, instead of taking the machine down."""
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = 2 * megabytes << 20
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
