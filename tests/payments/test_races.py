"""Many at once: money is held once, a ticket is paid once, a person signs once."""

from __future__ import annotations

import asyncio

from server.database.roles import API, role_url
from server.database.transaction import Database
from server.ledger.accounts import Purpose
from server.payments import verbs
from server.sign_offs import verbs as sign_off_verbs
from shared.refusals import RefusalCode, Refused
from shared.wire.payments import CancelIntentRequest, IntentView, SubmitIntentRequest
from tests.conftest import ROLE_SECRET
from tests.members.world import CODES, SERVICES, Person
from tests.payments.farm import Farm, now
from tests.support.calls import call


async def test_two_hundred_workers_racing_for_a_hundred_payments_hold_exactly_a_hundred(farm: Farm) -> None:
    await farm.fund("KKN", 10_000)
    members = [await farm.payee(branch="KKN") for _ in range(200)]
    database = Database(role_url(farm.url, API, ROLE_SECRET), SERVICES, connections=40)
    stranger = farm.stranger.actor

    async def worker(number: int) -> IntentView | Refused:
        request = SubmitIntentRequest(branch="KKN", **farm.line(members[number]))
        return await call(database, stranger, verbs.submit_intent, request, now())

    replies = await asyncio.gather(*(worker(number) for number in range(200)))
    await database.close()
    refused = [reply.code for reply in replies if isinstance(reply, Refused)]
    assert refused == [RefusalCode.FUNDS] * 100
    assert farm.balance("KKN", Purpose.FUNDING) == (1_000_000, 1_000_000)
    assert farm.query("select count(*) from sheaf.intent where branch_id = %s", CODES["KKN"]) == [(100,)]
    assert (await farm.ledger()).balanced


async def test_the_same_weigh_ticket_at_once_is_paid_once(farm: Farm) -> None:
    member = await farm.payee()
    request = SubmitIntentRequest(branch="NSN", **farm.line(member, weigh_ticket="W-SAME"))
    replies = await asyncio.gather(*(farm.ask(farm.cashier, verbs.submit_intent, request, now()) for _ in range(4)))
    refused = [reply.code for reply in replies if isinstance(reply, Refused)]
    assert refused == [RefusalCode.DUPLICATE_TICKET] * 3


async def test_a_sign_off_and_a_cancel_at_once_never_both_win(farm: Farm) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)
    sign = await farm.signed_request(farm.manager, [intent.id])
    cancel = CancelIntentRequest(id=intent.id, version=intent.version)
    signed, cancelled = await asyncio.gather(
        farm.ask(farm.manager, sign_off_verbs.sign_off, sign, now()),
        farm.ask(farm.cashier, verbs.cancel_intent, cancel, now()),
    )
    assert isinstance(signed, Refused) != isinstance(cancelled, Refused)
    assert farm.state(intent.id) == ("cancelled" if isinstance(signed, Refused) else "authorized")


async def test_two_managers_at_once_give_one_sign_off(farm: Farm) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)

    async def sign(person: Person) -> object:
        return await farm.ask(person, sign_off_verbs.sign_off, await farm.signed_request(person, [intent.id]), now())

    replies = await asyncio.gather(sign(farm.manager), sign(farm.second_manager))
    assert len([reply for reply in replies if isinstance(reply, Refused)]) == 1
    assert farm.query("select count(*) from sheaf.sign_off_item where intent_id = %s", intent.id) == [(1,)]
