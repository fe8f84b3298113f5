"""The company of the payments' tests, its API's connection, and an intent that waits for its manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from server.database.roles import API
from shared.wire.payments import IntentView
from tests.ledger.till import as_role
from tests.payments.conftest import company, farm
from tests.payments.farm import Farm

__all__ = ["company", "farm"]


@pytest.fixture
async def intent(farm: Farm) -> IntentView:  # a fixture asks for another by its name
    """One that waits for its manager."""
    return await farm.submit(await farm.payee())


@pytest.fixture
def api(farm: Farm) -> Iterator[Connection[Any]]:  # as above
    """The API's role in branch NSN; nothing is kept."""
    with as_role(farm.url, API) as connection:
        yield connection
