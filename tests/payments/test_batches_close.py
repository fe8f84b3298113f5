"""A batch closes whatever becomes of its lines and whoever ends the last of them; until then it says what is open."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from server.batches import closing as batch_closing
from server.batches import verbs as batch_verbs
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database, Transaction
from server.executing import outcomes, sending
from server.executing.expiry import expire
from server.executing.outcomes import Again, Failed, InDoubt, Outcome, Settled
from server.ledger.accounts import Purpose
from server.payments import store
from server.sign_offs import verbs as sign_off_verbs
from shared.evidence import Evidence
from shared.lifecycle import IntentState
from shared.refusals import Refused
from shared.wire.common import ById
from shared.wire.payments import BatchView, OpenSheetRequest
from tests.conftest import ROLE_SECRET
from tests.members.world import CODES, SERVICES, WORKER
from tests.payments.farm import Farm, now

EVERYWHERE = tuple(CODES.values())
LATER = timedelta(hours=72, minutes=1)
ENDS = ("settled", "failed", "cancelled", "expired", "in_doubt")


async def _signed(farm: Farm, count: int) -> BatchView:
    lines = [farm.line(member) for member in await farm.payees(count)]
    batch = await farm.batch(lines, f"{count * 100}.00")
    await farm.sign(farm.manager, batch_id=batch.id)
    return batch


def _executor(farm: Farm) -> int:
    return int(farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0])


async def _claim(tx: Transaction, executor: int, most: int, skip: Sequence[UUID] = ()) -> list[sending.Attempt]:
    attempts = await sending.claim(tx, WORKER, executor, {sending.Lane(1, "scb"): most}, skip, now())
    announced = [sending.Announced(attempt, f"token {attempt.bank_reference}", "") for attempt in attempts]
    await sending.note_confirming(tx, executor, announced, now())
    return attempts


def _outcome(attempt: sending.Attempt, end: str) -> Outcome:
    results = {
        "settled": Settled(Evidence.CONFIRMED),
        "failed": Failed("4101", "closed account"),
        "in_doubt": InDoubt(Evidence.NO_ANSWER, now() + timedelta(hours=1)),
        # proven that nothing moved: back into the queue, where its term runs out
        "expired": Again(Evidence.NO_ANSWER),
    }
    return Outcome(attempt, results[end])


def _states(farm: Farm, batch: UUID) -> dict[str, int]:
    found = farm.query("select state, count(*) from sheaf.intent where batch_id = %s group by state", batch)
    return {state: int(count) for state, count in found}


def _batch(farm: Farm, batch: UUID) -> str:
    return str(farm.query("select state from sheaf.batch where id = %s", batch)[0][0])


async def _expire(database: Database, at: datetime) -> None:
    async with database.transaction(EVERYWHERE) as tx:
        while await expire(tx, WORKER, at):
            pass


@pytest.fixture
async def others(farm: Farm) -> AsyncIterator[Database]:
    """Executors beside the farm's own."""
    database = Database(role_url(farm.url, EXECUTOR, ROLE_SECRET), SERVICES, connections=6)
    yield database
    await database.close()


@pytest.mark.parametrize("count", [1, 2, 1000])
async def test_a_batch_closes_with_every_mix_of_outcomes(farm: Farm, others: Database, count: int) -> None:
    draw = Random(count)
    held = farm.balance("NSN", Purpose.FUNDING)[1]
    batch = await _signed(farm, count)
    executors = [_executor(farm), _executor(farm)]
    ends: Counter[str] = Counter()
    doubted: list[tuple[int, sending.Attempt]] = []

    async def work(executor: int) -> None:
        """Claim some, end some, as long as there are any; lines that come back are left to expire."""
        left_alone: list[UUID] = []
        while True:
            async with others.transaction(EVERYWHERE) as tx:
                attempts = await _claim(tx, executor, 40, left_alone)
            if not attempts:
                return
            chosen = [draw.choice(("settled", "failed", "expired", "in_doubt")) for _ in attempts]
            left_alone += [one.intent_id for one, end in zip(attempts, chosen, strict=True) if end == "expired"]
            doubted.extend((executor, one) for one, end in zip(attempts, chosen, strict=True) if end == "in_doubt")
            items = [_outcome(one, end) for one, end in zip(attempts, chosen, strict=True)]
            async with others.transaction(EVERYWHERE) as tx:
                written = await outcomes.record(tx, WORKER, executor, items, now())
            assert len(written) == len(items)
            ends.update(chosen)

    async def keep_house() -> None:
        for _ in range(20):
            async with others.transaction(EVERYWHERE) as tx:
                await batch_closing.close_finished(tx, WORKER, now())

    await asyncio.gather(work(executors[0]), keep_house(), work(executors[1]))
    await _expire(others, now() + LATER)
    await _tell_of_doubt(farm, others, batch, doubted)
    for executor, attempt in doubted:
        async with others.transaction(EVERYWHERE) as tx:
            await outcomes.record(tx, WORKER, executor, [_outcome(attempt, "settled")], now())
    async with others.transaction(EVERYWHERE) as tx:
        await batch_closing.close_finished(tx, WORKER, now())
        assert await batch_closing.close_finished(tx, WORKER, now()) == 0
    assert _batch(farm, batch.id) == "closed"
    assert sum(_states(farm, batch.id).values()) == count
    assert set(_states(farm, batch.id)) <= {"settled", "failed", "expired"}
    assert farm.balance("NSN", Purpose.FUNDING)[1] == held
    assert (await farm.ledger()).balanced


