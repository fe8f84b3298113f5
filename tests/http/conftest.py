"""One company and one running API for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import FreshDatabase
from tests.support.api import RunningApi, running_api
from tests.support.world import found_now


@pytest.fixture(scope="module")
def api(fresh_database: FreshDatabase) -> Iterator[RunningApi]:
    """A worker of the API with a company of its own."""
    with fresh_database() as url, running_api(found_now(url)) as running:
        yield running
