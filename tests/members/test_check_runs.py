"""The bank asked about all accounts of a branch: at a pace, once, what is due, and told how it went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest

from server.channels.base import AccountName, AccountStatus
from server.context import Policy
from server.members import check_run_verbs, check_runs, checks
from server.members import verbs as members
from server.members.check_runs import Latest, good_until, next_daily, room
from shared.refusals import RefusalCode as R
from shared.wire.common import ById, Nothing
from shared.wire.members import BeginCheckRunsRequest, CheckRunView
from tests.conftest import FreshDatabase
from tests.members.world import CODES, NOW, WORKER, World, found_company, raw_member

ASK = BeginCheckRunsRequest()


@pytest.fixture
def company(fresh_database: FreshDatabase) -> Iterator[str]:
    """One for each test: a run is about all members."""
    with fresh_database() as url:
        found_company(url)
        yield url


def test_an_answer_must_hold_to_the_end_of_the_buying_day() -> None:
    morning = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)  # 04:00 of the 22nd in Bangkok
    assert good_until(morning) == datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
    evening = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 19:00: the next day is prepared
    assert good_until(evening) == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


def test_the_daily_run_keeps_to_buying_days() -> None:
    policy = Policy(checks_at=time(4, 0), checks_days=frozenset({0, 2}))
    sunday = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    monday = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    assert next_daily(policy, sunday) == monday
    assert next_daily(policy, monday) == monday + timedelta(days=2)
    assert next_daily(Policy(), sunday) is None
    assert next_daily(Policy(checks_at=time(4, 0), checks_days=frozenset()), sunday) is None


@pytest.mark.parametrize(
    ("waiting", "silent", "answered", "ago", "most"),
    [
        (0, 0, 0, 0, 5),
        (3, 0, 9, 0, 2),
        (7, 0, 9, 0, 0),
        (0, 4, 0, 0, 5),
        (0, 5, 4, 10, 0),  # the bank is silent: wait
        (0, 5, 4, 31, 1),  # and try one
        (1, 5, 4, 31, 0),
        (0, 9, 11, 0, 5),
    ],
)
def test_a_silent_bank_is_asked_now_and_then(waiting: int, silent: int, answered: int, ago: int, most: int) -> None:
    latest = Latest(waiting=waiting, silent=silent, answered=answered, newest_at=NOW - timedelta(seconds=ago))
    assert room(latest, 5, NOW) == most


async def hand_over(world: World, now: datetime = NOW, per_second: int = 5) -> int:
    """One second of a run."""
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        return await check_runs.hand_over(tx, WORKER, per_second, now)


async def answered(world: World, said: AccountName | None, now: datetime = NOW, own: bool = True) -> int:
    """The bank says the registered name (`own`), something else, or nothing, to all that waits."""
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        questions = await checks.requested(tx, 100)
    for one in questions:
        answer = AccountName(name=one.registered_name, status=AccountStatus.ACTIVE) if own else said
        async with world.executor.transaction((one.branch_id,)) as tx:
            assert await checks.record(tx, WORKER, one, answer, now)
    return len(questions)


async def newest(world: World) -> CheckRunView:
    found = await world.done(world.cashier, check_run_verbs.list_check_runs, Nothing())
    return found.runs[0]


async def register(world: World, count: int) -> None:
    await world.take_over([raw_member(number) for number in range(1, count + 1)])


async def test_freshly_imported_members_are_asked_about_in_one_go_at_a_pace(world: World) -> None:
    await register(world, 12)
    await world.take_over([raw_member(500)], "KKN")
    begun = await world.done(world.cashier, check_run_verbs.begin_check_runs, ASK)
    assert [(run.branch, run.members, run.state) for run in begun.runs] == [("NSN", 12, "running")]
    handed = []
    for _ in range(6):
        handed.append(await hand_over(world))
        if len(handed) != 2:  # once the bank is slow: no more than a second's worth waits
            await answered(world, None)
    assert handed == [5, 5, 0, 2, 0, 0]
    run = await newest(world)
    assert (run.state, run.looked, run.asked, run.confirmed, run.bad, run.silent) == ("done", 12, 12, 12, 0, 0)
    assert world.query("select count(*) from sheaf.account_check where branch_id = 2") == [(0,)]
    tags = [tag for (tag,) in world.query("select tag from sheaf.audit_entry where tag ~ '^check_run' order by at")]
    assert tags == ["check_run_begun", "check_run_ended"]


async def test_what_holds_until_the_evening_is_not_asked_again_and_what_does_not_is(world: World) -> None:
    await register(world, 2)
    first, second = (row[0] for row in world.query("select id from sheaf.member order by code"))
    early = NOW - timedelta(hours=20)  # confirmed, and stale at the end of the day
    for member, at in ((first, NOW), (second, early)):
        await world.done(world.cashier, members.check_account, ById(id=member), at)
        await answered(world, None, at)
    await world.done(world.cashier, check_run_verbs.begin_check_runs, ASK)
    assert await hand_over(world) == 1
    (asked,) = world.query("select member_id from sheaf.account_check where check_run_id is not null")
    assert asked == (second,)


async def test_the_daily_run_leaves_out_who_was_not_paid_for_long_and_takes_who_is_new(world: World) -> None:
    await register(world, 2)
    old, _new = (row[0] for row in world.query("select id from sheaf.member order by code"))
    await world.done(world.cashier, members.check_account, ById(id=old), NOW - timedelta(days=90))
    await answered(world, None, NOW - timedelta(days=90))
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        assert await check_runs.begin_daily(tx, WORKER, [1, 2], NOW) == 2
        assert await check_runs.begin_daily(tx, WORKER, [1, 2], NOW) == 0
    assert await hand_over(world) == 1
    assert world.query(
        "select count(*) from sheaf.account_check where check_run_id is not null and member_id = %s", old
    ) == [(0,)]


@pytest.mark.parametrize("whole", [True, False])
async def test_a_run_that_yesterday_has_left_over_does_not_stand_in_for_todays(world: World, whole: bool) -> None:
    """No executor ran at night: what held until yesterday's evening would not be asked about again."""
    await register(world, 2)
    old, new = (row[0] for row in world.query("select id from sheaf.member order by code"))
    for member, ago in ((old, timedelta(days=90)), (new, timedelta(hours=22))):
        await world.done(world.cashier, members.check_account, ById(id=member), NOW - ago)
        await answered(world, None, NOW - ago)
    if whole:
        await world.done(world.cashier, check_run_verbs.begin_check_runs, ASK, NOW - timedelta(days=1))
    else:
        async with world.executor.transaction(tuple(CODES.values())) as tx:
            assert await check_runs.begin_daily(tx, WORKER, [1], NOW - timedelta(days=1)) == 1
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        assert await check_runs.begin_daily(tx, WORKER, [1], NOW) == 1
        assert await check_runs.begin_daily(tx, WORKER, [1], NOW) == 0
    states = [row[0] for row in world.query("select state from sheaf.check_run order by begun_at")]
    assert states == ["cancelled", "running"]
    # a whole register that somebody asked for is asked about whole
    assert await hand_over(world) == (2 if whole else 0)


