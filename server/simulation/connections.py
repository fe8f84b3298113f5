"""The server's own Database over simulated connections, which outlive the processes that they are lent to."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import psycopg
from psycopg import generators, waiting
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from server.context import Services
from server.database.roles import role_url
from server.database.transaction import Database, Row
from server.simulation.calls import SimulatedConnection, Turns
from server.simulation.processes import Process, current

OPTIONS = "-c jit=off"


class Cabinet:
    """Connections by role, used again and again: what a dead process leaves in one is undone as the server would."""

    def __init__(self, url: str, secret: str, turns: Turns) -> None:
        self._url, self._secret = url, secret
        self._free: dict[str, list[SimulatedConnection]] = {}
        self._all: list[SimulatedConnection] = []
        self.turns = turns

    def lend(self, role: str, process: Process, *, autocommit: bool) -> SimulatedConnection:
        """A connection as new; `role` is empty for the superuser."""
        waiting_here = self._free.setdefault(role, [])
        connection = waiting_here.pop() if waiting_here else self._connect(role)
        connection.owner = process
        connection._autocommit = autocommit  # the setter would await a lock that nobody holds
        return connection

    def take_back(self, role: str, connection: SimulatedConnection) -> None:
        """What the server does when a client is gone: roll back, and let its locks go."""
        self.turns.forget(connection)
        connection.owner, connection.cut = None, False
        self._undo(connection)
        self._free[role].append(connection)

    def cut(self, process: Process) -> None:
        """End the sessions in which a stalled process has left a transaction open, as the server does after 30 s."""
        for connection in self._all:
            if connection.owner is process and connection.pgconn.transaction_status == TransactionStatus.INTRANS:
                connection.cut = True
                self._undo(connection)

    def _undo(self, connection: SimulatedConnection) -> None:
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            _now(connection, "rollback")
        _now(connection, "select pg_advisory_unlock_all()")
        _now(connection, "reset sheaf.branches")
        self.turns.freed()

    def close(self) -> None:
        """Close everything."""
        for connection in self._all:
            connection.wake()
            connection.pgconn.finish()

    def _connect(self, role: str) -> SimulatedConnection:
        url = role_url(self._url, role, self._secret) if role else self._url
        dsn = make_conninfo(url, options=OPTIONS, application_name="sheaf simulation")
        pgconn = waiting.wait_conn(generators.connect(dsn), 0.1)
        connection = SimulatedConnection(pgconn)
        connection.turns = self.turns
        # Plans would be made anew for each lent connection otherwise; here they are kept for good.
        connection.prepare_threshold = 0
        self._all.append(connection)
        return connection


def _now(connection: SimulatedConnection, sql: str) -> None:
    result = connection.pgconn.exec_(sql.encode())
    if result.status not in (psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK):
        raise RuntimeError(f"the server refuses {sql}: {result.error_message.decode()}")


class _Lent:
    """What SQLAlchemy's connection is to the Database: a handle on the driver's connection."""

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine
        self.driver_connection: SimulatedConnection | None = None

    def __await__(self) -> Generator[Any, None, _Lent]:
        return self._open().__await__()

    async def _open(self) -> _Lent:
        self.driver_connection = self._engine.take()
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
        self.driver_connection = None

    async def close(self) -> None:
        self._engine.put(self.driver_connection)
        self.driver_connection = None


class _Engine:
    """A pool of one simulated process, without a bound: the processes here have fewer tasks than connections."""

    def __init__(self, cabinet: Cabinet, role: str, process: Process) -> None:
        self._cabinet, self._role, self._process = cabinet, role, process
        self._idle: list[SimulatedConnection] = []
        self._lent: list[SimulatedConnection] = []
        process.at_death.append(self.end)

    def connect(self) -> _Lent:
        return _Lent(self)

    def take(self) -> SimulatedConnection:
        return self._idle.pop() if self._idle else self.another(autocommit=False)

    def another(self, *, autocommit: bool) -> SimulatedConnection:
        """One that the process keeps until its end."""
        connection = self._cabinet.lend(self._role, self._process, autocommit=autocommit)
        self._lent.append(connection)
        return connection

    def put(self, connection: SimulatedConnection | None) -> None:
        if connection is not None and connection.cut:
            self.drop(connection)
        elif connection is not None:
            self._idle.append(connection)

    def drop(self, connection: SimulatedConnection | None) -> None:
        if connection is not None:
            self._lent.remove(connection)
            self._cabinet.take_back(self._role, connection)

    def end(self) -> None:
        for connection in self._lent:
            self._cabinet.take_back(self._role, connection)
        self._lent.clear()
        self._idle.clear()


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

    async def listener(self) -> SimulatedConnection:
        """A connection in autocommit that the process keeps."""
        if current().dead:
            raise ConnectionError
        return self._lender.another(autocommit=True)
