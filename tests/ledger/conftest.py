"""A till for each test."""

from __future__ import annotations

import pytest

from tests.ledger.till import open_till


@pytest.fixture
def till(database_url: str) -> str:
    """Superuser URL of a database with one branch's money."""
    open_till(database_url)
    return database_url
