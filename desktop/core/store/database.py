"""Opening an encrypted SQLite file, and a thread of its own for whoever works on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlcipher3 import dbapi2

T = TypeVar("T")
Connection = Any  # sqlcipher3 has no types; it is sqlite3.Connection in all but name
DatabaseError: Final[type[Exception]] = dbapi2.DatabaseError
_BUSY_MS: Final = 5000


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Connection:
    """Open a file with its 32-byte key; every commit is on disk before it returns.

    Raises `DatabaseError` when the file is not ours or the key is another's.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
    try:
        connection.execute("pragma cipher_log_level = none").fetchall()
        connection.execute(f"pragma key = \"x'{key.hex()}'\"").fetchall()
        connection.execute(f"pragma busy_timeout = {_BUSY_MS}").fetchall()
        connection.execute("pragma journal_mode = wal").fetchall()
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        if read_only:
            connection.execute("pragma query_only = on")
    except DatabaseError:
        connection.close()
        raise
    return connection


class transaction:
    """`with transaction(connection):` writes all or nothing, and takes the write lock at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Connection:
        self._connection.execute("begin immediate")
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._connection.execute("commit" if kind is None else "rollback")


class Worker:
    """One thread that owns one connection, so that a window's loop never waits for a disk."""

    def __init__(self, open_connection: Callable[[], Connection], name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._connection: Connection = self._pool.submit(open_connection).result()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` with the connection on its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, self._connection)

    def close(self) -> None:
        """Wait for what is under way, then close the connection."""
        self._pool.submit(self._connection.close).result()
        self._pool.shutdown()
