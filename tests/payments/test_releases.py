"""Money that is not paid is free again: rejected, cancelled, expired, refused at the last moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import psycopg

from server.batches import verbs as batch_verbs
from server.executing import sending
from server.executing.expiry import expire
from server.ledger.accounts import Purpose
from server.payments import submission, verbs
from server.treasury.funding_verbs import request_funding
from shared.wire import payments as wire
from tests.members.world import CODES, WORKER
from tests.payments.farm import Farm, now

LATER = timedelta(hours=72, minutes=1)


@asynccontextmanager
async def nothing_held_in_the_end(farm: Farm) -> AsyncIterator[None]:
    before = farm.balance("NSN", Purpose.FUNDING)
    yield
    assert farm.balance("NSN", Purpose.FUNDING) == before
    assert (await farm.ledger()).balanced


async def _expire(farm: Farm, at: datetime) -> int:
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        return await expire(tx, WORKER, at)


async def _claim(farm: Farm) -> list[sending.Attempt]:
    executor = farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0]
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        return await sending.claim(tx, WORKER, executor, {sending.Lane(1, "scb"): 100}, [], now())


def _batch_state(farm: Farm, batch_id: UUID) -> str:
    return str(farm.query("select state from sheaf.batch where id = %s", batch_id)[0][0])


async def test_a_rejected_intent_releases_its_money(farm: Farm) -> None:
    async with nothing_held_in_the_end(farm):
        intent = await farm.submit(await farm.payee())
        assert farm.balance("NSN", Purpose.FUNDING)[1] == 10_000
        await farm.reject(farm.manager, "wrong weight", [intent.id])
    row = farm.query("select state, failure_text from sheaf.intent where id = %s", intent.id)
    assert row == [("rejected", "wrong weight")]


async def test_a_rejected_batch_ends_every_line_and_releases_its_money(farm: Farm) -> None:
    async with nothing_held_in_the_end(farm):
        batch = await farm.batch([farm.line(await farm.payee()) for _ in range(3)], "300.00")
        await farm.reject(farm.manager, "wrong file", batch_id=batch.id)
    states = farm.query("select distinct state from sheaf.intent where batch_id = %s", batch.id)
    assert (states, _batch_state(farm, batch.id)) == ([("rejected",)], "rejected")


async def test_a_cancelled_intent_releases_its_money_even_after_it_was_authorized(farm: Farm) -> None:
    async with nothing_held_in_the_end(farm):
        intent = await farm.submit(await farm.payee())
        await farm.sign(farm.manager, [intent.id])
        request = wire.CancelIntentRequest(id=intent.id, version=2, reason="rain")
        assert (await farm.done(farm.cashier, verbs.cancel_intent, request, now())).state == "cancelled"


async def test_a_cancelled_batch_releases_its_money_open_or_submitted(farm: Farm) -> None:
    async with nothing_held_in_the_end(farm):
        submitted = await farm.batch([farm.line(await farm.payee())], "100.00")
        opened = await farm.done(
            farm.cashier, batch_verbs.open_batch, wire.OpenBatchRequest(branch="NSN", count=1, total="1.00"), now()
        )
        for batch in (submitted, opened):
            request = wire.CancelBatchRequest(id=batch.id, version=batch.version)
            assert (await farm.done(farm.cashier, batch_verbs.cancel_batch, request, now())).state == "cancelled"


async def test_what_nobody_decides_expires_with_one_last_audit_entry_for_each_branch(farm: Farm) -> None:
    async with nothing_held_in_the_end(farm):
        waiting = await farm.submit(await farm.payee())
        signed = await farm.submit(await farm.payee())
        await farm.sign(farm.manager, [signed.id])
        batch = await farm.batch([farm.line(await farm.payee()) for _ in range(2)], "200.00")
        half = await farm.batch([farm.line(await farm.payee()) for _ in range(2)], "200.00")
        await farm.sign(farm.manager, batch_id=half.id)
        opened = await farm.done(
            farm.cashier, batch_verbs.open_batch, wire.OpenBatchRequest(branch="NSN", count=1, total="1.00"), now()
        )
        funding = await farm.done(
            farm.manager,
            request_funding,
            wire.RequestFundingRequest(branch="NSN", amount="5.00", reason="seed"),
            now(),
        )
        assert await _expire(farm, now()) == 0
        assert await _expire(farm, now() + LATER) >= 6
        assert await _expire(farm, now() + LATER) == 0
        await farm.close_batches()
    assert (farm.state(waiting.id), farm.state(signed.id)) == ("expired", "expired")
    assert [_batch_state(farm, one.id) for one in (batch, half, opened)] == ["expired", "closed", "cancelled"]
    assert farm.query("select state from sheaf.funding where id = %s", funding.id) == [("expired",)]
    entries = farm.query("select detail from sheaf.audit_entry where branch_id = 1 and tag = 'intent_expired'")
    assert len(entries) == 1
    for number in (waiting.number, signed.number, batch.number, opened.number, funding.number):
        assert number in entries[0][0]


async def test_a_batch_whose_lines_are_all_refused_at_the_last_moment_is_closed(farm: Farm) -> None:
    async with nothing_held_in_the_end(farm):
        batch = await farm.batch([farm.line(await farm.payee()) for _ in range(2)], "200.00")
        await farm.sign(farm.second_manager, batch_id=batch.id)
        farm.query("update sheaf.app_user set enabled = false where id = %s", farm.second_manager.actor.user)
        assert await _claim(farm) == []
        await farm.close_batches()
    assert _batch_state(farm, batch.id) == "closed"


async def test_an_account_that_does_not_decrypt_is_not_sent_and_keeps_nobody_else_back(farm: Farm) -> None:
    async with nothing_held_in_the_end(farm):
        broken, sound = await farm.submit(await farm.payee()), await farm.submit(await farm.payee())
        await farm.sign(farm.manager, [broken.id, sound.id])
        with psycopg.connect(farm.url) as owner:
            owner.execute("set session_replication_role = replica")
            owner.execute(
                "update sheaf.bank_account set number_cipher = sha256(number_cipher) where member_id = %s",
                [broken.member_id],
            )
        assert [one.intent_id for one in await _claim(farm)] == [sound.id]
        assert farm.state(broken.id) == "cancelled"
        farm.query("update sheaf.intent set state = 'failed', version = version + 1 where id = %s", sound.id)
        async with farm.executor.transaction((1,)) as tx:
            hold = await tx.value("select hold_id from sheaf.intent where id = %(id)s", id=sound.id)
            rest = submission.Release(branch_id=1, hold_id=hold, amount=10_000, intent_id=sound.id)
            await submission.release(tx, [rest], "the test's end", now())


async def test_a_quorum_that_was_made_smaller_than_the_policy_asks_sends_nothing(farm: Farm) -> None:
    """Whoever writes the row chooses its quorum; the executor asks the policy again."""
    async with nothing_held_in_the_end(farm):
        intent = await farm.submit(await farm.payee(), "300000.00")
        with psycopg.connect(farm.url) as owner:
            owner.execute("set session_replication_role = replica")
            owner.execute("update sheaf.intent set quorum = '{manager}' where id = %s", [intent.id])
        await farm.sign(farm.manager, [intent.id])
        assert farm.state(intent.id) == "authorized"
        assert await _claim(farm) == []
    assert farm.state(intent.id) == "cancelled"


async def _abandoned(farm: Farm, ticket: str) -> wire.BatchView:
    """Open, with one line that carries the ticket."""
    request = wire.OpenBatchRequest(branch="NSN", count=2, total="200.00")
    opened = await farm.done(farm.cashier, batch_verbs.open_batch, request, now())
    line = wire.IntentLine(**farm.line(await farm.payee(), weigh_ticket=ticket))
    added = wire.AddBatchLinesRequest(id=opened.id, first=1, lines=[line])
    await farm.done(farm.cashier, batch_verbs.add_batch_lines, added, now())
    return opened


async def test_a_batch_that_nobody_goes_on_with_lets_go_of_its_tickets_within_two_hours(farm: Farm) -> None:
    opened = await _abandoned(farm, "LEFT-1")
    assert (await farm.refused(farm.cashier, verbs.submit_intent, await _paying(farm, "LEFT-1"), now())) is not None
    await _expire(farm, now() + timedelta(hours=1, minutes=59))
    assert _batch_state(farm, opened.id) == "open"
    await _expire(farm, now() + timedelta(hours=2, minutes=1))
    assert _batch_state(farm, opened.id) == "cancelled"
    paid = await farm.done(farm.cashier, verbs.submit_intent, await _paying(farm, "LEFT-1"), now())
    await farm.reject(farm.manager, "not meant", [paid.id])


async def _paying(farm: Farm, ticket: str) -> wire.SubmitIntentRequest:
    return wire.SubmitIntentRequest(branch="NSN", **farm.line(await farm.payee(), weigh_ticket=ticket))


async def test_who_goes_on_with_a_batch_keeps_it(farm: Farm) -> None:
    opened = await _abandoned(farm, "KEPT-1")
    later = now() + timedelta(hours=1)
    member = await farm.payee()
    farm.query("update sheaf.account_check set checked_at = %s where member_id = %s", later, member)
    line = wire.IntentLine(**farm.line(member, weigh_ticket="KEPT-2"))
    more = wire.AddBatchLinesRequest(id=opened.id, first=2, lines=[line])
    await farm.done(farm.cashier, batch_verbs.add_batch_lines, more, later)
    await _expire(farm, now() + timedelta(hours=2, minutes=30))
    assert _batch_state(farm, opened.id) == "open"
    await _expire(farm, now() + timedelta(hours=3, minutes=1))
    assert _batch_state(farm, opened.id) == "cancelled"


async def test_an_open_batch_of_somebody_who_was_shut_out_lets_go_at_once(farm: Farm) -> None:
    opened = await _abandoned(farm, "OUT-1")
    waiting = await farm.batch([farm.line(await farm.payee())], "100.00")
    farm.query("update sheaf.app_user set enabled = false where id = %s", farm.cashier.actor.user)
    await _expire(farm, now())
    assert (_batch_state(farm, opened.id), _batch_state(farm, waiting.id)) == ("cancelled", "validated")
    await farm.reject(farm.manager, "not meant", batch_id=waiting.id)
