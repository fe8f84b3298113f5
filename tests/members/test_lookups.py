"""Members that callers of different branches look up at the same moment: read together, seen apart."""

from __future__ import annotations

import asyncio
from itertools import product
from uuid import uuid4

import pytest

from server.http.lookups import Lookups
from server.members import store
from tests.members.world import CODES, World
from tests.waiting import until

NSN, KKN, BOTH, NOTHING = (CODES["NSN"],), (CODES["KKN"],), (CODES["NSN"], CODES["KKN"]), ()


async def waiting(world: World) -> int:
    """How many of this company's sessions wait for a lock."""
    sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    rows = await asyncio.to_thread(world.query, sql)
    return int(rows[0][0])


async def test_each_sees_only_their_own_branches_in_a_read_that_all_share(world: World) -> None:
    branch_of = {await world.member(branch=branch): CODES[branch] for branch in ("NSN", "KKN", "NSN", "KKN")}
    asked = [*product((NSN, BOTH, KKN, NOTHING, NSN), [*branch_of, uuid4()])]
    async with world.api.single_calls(()) as calls:
        rows = await store.member_rows_each(calls, asked)
    for (sight, member), row in zip(asked, rows, strict=True):
        assert (row["id"] if row else None) == (member if branch_of.get(member) in sight else None)
    assert sum(row is not None for row in rows) == 2 + 4 + 2 + 0 + 2


async def test_what_is_asked_while_a_read_runs_goes_into_the_next_one(world: World) -> None:
    own, foreign = await world.member(branch="NSN"), await world.member(branch="KKN")
    lookups, asked = Lookups(world.api), [(NSN, own), (KKN, own), (KKN, foreign), (NSN, foreign)] * 8
    async with world.owner.transaction(()) as tx:
        await tx.execute("lock table sheaf.member in access exclusive mode")
        first = asyncio.create_task(lookups.row(store.member_rows_each, NSN, own))
        await until(lambda: waiting(world), lambda count: count == 1)
        later = [asyncio.create_task(lookups.row(store.member_rows_each, sight, member)) for sight, member in asked]
        given_up = asyncio.create_task(lookups.row(store.member_rows_each, NSN, own))
        assert await waiting(world) == 1
        given_up.cancel()
    rows = await asyncio.gather(first, *later)
    assert [row and row["id"] for row in rows] == [own, *[own, None, foreign, None] * 8]
    with pytest.raises(asyncio.CancelledError):
        await given_up


async def test_nothing_of_a_read_s_sight_stays_on_its_connection(world: World) -> None:
    own = await world.member(branch="NSN")
    async with world.api.single_calls(()) as calls:
        assert await store.member_rows_each(calls, [(NSN, own)]) != [None]
        assert await calls.rows("select id from sheaf.member") == []
