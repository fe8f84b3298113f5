"""A tier is of all that a member or an account gets on the business day, in however many pieces and by whomever."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.approvals.rules import payment_quorum
from server.batches import verbs as batch_verbs
from server.context import Policy
from server.executing import sending
from server.payments import verbs
from shared.money import Satang, format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date, start_of_day
from shared.wire import payments as wire
from tests.members.world import CODES, WORKER
from tests.payments.farm import Farm, now
from tests.payments.purse import give, request

JUST_UNDER = "190000.00"
BOTH = ["manager", "treasurer"]


async def quorum(farm: Farm, member: UUID, baht: str = JUST_UNDER, **changed: object) -> list[str]:
    """Who must sign one more payment, which stays."""
    view = await farm.submit(member, baht, **changed)
    return list(view.approvals.roles)


async def one_more(farm: Farm, member: UUID) -> None:
    await farm.submit(member, "190000.01")


async def by_a_manager(farm: Farm, member: UUID) -> None:
    await farm.done(farm.second_manager, verbs.submit_intent, request(member, "190000.01"), now())


async def a_withdrawal(farm: Farm, member: UUID) -> None:
    await give(farm, member, 200_000)
    await farm.done(farm.cashier, verbs.submit_intent, request(member, JUST_UNDER, "withdrawal"), now())


async def into_the_balance(farm: Farm, member: UUID) -> None:
    wanted = request(member, "190000.01", to="balance", account_version=0)
    await farm.done(farm.cashier, verbs.submit_intent, wanted, now())


async def a_batch(farm: Farm, member: UUID) -> None:
    await farm.batch([farm.line(member, "190000.01")], "190000.01")


async def draft(farm: Farm, member: UUID, baht: str = "190000.01", at: datetime | None = None) -> wire.BatchView:
    opened = await farm.done(
        farm.cashier, batch_verbs.open_batch, wire.OpenBatchRequest(branch="NSN", count=1, total=baht), at or now()
    )
    lines = wire.AddBatchLinesRequest(id=opened.id, first=1, lines=[wire.IntentLine(**farm.line(member, baht))])
    added = await farm.done(farm.cashier, batch_verbs.add_batch_lines, lines, at or now())
    assert added.results[0].refused is None
    return opened


async def close(farm: Farm, opened: wire.BatchView, baht: str) -> wire.BatchView:
    closing = wire.CloseBatchRequest(id=opened.id, count=1, total=baht)
    return await farm.done(farm.cashier, batch_verbs.close_batch, closing, now())


async def a_draft_line(farm: Farm, member: UUID) -> None:
    await draft(farm, member)


async def the_same_account_elsewhere(farm: Farm, member: UUID) -> None:
    """Another member, of another branch, who is paid to the same account; a person said why."""
    await farm.fund("KKN", 1_000_000)
    other = await farm.payee(branch="KKN")
    with psycopg.connect(farm.url) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute(
            """update sheaf.bank_account set number_digest = (select number_digest from sheaf.bank_account
               where member_id = %s) where member_id = %s""",
            [member, other],
        )
    line = farm.line(other, JUST_UNDER, duplicate_reason="one family, one account")
    await farm.done(farm.stranger, verbs.submit_intent, wire.SubmitIntentRequest(branch="KKN", **line), now())


WAYS: dict[str, Callable[[Farm, UUID], Awaitable[None]]] = {
    "the same again": one_more,
    "by another maker": by_a_manager,
    "a withdrawal": a_withdrawal,
    "into the balance": into_the_balance,
    "a batch": a_batch,
    "a draft line": a_draft_line,
    "another branch's member with the account": the_same_account_elsewhere,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_two_just_under_a_tier_need_the_tier_of_their_sum(
    farm: Farm, way: Callable[[Farm, UUID], Awaitable[None]]
) -> None:
    member = await farm.payee()
    await way(farm, member)
    reason = {"duplicate_reason": "one family"} if way is the_same_account_elsewhere else {}
    preview = await farm.done(
        farm.cashier,
        verbs.preview_intent,
        wire.SubmitIntentRequest(branch="NSN", **farm.line(member, JUST_UNDER, **reason)),
        now(),
    )
    assert set(preview.roles) >= set(BOTH)
    assert set(await quorum(farm, member, **reason)) >= set(BOTH)


async def test_three_times_just_under_need_the_quorum_of_the_whole(farm: Farm) -> None:
    member = await farm.payee()
    needed = [await quorum(farm, member, f"{190_000 + n}.00") for n in range(3)]
    assert needed == [["manager"], BOTH, BOTH]


async def test_a_batch_counts_what_was_paid_one_by_one(farm: Farm) -> None:
    member = await farm.payee()
    await farm.submit(member, JUST_UNDER)
    batch = await farm.batch([farm.line(member, "10000.01"), farm.line(await farm.payee(), "5.00")], "10005.01")
    assert batch.approvals.roles == BOTH


async def test_two_open_batches_count_each_other(farm: Farm) -> None:
    member = await farm.payee()
    first, second = await draft(farm, member, JUST_UNDER), await draft(farm, member, "190001.00")
    assert (await close(farm, first, JUST_UNDER)).approvals.roles == BOTH
    assert (await close(farm, second, "190001.00")).approvals.roles == BOTH


async def test_a_batch_of_yesterday_that_is_submitted_today_counts_today(farm: Farm) -> None:
    member = await farm.payee()
    yesterday = start_of_day(business_date(now())) - timedelta(minutes=5)
    farm.query("update sheaf.account_check set checked_at = %s where member_id = %s", yesterday, member)
    opened = await draft(farm, member, JUST_UNDER, at=yesterday)
    await close(farm, opened, JUST_UNDER)
    assert await quorum(farm, member, "190001.00") == BOTH


async def test_yesterday_and_what_has_ended_count_nothing(farm: Farm) -> None:
    member = await farm.payee()
    yesterday = start_of_day(business_date(now())) - timedelta(minutes=5)
    farm.query("update sheaf.account_check set checked_at = %s where member_id = %s", yesterday, member)
    await farm.done(farm.cashier, verbs.submit_intent, request(member, JUST_UNDER), yesterday)
    ended = await farm.submit(member, "190001.00")
    cancel = wire.CancelIntentRequest(id=ended.id, version=1)
    await farm.done(farm.cashier, verbs.cancel_intent, cancel, now())
    dropped = await draft(farm, member, "190002.00")
    end = wire.CancelBatchRequest(id=dropped.id, version=1)
    await farm.done(farm.cashier, batch_verbs.cancel_batch, end, now())
    await farm.submit(await farm.payee(), JUST_UNDER)
    assert await quorum(farm, member, "190003.00") == ["manager"]


async def test_a_balance_that_was_just_filled_is_not_counted_twice_when_it_is_paid_out(farm: Farm) -> None:
    member = await farm.payee()
    await give(farm, member, 200_000)
    await into_the_balance(farm, member)
    view = await farm.done(farm.cashier, verbs.submit_intent, request(member, JUST_UNDER, "withdrawal"), now())
    assert view.approvals.roles == ["manager"]


async def test_of_two_at_once_one_needs_the_tier_of_the_sum(farm: Farm) -> None:
    for _ in range(5):
        member = await farm.payee()
        asked = [request(member, f"{190_000 + n}.00") for n in range(3)]
        answers = await asyncio.gather(
            *(
                farm.ask(person, verbs.submit_intent, one, now())
                for person, one in zip((farm.cashier, farm.manager, farm.second_manager), asked, strict=True)
            )
        )
        views = [one for one in answers if not isinstance(one, Refused)]
        # whoever kept losing the race is told to try again, and has written nothing
        assert all(one.code is R.OVERLOADED for one in answers if isinstance(one, Refused))
        assert sorted(view.approvals.roles for view in views) == [["manager"], *[BOTH] * (len(views) - 1)]


async def _claim(farm: Farm, ids: Sequence[UUID]) -> dict[UUID, str]:
    executor = farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0]
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        await sending.claim(tx, WORKER, executor, {sending.Lane(1, "scb"): 500}, [], now())
    return {one: farm.state(one) for one in ids}


async def test_what_was_signed_stays_signed_when_a_later_one_lifts_the_sum(farm: Farm) -> None:
    member = await farm.payee()
    first = await farm.submit(member, JUST_UNDER)
    await farm.sign(farm.manager, [first.id])
    second = await farm.submit(member, "190001.00")
    await farm.sign(farm.manager, [second.id])
    assert await _claim(farm, [first.id, second.id]) == {first.id: "sent", second.id: "validated"}
    await farm.sign(farm.treasurer, [second.id])
    assert await _claim(farm, [second.id]) == {second.id: "sent"}


async def test_a_quorum_that_was_made_smaller_in_the_store_is_found_when_it_is_sent(farm: Farm) -> None:
    member = await farm.payee()
    first, second = await farm.submit(member, JUST_UNDER), await farm.submit(member, "190001.00")
    with psycopg.connect(farm.url) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("update sheaf.intent set quorum = '{manager}' where id = %s", [second.id])
    await farm.sign(farm.manager, [first.id, second.id])
    assert (await _claim(farm, [second.id]))[second.id] == "cancelled"
    assert farm.query("select failure_code from sheaf.intent where id = %s", second.id) == [("tier.lifted",)]


@given(parts=st.lists(st.integers(1, 2_000_000_00), min_size=1, max_size=5))
def test_the_last_part_of_any_split_needs_whoever_the_whole_needs(parts: list[int]) -> None:
    policy = Policy()
    needed = [set(payment_quorum(Satang(sum(parts[: n + 1])), policy)) for n in range(len(parts))]
    assert set().union(*needed) == set(payment_quorum(Satang(sum(parts)), policy))


@pytest.mark.parametrize("seed", range(8))
async def test_no_split_into_five_parts_or_fewer_needs_fewer_signers_than_the_whole(farm: Farm, seed: int) -> None:
    dice = random.Random(seed)
    whole = dice.choice([150_000_00, 199_999_99, 200_000_00, 200_000_01, 380_000_00, 570_000_00])
    cuts = sorted(dice.sample(range(1, whole), dice.randint(1, 4)))
    parts = [end - begin for begin, end in zip([0, *cuts], [*cuts, whole], strict=True)]
    member, signers = await farm.payee(), set[str]()
    for part in parts:
        baht = format_amount(Satang(part))
        if dice.random() < 0.4:
            signers |= set((await farm.batch([farm.line(member, baht)], baht)).approvals.roles)
        else:
            signers |= set(await quorum(farm, member, baht))
    assert signers == {role.value for role in payment_quorum(Satang(whole), Policy())}
