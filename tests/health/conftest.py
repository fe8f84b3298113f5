"""Rows as they could only be after days of work, and the table's word on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from server.context import Services, Vault
from server.database.transaction import Database
from server.health.examine import examine
from server.health.finding import Finding, Ground
from server.health.table import CHECKS
from shared.thai import BANGKOK
from tests.conftest import FreshDatabase

# A Wednesday in the afternoon: Tuesday's statement is due, Wednesday's is not.
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=BANGKOK).astimezone(UTC)
Write = Callable[..., None]


@pytest.fixture(scope="module")
def url(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as made:
        with psycopg.connect(made) as admin:
            admin.execute("insert into sheaf.branch values (0, 'HQ', 'ก', 'h', now()), (1, 'NSN', 'ก', 'n', now())")
        yield made


@pytest.fixture
def write(url: str) -> Iterator[Write]:
    """Put a row where it could only be after days of work; what a test has put is gone after it."""
    tables: list[str] = []
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("set session_replication_role = replica")  # no trigger, no other row is asked for

        def put(table: str, **values: Any) -> None:
            names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
            tables.append(table)
            insert = f"insert into sheaf.{table} ({names}) overriding system value values ({marks})"
            admin.execute(insert, list(values.values()))

        yield put
        for table in set(tables):
            admin.execute(f"delete from sheaf.{table}")


@pytest.fixture
async def table(url: str) -> AsyncIterator[Callable[[], Any]]:
    database = Database(url, Services(vault=Vault(bytes(32))), connections=3)

    async def ask() -> dict[tuple[str, str], Finding]:
        found = await examine(Ground(database=database, now=NOW), CHECKS)
        return {(one.name, one.subject): one for one in found}

    yield ask
    await database.close()
