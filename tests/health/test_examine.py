"""All checks side by side on a real database: none hides another, and what is not known is never well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

import psycopg
import pytest

from server.context import Services, Vault, system_clock
from server.database.transaction import Database
from server.health.beats import Beats
from server.health.examine import examine
from server.health.finding import Check, Finding, Ground
from server.health.table import CHECKS
from shared.health import Level

Read = Callable[[Ground, Check], Awaitable[Sequence[Finding]]]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, Services(vault=Vault(bytes(32))), connections=8)
    yield found
    await found.close()


def ground_of(database: Database) -> Ground:
    return Ground(database=database, now=system_clock())


def level_of(found: Sequence[Finding], name: str, subject: str = "") -> Level:
    return next(one.level for one in found if (one.name, one.subject) == (name, subject))


async def test_an_empty_installation_is_not_well(database: Database) -> None:
    found = await examine(ground_of(database), CHECKS)
    assert {one.name for one in found} == {check.name for check in CHECKS}
    assert level_of(found, "database.schema") is Level.WELL
    assert level_of(found, "processes.executors") is Level.BAD
    assert level_of(found, "processes.api") is Level.BAD


async def test_a_check_that_hangs_raises_or_finds_nothing_hides_no_other(database: Database) -> None:
    async def stubborn(_ground: Ground, _check: Check) -> Sequence[Finding]:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.shield(asyncio.Event().wait())  # does not even let itself be cancelled
        return []

    async def broken(_ground: Ground, _check: Check) -> Sequence[Finding]:
        raise ZeroDivisionError

    async def nothing(_ground: Ground, _check: Check) -> Sequence[Finding]:
        return []

    reads: tuple[Read, ...] = (stubborn, broken, nothing)
    odd = [replace(CHECKS[0], name=f"odd.{read.__name__}", read=read) for read in reads]
    found = await asyncio.wait_for(examine(ground_of(database), [*odd, *CHECKS], seconds=5.0), 30.0)
    told = {one.name: one for one in found}
    assert {told[check.name].level for check in odd} == {Level.UNKNOWN}
    assert "longer than" in told["odd.stubborn"].says.en
    assert "ZeroDivisionError" in told["odd.broken"].says.en
    assert told["database.schema"].level is Level.WELL


async def test_a_locked_table_makes_unknown_what_needs_it_and_nothing_else(
    database: Database, database_url: str
) -> None:
    with psycopg.connect(database_url) as holder:
        holder.execute("lock table sheaf.statement_fetch in access exclusive mode")
        found = await asyncio.wait_for(examine(ground_of(database), CHECKS, seconds=5.0), 30.0)
        holder.rollback()
    unknown = {one.name: one.says.en for one in found if one.level is Level.UNKNOWN}
    assert "lock" in unknown["statements.fetch"]
    assert level_of(found, "database.schema") is Level.WELL


async def test_without_a_database_nothing_is_well() -> None:
    away = Database("postgresql://nobody:x@127.0.0.1:9/none", Services(vault=Vault(bytes(32))))
    found = await examine(ground_of(away), CHECKS)
    assert {one.name for one in found} == {check.name for check in CHECKS}
    assert {one.name for one in found if one.level is Level.WELL} == {"api.answers"}  # whoever tells this
    await away.close()


async def test_who_beats_lives_by_name_and_two_alike_get_a_number(database: Database) -> None:
    first, second = (Beats(database, "executor") for _ in range(2))
    chosen = Beats(database, "executor", name="night shift")
    for each in (first, second, chosen):
        await each.beat()
    found = await examine(ground_of(database), CHECKS)
    for each in (first, second, chosen):
        assert level_of(found, "processes.executors", each.name) is Level.WELL
    assert second.name == f"{first.name}#2"

    await second.stop()  # of two that do the same, the one that ends leaves nothing behind
    await chosen.stop()  # a name that a person gave is missed
    found = await examine(ground_of(database), CHECKS)
    assert {one.subject for one in found if one.name == "processes.executors"} == {first.name, "night shift"}
    assert level_of(found, "processes.executors", "night shift") is Level.WARNS


async def test_the_newest_of_a_chosen_name_has_it_and_the_older_one_takes_another(database: Database) -> None:
    older, newer = (Beats(database, "executor", name="night shift") for _ in range(2))
    await older.beat()
    await newer.beat()
    await older.beat()
    await newer.beat()
    assert (older.name, newer.name) == ("night shift#2", "night shift")


async def test_what_falls_silent_is_named_and_can_be_forgotten(database: Database, database_url: str) -> None:
    silent = Beats(database, "executor", name="night shift")
    await silent.beat()
    with psycopg.connect(database_url) as admin:
        admin.execute("update sheaf.process set heard_at = heard_at - interval '8 s'")
    found = await examine(ground_of(database), CHECKS)
    assert level_of(found, "processes.executors", "night shift") is Level.BAD
    assert level_of(found, "processes.executors") is Level.BAD  # and so there is none at all
