"""Every call to the database, one at a time: when its turn comes is drawn, and one that waits for a lock steps aside.

A call runs to its end without the loop going on, so nothing else in the simulation can happen meanwhile. One that
PostgreSQL keeps waiting is parked, and looked at again after each call that may have freed it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import select
import signal
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from lab.simulation.processes import Process, current

_LOOK = 4
"""Milliseconds after which a call that has not answered is looked at."""
_LOCK_WAIT = 10.0
"""Virtual seconds: the lock_timeout of the server's own connections, whose real clock stands still here."""

Call = Generator[Any, Any, Any]


@dataclass(eq=False)
class _Parked:
    connection: SimulatedConnection
    call: Call
    done: asyncio.Future[Any]
    wanted: int


class SimulatedConnection(psycopg.AsyncConnection[Any]):
    """A connection whose calls wait for their turn. It belongs to one process at a time and dies with it."""

    turns: Turns
    owner: Process | None = None
    cut: bool = False
    """The server has undone the transaction; the client, to which the session has ended, does not know it yet."""
    ended: bool = False
    """The server's side is gone for good."""

    def sleep(self) -> None:
        """Stop the server's side of it: several that one commit sets free would race each other otherwise."""
        os.kill(self.pgconn.backend_pid, signal.SIGSTOP)

    def wake(self) -> None:
        """Let the server's side go on."""
        os.kill(self.pgconn.backend_pid, signal.SIGCONT)

    async def wait(self, gen: Call, interval: float = 0.0, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - psycopg calls it with this name
        """Take a call's turn: the one door through which psycopg talks to the server."""
        return await self.turns.take(self, gen)


class Turns:
    """Runs calls; `draw` decides how long each one waits for its turn."""

    def __init__(self, monitor: psycopg.Connection[Any]) -> None:
        """`monitor` is the superuser's, in autocommit, and sees who waits for whom."""
        self.monitor = monitor
        self._parked: list[_Parked] = []
        self.begin(random.Random(0))

    def begin(self, draw: random.Random) -> None:
        """A new schedule: nothing is traced yet."""
        self._draw = draw
        self._trace = hashlib.sha256()
        self.calls = 0
        self.counts: Counter[str] = Counter()
        self.pace = draw.choice((0.0005, 0.002, 0.02))
        self.spy: Callable[[str], None] | None = None

    def note(self, text: str) -> None:
        """Add to the trace, by which two runs are known to be the same."""
        self._trace.update(f"{asyncio.get_running_loop().time():.6f} {text}\n".encode())
        if self.spy is not None:
            self.spy(text)

    @property
    def trace(self) -> str:
        """What has happened so far, as a digest."""
        return self._trace.hexdigest()

    async def take(self, connection: SimulatedConnection, call: Call) -> Any:
        """Wait for the turn, run the call, give its result; of a dead process nothing reaches the server any more."""
        process = current()
        self._belongs(connection, process)
        await asyncio.sleep(self._draw.expovariate(1.0) * self.pace)
        await process.awake()
        self._belongs(connection, process)
        if connection.cut:
            raise errors.IdleInTransactionSessionTimeout("terminating connection due to idle-in-transaction timeout")
        self.calls += 1
        parked, result = self._run(connection, call)
        if parked is None:
            self.note(f"call {process.name} {connection.info.transaction_status.name}")
            self._look_again()
            return _value(result)
        self.note(f"parked {process.name}")
        self.counts["lock waits"] += 1
        self._break_circle(parked)
        return await self._patiently(parked)

    def _belongs(self, connection: SimulatedConnection, process: Process) -> None:
        if connection.owner is not process or process.dead:
            raise asyncio.CancelledError("the process is dead")

    async def _patiently(self, parked: _Parked) -> Any:
        try:
            async with asyncio.timeout(_LOCK_WAIT):
                return await asyncio.shield(parked.done)
        except TimeoutError:
            self.counts["lock timeouts"] += 1
            self._cut_off(parked)
            raise errors.LockNotAvailable("canceling statement due to lock timeout") from None

    # --- running

    def _run(self, connection: SimulatedConnection, call: Call) -> tuple[_Parked | None, Any]:
        """Drive a call to its end, or until it waits for a lock."""
        try:
            wanted = next(call)
        except StopIteration as end:
            return None, end.value
        except psycopg.Error as error:
            return None, error
        parked = _Parked(connection, call, asyncio.get_running_loop().create_future(), wanted)
        over, result = self._drive(parked)
        if over:
            return None, result
        self._parked.append(parked)
        parked.connection.sleep()
        return parked, None

    def _drive(self, parked: _Parked, *, to_its_end: bool = False) -> tuple[bool, Any]:
        """Whether the call is over, and its result or error; else it waits for a lock."""
        poll = select.poll()
        while True:
            poll.register(parked.connection.pgconn.socket, _events(parked.wanted))
            found = poll.poll(_LOOK)
            if not found:
                if not to_its_end and self._waits_for_lock(parked.connection):
                    return False, None
                continue
            try:
                parked.wanted = parked.call.send(_ready(found[0][1], parked.wanted))
            except StopIteration as end:
                return True, end.value
            except psycopg.Error as error:
                return True, error

    def _waits_for_lock(self, connection: SimulatedConnection) -> bool:
        return bool(self._blockers(connection))

    def _blockers(self, connection: SimulatedConnection) -> list[int]:
        row = self.monitor.execute("select pg_blocking_pids(%s)", [connection.pgconn.backend_pid]).fetchone()
        found: list[int] = row[0] if row else []
        return found

    # --- those that wait

    def _look_again(self) -> None:
        """Let go on, in the order in which they came, those whose lock has come free.

        One that is still kept waiting stays in its place: whether it looked free for a moment must not matter.
        """
        again = True
        while again and self._parked:
            again = False
            for parked in list(self._parked):
                if parked in self._parked and not self._waits_for_lock(parked.connection):
                    parked.connection.wake()
                    over, result = self._drive(parked)
                    if not over:
                        parked.connection.sleep()
                    else:
                        self._parked.remove(parked)
                        self._finish(parked, result)
                        again = True

    def _finish(self, parked: _Parked, result: Any) -> None:
        self.note("freed")
        if parked.done.done():
            return
        if isinstance(result, BaseException):
            parked.done.set_exception(result)
            parked.done.exception()
        else:
            parked.done.set_result(result)

    def _break_circle(self, newest: _Parked) -> None:
        """The server's own search for deadlocks goes by the real clock; here the one that closed the circle loses."""
        waiting = {one.connection.pgconn.backend_pid: one.connection for one in self._parked}
        start = newest.connection.pgconn.backend_pid
        seen: set[int] = set()
        todo = self._blockers(newest.connection)
        while todo:
            pid = todo.pop()
            if pid == start:
                self.counts["deadlocks"] += 1
                self._cut_off(newest)
                self._finish(newest, errors.DeadlockDetected("deadlock detected"))
                return
            if pid not in seen and pid in waiting:
                todo.extend(self._blockers(waiting[pid]))
            seen.add(pid)

    def _cut_off(self, parked: _Parked) -> None:
        """Cancel a call that waits, and read what the server says to that."""
        if parked in self._parked:
            self._parked.remove(parked)
            parked.connection.wake()
            self.monitor.execute("select pg_cancel_backend(%s)", [parked.connection.pgconn.backend_pid])
            self._drive(parked, to_its_end=True)
            self._look_again()

    def forget(self, connection: SimulatedConnection) -> None:
        """The connection's process is dead: a call of it that waits is over."""
        for parked in list(self._parked):
            if parked.connection is connection:
                self._cut_off(parked)
                parked.done.cancel()

    def end(self, connection: SimulatedConnection) -> None:
        """End the server's side of a connection, and wait until its locks are free."""
        ended = self.monitor.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where pid = %s",
            [connection.pgconn.backend_pid],
        )
        if ended.fetchone() == (False,):
            raise RuntimeError("the server does not end a session")
        connection.ended = True

    def freed(self) -> None:
        """A connection was cut off, and its locks with it."""
        self._look_again()


def _value(result: Any) -> Any:
    if isinstance(result, BaseException):
        raise result
    return result


def _events(wanted: int) -> int:
    return (select.POLLIN if wanted & 1 else 0) | (select.POLLOUT if wanted & 2 else 0)


def _ready(event: int, wanted: int) -> int:
    ready = (1 if event & ~select.POLLOUT else 0) | (2 if event & select.POLLOUT else 0)
    return ready & wanted or wanted
