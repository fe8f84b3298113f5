"""Many submissions in one transaction: each gets its own answer, and what is refused leaves no trace."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec

from server.audit.verification import verify
from server.identity import session_store
from server.ledger.accounts import Purpose
from server.payments import verbs
from server.payments.facts import UsedKey
from server.payments.submitting import Result, Submission, Submitted, submit_group
from shared.refusals import RefusalCode, Refused
from shared.wire.common import ById
from shared.wire.payments import SubmitIntentRequest
from tests.members.world import CODES, SERVICES, Person
from tests.payments.farm import Farm, now


async def together(farm: Farm, group: Sequence[Submission]) -> list[Result]:
    """Submit a group as a worker does."""
    async with farm.api.single_calls(()) as calls:
        return await submit_group(calls, group, now())


async def token_of(farm: Farm, person: Person) -> UUID:
    """An operation token's row."""
    async with farm.api.transaction(person.actor.branches) as tx:
        token_id = SERVICES.new_id(now())
        await session_store.add_operation_token(
            tx,
            token_id=token_id,
            branch_id=person.actor.branch_id,
            user_id=person.actor.user,
            device_id=person.actor.device,
            verb="submit_intent",
            resources_digest="",
            content_digest="",
            signature=b"",
            with_code=False,
            now=now(),
            expires_at=now(),
        )
    return token_id


async def asked(farm: Farm, person: Person, member: UUID, baht: str, **changed: object) -> Submission:
    """One call with a key and a token of its own."""
    branch = str(changed.pop("branch", "NSN"))
    request = SubmitIntentRequest(branch=branch, **farm.line(member, baht, **changed))
    token = await token_of(farm, person)
    return Submission(
        actor=person.actor,
        branch_id=CODES[branch],
        request=request,
        key=uuid4().hex,
        fingerprint="a:1",
        token_id=token,
    )


def used(farm: Farm, item: Submission) -> tuple[bool, bool]:
    """Whether its key and its token are used up."""
    keys = farm.query("select 1 from sheaf.idempotency_key where key = %s", item.key)
    tokens = farm.query("select used_at from sheaf.operation_token where id = %s", item.token_id)
    return bool(keys), tokens[0][0] is not None


async def test_one_of_twenty_is_refused_and_the_others_are_written(farm: Farm) -> None:
    members = [await farm.payee() for _ in range(20)]
    group = [await asked(farm, farm.cashier, member, f"{100 + n}.00") for n, member in enumerate(members)]
    bad = await asked(farm, farm.cashier, members[7], "107.00", account_version=9)
    group[7] = bad
    results = await together(farm, group)
    assert [n for n, result in enumerate(results) if not isinstance(result, Submitted)] == [7]
    refused = results[7]
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.MEMBER_CHANGED
    assert used(farm, bad) == (False, False)
    assert used(farm, group[8]) == (True, True)
    views = [result.view for result in results if isinstance(result, Submitted)]
    stored = farm.query("select id, number, amount from sheaf.intent where id = any(%s)", [view.id for view in views])
    assert {(row[0], row[1], row[2]) for row in stored} == {
        (view.id, view.number, int(view.amount.replace(".", ""))) for view in views
    }
    assert (await farm.ledger()).balanced


async def test_what_is_said_of_a_new_intent_is_what_is_read_of_it_later(farm: Farm) -> None:
    item = await asked(farm, farm.cashier, await farm.payee(), "321.00", note="ตรงกัน")
    result = (await together(farm, [item]))[0]
    assert isinstance(result, Submitted)
    detail = await farm.done(farm.cashier, verbs.get_intent, ById(id=result.view.id), now())
    assert detail.intent == result.view
    assert farm.query("select convert_from(reply, 'UTF8') from sheaf.idempotency_key where key = %s", item.key) == [
        (result.body.decode(),)
    ]


