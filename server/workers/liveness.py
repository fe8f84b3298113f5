"""Who is alive among the executors: each holds one advisory lock while its connection lives, and renews a lease."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import psycopg

from server.failpoints import failpoint

_SPACE = 72354
"""The advisory lock space of executors; the second key is the executor's id."""

_SERVER_KEEPALIVES = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""The server must notice a machine that vanished, or its lock would be held for hours and its work by nobody."""

_VANISHED_MS = 10_000
"""When a host that answers nothing counts as gone: keepalives rest while an answer is waited for."""

_GONE = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)
"""A server that has become a copy of another one is as good as gone."""


class Liveness:
    """One connection whose end, however it comes, tells the others that this executor is gone.

    The kernel closes it on kill -9. An executor that is alive but cut off loses it too. One that is stalled keeps it,
    and does not renew its lease. Late writes of either are refused by the fence, because whoever takes over raises
    `attempt.executor_id`.
    """

    def __init__(self, url: str, lease: timedelta) -> None:
        """`lease` is far longer than the time between two beats and than the clocks of two machines differ."""
        self._url = url
        self._lease = lease
        self._locked: list[int] = []
        self._id = 0
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    async def register(self, now: datetime) -> int:
        """Become an executor: a new, higher id, held by a lock."""
        self._connection = await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            application_name="sheaf executor liveness",
            options=_SERVER_KEEPALIVES,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=_VANISHED_MS,
        )
        return await self._enter(self._connection, now)

    async def renew(self, now: datetime) -> int:
        """Become a younger executor; what the old id has under way counts as a dead executor's from now on."""
        connection, old = self._connected(), self._id
        number = await self._enter(connection, now)
        await connection.execute("select pg_advisory_unlock(%s, %s)", (_SPACE, old))
        # It is dead from now on, and not one more among the living.
        await connection.execute("update sheaf.executor set beat_at = null where id = %s", (old,))
        return number

    async def _enter(self, connection: psycopg.AsyncConnection[tuple[object, ...]], now: datetime) -> int:
        row = await (
            await connection.execute(
                "insert into sheaf.executor (started_at, beat_at) values (%s, %s) returning id", (now, now)
            )
        ).fetchone()
        if row is None:
            raise ConnectionError("the executor could not be registered")
        number = int(str(row[0]))
        await connection.execute("select pg_advisory_lock(%s, %s)", (_SPACE, number))
        self._id = number
        return number

    @failpoint("liveness.beat")
    async def beat(self, now: datetime) -> int:
        """Renew the lease; how many executors are alive, this one among them.

        Raises ConnectionError when our own connection is gone: this executor is dead to the others and must end.
        """
        try:
            connection = self._connected()
            await connection.execute("update sheaf.executor set beat_at = %s where id = %s", (now, self._id))
            living = "select count(*) from sheaf.executor where beat_at > %s"
            row = await (await connection.execute(living, (now - self._lease,))).fetchone()
            return max(1, int(str(row[0]))) if row else 1
        except _GONE as error:
            raise ConnectionError("the executor's own connection is gone") from error

    @failpoint("liveness.dead")
    async def dead(self, others: Mapping[int, bool]) -> list[int]:
        """Those of the others whose lock is free, or whose lease is over, which is what `others` says of each.

        A lock found free is ours until `release`. Raises ConnectionError as `beat` does.
        """
        try:
            return [number for number, late in others.items() if late or await self._take(number)]
        except _GONE as error:
            raise ConnectionError("the executor's own connection is gone") from error

    async def _take(self, number: int) -> bool:
        # One that could not be taken over a moment ago: the server would count the lock a second time.
        if number in self._locked:
            return True
        row = await (
            await self._connected().execute("select pg_try_advisory_lock(%s, %s)", (_SPACE, number))
        ).fetchone()
        if row == (True,):
            self._locked.append(number)
        return row == (True,)

    @failpoint("liveness.release")
    async def release(self, dead: int) -> None:
        """Give a dead executor's lock back, if it was taken."""
        if dead in self._locked:
            await self._connected().execute("select pg_advisory_unlock(%s, %s)", (_SPACE, dead))
            self._locked.remove(dead)

    def _connected(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        if self._connection is None:
            raise ConnectionError("not registered")
        return self._connection

    async def close(self) -> None:
        """Stop being an executor."""
        if self._connection is None:
            return
        with suppress(psycopg.Error):  # away, or a copy that can't be written to
            await self._connection.execute("update sheaf.executor set beat_at = null where id = %s", (self._id,))
        await self._connection.close()