async def _tell_of_doubt(
    farm: Farm, database: Database, batch: BatchView, doubted: Sequence[tuple[int, sending.Attempt]]
) -> None:
    """While somebody is in doubt the batch is open, says so, and is told of past its term."""
    if not doubted:
        return
    async with database.transaction(EVERYWHERE) as tx:
        assert await batch_closing.close_finished(tx, WORKER, now() + LATER) == 0
        [late] = await batch_closing.overdue(tx, now() + LATER)
        assert await batch_closing.overdue(tx, now()) == []
    detail = await farm.done(farm.manager, batch_verbs.get_batch, ById(id=batch.id), now())
    assert detail.batch.state == "authorized"
    assert detail.batch.states == late.states == _states(farm, batch.id)
    assert (late.number, late.states["in_doubt"]) == (batch.number, len(doubted))


async def test_two_lines_that_end_at_once_close_their_batch_and_its_money_is_free(farm: Farm, others: Database) -> None:
    held = farm.balance("NSN", Purpose.FUNDING)[1]
    batch = await _signed(farm, 2)
    executor = _executor(farm)
    async with others.transaction(EVERYWHERE) as tx:
        attempts = await _claim(tx, executor, 2)
    async with others.transaction(EVERYWHERE) as one, others.transaction(EVERYWHERE) as other:
        # Neither sees that the other's line ends too.
        for tx, attempt in ((one, attempts[0]), (other, attempts[1])):
            move = store.Move(id=attempt.intent_id, target=IntentState.FAILED, evidence="refused")
            await store.move_intents(tx, [move], WORKER.name, now())
    assert _batch(farm, batch.id) == "authorized"
    assert await farm.close_batches() == 1
    assert _batch(farm, batch.id) == "closed"
    assert farm.balance("NSN", Purpose.FUNDING)[1] == held
    entries = farm.query("select detail from sheaf.audit_entry where tag = 'batch_closed'")
    assert any(batch.number in detail for (detail,) in entries)


async def test_a_sheet_is_shown_while_lines_are_being_settled(farm: Farm, others: Database) -> None:
    batch = await _signed(farm, 2)
    executor = _executor(farm)
    async with others.transaction(EVERYWHERE) as tx:
        attempts = await _claim(tx, executor, 2)
    request = await farm.signed_request(farm.second_manager, batch_id=batch.id)
    async with others.transaction(EVERYWHERE) as tx:
        await outcomes.record(tx, WORKER, executor, [_outcome(one, "settled") for one in attempts], now())
        # Not committed: lines, money and the audit head are locked. Reading waits for none of the first two.
        async with asyncio.timeout(5):
            detail = await farm.done(farm.manager, batch_verbs.get_batch, ById(id=batch.id), now())
            signed = await farm.ask(farm.second_manager, sign_off_verbs.sign_off, request, now())
    assert detail.batch.states == {"sent": 2}
    assert isinstance(signed, Refused)
    sheet = OpenSheetRequest(batch_id=batch.id)
    assert (await farm.done(farm.manager, sign_off_verbs.open_sign_off_sheet, sheet, now())).count == 2
    await farm.close_batches()
    assert _batch(farm, batch.id) == "closed"
