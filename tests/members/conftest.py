"""One company for each module; every test makes members of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import FreshDatabase
from tests.members.world import World, found_company


@pytest.fixture(scope="module")
def company(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_company(url)
        yield url


@pytest.fixture
async def world(company: str) -> AsyncIterator[World]:
    world = World(company)
    yield world
    await world.close()
