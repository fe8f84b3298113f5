"""Who is alive among the executors: each holds one advisory lock for as long as its connection lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import psycopg

from server.database.transaction import as_array

_SPACE = 72354
"""The advisory lock space of executors; the second key is the executor's id."""

_SERVER_KEEPALIVES = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""The server must notice a machine that vanished, or its lock would be held for hours and its work by nobody."""


class Liveness:
    """One connection whose end, however it comes, tells the others that this executor is gone.

    The kernel closes it on kill -9. An executor that is alive but cut off loses it too; its late writes are refused
    by the fence, because whoever takes over raises `attempt.executor_id`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
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
        )
        return await self._enter(self._connection, now)

    async def renew(self, now: datetime) -> int:
        """Become a younger executor; what the old id has under way counts as a dead executor's from now on."""
        if self._connection is None:
            raise ConnectionError("not registered")
        old = self._id
        number = await self._enter(self._connection, now)
        await self.release(old)
        return number

    async def _enter(self, connection: psycopg.AsyncConnection[tuple[object, ...]], now: datetime) -> int:
        row = await (
            await connection.execute("insert into sheaf.executor (started_at) values (%s) returning id", (now,))
        ).fetchone()
        if row is None:
            raise ConnectionError("the executor could not be registered")
        number = int(str(row[0]))
        await connection.execute("select pg_advisory_lock(%s, %s)", (_SPACE, number))
        self._id = number
        return number

    async def dead(self, branches: Sequence[int]) -> list[int]:
        """Executors with work under way whose lock is free; each found one is locked by us until `release`.

        Raises ConnectionError when our own connection is gone: this executor is dead to the others and must end.
        """
        if self._connection is None:
            raise ConnectionError("not registered")
        try:
            await self._connection.execute("select set_config('sheaf.branches', %s, false)", (as_array(branches),))
            cursor = await self._connection.execute(
                """
                select distinct executor_id from sheaf.attempt
                where executor_id <> %s and state not in ('accepted', 'rejected')
                """,
                (self._id,),
            )
            found = []
            for (number,) in await cursor.fetchall():
                locked = await (
                    await self._connection.execute("select pg_try_advisory_lock(%s, %s)", (_SPACE, number))
                ).fetchone()
                if locked == (True,):
                    found.append(int(str(number)))
            return found
        except psycopg.OperationalError as error:
            raise ConnectionError("the executor's own connection is gone") from error

    async def release(self, dead: int) -> None:
        """Give a dead executor's lock back."""
        if self._connection is not None:
            await self._connection.execute("select pg_advisory_unlock(%s, %s)", (_SPACE, dead))

    async def close(self) -> None:
        """Stop being an executor."""
        if self._connection is not None:
            await self._connection.close()