async def test_silence_is_asked_about_once_more_and_then_told(world: World) -> None:
    await register(world, 3)
    await world.done(world.cashier, check_run_verbs.begin_check_runs, ASK)
    for second in range(0, 400, 31):
        await hand_over(world, NOW + timedelta(seconds=second))
        await answered(world, None, own=False)
    run = await newest(world)
    assert (run.state, run.asked, run.confirmed, run.silent) == ("done", 3, 0, 3)
    assert world.query("select count(*) from sheaf.account_check") == [(6,)]


async def test_bad_answers_are_counted_and_pay_nobody(world: World) -> None:
    await register(world, 2)
    await world.done(world.cashier, check_run_verbs.begin_check_runs, ASK)
    await hand_over(world)
    await answered(world, AccountName(name="นาย อื่น ใดเลย", status=AccountStatus.ACTIVE), own=False)
    await hand_over(world)
    await hand_over(world)
    run = await newest(world)
    assert (run.state, run.confirmed, run.bad) == ("done", 0, 2)


async def test_one_run_a_branch_and_a_run_can_be_ended(world: World) -> None:
    await register(world, 9)
    first = (await world.done(world.cashier, check_run_verbs.begin_check_runs, ASK)).runs[0]
    again = (await world.done(world.manager, check_run_verbs.begin_check_runs, ASK)).runs[0]
    assert again.id == first.id
    await hand_over(world)
    assert await world.refused(world.stranger, check_run_verbs.cancel_check_run, ById(id=first.id)) is R.NOT_FOUND
    ended = await world.done(world.cashier, check_run_verbs.cancel_check_run, ById(id=first.id))
    assert (ended.state, ended.asked, ended.waiting) == ("cancelled", 5, 5)
    assert await world.refused(world.cashier, check_run_verbs.cancel_check_run, ById(id=first.id)) is R.STATE
    await answered(world, None)
    assert await hand_over(world) == 0
    assert (await newest(world)).confirmed == 5


async def test_nobody_asks_about_another_branch(world: World) -> None:
    foreign = BeginCheckRunsRequest(branch="KKN")
    assert await world.refused(world.cashier, check_run_verbs.begin_check_runs, foreign) is R.INVALID
    everywhere = await world.done(world.treasurer, check_run_verbs.begin_check_runs, ASK)
    assert sorted(run.branch for run in everywhere.runs) == ["KKN", "NSN"]


async def test_two_executors_hand_a_question_over_once(world: World) -> None:
    await register(world, 4)
    await world.done(world.cashier, check_run_verbs.begin_check_runs, ASK)
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        assert await check_runs.hand_over(tx, WORKER, 5, NOW) == 4
        async with world.owner.transaction(tuple(CODES.values())) as other:
            assert await check_runs.hand_over(other, WORKER, 5, NOW) == 0
