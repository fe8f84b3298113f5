"""Jobs under leases: one executor at a time, the dead's taken over, failures told; and what goes by its age."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import psycopg
import pytest

from server.context import Policy, Services, Vault
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.health import job_checks
from server.health.examine import examine
from server.health.finding import Ground
from server.workers.jobs import PRUNED, Jobs
from shared.health import Level
from shared.wire.table import VERBS
from tests.conftest import ROLE_SECRET, FreshDatabase
from tests.members.world import CODES, World, found_company, raw_member

OLD = datetime.now(UTC) - timedelta(days=500)


class Holding:
    """An executor's fence, and all branches."""

    def __init__(self, executor: int) -> None:
        self.executor, self.branches = executor, tuple(CODES.values())


class House:
    """Executors that share one database and a clock that tests move."""

    def __init__(self, url: str) -> None:
        self.url, self.now = url, datetime.now(UTC).replace(hour=5)  # noon in Bangkok: no daily job is near
        policy = Policy(checks_at=time(4, 0))
        services = Services(vault=Vault(bytes(32)), policy=policy, clock=lambda: self.now)
        self.database = Database(role_url(url, EXECUTOR, ROLE_SECRET), services, connections=2)

    def executor(self, number: int) -> Jobs:
        """The jobs of one executor."""
        return Jobs(self.database, Holding(number))

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the superuser sees and does."""
        with psycopg.connect(self.url, options="-c sheaf.branches={0,1,2}") as admin:
            cursor = admin.execute(sql.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def job(self, name: str) -> tuple[Any, ...]:
        """Outcome, what was told, failures."""
        return self.query("select outcome, told, failures from sheaf.job where name = %s", name)[0]


@pytest.fixture
async def house(fresh_database: FreshDatabase) -> AsyncIterator[House]:
    with fresh_database() as url:
        found_company(url)
        house = House(url)
        yield house
        await house.database.close()


async def due(house: House, jobs: Jobs) -> None:
    """The jobs are known, and an hour is over."""
    await jobs.run_due()
    house.now += timedelta(hours=1, minutes=1)


async def test_one_executor_at_a_time_and_again_when_it_is_due(house: House) -> None:
    first, second = house.executor(1), house.executor(2)
    await second.run_due()
    await due(house, first)
    assert await first.run_due()
    assert not await second.run_due()
    assert house.job("retention") == ("done", "", 0)
    house.now += timedelta(hours=1, minutes=1)
    assert await second.run_due()


async def test_the_dead_keep_a_job_for_the_lease_only(house: House) -> None:
    dead, other = house.executor(1), house.executor(2)
    await other.run_due()
    await due(house, dead)
    assert await dead._take("retention")
    assert not await other.run_due()
    house.now += timedelta(minutes=3)
    assert await other.run_due()
    await dead._ended("retention", None, "late")  # what it would have said is fenced off
    assert house.job("retention")[0] == "done"


async def test_a_failure_is_told_and_tried_again_later(house: House) -> None:
    jobs = house.executor(1)
    await due(house, jobs)
    house.query("alter function sheaf.prune(text, timestamptz, int) rename to gone")
    assert await jobs.run_due()
    outcome, told, failures = house.job("retention")
    assert (outcome, failures) == ("failed", 1)
    assert "sheaf.prune" in told
    house.query("alter function sheaf.gone(text, timestamptz, int) rename to prune")
    house.now += timedelta(minutes=4)
    assert not await jobs.run_due()
    house.now += timedelta(minutes=2)
    assert await jobs.run_due()
    assert house.job("retention") == ("done", "", 0)


async def test_what_a_wrong_clock_has_put_off_is_done_in_its_time(house: House) -> None:
    """The year is wrong for a while, on a machine that works on, and on one that dies at it."""
    jobs, right = house.executor(1), house.now
    await jobs.run_due()
    house.now = right.replace(year=right.year + 10, day=1)
    assert await jobs.run_due()
    assert await jobs._take("retention") is False
    house.query("update sheaf.job set held_until = %s where name = 'retention'", house.now)
    house.now = right + timedelta(minutes=1)
    await jobs.run_due()
    ((latest,),) = house.query("select max(due_at) from sheaf.job where due_at < 'infinity'")
    assert latest <= house.now + timedelta(days=2)
    house.now += timedelta(hours=1, minutes=1)
    assert await jobs.run_due()
    assert house.query("select ended_at from sheaf.job where name = 'retention'") == [(house.now,)]


async def test_the_daily_run_over_accounts_begins_at_its_hour(house: House) -> None:
    world = World(house.url)
    await world.take_over([raw_member(1), raw_member(2)])
    await world.close()
    jobs = house.executor(1)
    await jobs.run_due()
    ((due_at,),) = house.query("select due_at from sheaf.job where name = 'account_checks'")
    assert due_at.astimezone(UTC).time() == time(21, 0)
    house.now = due_at
    await jobs.run_due()
    assert house.job("account_checks") == ("done", "2 branches", 0)
    await jobs.hand_over_checks()
    assert house.query("select count(*) from sheaf.account_check") == [(2,)]


OLD_ROWS = {
    "revocations": "revocation select gen_random_uuid(), 'user', %(old)s, %(old)s from u",
    "sign_ins": "sign_in_attempt select gen_random_uuid(), %(old)s, 'who', null, 'ok' from u",
    "refusals": "refusal_log select gen_random_uuid(), %(old)s, 'v', 'c', null, null, '' from u",
    "keys": """idempotency_key (user_id, branch_id, verb, key, body_digest, at)
        select id, branch_id, 'open_batch', 'k', '', %(old)s from u""",
    "callbacks": """callback_inbox (id, at, body, outcome)
        select gen_random_uuid(), %(old)s, '', 'applied' from u""",
    "used_codes": "used_code select id, branch_id, 1 from u",
    "fetches": """statement_fetch (id, branch_id, state, requested_by, requested_at, finished_at)
        select gen_random_uuid(), 0, 'done', 'x', %(old)s + n * interval '1 hour', %(old)s
        from u, generate_series(1, 2) n""",
    "enrolment_codes": "enrolment_code select decode('aa', 'hex'), branch_id, null, %(old)s, null from u",
    "sessions": """refresh_token
        select decode('aa', 'hex'), u.branch_id, gen_random_uuid(), u.id, d.id, %(old)s, %(old)s, null, null
        from u, d""",
    "operation_tokens": """operation_token
        select gen_random_uuid(), u.branch_id, u.id, d.id, 'v', '', '', '', false, %(old)s, %(old)s, null from u, d""",
    "account_checks": """account_check (id, branch_id, member_id, bank_account_id, state, requested_at, requested_by,
          checked_at)
        select gen_random_uuid(), a.branch_id, a.member_id, a.id, 'done', %(old)s, 'x', %(old)s + n * interval '1 hour'
        from sheaf.bank_account a, generate_series(1, 2) n""",
}
WHO = "with u as (select id, branch_id from sheaf.app_user limit 1),"
WHO += " d as (select id from sheaf.device limit 1) insert into sheaf."


async def test_what_is_over_its_term_goes_and_nothing_else(house: House) -> None:
    world = World(house.url)
    await world.take_over([raw_member(1)])
    await world.close()
    assert set(OLD_ROWS) == set(PRUNED)
    with psycopg.connect(house.url, options="-c sheaf.branches={0,1,2}") as admin:
        for at in (OLD, house.now):
            for kind, sql in OLD_ROWS.items():
                if at is OLD or kind not in ("used_codes", "enrolment_codes", "sessions", "keys"):
                    admin.execute((WHO + sql).encode(), {"old": at})
        admin.execute(
            (WHO + OLD_ROWS["keys"].replace("'open_batch', 'k'", "'submit_intent', 'money'")).encode(), {"old": OLD}
        )
    jobs = house.executor(1)
    await due(house, jobs)
    await jobs.run_due()
    outcome, told, _ = house.job("retention")
    assert outcome == "done"
    # of two old answers about an account, and two old fetches, none is the newest: both go
    twice = ("account_checks", "fetches")
    assert sorted(told.split(", ")) == sorted(f"{kind} {2 if kind in twice else 1}" for kind in PRUNED)
    assert house.query("select verb from sheaf.idempotency_key") == [("submit_intent",)]
    house.now += timedelta(hours=2)
    await jobs.run_due()
    assert house.job("retention") == ("done", "", 0)


async def test_the_newest_answer_of_an_account_and_the_newest_fetch_stay(house: House) -> None:
    world = World(house.url)
    await world.take_over([raw_member(1)])
    await world.close()
    with psycopg.connect(house.url, options="-c sheaf.branches={0,1,2}") as admin:
        for kind in ("account_checks", "fetches"):
            admin.execute((WHO + OLD_ROWS[kind]).encode(), {"old": OLD})
    jobs = house.executor(1)
    await due(house, jobs)
    await jobs.run_due()
    assert house.job("retention")[1] == "account_checks 1, fetches 1"


async def test_a_clock_that_is_ahead_shortens_no_term(house: House) -> None:
    await World(house.url).close()
    with psycopg.connect(house.url) as admin:
        admin.execute((WHO + OLD_ROWS["refusals"]).encode(), {"old": house.now})
    jobs = house.executor(1)
    house.now += timedelta(days=900)
    await due(house, jobs)
    await jobs.run_due()
    assert house.query("select count(*) from sheaf.refusal_log") == [(1,)]


async def test_the_feed_keeps_the_newest_place_of_each_thing(house: House) -> None:
    world = World(house.url)
    await world.take_over([raw_member(1), raw_member(2)])
    for _ in range(3):
        house.query("update sheaf.member set version = version + 1 where code = 'M000001'")
    await world.close()
    newest = "select entity_id, max((xid::text::bigint, id)::text) from sheaf.change_feed group by 1 order by 1"
    before = house.query(newest)
    jobs = house.executor(1)
    await jobs.run_due()
    house.query("update sheaf.job set holder = 1")
    # what is still running keeps what it may be followed by
    with psycopg.connect(house.url) as other:
        other.execute("select pg_current_xact_id()")
        assert await jobs._compact_feed() != ""
        house.query("update sheaf.member set version = version + 1 where code = 'M000001'")
        assert await jobs._compact_feed() == ""
    assert await jobs._compact_feed() == "1 superseded"
    assert house.query("select count(*) from sheaf.change_feed") == [(2,)]
    assert [one for one, _ in house.query(newest)] == [one for one, _ in before]


async def test_status_tells_what_fails_and_what_nobody_does(house: House) -> None:
    late = house.now - timedelta(hours=3)
    house.query("insert into sheaf.job (name, due_at) values ('well', %s), ('undone', %s)", house.now, late)
    house.query("insert into sheaf.job (name, due_at, failures, told) values ('fails', %s, 3, 'a bug')", house.now)
    found = await examine(Ground(database=house.database, now=house.now), job_checks.CHECKS)
    assert {one.subject: one.level for one in found} == {
        "well": Level.WELL,
        "fails": Level.WARNS,
        "undone": Level.BAD,
    }
    assert any("a bug" in one.says.en for one in found)


def test_the_keys_that_go_are_those_of_verbs_that_move_no_money(house: House) -> None:
    harmless = sorted(verb.name for verb in VERBS if verb.idempotent and not verb.money)
    ((source,),) = house.query("select prosrc from pg_proc where proname = 'prune'")
    assert "('" + "', '".join(harmless) + "')" in source
