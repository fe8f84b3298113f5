"""Where a database stands: its versions, its audit chains, its feed, its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.rows import dict_row

from server.backup.failures import BackupFailed, Cause
from server.backup.manifest import Head, Standing

Connection = psycopg.Connection[dict[str, Any]]
Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it and of how much; 0 of 0 means that nobody knows."""

_CONNECT_SECONDS: Final = 10
_TABLES: Final = """
    select relname from pg_class where relnamespace = 'sheaf'::regnamespace and relkind in ('r', 'p') order by relname
"""


@contextmanager
def connected(url: str, **options: Any) -> Iterator[Connection]:
    """A connection of the administrator; what the server refuses is a named cause."""
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS, row_factory=dict_row, **options) as connection:
            yield connection
    except psycopg.Error as error:
        raise refused(error) from error


def refused(error: psycopg.Error) -> BackupFailed:
    """What a server refused, in its first line: the following ones quote rows."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return BackupFailed(Cause.DATABASE, f"the database: {said}")


@contextmanager
def one_moment(url: str) -> Iterator[tuple[Connection, str]]:
    """A transaction that sees all branches at one moment, and the name under which others may share that moment."""
    with connected(url) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        # It waits while the dump is taken, however long that is; and nobody waits for it.
        connection.execute("set local idle_in_transaction_session_timeout = 0")
        connection.execute("set local statement_timeout = 0")
        see_all(connection)
        yield connection, str(_value(connection, "select pg_export_snapshot()"))


def see_all(connection: Connection) -> None:
    """Let the transaction see every branch."""
    connection.execute("select set_config('sheaf.branches', %s, true)", (branches(connection),))


def branches(connection: Connection) -> str:
    """Every branch as the array that row-level security asks."""
    return str(_value(connection, "select coalesce(array_agg(id order by id), '{}')::text from sheaf.all_branches()"))


def standing(connection: Connection, exact: bool, progress: Progress) -> Standing:
    """Where the database stands in this transaction, which sees all branches."""
    schema = version(connection)
    if schema is None:
        raise BackupFailed(Cause.DATABASE, "this database holds no installation: run sheaf init, or check database.url")
    heads = connection.execute("select branch_id, sequence, encode(hash, 'hex') hash from sheaf.audit_head").fetchall()
    return Standing(
        database=connection.info.dbname,
        schema=schema,
        postgres=connection.info.server_version,
        at=datetime.now(UTC),
        feed=int(_value(connection, "select coalesce(max(id), 0) from sheaf.change_feed")),
        audit={str(row["branch_id"]): Head(row["sequence"], row["hash"]) for row in heads},
        rows=rows(connection, progress),
        exact=exact,
    )


def rows(connection: Connection, progress: Progress) -> dict[str, int]:
    """How many rows each table has that this transaction sees."""
    tables = [row["relname"] for row in connection.execute(_TABLES).fetchall()]
    counted = {}
    for place, table in enumerate(tables):
        progress("Counting rows", place, len(tables))
        query = sql.SQL("select count(*) from {}").format(sql.Identifier("sheaf", table))
        counted[table] = int(_value(connection, query))
    return counted


def version(connection: Connection) -> str | None:
    """The schema's version, or None where there is no installation."""
    if _value(connection, "select to_regclass('sheaf.alembic_version')") is None:
        return None
    return str(_value(connection, "select version_num from sheaf.alembic_version"))


def _value(connection: Connection, query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return None if row is None else next(iter(row.values()))
