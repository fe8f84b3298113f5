"""The master of a service: holds its listening sockets, keeps its workers, reloads on SIGHUP, drains on SIGTERM.

It is one loop over facts: what workers have said, who has ended, what signals have asked for. It never waits for a
worker. While it reloads, new workers with the interpreter, the code, the settings and the certificates of now are
brought up beside the old ones; those leave only when the new ones work.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from server.environment import workers_environment
from server.logs import configure_logs, never_waiting
from server.processes import listening
from server.processes.crew import START_SECONDS, Crew
from server.processes.figures import FiguresFolder
from server.processes.listening import PortTaken
from server.processes.messages import Plan
from server.processes.notify import Notify
from server.processes.worker import EXIT_CONFIG, Worker, worker_command

_log = structlog.get_logger(__name__)
_TICK_SECONDS = 0.2
_SLEPT_SECONDS = 3.0
_ANSWER_SECONDS = 15.0
_GRACE_SECONDS = 5.0
_LOOK_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a master has ended: its exit code, and the mistakes in the settings or the sentence that says why."""

    code: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""


def _refused(worker: Worker, text: str = "") -> Ending:
    """The end by a worker that will not start; what is not a mistake in the settings has no place there."""
    found = worker.problems or []
    if any(place for place, _ in found):
        return Ending(code=EXIT_CONFIG, problems=found)
    return Ending(code=EXIT_CONFIG if found else 1, text="; ".join(words for _, words in found) or text)


def run(kind: str, arguments: Sequence[str]) -> Ending:
    """Be the master of workers of a kind, each started with these arguments, until SIGTERM or SIGINT.

    Ends with 78 when the settings are wrong at its start, with 1 when the port is taken.
    """
    configure_logs(f"{kind} master")
    # Before the loop can take them: a reload that comes this early has nothing to reload.
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    figures = FiguresFolder()
    try:
        with never_waiting(), asyncio.Runner() as runner:
            return runner.run(_Master(kind, arguments, figures).run())
    finally:
        figures.close()
        signal.signal(signal.SIGHUP, before)


