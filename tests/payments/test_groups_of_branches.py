"""Submissions of several branches in one transaction: each is decided in its own sight, and fails by itself."""

from __future__ import annotations

from uuid import UUID

from server.audit.verification import verify
from server.ledger.accounts import Purpose
from server.payments.submitting import Result, Submission, Submitted, submit_group
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from tests.members.world import CODES
from tests.payments.farm import Farm, now
from tests.payments.test_groups import asked, together, used


def code(result: Result) -> R | None:
    return result.code if isinstance(result, Refused) else None


async def here(farm: Farm, member: UUID, baht: str, **changed: object) -> Submission:
    return await asked(farm, farm.cashier, member, baht, **changed)


async def there(farm: Farm, member: UUID, baht: str, **changed: object) -> Submission:
    return await asked(farm, farm.stranger, member, baht, branch="KKN", **changed)


async def test_each_stands_in_its_own_branch_with_its_own_money_and_trail(farm: Farm) -> None:
    await farm.fund("KKN", 1_000_000)
    before = {branch: farm.balance(branch, Purpose.FUNDING) for branch in ("NSN", "KKN")}
    group = [
        await here(farm, await farm.payee(), "100.00"),
        await there(farm, await farm.payee(branch="KKN"), "200.00"),
        await here(farm, await farm.payee(), "300.00"),
        await there(farm, await farm.payee(branch="KKN"), "400.00"),
    ]
    results = await together(farm, group)
    for item, result in zip(group, results, strict=True):
        assert isinstance(result, Submitted)
        assert result.view.branch == item.request.branch
        intent = str(result.view.id)
        for table, column in (("intent", "id"), ("intent_event", "intent_id")):
            rows = farm.query(f"select branch_id from sheaf.{table} where {column} = %s", result.view.id)  # type: ignore[arg-type]
            assert rows == [(item.branch_id,)]
        assert farm.query("select branch_id from sheaf.ledger_transfer where subject = %s", intent) == [
            (item.branch_id,)
        ]
        assert farm.query(
            "select branch_id, actor from sheaf.audit_entry where tag = 'submit_intent' and subject = %s", intent
        ) == [(item.branch_id, item.actor.name)]
        assert used(farm, item) == (True, True)
    for branch, held in (("NSN", 400_00), ("KKN", 600_00)):
        posted, now_held = farm.balance(branch, Purpose.FUNDING)
        assert (posted, now_held) == (before[branch][0], before[branch][1] + held)
    numbers = [result.view.number for result in results if isinstance(result, Submitted)]
    assert len(set(numbers)) == 4
    async with farm.owner.transaction(tuple(CODES.values())) as tx:
        assert (await verify(tx)).first_bad is None
    assert (await farm.ledger()).balanced


async def test_nobody_pays_a_member_of_a_branch_that_is_in_the_same_group(farm: Farm) -> None:
    await farm.fund("KKN", 1_000_000)
    theirs, ours = await farm.payee(branch="KKN"), await farm.payee()
    group = [
        await here(farm, theirs, "101.00"),
        await there(farm, theirs, "102.00"),
        await there(farm, ours, "103.00"),
        await here(farm, ours, "104.00"),
    ]
    results = await together(farm, group)
    assert (code(results[0]), code(results[2])) == (R.MEMBER_UNKNOWN, R.MEMBER_UNKNOWN)
    # what a refused one has named is looked at again when it is known what became of that one
    again = await together(farm, [group[1], group[3]])
    assert [isinstance(result, Submitted) for result in again] == [True, True]
    assert [used(farm, item) for item in (group[0], group[2])] == [(False, False), (False, False)]


async def test_a_refusal_tells_nothing_of_the_other_branch(farm: Farm) -> None:
    """What comes alone and what comes in a group is answered alike, to the letter."""
    await farm.fund("KKN", 1_000_000)
    first = (await together(farm, [await there(farm, await farm.payee(branch="KKN"), "500.00", weigh_ticket="W-1")]))[0]
    assert isinstance(first, Submitted)
    secret = first.view.id
    for changed in ({"pays_again": secret}, {"account_version": 7}):
        item = await here(farm, await farm.payee(), "77.00", **changed)
        beside = await there(farm, await farm.payee(branch="KKN"), "78.00")
        in_a_group = await together(farm, [beside, item])
        assert isinstance(in_a_group[0], Submitted)
        item_alone = await here(farm, await farm.payee(), "77.00", **changed)
        assert in_a_group[1] == (await together(farm, [item_alone]))[0]


async def test_one_branch_without_money_does_not_keep_the_others_back(farm: Farm) -> None:
    def free() -> int:
        posted, held = farm.balance("KKN", Purpose.FUNDING)
        return (posted - held) // 100

    while free() >= 1_900_000:
        await together(farm, [await there(farm, await farm.payee(branch="KKN"), "1900000.00")])
    poor = await there(farm, await farm.payee(branch="KKN"), f"{free() + 1}.00")
    rich = [await here(farm, await farm.payee(), f"{900 + n}.00") for n in range(3)]
    results = await together(farm, [rich[0], poor, *rich[1:]])
    assert code(results[1]) == R.FUNDS
    assert [isinstance(result, Submitted) for n, result in enumerate(results) if n != 1] == [True] * 3
    assert used(farm, poor) == (False, False)


async def test_one_ticket_in_two_branches_is_two_tickets(farm: Farm) -> None:
    await farm.fund("KKN", 1_000_000)
    one = await here(farm, await farm.payee(), "601.00", weigh_ticket="W-ALIKE")
    two = await there(farm, await farm.payee(branch="KKN"), "602.00", weigh_ticket="w-alike")
    first, second = await together(farm, [one, two])
    assert isinstance(first, Submitted)
    assert second is None  # the radar looks across branches, so it is decided when the first is written
    assert isinstance((await together(farm, [two]))[0], Submitted)


async def test_numbers_that_were_drawn_and_not_used_are_used_next(farm: Farm) -> None:
    spare: list[int] = []
    bad = await here(farm, await farm.payee(), "701.00", account_version=9)
    good = await there(farm, await farm.payee(branch="KKN"), "702.00")
    await farm.fund("KKN", 1_000_000)
    async with farm.api.single_calls(()) as calls:
        results = await submit_group(calls, [bad, good], now(), spare)
        assert (code(results[0]), isinstance(results[1], Submitted)) == (R.MEMBER_CHANGED, True)
        assert len(spare) == 1
        left = spare[0]
        again = (await submit_group(calls, [await here(farm, await farm.payee(), "703.00")], now(), spare))[0]
    assert isinstance(again, Submitted)
    assert again.view.number.endswith(str(left))
    assert spare == []
