"""A worker that is told to stop stops, also when the word comes just as the database answers."""

from __future__ import annotations

import asyncio

import pytest

from server.http import push
from tests.conftest import FreshDatabase
from tests.support.world import Company, found_now


def test_ending_is_heard_at_any_moment_of_a_heartbeat(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A heartbeat without pauses, ended after every number of turns of the loop: once it went on for ever."""
    monkeypatch.setattr(push, "_HEARTBEAT_SECONDS", 0.0)

    async def many_ends(company: Company) -> None:
        database = company.database(connections=3)
        for turns in range(100):
            listening = push.RevocationPush(database)
            await listening.start()
            for _ in range(turns % 25):
                await asyncio.sleep(0)
            async with asyncio.timeout(10):
                await listening.stop()
        await database.close()

    with fresh_database() as url:
        asyncio.run(many_ends(found_now(url)))
