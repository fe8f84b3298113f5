"""What a transaction does when it is cut off in the middle."""

from __future__ import annotations

import asyncio

import pytest

from server.context import Services, Vault
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from tests.conftest import ROLE_SECRET


async def test_a_cancellation_is_not_hidden_by_the_connection_that_it_closed(database_url: str) -> None:
    """A statement that is cancelled while the server is silent closes its connection: nothing can be rolled back."""
    database = Database(role_url(database_url, EXECUTOR, ROLE_SECRET), Services(vault=Vault(bytes(32))), connections=1)

    async def cut_off() -> None:
        async with database.transaction(()) as tx:
            await tx._connection.close()
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await cut_off()
    # and the pool has another one
    async with database.transaction(()) as tx:
        assert await tx.value("select 1") == 1
    await database.close()
