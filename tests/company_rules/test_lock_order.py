"""Locks are taken in one order by everybody, so that many who wait for each other never wait in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from psycopg import errors

from server.batches import closing as batch_closing
from server.database.roles import API, EXECUTOR, role_url
from server.database.transaction import Database
from server.executing import outcomes, sending
from server.executing.expiry import expire
from server.executing.outcomes import Again, Failed, Outcome, Settled
from server.ledger.accounts import Purpose, account_id, payable_id
from server.payments import verbs
from server.payments.submitting import Submission, submit_group
from server.sign_offs import verbs as sign_off_verbs
from shared.evidence import Evidence
from shared.refusals import Refused
from shared.wire.payments import CancelIntentRequest, SubmitIntentRequest
from tests.company_rules.rulers import Rulers
from tests.conftest import ROLE_SECRET
from tests.members.world import CODES, SERVICES, WORKER
from tests.payments.farm import now
from tests.payments.purse import give, lend, request, submit
from tests.waiting import eventually

EVERYWHERE = tuple(CODES.values())
LATER = timedelta(hours=72, minutes=1)
FUNDING = account_id("NSN", Purpose.FUNDING)
GATE = 7235460
"""The radar's, in 85_radar.sql."""


@contextmanager
def _held(farm: Rulers, table: str, row: UUID) -> Iterator[None]:
    """Somebody else has the row in hand."""
    with psycopg.connect(farm.url) as other:
        other.execute(f"select from sheaf.{table} where id = %s for update".encode(), [row])
        yield
        other.rollback()


def _free(farm: Rulers, table: str, row: UUID) -> bool:
    found = farm.query(f"select id from sheaf.{table} where id = %s for update skip locked", row)
    return bool(found)


async def _waits(farm: Rulers) -> None:
    waiting = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    await eventually(lambda: bool(farm.query(waiting)))


async def test_a_submission_locks_advances_before_limits(farm: Rulers) -> None:
    await farm.cap("member", day_amount="100000.00")
    member = await farm.payee()
    await submit(farm, member, "10.00")
    advance = await lend(farm, member, "500.00", basis_points=3_000)
    with _held(farm, "advance", advance.id):
        asking = asyncio.create_task(farm.submit(member, "11.00"))
        await _waits(farm)
        assert farm.query("select rule from sheaf.limit_usage for update skip locked")
    assert (await asking).advance == "3.30"


async def test_a_submission_that_waits_for_its_account_keeps_nobody_at_the_radars_gate(farm: Rulers) -> None:
    member = await farm.payee()
    with _held(farm, "ledger_account", FUNDING):
        asking = asyncio.create_task(farm.submit(member))
        await _waits(farm)
        assert farm.query("select pg_try_advisory_xact_lock(%s)", GATE) == [(True,)]
    await asking


async def test_an_expiry_locks_all_advances_before_the_first_account(farm: Rulers) -> None:
    owing, other = await farm.payee(), await farm.payee()
    advance = await lend(farm, owing, "500.00", basis_points=3_000)
    batch = await farm.batch([farm.line(other)], "100.00")
    single = await farm.submit(owing)

    async def run_out() -> int:
        async with farm.executor.transaction(EVERYWHERE) as tx:
            return await expire(tx, WORKER, now() + LATER)

    with _held(farm, "ledger_account", FUNDING):
        running_out = asyncio.create_task(run_out())
        await _waits(farm)
        assert not _free(farm, "advance", advance.id)
    assert await running_out == 2
    assert farm.state(single.id) == "expired"
    assert farm.query("select state from sheaf.batch where id = %s", batch.id) == [("expired",)]
    assert farm.balance("NSN", Purpose.FUNDING)[1] == 0


