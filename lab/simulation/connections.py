"""The server's own Database over simulated connections, which outlive the processes that they are lent to."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import generators, waiting
from psycopg.conninfo import make_conninfo
from psycopg.pq import PipelineStatus, TransactionStatus

from lab.simulation.calls import SimulatedConnection, Turns
from lab.simulation.processes import Process, current
from server.context import Services
from server.database.roles import role_url
from server.database.transaction import Database, Row, begin_seeing

OPTIONS = "-c jit=off"
_CONNECTIONS = 10
"""Of one process, as in the product; an executor's liveness has one more."""


class Cabinet:
    """Connections by role, used again and again: what a dead process leaves in one is undone as the server would."""

    def __init__(self, url: str, secret: str, turns: Turns) -> None:
        self._url, self._secret = url, secret
        self._free: dict[str, list[SimulatedConnection]] = {}
        self._all: list[SimulatedConnection] = []
        self.turns = turns
        self._folder = tempfile.TemporaryDirectory(prefix="sheaf-positions-")
        self._days = 0
        self.positions = Path(self._folder.name)
        """What executors keep outside of this database, of the day that is lived."""

    def begin_day(self) -> None:
        """No executor has a file yet, and the database knows of none: a day does not know those before it."""
        self._days += 1
        self.positions = Path(self._folder.name) / str(self._days)
        self.turns.monitor.execute("delete from sheaf.executor_position; delete from sheaf.job")

    def lend(self, role: str, process: Process) -> SimulatedConnection:
        """A connection as new; `role` is empty for the superuser."""
        waiting_here = self._free.setdefault(role, [])
        connection = waiting_here.pop() if waiting_here else self._connect(role)
        connection.owner = process
        return connection

    def put_back(self, role: str, connection: SimulatedConnection) -> None:
        """One that is given back between two transactions is as new: whoever comes next finds its plans made."""
        connection.owner = None
        self._free[role].append(connection)

    def take_back(self, role: str, connection: SimulatedConnection) -> None:
        """What the server does when a client is gone: roll back, and let its locks go."""
        self.turns.forget(connection)
        connection.owner, connection.cut = None, False
        if connection.closed:  # its client has hung up by itself: the server has undone everything
            self._all.remove(connection)
            self.turns.freed()
            return
        if connection.ended or _in_many(connection):
            self._hang_up(connection)
            return
        self._undo(connection)
        self._free[role].append(connection)

    def cut(self, process: Process) -> None:
        """End the sessions in which a stalled process has left a transaction open, as the server does after 30 s."""
        for connection in self._all:
            if connection.owner is process and connection.pgconn.transaction_status == TransactionStatus.INTRANS:
                connection.cut = True
                if _in_many(connection):
                    self.turns.end(connection)
                    self.turns.freed()
                else:
                    self._undo(connection)

    def _undo(self, connection: SimulatedConnection) -> None:
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            _now(connection, b"rollback")
        _now(connection, b"select pg_advisory_unlock_all(); reset sheaf.branches")
        self.turns.freed()

    def _hang_up(self, connection: SimulatedConnection) -> None:
        self.turns.end(connection)
        self._all.remove(connection)
        connection.pgconn.finish()
        self.turns.freed()

    def close(self) -> None:
        """Close everything."""
        for connection in self._all:
            if not connection.closed:
                connection.wake()
                connection.pgconn.finish()
        self._folder.cleanup()

    def _connect(self, role: str) -> SimulatedConnection:
        url = role_url(self._url, role, self._secret) if role else self._url
        dsn = make_conninfo(url, options=OPTIONS, application_name="sheaf simulation")
        pgconn = waiting.wait_conn(generators.connect(dsn), 0.1)
        connection = SimulatedConnection(pgconn)
        connection.turns = self.turns
        connection._autocommit = True  # the setter would await a lock that nobody holds
        # Plans would be made anew for each lent connection otherwise; here they are kept for good.
        connection.prepare_threshold = 0
        self._all.append(connection)
        return connection


def _in_many(connection: SimulatedConnection) -> bool:
    """Whether it stands between the statements of one `executemany`: nothing else can be said on it any more."""
    return connection.pgconn.pipeline_status != PipelineStatus.OFF


def _now(connection: psycopg.AsyncConnection[Any], sql: bytes) -> None:
    result = connection.pgconn.exec_(sql)
    if result.status not in (psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK):
        raise RuntimeError(f"the server refuses {sql!r}: {result.error_message.decode()}")


class _Lent:
    """What SQLAlchemy's connection is to the Database: a handle on the driver's connection."""

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine
        self.driver_connection: SimulatedConnection | None = None

    def __await__(self) -> Generator[Any, None, _Lent]:
        return self._open().__await__()

    async def _open(self) -> _Lent:
        self.driver_connection = await self._engine.next_free()
        return self

    async def __aenter__(self) -> _Lent:
        return await self._open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def get_raw_connection(self) -> _Lent:
        return self

    async def invalidate(self) -> None:
        """The Database does not trust it any more."""
        self._engine.drop(self.driver_connection)

    async def close(self) -> None:
        self._engine.put(self.driver_connection)
        self.driver_connection = None


class _Engine:
    """The pool of one simulated process."""

    def __init__(self, cabinet: Cabinet, role: str, process: Process) -> None:
        self._cabinet, self._role, self._process = cabinet, role, process
        self._lent: list[SimulatedConnection] = []
        self._places = asyncio.Semaphore(_CONNECTIONS)
        process.at_death.append(self.end)

    def connect(self) -> _Lent:
        return _Lent(self)

    async def next_free(self) -> SimulatedConnection:
        """One for a task, once there is a place; a process that stands still takes none."""
        await self._process.awake()
        await self._places.acquire()
        return self.take()

    def take(self) -> SimulatedConnection:
        """One beside the pool."""
        connection = self._cabinet.lend(self._role, self._process)
        self._lent.append(connection)
        return connection

    def put(self, connection: SimulatedConnection | None) -> None:
        self._places.release()
        if connection is None or self._process.dead:
            return  # what a dead process holds is undone when it is buried
        if connection.cut or connection.pgconn.transaction_status != TransactionStatus.IDLE:
            self.drop(connection)
        elif connection in self._lent:
            self._lent.remove(connection)
            self._cabinet.put_back(self._role, connection)

    def drop(self, connection: SimulatedConnection | None) -> None:
        if connection in self._lent:
            self._lent.remove(connection)
            self._cabinet.take_back(self._role, connection)

    def end(self) -> None:
        for connection in self._lent:
            self._cabinet.take_back(self._role, connection)
        self._lent.clear()


class SimulatedDatabase(Database):
    """The real transactions over lent connections. It sees only the branches of the schedule that is running."""

    def __init__(self, cabinet: Cabinet, role: str, process: Process, services: Services, branches: list[Row]) -> None:
        super().__init__("postgresql://nobody@127.0.0.1/none", services, name=process.name)
        self._lender = _Engine(cabinet, role, process)
        self._engine = self._lender  # type: ignore[assignment]  # as much of an engine as Database uses
        self._branches = branches

    async def all_branches(self) -> list[Row]:
        """The schedule's branches: the others of this database are other schedules'."""
        return self._branches

    async def _begin(self, driver: psycopg.AsyncConnection[Any], branches: Sequence[int]) -> None:
        """Nobody else can see that a transaction begins: it takes no turn."""
        current().check()
        _now(driver, begin_seeing(branches))

    async def listener(self) -> SimulatedConnection:
        """A connection that the process keeps."""
        if current().dead:
            raise ConnectionError
        return self._lender.take()
