"""One word on what the bank says of an account: never asked, asking, no answer, too old, bad, or confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from server.channels.base import AccountStatus
from server.context import Policy
from server.members import checks, verbs
from server.members.rules import BankCheck, Unanswered, check_problem, verdict
from shared.wire.common import ById
from shared.wire.members import AccountVerdict
from tests.members.world import CODES, NOW, WORKER, World

POLICY = Policy()
LIFE = POLICY.check_life
MINUTE = timedelta(minutes=1)


def check(status: str = "ACTIVE", match: int = 100, age: timedelta = MINUTE) -> BankCheck:
    return BankCheck(bank_name="x", status=status, match=match, checked_at=NOW - age)


@pytest.mark.parametrize("unanswered", [None, False, True], ids=["nothing open", "asking", "no answer"])
@pytest.mark.parametrize("asked", [timedelta(0), 2 * LIFE], ids=["after it", "before it"])
@pytest.mark.parametrize("age", [-MINUTE, timedelta(0), LIFE, LIFE + MINUTE], ids=["ahead", "now", "last", "old"])
@pytest.mark.parametrize("match", [0, 79, 80, 100])
@pytest.mark.parametrize("status", ["ACTIVE", "CLOSED", "NOT_FOUND", "FROZEN", ""])
def test_it_is_confirmed_exactly_when_the_account_is_paid(
    status: str, match: int, age: timedelta, asked: timedelta, unanswered: bool | None
) -> None:
    answer = check(status, match, age)
    question = None if unanswered is None else Unanswered(failed=unanswered, at=NOW - asked)
    said = verdict(answer, question, POLICY, NOW)
    assert (said.says == "confirmed") == (check_problem(answer, POLICY, NOW) is None)
    assert (said.good_until is not None) == (said.says == "confirmed")
    if status != "ACTIVE" or match < POLICY.name_match_minimum:
        words = {"CLOSED": "closed", "NOT_FOUND": "not_found", "ACTIVE": "name_differs"}
        assert said.says == words.get(status, "not_active")
    elif said.says != "confirmed":
        newer = question is not None and question.at > answer.checked_at
        assert said.says == ("stale" if not newer else "no_answer" if unanswered else "asking")


def test_without_an_answer_it_says_what_became_of_the_question() -> None:
    assert verdict(None, None, POLICY, NOW).says == "none"
    assert verdict(None, Unanswered(failed=False, at=NOW), POLICY, NOW).says == "asking"
    assert verdict(None, Unanswered(failed=True, at=NOW), POLICY, NOW).says == "no_answer"


async def says(world: World, member: ById, now: datetime = NOW) -> AccountVerdict:
    return (await world.done(world.cashier, verbs.get_member, member, now)).verdict


async def test_the_wire_tells_them_apart(world: World) -> None:
    member = ById(id=await world.member(account_name="นาย สมชาย ใจดี"))
    assert (await says(world, member)).says == "none"
    await world.done(world.cashier, verbs.check_account, member)
    assert (await says(world, member)).says == "asking"
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        [question] = [one for one in await checks.requested(tx, 100) if one.member_id == member.id]
    async with world.executor.transaction((question.branch_id,)) as tx:
        assert await checks.record(tx, WORKER, question, None, NOW)
    assert (await says(world, member)).says == "no_answer"
    await world.done(world.cashier, verbs.check_account, member, NOW + MINUTE)
    await world.answer_checks("นาย สมชาย ใจดี", at=NOW + 2 * MINUTE)
    good = await says(world, member, NOW + 3 * MINUTE)
    assert (good.says, good.good_until > good.at) == ("confirmed", True)
    assert (await says(world, member, NOW + 3 * MINUTE + LIFE)).says == "stale"
    await world.done(world.cashier, verbs.check_account, member, NOW + 4 * MINUTE)
    await world.answer_checks("นาย สมชาย ใจดี", AccountStatus.CLOSED, NOW + 5 * MINUTE)
    assert (await says(world, member, NOW + 6 * MINUTE)).says == "closed"
    assert (await world.done(world.cashier, verbs.validate_member, member, NOW + 6 * MINUTE)).member.verdict == (
        await says(world, member, NOW + 6 * MINUTE)
    )


async def test_without_an_account_there_is_nothing_to_say(world: World) -> None:
    member = ById(id=await world.member(bank="", account_number="", account_name=""))
    assert (await says(world, member)).says == "no_account"