class _Master:
    def __init__(self, kind: str, arguments: Sequence[str], figures: FiguresFolder) -> None:
        self._kind, self._arguments = kind, arguments
        self._figures = figures
        self._notify = Notify()
        self._wake = asyncio.Event()
        self._workers: list[Worker] = []
        self._crew: Crew | None = None
        self._next: Crew | None = None
        self._passed: list[socket.socket] = []
        self._reload = self._stop = self._announced = self._worked = False
        self._ending: Ending | None = None
        self._terminal = _has_terminal()
        self._ticked = self._look_at = 0.0

    async def run(self) -> Ending:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGINT, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_reload)
        loop.add_signal_handler(signal.SIGCHLD, self._wake.set)
        self._ticked = loop.time()
        try:
            self._passed = listening.passed()
            self._next = self._bring()
            while self._ending is None or self._workers:
                self._tick(loop.time())
                self._wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_TICK_SECONDS):
                        await self._wake.wait()
        except PortTaken as taken:
            return Ending(code=1, text=str(taken))
        finally:
            # Only after a bug of ours: they see that their master is gone, too.
            for worker in self._workers:
                worker.signal(signal.SIGTERM)
        return self._ending

    # --- what signals ask for

    def _asked_to_stop(self) -> None:
        self._stop = True
        self._wake.set()

    def _asked_to_reload(self) -> None:
        if self._terminal and not _has_terminal():
            _log.warning("the terminal is gone; ending")
            self._asked_to_stop()
            return
        self._reload = True
        self._wake.set()

    # --- one look at everything

    def _tick(self, now: float) -> None:
        if now - self._ticked > _SLEPT_SECONDS:
            for worker in self._workers:  # we slept, perhaps they didn't
                worker.heard = now
        self._ticked = now
        self._notify.alive(now)
        for worker in [one for one in self._workers if one.look()]:
            self._workers.remove(worker)
            self._figures.forget_present(worker.number)
        if self._stop and self._ending is None:
            self._end(Ending())
        if self._ending is None:
            self._advance(now)
        self._look_after(now)

    def _advance(self, now: float) -> None:
        if self._next is not None:
            self._bring_up(self._next, now)
        elif self._reload and self._may_reload():
            self._reload = False
            self._notify.reloading()
            _log.info("reloading")
            self._next = self._bring()
        if self._crew is not None and self._ending is None:
            self._keep(self._crew, now)

    def _may_reload(self) -> bool:
        """Not before the crew of the last one has left: there are never more than two, with their connections."""
        return self._announced and not any(worker.draining for worker in self._workers)

    def _keep(self, crew: Crew, now: float) -> None:
        self._worked = self._worked or any(worker.works for worker in crew.workers)
        refused = next((one for one in crew.workers if one.refused), None)
        if refused is not None and not self._worked:
            self._end(_refused(refused))
            return
        crew.keep(now)
        if not self._announced and crew.up:
            self._announced = True
            self._tell_ready(crew)

    def _tell_ready(self, crew: Crew) -> None:
        where = [_where(one) for one in crew.sockets]
        _log.info("serving", at=where, workers=len(crew.places), works=crew.ready)
        waits = next((worker.why for worker in crew.workers if worker.waits), "")
        self._notify.ready(f"Waiting: {waits}" if waits else f"Serving {' '.join(where)}".strip())

    # --- generations

    def _bring(self) -> Crew:
        first = self._hire()
        first.begin(None)
        return Crew(self._hire, first, asyncio.get_running_loop().time() + START_SECONDS)

    def _hire(self) -> Worker:
        taken = {worker.number for worker in self._workers}
        number = next(number for number in range(len(taken) + 1) if number not in taken)
        environment = workers_environment(str(self._figures.path))
        worker = Worker(worker_command(self._kind, self._arguments), environment, number, self._wake.set)
        self._workers.append(worker)
        return worker

    def _bring_up(self, crew: Crew, now: float) -> None:
        reason = crew.trouble(now)
        if reason is not None:
            self._refuse(crew, reason, _refused(crew.first, reason))
            return
        if crew.plan is None and crew.first.plan is not None:
            try:
                sockets = self._sockets_for(crew.first.plan)
            except PortTaken as taken:
                self._refuse(crew, str(taken), Ending(code=1, text=str(taken)))
                return
            crew.launch(crew.first.plan, sockets, at_once=self._crew is None)
        if crew.plan is not None and (self._crew is None or crew.ready):
            self._promote(crew)

    def _sockets_for(self, plan: Plan) -> Sequence[socket.socket]:
        """Those of the present crew when the place is the same: the socket is never closed meanwhile."""
        old = self._crew
        if plan.port == 0:
            return ()
        if self._passed:
            return self._passed
        if old is not None and old.plan is not None and (old.plan.host, old.plan.port) == (plan.host, plan.port):
            return old.sockets
        return listening.listen(plan.host, plan.port)

    def _promote(self, crew: Crew) -> None:
        old, self._crew, self._next = self._crew, crew, None
        if old is None or old.plan is None:
            return
        for worker in old.workers:
            worker.drain(old.plan.drain + _GRACE_SECONDS, last=False)
        if old.sockets is not crew.sockets:
            listening.close(old.sockets)
        _log.info("reloaded", workers=len(crew.places))
        self._tell_ready(crew)

    def _refuse(self, crew: Crew, why: str, ending: Ending) -> None:
        """A start is over by it; a reload leaves everything as it was."""
        self._next = None
        if self._crew is None:
            self._end(ending)
            return
        for worker in crew.workers:
            worker.drain(_GRACE_SECONDS, last=False)
        if crew.sockets and crew.sockets is not self._crew.sockets:
            listening.close(crew.sockets)
        _log.error("reload refused; the old workers go on with the old settings", why=why)
        self._notify.ready(f"Reload refused: {why}")

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._notify.stopping()
        _log.info("ending", workers=len(self._workers))
        plan = self._crew.plan if self._crew is not None else None
        for worker in self._workers:
            worker.drain((plan.drain if plan is not None else 0.0) + _GRACE_SECONDS, last=True)
        for crew in (self._crew, self._next):
            if crew is not None:
                listening.close(crew.sockets)

    # --- those who don't answer, don't end, or want too much

    def _look_after(self, now: float) -> None:
        for worker in self._workers:
            if worker.kill_at is not None and now >= worker.kill_at:
                _log.error("a worker did not end in time; it is killed", worker=worker.pid)
                worker.kill_at = None
                worker.signal(signal.SIGKILL)
            patience = _ANSWER_SECONDS if worker.works or worker.waits else START_SECONDS + _ANSWER_SECONDS
            if not worker.draining and now - worker.heard > patience:
                _log.error("a worker does not answer; it is killed", worker=worker.pid, seconds=patience)
                worker.heard = now
                worker.signal(signal.SIGKILL)
        if now >= self._look_at and self._crew is not None and self._crew.plan is not None:
            self._look_at = now + _LOOK_SECONDS
            for worker in self._crew.workers:
                self._weigh(worker, self._crew.plan.memory)

    def _weigh(self, worker: Worker, most: int) -> None:
        if not worker.heavy and (weight := worker.megabytes()) > most:
            worker.heavy = True
            _log.warning("a worker holds too much memory; another one takes its place", worker=worker.pid, mb=weight)


def _where(one: socket.socket) -> str:
    name = one.getsockname()
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
