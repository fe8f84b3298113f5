"""Days of a branch are not clean when the server is wrong: each built-in wrong variant is caught."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.simulation import runs
from lab.simulation.ground import ground
from lab.simulation.mutants import MUTANTS, mutated
from lab.simulation.schedule import quiet

# A task that dies before its first step leaves the coroutine that it was given.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.fixture(scope="module")
def company() -> Iterator[str]:
    """One server with the company for all tests."""
    quiet()
    with ground() as url:
        yield url


@pytest.mark.timeout(400)
@pytest.mark.parametrize("mutant", sorted(MUTANTS))
def test_a_wrong_server_is_caught(company: str, mutant: str) -> None:
    with mutated(mutant):
        assert runs.hunt(company, mutant, 1_000_000)["caught"]
