"""What a process that died leaves in its connections is gone, wherever in a call it died."""

from __future__ import annotations

import asyncio

import pytest
from psycopg import errors

from lab.simulation import processes
from lab.simulation.company import VAULT
from lab.simulation.connections import Cabinet, SimulatedDatabase
from lab.simulation.ground import copy, ground
from lab.simulation.processes import Process, be
from lab.simulation.virtual_loop import VirtualLoop
from server.context import Services
from tests.waiting import eventually

INSERT = "insert into sheaf.drawer values (%(id)s)"


@pytest.mark.parametrize("together", [False, True], ids=["one statement", "many in one round trip"])
def test_a_process_that_dies_waiting_for_a_lock_leaves_no_lock(together: bool) -> None:
    with ground() as url, copy(url, "dying") as cabinet:
        loop = VirtualLoop()
        loop.set_task_factory(processes.factory)  # type: ignore[arg-type]  # as the schedule does
        try:
            loop.run_until_complete(_die_waiting(cabinet, together))
        finally:
            loop.close()


async def _die_waiting(cabinet: Cabinet, together: bool) -> None:
    keeper, victim = Process("keeper", mortal=False), Process("victim")
    be(keeper)
    own = SimulatedDatabase(cabinet, "", keeper, Services(vault=VAULT), [])
    async with own.transaction(()) as tx:
        await tx.execute("create table sheaf.drawer (id int primary key)")
    async with own.transaction(()) as tx:
        await tx.execute(INSERT, id=2)
        theirs = SimulatedDatabase(cabinet, "", victim, Services(vault=VAULT), [])
        victim.run(_insert(theirs, together))
        await eventually(lambda: cabinet.turns.counts["lock waits"] == 1)
        victim.die()
        await victim.bury()
    async with own.transaction(()) as tx:
        assert await tx.rows("select id from sheaf.drawer") == [{"id": 2}]
        await tx.execute(INSERT, id=1)
    assert cabinet.turns.counts["lock waits"] == 1


def test_a_process_that_stands_still_between_many_statements_is_cut_off() -> None:
    with ground() as url, copy(url, "stalled") as cabinet:
        loop = VirtualLoop()
        loop.set_task_factory(processes.factory)  # type: ignore[arg-type]  # as the schedule does
        try:
            loop.run_until_complete(_stand_still(cabinet))
        finally:
            loop.close()


async def _stand_still(cabinet: Cabinet) -> None:
    keeper, victim = Process("keeper", mortal=False), Process("victim")
    be(keeper)
    own = SimulatedDatabase(cabinet, "", keeper, Services(vault=VAULT), [])
    async with own.transaction(()) as tx:
        await tx.execute("create table sheaf.drawer (id int primary key)")
    theirs = SimulatedDatabase(cabinet, "", victim, Services(vault=VAULT), [])

    def stand_still(_text: str) -> None:
        """After its first call, which only says that many are to come."""
        victim.stalled_until = asyncio.get_running_loop().time() + 100
        cabinet.turns.spy = None

    cabinet.turns.spy = stand_still
    insertion = victim.run(_insert(theirs, together=True))
    await asyncio.wait([insertion], timeout=50)
    cabinet.cut(victim)
    await asyncio.wait([insertion])
    assert isinstance(insertion.exception(), errors.IdleInTransactionSessionTimeout)
    victim.die()
    await victim.bury()
    async with own.transaction(()) as tx:
        assert await tx.rows("select id from sheaf.drawer") == []


async def _insert(database: SimulatedDatabase, together: bool) -> None:
    async with database.transaction(()) as tx:
        if together:
            await tx.many(INSERT, [{"id": number} for number in (1, 2, 3)])
        else:
            await tx.execute(INSERT, id=1)
            await tx.execute(INSERT, id=2)
