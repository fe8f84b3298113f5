"""The state machines: the same in code and in the database, without dead ends, and tried pair by pair on a real row."""

from __future__ import annotations

from itertools import product

import psycopg
import pytest

from shared.lifecycle import EDGES, INITIAL, IntentState
from shared.wire.payments import IntentView
from tests.database.psql import run
from tests.payments.farm import Farm

MOVE = "update sheaf.intent set state = %s, version = version + 1 where id = %s"


def test_code_and_database_have_the_same_edges_and_births(company: str) -> None:
    with psycopg.connect(company) as admin:
        edges = admin.execute("select machine, source, target from sheaf.lifecycle_edges").fetchall()
        births = admin.execute("select machine, state from sheaf.lifecycle_initial").fetchall()
    assert set(edges) == {(machine, *edge) for machine, pairs in EDGES.items() for edge in pairs}
    assert set(births) == {(machine, state) for machine, states in INITIAL.items() for state in states}


@pytest.mark.parametrize("role", ["sheaf_api", "sheaf_executor", "sheaf_statements", "sheaf_auditor"])
def test_nobody_writes_the_edges(company: str, role: str) -> None:
    with psycopg.connect(company) as admin:
        for table in ("lifecycle_edges", "lifecycle_initial"):
            may = admin.execute(
                "select has_table_privilege(%s, %s, 'insert, update, delete, truncate')", [role, f"sheaf.{table}"]
            )
            assert may.fetchone() == (False,)


@pytest.mark.parametrize("machine", EDGES)
def test_every_state_is_reached_and_only_ends_have_no_way_on(machine: str) -> None:
    reached = set(INITIAL[machine])
    while new := {target for source, target in EDGES[machine] if source in reached} - reached:
        reached |= new
    states = {state for edge in EDGES[machine] for state in edge}
    assert reached == states
    ends = states - {source for source, _ in EDGES[machine]}
    assert ends
    if machine == "intent":
        # the bank's statements move a payment among these for as long as they come
        ends |= {"settled", "reconciled", "returned"}
    if machine == "deposit":
        # and what they prove of money paid in they may unprove, when one is set aside
        ends |= {"recorded", "reconciled"}
    # from everywhere there is a way to some end
    finite = set(ends)
    while new := {source for source, target in EDGES[machine] if target in finite} - finite:
        finite |= new
    assert finite == states


async def test_every_pair_of_states_is_tried_on_a_row_and_exactly_the_edges_pass(
    farm: Farm, intent: IntentView
) -> None:
    """Signed by its manager, so that nothing but the edge decides."""
    await farm.sign(farm.manager, [intent.id])
    passed = set()
    with psycopg.connect(farm.url, options="-c sheaf.branches={0,1,2}") as owner:
        for source, target in product(IntentState, repeat=2):
            owner.execute("set local session_replication_role = replica")
            owner.execute("update sheaf.intent set state = %s where id = %s", [source.value, intent.id])
            owner.execute("set local session_replication_role = origin")
            outcome = ""
            try:
                run(owner, MOVE, target.value, intent.id)
            except psycopg.DatabaseError as error:
                outcome = str(error.sqlstate)
            owner.rollback()
            assert outcome in ("", "SH003", "SH004"), (source, target)
            if not outcome:
                passed.add((source.value, target.value))
    staying = {(source, source) for source, _ in EDGES["intent"]}
    assert passed == EDGES["intent"] | staying
