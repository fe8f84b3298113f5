"""What was good when it was signed is judged again when it is sent, and before the bank is told to confirm it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from lab.sandbox_bank.faults import Fault, FaultRule
from server.batches import verbs as batch_verbs
from server.context import Actor
from server.executing import sending
from server.identity.devices import revoke_device
from server.identity.standing import UserChange, change_user
from server.ledger.accounts import Purpose
from server.payments import verbs
from server.sign_offs.judging import withdrawn
from server.sign_offs.verbs import sign_off
from server.treasury import advance_verbs
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire import payments as wire
from shared.wire.balances import RequestAdvanceRequest
from shared.wire.common import ById
from tests.bank_changes.cases import approve, requested
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import CODES, WORKER, Person
from tests.payments.farm import Farm, bank_dir, now
from tests.payments.purse import sign_advance
from tests.payments.refusals import refuses
from tests.payments.test_changed_members import replace_account
from tests.waiting import eventually

LARGE = "300000.00"
ADMINISTRATOR = Actor(name="administrator", branch_codes=CODES)


async def change(farm: Farm, person: Person, **what: object) -> None:
    """As an administrator does, under the API's rights."""
    async with farm.api.transaction(tuple(CODES.values())) as tx:
        request = UserChange(id=person.actor.user, **what)  # type: ignore[arg-type]
        assert not isinstance(await change_user(tx, ADMINISTRATOR, request, now()), Refused)


async def shut_desk_out(farm: Farm, person: Person) -> None:
    async with farm.api.transaction(tuple(CODES.values())) as tx:
        actor = Actor(name="administrator", branch_codes=CODES, user_id=person.actor.user)
        assert not isinstance(await revoke_device(tx, actor, ById(id=person.actor.device), now()), Refused)


async def claim(farm: Farm) -> tuple[int, list[sending.Attempt], list[UUID]]:
    executor = farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0]
    waits: list[UUID] = []
    lanes = {sending.Lane(1, "scb"): 100, sending.Lane(1, "internal"): 100}
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        return executor, await sending.claim(tx, WORKER, executor, lanes, [], now(), None, waits.append), waits


async def lost(farm: Farm, intent: UUID) -> set[UUID]:
    """The intent, when what is announced of it must not be confirmed."""
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        return await withdrawn(tx, [intent])


def ended(farm: Farm, intent: UUID) -> tuple[str, str]:
    return farm.query("select state, failure_code from sheaf.intent where id = %s", intent)[0]


def audited(farm: Farm, tag: str) -> int:
    return int(farm.query("select count(*) from sheaf.audit_entry where tag = %s", tag)[0][0])


def member_is(status: str) -> Callable[[Farm, UUID], Awaitable[None]]:
    async def set_status(farm: Farm, member: UUID) -> None:
        farm.query("update sheaf.member set status = %s where id = %s", status, member)

    return set_status


def bank_says(**changed: object) -> Callable[[Farm, UUID], Awaitable[None]]:
    """A newer answer of the bank's about the account."""

    async def answer(farm: Farm, member: UUID) -> None:
        said = {"account_status": "ACTIVE", "match": 100, **changed}
        farm.query(
            """insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at,
                 requested_by, checked_at, bank_name, account_status, match)
               select gen_random_uuid(), branch_id, member_id, id, 'done', %s, 'test', %s, 'x', %s, %s
               from sheaf.bank_account where member_id = %s""",
            now(),
            now(),
            said["account_status"],
            said["match"],
            member,
        )

    return answer


async def new_account(farm: Farm, member: UUID) -> None:
    replace_account(farm, member)


async def disabled(farm: Farm, _: UUID) -> None:
    await change(farm, farm.manager, enabled=False)


async def disabled_and_back(farm: Farm, _: UUID) -> None:
    await change(farm, farm.manager, enabled=False)
    await change(farm, farm.manager, enabled=True)


async def another_role(farm: Farm, _: UUID) -> None:
    await change(farm, farm.manager, roles=("cashier",))


async def role_given_back(farm: Farm, _: UUID) -> None:
    await change(farm, farm.manager, roles=("cashier",))
    await change(farm, farm.manager, roles=("cashier", "manager"))