@pytest.mark.parametrize("end", ["rejected", "expired", "failed"])
async def test_all_money_is_given_back_in_the_order_of_accounts(farm: Rulers, end: str) -> None:
    first, second = sorted([await farm.payee(), await farm.payee()], key=payable_id)
    for member in (second, first):
        await give(farm, member, 500)
    held = [await submit(farm, member, "50.00", "withdrawal") for member in (second, first)]
    ids = [intent.id for intent in held]
    task = asyncio.create_task
    with _held(farm, "ledger_account", payable_id(first)):
        if end == "rejected":
            ending = task(farm.reject(farm.manager, "no", ids))
        elif end == "expired":
            ending = task(_expire(farm.executor))
        else:
            ending = task(_fail(farm, ids))
        await _waits(farm)
        assert _free(farm, "ledger_account", payable_id(second))
    await ending
    assert [farm.state(one) for one in ids] == [end] * 2
    assert (await farm.ledger()).balanced


async def _expire(database: Database, limit: int = 200) -> None:
    async with database.transaction(EVERYWHERE) as tx:
        await expire(tx, WORKER, now() + LATER, limit)


async def _fail(farm: Rulers, ids: Sequence[UUID]) -> None:
    await farm.sign(farm.manager, ids)
    executor = _executor(farm)
    async with farm.executor.transaction(EVERYWHERE) as tx:
        attempts = await sending.claim(tx, WORKER, executor, {sending.Lane(1, "scb"): 9}, [], now())
    attempts.sort(key=lambda one: ids.index(one.intent_id))
    async with farm.executor.transaction(EVERYWHERE) as tx:
        ends = [Outcome(one, Failed("4101", "closed account")) for one in attempts]
        await outcomes.record(tx, WORKER, executor, ends, now())


def _executor(farm: Rulers) -> int:
    return int(farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0])


async def test_lines_that_must_be_decided_again_leave_no_account_locked(farm: Rulers) -> None:
    """Advances are locked anew then, and they come before accounts."""
    line = {"line": 1, "member_id": await farm.payee(), "member_version": 99, "source_id": FUNDING}
    items = msgspec.json.encode([{**line, "advance": 0, "weigh_ticket": ""}]).decode()
    async with farm.api.transaction((1,)) as tx:
        stale = await tx.value("select sheaf.add_batch_lines(1, %(items)s::jsonb, %(now)s)", items=items, now=now())
        assert stale == [1]
        assert _free(farm, "ledger_account", FUNDING)


