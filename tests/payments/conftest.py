"""One company with money for each module."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import FreshDatabase
from tests.members.world import found_company
from tests.payments.farm import Farm


@pytest.fixture(scope="module")
def company(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_company(url)
        yield url


@pytest.fixture
async def farm(company: str) -> AsyncIterator[Farm]:
    farm = Farm(company)
    if not farm.query("select 1 from sheaf.ledger_account"):
        await farm.open_money()
        await farm.fund("NSN", 10_000_000)
    yield farm
    await farm.close()