async def moved(farm: Farm, _: UUID) -> None:
    await change(farm, farm.manager, branch="KKN")


async def moved_and_back(farm: Farm, _: UUID) -> None:
    await change(farm, farm.manager, branch="KKN")
    await change(farm, farm.manager, branch="NSN")


async def desk_out(farm: Farm, _: UUID) -> None:
    await shut_desk_out(farm, farm.manager)


CAUSES = {
    "suspended": (member_is("suspended"), "member.not_active"),
    "closed": (member_is("closed"), "member.not_active"),
    "replaced account": (new_account, "member.changed"),
    "closed account": (bank_says(account_status="CLOSED"), "account.unverified"),
    "another holder": (bank_says(match=10), "account.unverified"),
    "signer disabled": (disabled, "signature.void"),
    "signer disabled and let in again": (disabled_and_back, "signature.void"),
    "signer's role taken": (another_role, "signature.void"),
    "signer's role taken and given back": (role_given_back, "signature.void"),
    "signer moved": (moved, "signature.void"),
    "signer moved and back": (moved_and_back, "signature.void"),
    "signer's desk shut out": (desk_out, "signature.void"),
}


@pytest.mark.parametrize(("happens", "code"), CAUSES.values(), ids=CAUSES)
async def test_what_does_not_hold_any_more_is_not_sent_and_says_why(
    farm: Farm, happens: Callable[[Farm, UUID], Awaitable[None]], code: str
) -> None:
    before = farm.balance("NSN", Purpose.FUNDING)
    member = await farm.payee()
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    told = audited(farm, "intent_refused_to_send")
    await happens(farm, member)
    assert (await claim(farm))[1:] == ([], [])
    assert ended(farm, intent.id) == ("cancelled", code)
    assert farm.balance("NSN", Purpose.FUNDING) == before
    assert audited(farm, "intent_refused_to_send") == told + 1


@pytest.mark.parametrize(("happens", "code"), CAUSES.values(), ids=CAUSES)
async def test_what_is_withdrawn_after_the_claim_is_not_confirmed(
    farm: Farm, happens: Callable[[Farm, UUID], Awaitable[None]], code: str
) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    executor, (attempt,), _ = await claim(farm)
    await happens(farm, member)
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        noted = await sending.note_confirming(tx, executor, [sending.Announced(attempt, "T", "")], now())
        still = await sending.still_approved(tx, attempt, now())
    # what the bank said about an account is what it will say itself when it is asked to pay
    assert noted == (set() if code != "account.unverified" else {attempt.id})
    assert not still


async def test_an_answer_of_the_banks_that_is_too_old_is_asked_for_again_and_ends_nothing(farm: Farm) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    farm.query("update sheaf.account_check set checked_at = %s where member_id = %s", now() - timedelta(days=2), member)
    for _ in range(2):
        assert (await claim(farm))[1:] == ([], [intent.id])
    asked = "select count(*) from sheaf.account_check where member_id = %s and state = 'requested'"
    assert (farm.query(asked, member), farm.state(intent.id)) == ([(1,)], "authorized")
    await bank_says()(farm, member)
    assert [attempt.intent_id for attempt in (await claim(farm))[1]] == [intent.id]


async def test_an_executor_asks_the_bank_itself_and_pays(farm: Farm, tmp_path: Path) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    farm.query("update sheaf.account_check set checked_at = %s where member_id = %s", now() - timedelta(days=2), member)
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(member)])
        async with farm.executor_at(bank):
            await farm.reaches(intent.id, "settled")


async def test_a_maker_who_is_shut_out_does_not_undo_what_others_decided(farm: Farm) -> None:
    intent = await farm.submit(await farm.payee())
    await farm.sign(farm.manager, [intent.id])
    await change(farm, farm.cashier, enabled=False)
    assert [attempt.intent_id for attempt in (await claim(farm))[1]] == [intent.id]


