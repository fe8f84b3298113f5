"""What does not open because our own key is wrong is no payment's fault: it is untouched, and people are told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from cryptography.exceptions import InvalidTag

from server.context import Actor, Vault
from server.database import keys
from server.database.roles import API, EXECUTOR, role_url
from server.database.transaction import Database
from server.executing import sending
from server.members import checks
from tests.conftest import ROLE_SECRET
from tests.members.world import CODES, SERVICES, WORKER
from tests.payments.farm import Farm, now

WRONG = replace(SERVICES, vault=Vault(bytes(range(32, 64))))


@asynccontextmanager
async def with_another_key(farm: Farm, role: str = EXECUTOR) -> AsyncIterator[Database]:
    """The database as a process with a wrong vault key reaches it."""
    database = Database(role_url(farm.url, role, ROLE_SECRET), WRONG, connections=2)
    try:
        yield database
    finally:
        await database.close()


async def signed(farm: Farm, count: int) -> list[UUID]:
    """Payments that may go."""
    payments = [await farm.submit(member) for member in await farm.payees(count)]
    await farm.sign(farm.manager, [one.id for one in payments])
    return [one.id for one in payments]


async def claim(farm: Farm, database: Database, actor: Actor = WORKER) -> Sequence[sending.Attempt]:
    executor = farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0]
    async with database.transaction(tuple(CODES.values())) as tx:
        return await sending.claim(tx, actor, executor, {sending.Lane(1, "scb"): 100}, [], now())


def canary(farm: Farm, key: bytes | None) -> None:
    """The database's canary: of a key, or none as before version 4."""
    with psycopg.connect(farm.url, autocommit=True) as admin:
        admin.execute("delete from sheaf.key_canary")
    if key is not None:
        keys.keep(farm.url, key, ROLE_SECRET)


@pytest.mark.parametrize("known", [True, False], ids=["canary", "none yet"])
async def test_of_signed_payments_none_is_cancelled_by_a_wrong_key(farm: Farm, known: bool) -> None:
    canary(farm, bytes(SERVICES.vault._key) if known else None)
    payments = await signed(farm, 10)
    entries = farm.query("select count(*) from sheaf.audit_entry")
    async with with_another_key(farm) as executor:
        with pytest.raises(keys.KeyRefused, match=r"keys\.vault_key is not the key"):
            await claim(farm, executor)
    assert {farm.state(payment) for payment in payments} == {"authorized"}
    assert farm.query("select count(*) from sheaf.audit_entry") == entries
    canary(farm, bytes(SERVICES.vault._key))
    assert {one.intent_id for one in await claim(farm, farm.executor)} >= set(payments)


@pytest.mark.parametrize("role", [EXECUTOR, API])
async def test_with_another_key_nothing_is_asked_of_the_database(farm: Farm, role: str) -> None:
    canary(farm, bytes(SERVICES.vault._key))
    async with with_another_key(farm, role) as database:
        with pytest.raises(keys.KeyRefused):
            async with database.transaction(()):
                pass
        with pytest.raises(keys.KeyRefused):
            async with database.single_calls(()):
                pass
        with pytest.raises(keys.KeyRefused):
            await database.all_branches()


async def test_a_key_that_was_right_when_it_connected_is_asked_again_before_a_row_is_called_changed(farm: Farm) -> None:
    """As where a database was put back under a running process."""
    canary(farm, bytes(SERVICES.vault._key))
    payments = await signed(farm, 2)
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        assert await checks.requested(tx, 5) == []
        canary(farm, bytes(range(1, 33)))
        with pytest.raises(keys.KeyRefused):
            await keys.unsealed(tx, b"0123456789abcdef0123456789abcdef")
    canary(farm, bytes(SERVICES.vault._key))
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        with pytest.raises(InvalidTag):
            await keys.unsealed(tx, b"0123456789abcdef0123456789abcdef")
    assert {farm.state(payment) for payment in payments} == {"authorized"}


async def test_an_old_database_gets_a_canary_only_of_a_key_that_opens_what_it_holds(farm: Farm) -> None:
    await farm.payee()
    own = bytes(SERVICES.vault._key)
    canary(farm, None)
    assert keys.examine(farm.url, own, ROLE_SECRET) == []
    [refused] = keys.examine(farm.url, bytes(32), ROLE_SECRET)
    assert (refused.place, "put the keys.json back" in refused.text) == ("keys.vault_key", True)
    canary(farm, own)
    assert keys.examine(farm.url, own, ROLE_SECRET) == []
    assert [one.place for one in keys.examine(farm.url, bytes(32), "x" * 40)] == [keys.VAULT, keys.ROLES]
    assert [one.place for one in keys.examine(farm.url, own, "x" * 40)] == [keys.ROLES]
    assert keys.examine(farm.url, own, "x" * 40, new_role_secret=True) == []
