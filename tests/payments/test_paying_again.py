"""Paying again what failed or came back: linked, once, without retyping; and nothing else pays it beside that."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.executing import doubt_verbs, sending
from server.payments import verbs
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import ById
from shared.wire.payments import CancelIntentRequest, IntentView, ListIntentsRequest, SubmitIntentRequest
from tests.members.world import CODES, WORKER
from tests.payments.farm import Farm, now
from tests.payments.purse import balance, give, request


def _stands(farm: Farm, intent: UUID, state: str, code: str = "") -> None:
    """As the bank or the statements left it."""
    with psycopg.connect(farm.url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("update sheaf.intent set state = %s, failure_code = %s where id = %s", [state, code, intent])


async def _returned(farm: Farm, baht: int = 100, **changed: Any) -> IntentView:
    """A payment that the bank returned: its member is owed it."""
    member = await farm.payee()
    first = await farm.submit(member, f"{baht}.00", **changed)
    _stands(farm, first.id, "returned")
    await give(farm, member, baht)
    return first


async def _again(farm: Farm, first: IntentView, **changed: Any) -> SubmitIntentRequest:
    """What the desk makes of the prefilled form, unchanged but for `changed`."""
    view = await farm.done(farm.cashier, doubt_verbs.retry_intent, ById(id=first.id), now())
    content: dict[str, Any] = {
        name: getattr(view, name)
        for name in ("branch", "operation", "member_id", "account_version", "amount", "produce", "weigh_ticket", "note")
    }
    return SubmitIntentRequest(**{**content, "pays_again": first.id, **changed})


async def _refused(farm: Farm, asked: SubmitIntentRequest) -> Refused:
    answer = await farm.ask(farm.cashier, verbs.submit_intent, asked, now())
    assert isinstance(answer, Refused)
    return answer


async def test_what_came_back_is_paid_again_from_what_is_owed_in_one_step_and_once(farm: Farm) -> None:
    first = await _returned(farm)
    asked = await _again(farm, first)
    assert (asked.operation, asked.amount, asked.weigh_ticket) == ("withdrawal", "100.00", "")
    again = await farm.done(farm.cashier, verbs.submit_intent, asked, now())
    assert (again.pays_again, again.pays_again_number, again.fee) == (first.id, first.number, "0.00")
    assert balance(farm, first.member_id) == (100_00, 100_00)
    shown = await farm.done(farm.cashier, verbs.get_intent, ById(id=first.id), now())
    assert shown.intent.paid_again_number == again.number
    for answer in (
        await farm.ask(farm.cashier, doubt_verbs.retry_intent, ById(id=first.id), now()),
        await _refused(farm, asked),
    ):
        assert isinstance(answer, Refused)
        assert (answer.code, answer.params["by"]) == (R.PAID_AGAIN, again.number)
    cancel = CancelIntentRequest(id=again.id, version=1)
    await farm.done(farm.cashier, verbs.cancel_intent, cancel, now())
    await farm.done(farm.cashier, verbs.submit_intent, await _again(farm, first), now())


@pytest.mark.parametrize("owed", [True, False])
async def test_two_who_pay_again_at_once_pay_once(farm: Farm, owed: bool) -> None:
    first = await _returned(farm) if owed else await farm.submit(await farm.payee())
    if owed:
        await give(farm, first.member_id, 500)
    else:
        _stands(farm, first.id, "failed", "184")
    asked = await _again(farm, first, **({} if owed else {"weigh_ticket": ""}))
    answers = await asyncio.gather(
        *(farm.ask(person, verbs.submit_intent, asked, now()) for person in (farm.cashier, farm.cashier, farm.cashier))
    )
    assert [type(answer) for answer in answers].count(IntentView) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} <= {R.PAID_AGAIN, R.OVERLOADED}
    assert farm.query("select count(*) from sheaf.intent where pays_again = %s", first.id) == [(1,)]


async def test_the_database_knows_no_second_one_that_lives(farm: Farm) -> None:
    first = await _returned(farm)
    await give(farm, first.member_id, 500)
    again = await farm.done(farm.cashier, verbs.submit_intent, await _again(farm, first), now())
    other = await farm.submit(first.member_id, "7.00", operation="withdrawal", weigh_ticket="")
    with psycopg.connect(farm.url) as admin:
        admin.execute("set session_replication_role = replica")
        with pytest.raises(psycopg.errors.UniqueViolation):
            admin.execute("update sheaf.intent set pays_again = %s where id = %s", [first.id, other.id])
    with psycopg.connect(farm.url) as admin:
        admin.execute("select set_config('sheaf.branches', '{0,1,2}', false)")
        with pytest.raises(psycopg.DatabaseError, match="never changes"):
            admin.execute("update sheaf.intent set pays_again = null, version = version + 1 where id = %s", [again.id])


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"amount": "99.99"}, R.INVALID, "amount"),
        ({"amount": "100.01"}, R.INVALID, "amount"),
        ({"operation": "disbursement"}, R.INVALID, "pays_again"),
        ({"pays_again": UUID(int=7)}, R.NOT_FOUND, "pays_again"),
    ],
)
async def test_what_came_back_is_paid_again_whole_and_from_the_balance(
    farm: Farm, changed: dict[str, Any], code: R, field: str
) -> None:
    first = await _returned(farm)
    await give(farm, first.member_id, 500)
    refused = await _refused(farm, await _again(farm, first, **changed))
    assert (refused.code, refused.field) == (code, field)


async def test_only_to_its_own_member_and_only_what_has_ended(farm: Farm) -> None:
    first, other = await _returned(farm), await _returned(farm)
    refused = await _refused(farm, await _again(farm, first, member_id=other.member_id))
    assert (refused.code, refused.field) == (R.INVALID, "pays_again")
    asked = await _again(farm, first)
    for state in ("settled", "reconciled", "in_doubt", "sent", "authorized", "validated", "created"):
        _stands(farm, first.id, state)
        moved = state in ("settled", "reconciled", "in_doubt", "sent")
        assert (await _refused(farm, asked)).code is (R.RETRY_UNSAFE if moved else R.STATE)


async def test_who_was_given_it_out_is_told_at_once_how_much_is_left(farm: Farm) -> None:
    first = await _returned(farm)
    asked = await _again(farm, first)
    await farm.submit(first.member_id, "60.00", operation="withdrawal", weigh_ticket="")
    for answer in (
        await farm.ask(farm.cashier, doubt_verbs.retry_intent, ById(id=first.id), now()),
        await _refused(farm, asked),
    ):
        assert isinstance(answer, Refused)
        assert (answer.code, answer.params["available"]) == (R.BALANCE, "40.00")


async def test_while_it_is_owed_the_same_amount_or_ticket_is_not_paid_beside_it(farm: Farm) -> None:
    first = await _returned(farm, weigh_ticket="W-R1")
    fresh = request(first.member_id, "100.00")
    refused = await _refused(farm, fresh)
    assert (refused.code, refused.params["problem"]) == (R.POSSIBLE_DUPLICATE, "owed")
    assert first.number in refused.params["number"]
    refused = await _refused(farm, request(first.member_id, "5.00", weigh_ticket="W-R1"))
    assert (refused.code, refused.params["number"]) == (R.TICKET_RETURNED, first.number)
    # Once it is being paid again, the same amount looks like that one; with a reason it is other produce.
    await farm.done(farm.cashier, verbs.submit_intent, await _again(farm, first), now())
    refused = await _refused(farm, fresh)
    assert (refused.code, refused.params["problem"]) == (R.POSSIBLE_DUPLICATE, "amount")
    assert (await farm.submit(first.member_id, "100.00", duplicate_reason="a second load")).state == "validated"


async def test_what_failed_is_paid_again_with_its_ticket_and_may_be_mended(farm: Farm) -> None:
    first = await farm.submit(await farm.payee(), weigh_ticket="W-F1")
    await farm.sign(farm.manager, [first.id])
    _stands(farm, first.id, "failed", "184")
    asked = await _again(farm, first)
    assert (asked.operation, asked.weigh_ticket, asked.produce) == ("disbursement", "W-F1", "ข้าวหอมมะลิ")
    other = await _again(farm, first, operation="withdrawal", weigh_ticket="", produce="")
    await give(farm, first.member_id, 500)
    assert (await _refused(farm, other)).field == "pays_again"
    again = await farm.done(farm.cashier, verbs.submit_intent, await _again(farm, first, amount="90.00"), now())
    assert (again.weigh_ticket, again.amount, again.pays_again_number) == ("W-F1", "90.00", first.number)
    assert (await _refused(farm, asked)).code is R.PAID_AGAIN
    for state in ("failed", "rejected", "cancelled", "expired"):
        _stands(farm, again.id, state)
        again = await farm.done(farm.cashier, verbs.submit_intent, asked, now())
    # That one comes back: it, and no longer the first, is what is paid again.
    _stands(farm, again.id, "returned")
    await give(farm, first.member_id, 100)
    assert (await _refused(farm, asked)).code is R.PAID_AGAIN
    third = await farm.done(farm.cashier, verbs.submit_intent, await _again(farm, again), now())
    assert (third.operation, third.pays_again) == ("withdrawal", again.id)


async def test_the_first_payments_desk_hears_of_it(farm: Farm) -> None:
    first = await _returned(farm)
    seen = "select count(*) from sheaf.change_feed where entity_id = %s"
    before = farm.query(seen, first.id)
    await farm.done(farm.cashier, verbs.submit_intent, await _again(farm, first), now())
    assert farm.query(seen, first.id)[0][0] == before[0][0] + 1


async def test_a_list_counts_a_payment_of_three_attempts_once(farm: Farm) -> None:
    first = await farm.submit(await farm.payee())
    with psycopg.connect(farm.url) as admin:
        admin.execute("set session_replication_role = replica")
        executor = admin.execute("insert into sheaf.executor (started_at) values (now()) returning id").fetchone()
        assert executor is not None
        for ordinal, state in enumerate(("rejected", "rejected", "accepted"), 1):
            admin.execute(
                """insert into sheaf.attempt (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id,
                     prepared_at) values (gen_random_uuid(), 1, %s, %s, %s, %s, %s, now())""",
                [first.id, ordinal, f"SR{ordinal}", state, executor[0]],
            )
    listed = await farm.done(farm.cashier, verbs.list_intents, ListIntentsRequest(member_id=first.member_id), now())
    assert [view.id for view in listed.intents] == [first.id]
    shown = await farm.done(farm.cashier, verbs.get_intent, ById(id=first.id), now())
    assert shown.bank_reference == "SR3"


async def _claimed(farm: Farm) -> set[UUID]:
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        executor = await tx.value("insert into sheaf.executor (started_at) values (%(now)s) returning id", now=now())
        found = await sending.claim(tx, WORKER, executor, {sending.Lane(CODES["NSN"], "scb"): 10}, [], now())
        return {attempt.intent_id for attempt in found}


@pytest.mark.parametrize("first_state", ["failed", "returned"])
async def test_what_the_bank_paid_after_all_is_not_sent_again_until_people_have_looked(
    farm: Farm, first_state: str
) -> None:
    first = await _returned(farm)
    _stands(farm, first.id, first_state)
    again = await farm.done(farm.cashier, verbs.submit_intent, await _again(farm, first), now())
    await farm.sign(farm.manager, [again.id])
    reason = "never_accepted" if first_state == "failed" else "paid_besides_owed"
    farm.query(
        """insert into sheaf.reconciliation (id, branch_id, intent_id, result, amount_expected, amount_found, reference,
             reason, date, at)
           values (gen_random_uuid(), 1, %s, 'unexpected', 0, 0, 'S', %s, current_date, now()) returning id""",
        first.id,
        reason,
    )
    assert again.id not in await _claimed(farm)
    farm.query("update sheaf.reconciliation set result = 'matched', reason = '' returning id")
    assert again.id in await _claimed(farm)
