"""One transaction: the branches it may see, named parameters, and rollback when a verb refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, LiteralString

from psycopg import AsyncConnection, Error, InterfaceError, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout, QueryCanceled, ReadOnlySqlTransaction
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection as SqlConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.context import Services
from server.database.roles import driver_url

Row = dict[str, Any]

AWAY: Final = (
    OperationalError,
    InterfaceError,
    ReadOnlySqlTransaction,  # another server has taken over, and this one is its copy
    IdleInTransactionSessionTimeout,  # psycopg calls it an internal error
    SQLAlchemyError,
    OSError,
    TimeoutError,
)
"""What says that the database is away, or is not the one to work on: a while later it may be there again."""

# Every wait has an end: a lock that does not come is a refusal, a forgotten transaction is cut. Times come in UTC,
# whatever the server's own zone is: another one would be looked up for each.
_OPTIONS = (
    "-c statement_timeout=20s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s -c jit=off -c timezone=UTC"
)
# A host that vanished answers nothing, and the server's own time limits vanish with it.
_VANISHED_MS = 30_000


class Transaction:
    """What a verb works with. SQL is literal text with %(named)s parameters; nothing else is accepted by the type."""

    def __init__(self, connection: AsyncConnection[Any], services: Services) -> None:
        self._connection = connection
        self.services = services
        self.sight: tuple[int, ...] = ()
        """The branches that this transaction sees; what `see` was told last."""
        self.refused = False
        self.remember = False
        """Set by a verb whose refusal must be remembered (a wrong code, a stolen session): it wrote nothing else."""

    @property
    def vault(self) -> Any:
        """The vault of this process."""
        return self.services.vault

    async def rows(self, sql: LiteralString, **parameters: object) -> list[Row]:
        """All rows, each by column name."""
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(sql, parameters)
            return await cursor.fetchall()

    async def maybe(self, sql: LiteralString, **parameters: object) -> Row | None:
        """The first row, if there is one."""
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(sql, parameters)
            return await cursor.fetchone()

    async def one(self, sql: LiteralString, **parameters: object) -> Row:
        """The row; that there is none is a bug."""
        row = await self.maybe(sql, **parameters)
        if row is None:
            raise LookupError("a row that must be there is not")
        return row

    async def value(self, sql: LiteralString, **parameters: object) -> Any:
        """The first column of the first row, or None."""
        row = await self.maybe(sql, **parameters)
        return None if row is None else next(iter(row.values()))

    async def execute(self, sql: LiteralString, **parameters: object) -> int:
        """Run one statement; how many rows it touched."""
        cursor = await self._connection.execute(sql, parameters)
        return cursor.rowcount

    async def many(self, sql: LiteralString, items: Sequence[Mapping[str, object]]) -> None:
        """Run one statement for each item, in one round trip."""
        if items:
            async with self._connection.cursor() as cursor:
                await cursor.executemany(sql, items)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """What breaks in here is undone, what is checked at the end of a transaction included; the rest goes on."""
        async with self._connection.transaction():
            yield
            await self._connection.execute("set constraints all immediate")
            await self._connection.execute("set constraints all deferred")

    async def see(self, branches: Sequence[int]) -> None:
        """Set what the rest of this transaction may see; the setting ends with the transaction."""
        self.sight = tuple(branches)
        await self._connection.execute(
            "select set_config('sheaf.branches', %(branches)s, true)", {"branches": as_array(branches)}
        )


class Database:
    """The engine of one process under one role; it owns the connections."""

    def __init__(self, url: str, services: Services, *, connections: int = 10, name: str = "sheaf") -> None:
        """`url` as postgresql://role:password@host/database; `connections` is the most that are ever open."""
        self.services = services
        self._url = url
        self._most_held = connections // 2
        self._held: list[AsyncConnection[Any]] = []
        self._checked_out: dict[AsyncConnection[Any], SqlConnection] = {}
        self._hot = asyncio.Semaphore(max(1, self._most_held))
        self._engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=False,
            # Transactions are begun by `_begin`: the driver's own BEGIN would be a round trip more.
            connect_args={
                "options": _OPTIONS,
                "application_name": name,
                "autocommit": True,
                "tcp_user_timeout": _VANISHED_MS,
            },
        )
        event.listen(self._engine.sync_engine, "connect", self._prove)

    def _prove(self, connection: Any, _record: object) -> None:
        from server.database.keys import prove_connection  # which needs what stands here

        prove_connection(connection, self.services.vault)

    @asynccontextmanager
    async def transaction(self, branches: Sequence[int]) -> AsyncIterator[Transaction]:
        """Begin with sight of `branches`; commit at the end, roll back on an exception or when `refused` was set."""
        async with self._engine.connect() as pooled:
            driver: AsyncConnection[Any] = (await pooled.get_raw_connection()).driver_connection  # type: ignore[assignment]  # SQLAlchemy types it as Any | None
            transaction = Transaction(driver, self.services)
            try:
                await self._begin(driver, branches)
                transaction.sight = tuple(branches)
                yield transaction
            except BaseException:
                # A statement that is cancelled while the server is silent closes its connection. That nothing can be
                # rolled back on it must not hide the cancellation, or whoever is to end goes on.
                with suppress(OperationalError):
                    await driver.rollback()
                raise
            if transaction.refused:
                await driver.rollback()
            else:
                await driver.commit()

    async def _begin(self, driver: AsyncConnection[Any], branches: Sequence[int]) -> None:
        await driver.execute(begin_seeing(branches), prepare=False)

    @asynccontextmanager
    async def single_calls(self, branches: Sequence[int]) -> AsyncIterator[Transaction]:
        """Statements that are a transaction each, for hot verbs: one round trip, and no sight but `sight` in the call.

        Up to half of the pool's connections stay checked out for it; the statement tells its function what to see.
        """
        async with self._hot:
            driver = self._held.pop() if self._held else await self._check_out()
            transaction = Transaction(driver, self.services)
            transaction.sight = tuple(branches)
            try:
                yield transaction
            finally:
                # a call that was cut off leaves its connection in the middle of something
                if driver.info.transaction_status is TransactionStatus.IDLE and len(self._held) < self._most_held:
                    self._held.append(driver)
                else:
                    await self._give_back(driver)

    async def _check_out(self) -> AsyncConnection[Any]:
        pooled = await self._engine.connect()
        try:
            driver: AsyncConnection[Any] = (await pooled.get_raw_connection()).driver_connection  # type: ignore[assignment]  # SQLAlchemy types it as Any | None
        except BaseException:
            await pooled.close()
            raise
        self._checked_out[driver] = pooled
        return driver

    async def _give_back(self, driver: AsyncConnection[Any]) -> None:
        pooled = self._checked_out.pop(driver)
        if driver.info.transaction_status is not TransactionStatus.IDLE:
            await pooled.invalidate()
        await pooled.close()

    def beside(self, connections: int, name: str) -> Database:
        """The same database under the same role by other connections: what waits here holds nobody up there."""
        return Database(self._url, self.services, connections=connections, name=name)

    async def all_branches(self) -> list[Row]:
        """Every branch: id, code and both names."""
        async with self.transaction(()) as transaction:
            return await transaction.rows("select id, code, name_th, name_en from sheaf.all_branches()")

    async def listener(self) -> AsyncConnection[Any]:
        """A connection of its own outside of the pool, in autocommit, for LISTEN; the caller closes it."""
        return await AsyncConnection.connect(
            self._url, autocommit=True, options=_OPTIONS, application_name="sheaf-push"
        )

    async def renew(self) -> None:
        """Forget the connections that nobody uses: after a server's end each would fail whoever gets it next."""
        await self.close()

    async def close(self) -> None:
        """Close all connections that nobody uses."""
        while self._held:
            await self._give_back(self._held.pop())
        await self._engine.dispose()


def is_passing(refusal: Error) -> bool:
    """Whether the same may work a moment later: the database is away, or others were in the way. Too much is not."""
    return isinstance(refusal, OperationalError) and not isinstance(refusal, QueryCanceled)


def told(refusal: Error) -> dict[str, str]:
    """What a log may say of what the database refused: never the row, which its message shows."""
    return {"sqlstate": refusal.sqlstate or "", "constraint": refusal.diag.constraint_name or ""}


def begin_seeing(branches: Sequence[int]) -> bytes:
    """The statements that begin a transaction and set what it sees, for one round trip."""
    return f"begin; set local sheaf.branches = '{as_array(branches)}'".encode()


def as_array(numbers: Sequence[int]) -> str:
    """A PostgreSQL array literal of integers."""
    return "{" + ",".join(str(int(number)) for number in numbers) + "}"
