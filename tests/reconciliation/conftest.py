"""A company with payments of any state, in a database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.books import Books
from tests.support.world import found


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    books = Books(await found(database_url))
    yield books
    await books.close()
