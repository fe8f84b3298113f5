"""A slice of the proof that reloads fail nobody: `make proof` lets it go on for ten minutes."""

from __future__ import annotations

import pytest

from lab.bench.harness import BenchSettings
from lab.bench.reloads import run


@pytest.mark.timeout(300)
async def test_no_call_fails_while_the_api_reloads() -> None:
    told: list[str] = []
    result = await run(BenchSettings(soak=25.0, say=told.append))
    assert result.met, (result.goals, result.remarks, told)