async def test_two_with_one_ticket_the_second_is_decided_after_the_first(farm: Farm) -> None:
    one = await asked(farm, farm.cashier, await farm.payee(), "201.00", weigh_ticket="W-TWICE")
    two = await asked(farm, farm.cashier, await farm.payee(), "202.00", weigh_ticket="w-twice")
    first, second = await together(farm, [one, two])
    assert isinstance(first, Submitted)
    assert second is None
    again = (await together(farm, [two]))[0]
    assert isinstance(again, Refused)
    assert again.code is RefusalCode.DUPLICATE_TICKET
    assert again.params["number"] == first.view.number
    assert used(farm, two) == (False, False)


async def test_the_money_is_for_as_many_as_it_lasts_in_their_order(farm: Farm) -> None:
    before = farm.balance("NSN", Purpose.FUNDING)
    free = (before[0] - before[1]) // 100
    share = 1_500_000
    members = [await farm.payee() for _ in range(10)]
    amounts = [f"{share}.{n:02d}" for n in range(9)] + ["5.00"]
    group = [await asked(farm, farm.cashier, member, baht) for member, baht in zip(members, amounts, strict=True)]
    results = await together(farm, group)
    fit = free // (share + 1)
    assert 0 < fit < 9
    assert [isinstance(result, Submitted) for result in results] == [True] * fit + [False] * (9 - fit) + [True]
    assert {result.code for result in results if isinstance(result, Refused)} == {RefusalCode.FUNDS}
    assert used(farm, group[fit]) == (False, False)
    posted, held = farm.balance("NSN", Purpose.FUNDING)
    assert (posted, held - before[1]) == (before[0], fit * share * 100 + sum(range(fit)) + 500)
    await farm.fund("NSN", 20_000_000)


async def test_a_key_twice_is_one_intent_and_a_replay(farm: Farm) -> None:
    one = await asked(farm, farm.cashier, await farm.payee(), "401.00")
    first, second = await together(farm, [one, one])
    assert isinstance(first, Submitted)
    assert second is None
    replay = (await together(farm, [one]))[0]
    assert isinstance(replay, UsedKey)
    assert replay.reply.encode() == first.body
    other_key = msgspec.structs.replace(one, key=uuid4().hex)
    refused = (await together(farm, [other_key]))[0]
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.OPERATION_TOKEN_USED


async def test_each_maker_stands_under_the_own_intent_and_audit_entry(farm: Farm) -> None:
    makers = [farm.cashier, farm.manager, farm.cashier]
    group = [await asked(farm, maker, await farm.payee(), f"50{n}.00") for n, maker in enumerate(makers)]
    results = await together(farm, group)
    for maker, result in zip(makers, results, strict=True):
        assert isinstance(result, Submitted)
        assert farm.query("select maker_id from sheaf.intent where id = %s", result.view.id) == [(maker.actor.user,)]
        assert farm.query(
            "select actor, device_id from sheaf.audit_entry where tag = 'submit_intent' and subject = %s",
            str(result.view.id),
        ) == [(maker.actor.name, maker.actor.device)]
    async with farm.owner.transaction(tuple(CODES.values())) as tx:
        assert (await verify(tx)).first_bad is None


async def test_a_member_that_changes_meanwhile_is_decided_again(farm: Farm) -> None:
    member = await farm.payee()
    item = await asked(farm, farm.cashier, member, "601.00")
    async with farm.api.single_calls(()) as calls:
        reads = calls.value

        async def change_after_reading(sql: object, **parameters: object) -> object:
            answer = await reads(sql, **parameters)  # type: ignore[arg-type]  # passed on as it came
            if "submission_facts" in str(sql):
                farm.query("update sheaf.member set status = 'suspended', version = version + 1 where id = %s", member)
            return answer

        calls.value = change_after_reading  # type: ignore[method-assign]  # the moment between the two round trips
        assert await submit_group(calls, [item], now()) == [None]
        del calls.value
        refused = (await submit_group(calls, [item], now()))[0]
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.MEMBER_NOT_ACTIVE
    assert used(farm, item) == (False, False)
