"""One company with money for each module, and a second treasurer who signs what the first proposes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.company_rules.rulers import Rulers
from tests.conftest import FreshDatabase
from tests.members.world import found_company


@pytest.fixture
def company(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_company(url)
        yield url


@pytest.fixture
async def farm(company: str) -> AsyncIterator[Rulers]:
    farm = Rulers(company)
    await farm.open_money()
    await farm.fund("NSN", 10_000_000)
    yield farm
    await farm.close()
