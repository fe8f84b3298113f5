"""Ids in PostgreSQL's binary form arrive as they were given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

import psycopg
import pytest

from server.database.arrays import uuid_array
from tests.conftest import FreshDatabase

Connection = psycopg.Connection[tuple[object, ...]]
SOME = [uuid4() for _ in range(3)]
LISTS: list[Sequence[UUID | None]] = [
    [], [None], SOME, [SOME[0], None, SOME[1]], [None, None], [UUID(int=0), UUID(int=2**128 - 1)], SOME * 3_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def connection(fresh_database: FreshDatabase) -> Iterator[Connection]:
    with fresh_database() as url, psycopg.connect(url) as connection:
        yield connection


@pytest.mark.parametrize("values", LISTS, ids=lambda values: str(len(values)))
def test_each_value_arrives_in_its_place(
    connection: psycopg.Connection[tuple[object, ...]], values: Sequence[UUID | None]
) -> None:
    found = connection.execute("select %s, pg_typeof(%s)::text", [uuid_array(values)] * 2).fetchone()
    assert found == (list(values), "uuid[]")
    numbered = connection.execute("select n, id from unnest(%s) with ordinality u (id, n)", [uuid_array(values)])
    assert numbered.fetchall() == list(enumerate(values, 1))
