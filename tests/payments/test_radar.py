"""The double-pay radar: two humans who pay the same thing are stopped, wherever they are, and hardly anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server.batches import verbs as batch_verbs
from server.payments import verbs
from server.sign_offs import verbs as sign_off_verbs
from server.sign_offs.sheets import load_sheets
from shared.refusals import RefusalCode as R
from shared.refusals import Refused, refusal_text
from shared.wire import payments as wire
from shared.wire.payments import IntentView, SubmitIntentRequest
from tests.conftest import FreshDatabase
from tests.members.world import CODES, Person
from tests.payments import planted
from tests.payments.farm import Farm, now
from tests.payments.purse import request, submit
from tests.payments.refusals import refuses


async def _twin(farm: Farm, member: UUID, branch: str = "KKN") -> UUID:
    """A member of another branch who is paid to the same account at the bank."""
    number, name = farm.query("select number_digest, name from sheaf.bank_account where member_id = %s", member)[0]
    twin = await farm.payee(branch=branch, account_name=name)
    farm.query("alter table sheaf.bank_account disable trigger guard")
    farm.query("update sheaf.bank_account set number_digest = %s where member_id = %s", number, twin)
    farm.query("alter table sheaf.bank_account enable trigger guard")
    return twin


def _at(branch: str, member: UUID, baht: str, **changed: Any) -> SubmitIntentRequest:
    return request(member, baht, branch=branch, **changed)


async def test_the_same_amount_to_the_same_member_is_stopped_and_named(farm: Farm) -> None:
    member = await farm.payee()
    paid = await submit(farm, member, "815.25", weigh_ticket="W-A1")
    again = request(member, "815.25", weigh_ticket="W-A2")
    refused = await refuses(farm, farm.cashier, verbs.submit_intent, again)
    assert (refused.code, refused.params["problem"]) == (R.POSSIBLE_DUPLICATE, "amount")
    assert paid.number in refusal_text(refused, "en")
    assert paid.number in refusal_text(refused, "th")
    await submit(farm, member, "815.26", weigh_ticket="W-A2")


@pytest.mark.parametrize("end", ["reject", "old", "to balance"])
async def test_only_what_lives_in_the_window_counts_wherever_the_money_went(farm: Farm, end: str) -> None:
    member = await farm.payee()
    first = await submit(farm, member, "77.00", **({"to": "balance"} if end == "to balance" else {}))
    if end == "reject":
        await farm.reject(farm.manager, "no", [first.id])
    later = now() + (timedelta(days=3, seconds=1) if end == "old" else timedelta())
    if end == "old":
        farm.query("update sheaf.account_check set checked_at = %s", later)
    reply = await farm.ask(farm.cashier, verbs.submit_intent, request(member, "77.00"), later)
    assert isinstance(reply, Refused) == (end == "to balance")


async def test_another_branch_is_told_the_day_and_nothing_else(farm: Farm) -> None:
    await farm.fund("KKN", 10_000)
    member = await farm.payee()
    twin = await _twin(farm, member)
    paid = await submit(farm, member, "500.00", weigh_ticket="W-B1")
    refused = await refuses(farm, farm.stranger, verbs.submit_intent, _at("KKN", twin, "499.00"))
    assert (refused.code, refused.params["problem"]) == (R.POSSIBLE_DUPLICATE, "account_elsewhere")
    assert paid.number not in str(refused.params)
    other = await farm.payee(branch="KKN")
    ticket = _at("KKN", other, "500.00", weigh_ticket="W-B1")
    refused = await refuses(farm, farm.stranger, verbs.submit_intent, ticket)
    assert refused.params["problem"] == "ticket_elsewhere"
    # branches number their tickets alike: the number alone proves nothing
    await farm.done(farm.stranger, verbs.submit_intent, _at("KKN", other, "501.00", weigh_ticket="W-B1"), now())


async def test_a_reason_passes_and_needs_head_office_too(farm: Farm) -> None:
    member = await farm.payee()
    await submit(farm, member, "640.00")
    again = await submit(farm, member, "640.00", duplicate_reason="สองเที่ยวเท่ากัน")
    assert again.approvals.roles == ["manager", "treasurer"]
    assert again.duplicate_reason == "สองเที่ยวเท่ากัน"
    async with farm.api.transaction((CODES["NSN"],)) as tx:
        assert (await load_sheets(tx, [again.id]))[again.id].duplicate_reason == "สองเที่ยวเท่ากัน"
    await farm.sign(farm.manager, [again.id])
    assert farm.state(again.id) == "validated"
    await farm.sign(farm.treasurer, [again.id])
    assert farm.state(again.id) == "authorized"
    detail = farm.query(
        "select detail from sheaf.audit_entry where subject = %s and tag = 'submit_intent'", str(again.id)
    )
    assert '"likely_duplicate":true' in detail[0][0]


async def test_above_the_managers_limit_a_second_treasurer_must_sign(farm: Farm) -> None:
    member = await farm.payee()
    again = await submit(farm, member, "300000.00", duplicate_reason="สองเที่ยว")
    assert again.approvals.roles == ["manager", "treasurer", "treasurer"]
    await farm.sign(farm.manager, [again.id])
    await farm.sign(farm.treasurer, [again.id])
    assert farm.state(again.id) == "validated"
    request_again = await farm.signed_request(farm.treasurer, [again.id])
    assert await farm.refused(farm.treasurer, sign_off_verbs.sign_off, request_again, now()) is R.ALREADY_SIGNED


@pytest.mark.parametrize("like", ["account", "ticket"])
async def test_two_branches_at_the_same_moment_pay_once(farm: Farm, like: str) -> None:
    """Neither sees the other's intent before it is committed: they meet at the radar's lock."""
    await farm.fund("KKN", 10_000)
    pairs = []
    for _ in range(8):
        member = await farm.payee()
        pairs.append((member, await (_twin(farm, member) if like == "account" else farm.payee(branch="KKN"))))

    async def pay(person: Person, branch: str, member: UUID, ticket: str) -> IntentView | Refused:
        asked = _at(branch, member, "250.00", weigh_ticket=ticket)
        return await farm.ask(person, verbs.submit_intent, asked, now())

    for place, (member, twin) in enumerate(pairs):
        ticket = f"W-AT-ONCE-{place}" if like == "ticket" else ""
        replies = await asyncio.gather(
            pay(farm.cashier, "NSN", member, ticket), pay(farm.stranger, "KKN", twin, ticket)
        )
        assert [reply.code for reply in replies if isinstance(reply, Refused)] == [R.POSSIBLE_DUPLICATE]


async def test_a_batch_is_stopped_by_its_own_lines_and_by_what_was_paid_while_it_was_open(farm: Farm) -> None:
    member, other = await farm.payee(), await farm.payee()
    opened = await farm.done(
        farm.cashier, batch_verbs.open_batch, wire.OpenBatchRequest(branch="NSN", count=2, total="180.00"), now()
    )
    lines = [farm.line(member, "90.00"), farm.line(member, "90.00")]
    twice = wire.AddBatchLinesRequest(id=opened.id, first=1, lines=[wire.IntentLine(**line) for line in lines])
    added = await farm.done(farm.cashier, batch_verbs.add_batch_lines, twice, now())
    assert [bool(result.refused) for result in added.results] == [False, True]
    lines = [farm.line(member, "90.00"), farm.line(other, "90.00")]
    once = wire.AddBatchLinesRequest(id=opened.id, first=1, lines=[wire.IntentLine(**line) for line in lines])
    added = await farm.done(farm.cashier, batch_verbs.add_batch_lines, once, now())
    assert not [result for result in added.results if result.refused]
    # a line of an open batch is seen by others
    assert await farm.refused(farm.cashier, verbs.submit_intent, request(other, "90.00"), now()) is R.POSSIBLE_DUPLICATE
    paid = await submit(farm, member, "90.00", duplicate_reason="อีกเที่ยว")
    close = wire.CloseBatchRequest(id=opened.id, count=2, total="180.00")
    refused = await refuses(farm, farm.cashier, batch_verbs.close_batch, close)
    assert (refused.code, refused.params["number"]) == (R.POSSIBLE_DUPLICATE, f" ({paid.number})")


async def _add(farm: Farm, batch: UUID, first: int, *lines: dict[str, Any]) -> list[bool]:
    """Which lines of a page were refused."""
    page = [wire.IntentLine(**line) for line in lines]
    asked = wire.AddBatchLinesRequest(id=batch, first=first, lines=page)
    added = await farm.done(farm.cashier, batch_verbs.add_batch_lines, asked, now())
    return [result.refused is not None for result in added.results]


async def _open(farm: Farm, count: int, total: str) -> UUID:
    asked = wire.OpenBatchRequest(branch="NSN", count=count, total=total)
    return (await farm.done(farm.cashier, batch_verbs.open_batch, asked, now())).id


@pytest.mark.parametrize("pages", [1, 2])
async def test_a_line_with_a_reason_may_repeat_an_earlier_line_of_its_batch(farm: Farm, pages: int) -> None:
    member = await farm.payee()
    batch = await _open(farm, 2, "180.00")
    lines = [farm.line(member, "90.00"), farm.line(member, "90.00", duplicate_reason="อีกเที่ยว")]
    if pages == 1:
        assert await _add(farm, batch, 1, *lines) == [False, False]
    else:
        assert [await _add(farm, batch, at, line) for at, line in enumerate(lines, 1)] == [[False], [False]]
    close = wire.CloseBatchRequest(id=batch, count=2, total="180.00")
    closed = await farm.done(farm.cashier, batch_verbs.close_batch, close, now())
    assert (closed.state, closed.approvals.roles) == ("validated", ["manager", "treasurer"])


async def test_a_reason_of_its_own_lines_hides_nothing_that_was_paid_elsewhere(farm: Farm) -> None:
    """Nor does a line's reason speak for the line after it."""
    member = await farm.payee()
    batch = await _open(farm, 2, "180.00")
    with_reason = farm.line(member, "90.00", duplicate_reason="อีกเที่ยว")
    assert await _add(farm, batch, 1, with_reason, farm.line(member, "90.00")) == [False, True]
    assert await _add(farm, batch, 1, farm.line(member, "90.00")) == [False]
    paid = await submit(farm, member, "90.00", duplicate_reason="อีกเที่ยว")
    assert await _add(farm, batch, 2, with_reason) == [False]
    close = wire.CloseBatchRequest(id=batch, count=2, total="180.00")
    refused = await refuses(farm, farm.cashier, batch_verbs.close_batch, close)
    assert (refused.code, refused.params["number"]) == (R.POSSIBLE_DUPLICATE, f" ({paid.number})")


@pytest.fixture(scope="module")
def harvest(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        yield url


def test_planted_duplicates_are_found_and_honest_payments_pass(harvest: str) -> None:
    """A tenth of the goal's size (1,000 in 200,000), so that it runs in seconds."""
    seen = planted.run(harvest, payments=20_000, planted=100)
    assert seen.found >= 0.99 * seen.planted, seen
    assert seen.stopped <= 0.01 * seen.honest, seen
