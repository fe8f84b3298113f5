"""Members that callers of different branches look up at the same moment: read together, seen apart."""

from __future__ import annotations

import asyncio
from itertools import product
from uuid import uuid4

from server.http.lookups import Lookups
from server.members import store
from tests.members.world import CODES, World

NSN, KKN, BOTH, NOTHING = (CODES["NSN"],), (CODES["KKN"],), (CODES["NSN"], CODES["KKN"]), ()


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
    lookups = Lookups(world.api)
    asked = [(NSN, own), (KKN, own), (KKN, foreign), (NSN, foreign)] * 8
    rows = await asyncio.gather(*(lookups.member(sight, member) for sight, member in asked))
    assert [row and row["id"] for row in rows] == [own, None, foreign, None] * 8
    assert (await lookups.member(NSN, own) or {})["id"] == own
    async with world.api.transaction(()) as tx:
        assert await tx.rows("select id from sheaf.member") == []
