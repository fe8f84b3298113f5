"""What may not be submitted, read or cancelled: the code, the field, and that nothing was written."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from server.payments import verbs
from shared.refusals import RefusalCode as R
from shared.wire.common import ById
from shared.wire.payments import CancelIntentRequest, ListIntentsRequest, SubmitIntentRequest
from tests.payments.farm import Farm, now
from tests.payments.refusals import refuses

WRONG_AMOUNTS = [
    "NaN",
    "1e3",
    "-1.00",
    "+1",
    "1.234",
    "0",
    "0.00",
    "",
    " ",
    "1,00",
    ".5",
    "5.",
    "0x10",
    "Infinity",
    "1 000",
]


@pytest.mark.parametrize("amount", [*WRONG_AMOUNTS, "99999999999999.00"])
async def test_what_is_no_amount_is_not_paid(farm: Farm, amount: str) -> None:
    request = SubmitIntentRequest(branch="NSN", **farm.line(await farm.payee(), amount))
    refusal = await refuses(farm, farm.cashier, verbs.submit_intent, request)
    assert (refusal.code, refusal.field) == (R.MONEY_INVALID, "amount")


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"amount": "2000000.01"}, R.MONEY_OVER_LIMIT, "amount"),
        ({"currency": "USD"}, R.CURRENCY, "currency"),
        ({"currency": "thb"}, R.CURRENCY, "currency"),
        ({"operation": "collection"}, R.OPERATION_UNKNOWN, "operation"),
        ({"operation": "withdrawal"}, R.INVALID, "weigh_ticket"),
        ({"to_member": "M1"}, R.INVALID, "to_member"),
        ({"account_version": 2}, R.MEMBER_CHANGED, "account_version"),
        ({"account_version": 0}, R.MEMBER_CHANGED, "account_version"),
        ({"account_version": 2**62}, R.MEMBER_CHANGED, "account_version"),
        ({"member_id": UUID(int=1)}, R.MEMBER_UNKNOWN, "member_id"),
        ({"note": "a\x00b"}, R.INVALID, "note"),
        ({"produce": "x" * 61}, R.INVALID, "produce"),
        ({"weigh_ticket": "x" * 41}, R.INVALID, "weigh_ticket"),
        ({"branch": "KKN"}, R.NOT_FOUND, "branch"),
        ({"branch": "ZZZ"}, R.NOT_FOUND, "branch"),
    ],
    ids=str,
)
async def test_a_wrong_request_is_refused_by_its_field(
    farm: Farm, changed: dict[str, object], code: R, field: str
) -> None:
    content = {"branch": "NSN", **farm.line(await farm.payee()), **changed}
    refusal = await refuses(farm, farm.cashier, verbs.submit_intent, SubmitIntentRequest(**content))
    assert (refusal.code, refusal.field) == (code, field)


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_a_member_who_is_not_active_is_not_paid(farm: Farm, status: str) -> None:
    member = await farm.payee()
    farm.query("update sheaf.member set status = %s where id = %s", status, member)
    request = SubmitIntentRequest(branch="NSN", **farm.line(member))
    assert (await refuses(farm, farm.cashier, verbs.submit_intent, request)).code is R.MEMBER_NOT_ACTIVE


async def test_a_member_of_another_branch_is_as_good_as_unknown(farm: Farm) -> None:
    request = SubmitIntentRequest(branch="NSN", **farm.line(await farm.payee(branch="KKN")))
    # head office sees both branches, and still may not pay the one's member from the other's money
    for person in (farm.cashier, farm.treasurer):
        assert (await refuses(farm, person, verbs.submit_intent, request)).code is R.MEMBER_UNKNOWN


async def test_an_account_that_the_bank_has_not_confirmed_lately_is_not_paid(farm: Farm) -> None:
    unchecked = SubmitIntentRequest(branch="NSN", **farm.line(await farm.member()))
    assert (await refuses(farm, farm.cashier, verbs.submit_intent, unchecked)).code is R.ACCOUNT_UNVERIFIED
    stale = SubmitIntentRequest(branch="NSN", **farm.line(await farm.payee()))
    tomorrow = now() + timedelta(hours=24, minutes=1)
    assert (await refuses(farm, farm.cashier, verbs.submit_intent, stale, tomorrow)).code is R.ACCOUNT_UNVERIFIED


async def test_a_member_without_an_account_is_not_paid(farm: Farm) -> None:
    member = await farm.member()
    with psycopg.connect(farm.url) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("delete from sheaf.bank_account where member_id = %s", [member])
    request = SubmitIntentRequest(branch="NSN", **farm.line(member))
    assert (await refuses(farm, farm.cashier, verbs.submit_intent, request)).code is R.ACCOUNT_MISSING


async def test_a_ticket_is_paid_once_however_it_is_written_while_the_payment_lives(farm: Farm) -> None:
    member = await farm.payee()
    first = await farm.submit(member, weigh_ticket="w-7001")
    for ticket in ("W-7001", " w-7001 "):
        request = SubmitIntentRequest(branch="NSN", **farm.line(member, weigh_ticket=ticket))
        refusal = await refuses(farm, farm.cashier, verbs.submit_intent, request)
        assert (refusal.code, refusal.field) == (R.DUPLICATE_TICKET, "weigh_ticket")
        assert refusal.params == {"ticket": "W-7001", "number": first.number}
    await farm.done(farm.cashier, verbs.cancel_intent, CancelIntentRequest(id=first.id, version=1), now())
    await farm.submit(member, weigh_ticket="W-7001")


async def test_more_than_the_branch_has_is_refused_with_what_it_has(farm: Farm) -> None:
    await farm.fund("KKN", 50)
    member = await farm.payee(branch="KKN")
    request = SubmitIntentRequest(branch="KKN", **farm.line(member, "50.01"))
    refusal = await refuses(farm, farm.stranger, verbs.submit_intent, request)
    assert (refusal.code, refusal.params) == (R.FUNDS, {"available": "50.00"})
    whole = SubmitIntentRequest(branch="KKN", **farm.line(member, "50.00"))
    await farm.done(farm.stranger, verbs.submit_intent, whole, now())
    refusal = await refuses(farm, farm.stranger, verbs.submit_intent, request)
    assert refusal.params == {"available": "0.00"}


async def test_an_intent_is_not_there_for_another_branch(farm: Farm) -> None:
    intent = await farm.submit(await farm.payee())
    assert (await refuses(farm, farm.stranger, verbs.get_intent, ById(id=intent.id))).code is R.NOT_FOUND
    assert (await refuses(farm, farm.cashier, verbs.get_intent, ById(id=uuid4()))).code is R.NOT_FOUND
    cancel = CancelIntentRequest(id=intent.id, version=1)
    assert (await refuses(farm, farm.stranger, verbs.cancel_intent, cancel)).code is R.NOT_FOUND
    for branch in ("", "NSN", "KKN", "ZZZ"):
        listed = await farm.done(farm.stranger, verbs.list_intents, ListIntentsRequest(branch=branch), now())
        assert intent.id not in {one.id for one in listed.intents}


@pytest.mark.parametrize("cursor", ["x", "1", "0192f0c2-zzzz", "'; drop table"])
async def test_a_cursor_that_is_none_is_refused(farm: Farm, cursor: str) -> None:
    refusal = await refuses(farm, farm.cashier, verbs.list_intents, ListIntentsRequest(cursor=cursor))
    assert (refusal.code, refusal.field) == (R.CURSOR, "cursor")


async def test_only_the_maker_cancels_only_what_was_seen_and_only_before_it_is_sent(farm: Farm) -> None:
    intent = await farm.submit(await farm.payee())
    cancel = CancelIntentRequest(id=intent.id, version=1)
    assert (await refuses(farm, farm.manager, verbs.cancel_intent, cancel)).code is R.FORBIDDEN
    stale = CancelIntentRequest(id=intent.id, version=2)
    assert (await refuses(farm, farm.cashier, verbs.cancel_intent, stale)).code is R.STALE_VERSION
    worded = CancelIntentRequest(id=intent.id, version=1, reason="a\x00b")
    assert (await refuses(farm, farm.cashier, verbs.cancel_intent, worded)).code is R.INVALID
    await farm.done(farm.cashier, verbs.cancel_intent, cancel, now())
    again = CancelIntentRequest(id=intent.id, version=2)
    refusal = await refuses(farm, farm.cashier, verbs.cancel_intent, again)
    assert (refusal.code, refusal.params["state"]) == (R.STATE, "cancelled")


@pytest.mark.parametrize("state", ["sent", "in_doubt", "settled", "reconciled", "failed"])
async def test_what_is_under_way_or_ended_is_not_cancelled(farm: Farm, state: str) -> None:
    intent = await farm.submit(await farm.payee())
    with psycopg.connect(farm.url) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("update sheaf.intent set state = %s where id = %s", [state, intent.id])
    refusal = await refuses(
        farm, farm.cashier, verbs.cancel_intent, CancelIntentRequest(id=intent.id, version=intent.version)
    )
    assert refusal.code is R.STATE