class _Crowd:
    """Everybody at once: cashiers, approvers, executors and the clock, each with a step of their own."""

    def __init__(self, farm: Rulers, members: Sequence[UUID]) -> None:
        self.farm, self.members = farm, members
        self.api = Database(role_url(farm.url, API, ROLE_SECRET), SERVICES, connections=8)
        self.worker = Database(role_url(farm.url, EXECUTOR, ROLE_SECRET), SERVICES, connections=6)
        self.draw = Random(7)
        self.done: dict[str, int] = {}
        self._old_api, farm.api = farm.api, self.api

    async def run(self, times: int, steps: Sequence[Callable[[], Awaitable[object]]]) -> None:
        """Everybody goes on until each kind of step was made so many times."""
        self.done = {step.__name__: 0 for step in steps}

        async def repeat(step: Callable[[], Awaitable[object]]) -> None:
            while min(self.done.values()) < times:
                await asyncio.sleep(0)
                self.done[step.__name__] += not isinstance(await step(), Refused | None)

        async with asyncio.timeout(90), asyncio.TaskGroup() as crowd:
            for step in steps:
                crowd.create_task(repeat(step))

    async def close(self) -> None:
        self.farm.api = self._old_api
        await self.api.close()
        await self.worker.close()

    def _request(self) -> SubmitIntentRequest:
        member, baht = self.draw.choice(self.members), f"{self.draw.randint(1_00, 900_00) / 100:.2f}"
        if self.draw.random() < 0.3:
            return request(member, baht, "withdrawal")
        return request(member, baht)

    async def submits(self) -> object:
        cashier = self.farm.cashier.actor
        group = [
            Submission(
                actor=cashier, branch_id=1, request=self._request(), key=uuid4().hex, fingerprint="a:1", token_id=None
            )
            for _ in range(4)
        ]
        try:
            async with self.api.transaction((1,)) as tx:
                found = await submit_group(tx, group, now())
        except errors.LockNotAvailable:
            return None
        return [one for one in found if one is not None and not isinstance(one, Refused)] or None

    def _some(self, state: str) -> list[UUID]:
        rows = self.farm.query("select id from sheaf.intent where state = %s and batch_id is null limit 30", state)
        ids = [row[0] for row in rows]
        return self.draw.sample(ids, min(len(ids), 5))

    async def _sign(self, decision: str) -> object:
        ids = self._some("validated")
        if not ids:
            return None
        person = self.farm.manager if decision == "approve" else self.farm.treasurer
        asked = await self.farm.signed_request(person, ids, None, decision, "" if decision == "approve" else "no")
        return await self.farm.ask(person, sign_off_verbs.sign_off, asked, now())

    async def approves(self) -> object:
        return await self._sign("approve")

    async def rejects(self) -> object:
        return await self._sign("reject")

    async def cancels(self) -> object:
        for intent in self._some("authorized")[:1]:
            version = self.farm.query("select version from sheaf.intent where id = %s", intent)[0][0]
            return await self.farm.ask(
                self.farm.cashier, verbs.cancel_intent, CancelIntentRequest(id=intent, version=version), now()
            )
        return None

    async def pays(self) -> object:
        executor = _executor(self.farm)
        async with self.worker.transaction(EVERYWHERE) as tx:
            lanes = {sending.Lane(1, "scb"): 6}
            attempts = await sending.claim(tx, WORKER, executor, lanes, [], now())
            told = [sending.Announced(one, f"token {one.bank_reference}", "") for one in attempts]
            await sending.note_confirming(tx, executor, told, now())
        self.draw.shuffle(attempts)
        results = (Settled(Evidence.CONFIRMED), Failed("4101", "closed account"), Again(Evidence.INITIATE_LOST))
        ends = [Outcome(one, self.draw.choice(results)) for one in attempts]
        async with self.worker.transaction(EVERYWHERE) as tx:
            return await outcomes.record(tx, WORKER, executor, ends, now()) or None

    async def runs_out(self) -> object:
        async with self.worker.transaction(EVERYWHERE) as tx:
            return await expire(tx, WORKER, now() + LATER, 1) or None

    async def batches(self) -> object:
        baht = self.draw.randint(1_000, 900_000)
        lines = [self.farm.line(member, f"{baht}.00") for member in self.draw.sample(self.members, 3)]
        try:
            batch = await self.farm.batch(lines, f"{3 * baht}.00")
        except AssertionError:  # a refusal: the clock ran out while it was open
            return None
        rest = await self.farm.signed_request(self.farm.manager, batch_id=batch.id, decision="reject", reason="no")
        await self.farm.ask(self.farm.manager, sign_off_verbs.sign_off, rest, now())
        async with self.worker.transaction(EVERYWHERE) as tx:
            await batch_closing.close_finished(tx, WORKER, now())
        return batch


@pytest.mark.timeout(110)
async def test_a_crowd_with_limits_and_advances_never_waits_in_a_circle(farm: Rulers) -> None:
    for scope in ("member", "company", "maker", "approver"):
        await farm.cap(scope, month_amount="900000000.00")
    members = [await farm.payee() for _ in range(6)]
    for member in members:
        await give(farm, member, 100_000)
        for _ in range(2):
            await lend(farm, member, "100000.00", basis_points=100)
    crowd = _Crowd(farm, members)
    steps = (crowd.submits, crowd.approves, crowd.rejects, crowd.cancels, crowd.pays, crowd.runs_out, crowd.batches)
    try:
        await crowd.run(5, [*steps, crowd.submits, crowd.approves, crowd.pays])
    finally:
        await crowd.close()
    others = "select pid from pg_stat_activity where datname = current_database() and application_name = 'sheaf'"
    await farm.close()
    await eventually(lambda: not farm.query(others))
    assert farm.query("select deadlocks from pg_stat_database where datname = current_database()") == [(0,)]