async def test_a_first_signature_that_is_void_must_be_given_by_another(farm: Farm) -> None:
    intent = await farm.submit(await farm.payee(), LARGE)
    await farm.sign(farm.manager, [intent.id])
    await change(farm, farm.manager, enabled=False)
    view = (await farm.done(farm.cashier, verbs.get_intent, ById(id=intent.id), now())).intent
    assert (view.state, view.approvals.given, view.approvals.roles) == ("validated", 0, ["manager", "treasurer"])
    await farm.sign(farm.treasurer, [intent.id])
    assert farm.state(intent.id) == "validated"
    await change(farm, farm.manager, enabled=True)
    again = await farm.signed_request(farm.manager, [intent.id])
    assert (await refuses(farm, farm.manager, sign_off, again)).code is R.ALREADY_SIGNED
    await farm.sign(farm.second_manager, [intent.id])
    assert [attempt.intent_id for attempt in (await claim(farm))[1]] == [intent.id]
    assert await lost(farm, intent.id) == set()
    await change(farm, farm.second_manager, enabled=False)
    assert await lost(farm, intent.id) == {intent.id}


async def test_a_batchs_void_signature_must_be_given_by_another(farm: Farm) -> None:
    batch = await farm.batch([farm.line(await farm.payee(), LARGE)], LARGE)
    await farm.sign(farm.treasurer, batch_id=batch.id)
    before = audited(farm, "signatures_voided")
    await shut_desk_out(farm, farm.treasurer)
    assert audited(farm, "signatures_voided") == before + 1
    await farm.sign(farm.manager, batch_id=batch.id)
    view = (await farm.done(farm.cashier, batch_verbs.get_batch, ById(id=batch.id), now())).batch
    assert (view.state, view.approvals.roles) == ("validated", ["treasurer"])


async def test_what_is_withdrawn_between_initiate_and_confirm_moves_no_money(farm: Farm, tmp_path: Path) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(member)])
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="initiate", times=1, seconds=1))
        query = "select state from sheaf.attempt where intent_id = %s"
        async with farm.executor_at(bank):
            await eventually(lambda: farm.query(query, intent.id) == [("prepared",)])
            await change(farm, farm.manager, enabled=False)
            await farm.reaches(intent.id, "cancelled")
        assert [one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"] == []
    assert (farm.query(query, intent.id), ended(farm, intent.id)) == ([("rejected",)], ("cancelled", "signature.void"))


async def test_a_cancelled_payment_can_be_made_again(farm: Farm) -> None:
    member = await farm.payee()
    first = await farm.submit(member, weigh_ticket="AGAIN-1")
    await farm.sign(farm.manager, [first.id])
    await change(farm, farm.manager, enabled=False)
    await claim(farm)
    second = await farm.submit(member, weigh_ticket="AGAIN-1")
    request = wire.CancelIntentRequest(id=second.id, version=1)
    assert (await farm.done(farm.cashier, verbs.cancel_intent, request, now())).state == "cancelled"


async def test_a_bank_change_whose_first_signer_is_shut_out_waits_for_another(farm: Farm) -> None:
    member = await farm.member()
    case = await requested(farm, member, now(), account_number="660000009998")
    half = await approve(farm, farm.manager, case, now())
    assert half.needed == ["treasurer"]
    await change(farm, farm.manager, enabled=False)
    again = await approve(farm, farm.treasurer, half, now())
    assert (again.state, again.needed, [one.stands for one in again.signatures]) == (
        "requested",
        ["manager"],
        [False, True],
    )
    assert (await approve(farm, farm.second_manager, again, now())).state == "effective"


async def test_an_advance_whose_first_signer_moves_away_waits_for_another(farm: Farm) -> None:
    member = await farm.payee()
    wanted = RequestAdvanceRequest(member_id=member, document=f"DN-{member}", amount=LARGE)
    asked = await farm.done(farm.cashier, advance_verbs.request_advance, wanted, now())
    half = await sign_advance(farm, farm.manager, asked)
    await change(farm, farm.manager, branch="KKN")
    again = await sign_advance(farm, farm.treasurer, half)
    assert (again.state, again.roles) == ("requested", ["manager"])
    assert (await sign_advance(farm, farm.second_manager, again)).state == "effective"
