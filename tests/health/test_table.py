"""Money that does not leave, records that nobody recomputed, processes that only seem to live: each is told by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server.context import new_id_at
from server.statements.store import ONE_WORKER
from shared.health import Level
from tests.health.conftest import NOW, Write

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WELL, WARNS, BAD = Level.WELL, Level.WARNS, Level.BAD


def intent(write: Write, state: str, ago: timedelta, **more: Any) -> UUID:
    made = new_id_at(NOW - ago)
    row = {
        "id": made,
        "branch_id": 1,
        "number": str(made),
        "operation": "disbursement",
        "state": state,
        "amount": 100_00,
        "fee": 0,
        "channel": "scb",
        "created_at": NOW - ago,
        "changed_at": NOW - ago,
        "expires_at": NOW + DAY,
        "version": 3,
    } | more
    write("intent", **_filled(row))
    return made


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    """Columns that have no value of their own and don't matter here."""
    texts = {"currency": "THB", "produce": "", "note": "", "weigh_ticket": ""}
    ids = {name: uuid4() for name in ("member_id", "maker_id", "bank_account_id", "source_id")}
    return row | texts | ids | {"account_version": 1}


def event(write: Write, of: UUID, version: int, state: str, ago: timedelta, actor: str = "executor") -> None:
    row = {"intent_id": of, "branch_id": 1, "version": version, "state": state, "actor": actor, "evidence": ""}
    write("intent_event", at=NOW - ago, **row)


def ended(
    write: Write, state: str, *, actor: str = "executor", ago: timedelta = 10 * MINUTE, signed: bool = True
) -> None:
    one = intent(write, state, ago)
    event(write, one, 2, "authorized" if signed else "validated", ago, "manager")
    event(write, one, 3, state, ago, actor)


def executor(write: Write, number: int, channel: str, state: str = "closed", told: str = "") -> None:
    write("executor", id=number, started_at=NOW, beat_at=NOW)
    row = {"executor_id": number, "channel": channel, "state": state, "reason": "no_answer", "told": told}
    write("channel_state", since=NOW - HOUR, **row)


def attempt(write: Write, of: UUID, state: str, ago: timedelta, **more: Any) -> None:
    row = {"id": uuid4(), "branch_id": 1, "intent_id": of, "ordinal": 1, "bank_reference": of.hex[-12:].upper()}
    write("attempt", state=state, executor_id=1, prepared_at=NOW - ago, **row, **more)


async def test_a_breaker_that_stands_is_told_though_nothing_waits(write: Write, table: Any) -> None:
    executor(write, 1, "scb", "open", "the bank is silent")
    found = (await table())["payments.channels", "scb"]
    assert (found.level, found.since, found.value) == (BAD, NOW - HOUR, 0)
    assert "the bank is silent" in found.says.en


async def test_an_executor_of_another_channel_is_none_of_this_one(write: Write, table: Any) -> None:
    executor(write, 1, "internal")
    intent(write, "authorized", MINUTE)
    found = await table()
    assert found["payments.channels", "internal"].level is WELL
    assert found["payments.channels", "scb"].level is BAD


@pytest.mark.parametrize(
    ("lease", "begun", "facts", "case"),
    [
        ("1 minute", "1 hour", '{"executor": 7}', "unleased"),
        (None, "1 hour", '{"executor": 7}', "unleased"),
        (None, "1 hour", "{}", "unleased"),
        (None, "1 second", '{"executor": 0}', "lives"),
        ("1 second", "1 hour", '{"executor": 7, "waits": ""}', "lives"),
        ("1 second", "1 hour", '{"executor": 7, "waits": "its disk is full"}', "waits"),
    ],
)
async def test_an_executor_that_lives_and_lets_nothing_go(
    write: Write, table: Any, url: str, lease: str | None, begun: str, facts: str, case: str
) -> None:
    """Its beats go on: it lost its lease, never gets one, or can't write its file."""
    write("executor", id=7, started_at=NOW, beat_at=None)
    with psycopg.connect(url) as admin:
        admin.execute("update sheaf.executor set beat_at = now() - %s::interval", [lease])
        admin.execute(
            """insert into sheaf.process values ('executor', 'night', gen_random_uuid(), 'h', 1, '',
                 now() - %s::interval, now(), now(), null, %s)""",
            [begun, facts],
        )
    found = (await table())["processes.executors", "night"]
    with psycopg.connect(url) as admin:
        admin.execute("delete from sheaf.process")
    assert (found.case, found.level) == (case, WELL if case == "lives" else BAD)


@pytest.mark.parametrize(("ago", "level"), [(MINUTE, WELL), (3 * MINUTE, WARNS), (HOUR, BAD)])
async def test_a_lane_that_does_not_move_beside_one_that_does(
    write: Write, table: Any, ago: timedelta, level: Level
) -> None:
    executor(write, 1, "scb")
    intent(write, "authorized", ago)
    intent(write, "authorized", ago, channel="internal", branch_id=0)
    found = await table()
    assert found["payments.lanes", "NSN/scb"].level is level
    assert found["payments.lanes", "HQ/internal"].value == ago.total_seconds()


async def test_doubt_warns_at_once_and_is_bad_in_crowds_or_when_a_day_has_passed(write: Write, table: Any) -> None:
    one = intent(write, "in_doubt", HOUR)
    attempt(write, one, "unknown", HOUR, confirming_at=NOW - HOUR, inquire_at=NOW + HOUR)
    found = (await table())["payments.doubt", "scb"]
    assert (found.level, found.value, found.since) == (WARNS, 1, NOW - HOUR)
    assert "100.00" in found.says.en
    other = intent(write, "in_doubt", 3 * DAY)
    attempt(write, other, "unknown", 3 * DAY, flagged_at=NOW - DAY, inquire_at=NOW + HOUR)
    assert (await table())["payments.doubt", "scb"].level is BAD


async def test_another_amount_under_our_reference_is_told_by_itself(write: Write, table: Any) -> None:
    assert (await table())["payments.mismatched", ""].level is WELL
    one, ended = intent(write, "in_doubt", HOUR), intent(write, "failed", HOUR)
    known = {"flagged_at": NOW - MINUTE, "mismatched_at": NOW - MINUTE}
    attempt(write, one, "unknown", HOUR, inquire_at=NOW + HOUR, **known)
    attempt(write, ended, "rejected", HOUR, **known)
    found = await table()
    told = found["payments.mismatched", "scb"]
    assert (told.level, told.value, told.since) == (BAD, 1, NOW - MINUTE)
    assert "100.00" in told.says.en
    assert found["payments.doubt", "scb"].case == "asked"  # no business day has passed


async def test_a_payment_that_comes_back_again_and_again_waits_since_it_was_signed(write: Write, table: Any) -> None:
    executor(write, 1, "scb")
    one = intent(write, "authorized", MINUTE, version=8)
    for version, state, ago in [(2, "authorized", HOUR), (7, "sent", 2 * MINUTE), (8, "authorized", MINUTE)]:
        event(write, one, version, state, ago)
    found = (await table())["payments.lanes", "NSN/scb"]
    assert (found.case, found.since) == ("stuck", NOW - HOUR)


async def test_what_was_claimed_and_is_in_nobodys_hands_is_told(write: Write, table: Any) -> None:
    executor(write, 1, "scb")
    attempt(write, intent(write, "sent", HOUR), "prepared", MINUTE)
    assert (await table())["payments.under_way", "scb"].case == "well"
    attempt(write, intent(write, "sent", HOUR, channel="scb_file"), "prepared", HOUR)
    executor(write, 2, "scb_file")
    assert (await table())["payments.under_way", "scb_file"].case == "unasked"


async def test_what_is_under_way_and_nobody_asks_about(write: Write, table: Any) -> None:
    executor(write, 1, "scb")
    attempt(write, intent(write, "sent", HOUR), "unknown", HOUR, inquire_at=NOW - 10 * MINUTE)
    attempt(write, intent(write, "sent", HOUR, channel="scb_file"), "confirming", HOUR, inquire_at=NOW + MINUTE)
    found = await table()
    assert found["payments.under_way", "scb"].case == "unasked"
    assert found["payments.under_way", "scb_file"].case == "untended"


async def test_signed_payments_that_fail_in_crowds(write: Write, table: Any) -> None:
    for state in ["cancelled"] * 6 + ["failed"] * 5 + ["settled"] * 3:
        ended(write, state)
    found = (await table())["payments.endings", "scb"]
    assert (found.level, found.value) == (BAD, 11)
    assert "failed 5, cancelled by the executor 6" in found.says.en


async def test_what_people_cancel_or_never_signed_is_no_crowd(write: Write, table: Any) -> None:
    for _ in range(12):
        ended(write, "cancelled", actor="cashier")
        ended(write, "expired", signed=False)
        ended(write, "failed", ago=3 * HOUR)
    found = await table()
    assert [one.level for (name, _), one in found.items() if name == "payments.endings"] == [WELL]


async def test_approvals_that_run_out_in_crowds_are_told(write: Write, table: Any) -> None:
    for _ in range(6):
        ended(write, "expired")
    assert (await table())["payments.endings", "scb"].level is WARNS


async def test_what_only_executors_do_and_nobody_does(write: Write, table: Any) -> None:
    asked = {"bank_account_id": uuid4(), "requested_at": NOW - HOUR, "requested_by": "x"}
    write("account_check", id=uuid4(), branch_id=1, member_id=uuid4(), state="requested", **asked)
    write("callback_inbox", id=uuid4(), at=NOW - HOUR, body=b"x")
    intent(write, "validated", DAY, expires_at=NOW - HOUR)
    found = await table()
    levels = [found["executor.queues", name].level for name in ("account_checks", "callbacks", "expiries")]
    assert levels == [WARNS, BAD, BAD]


def result(write: Write, kind: str) -> None:
    amounts = {"amount_expected": 1, "amount_found": 1, "reference": "", "reason": "", "date": "2026-11-24"}
    write("reconciliation", id=uuid4(), branch_id=1, result=kind, at=NOW - DAY, **amounts)


async def test_what_statements_and_books_do_not_agree_on(write: Write, table: Any) -> None:
    result(write, "matched")
    result(write, "mismatched")
    for _ in range(20):
        result(write, "missing_settlement")
    found = await table()
    assert found["reconciliation.exceptions", "mismatched"].level is WARNS
    assert found["reconciliation.exceptions", "missing_settlement"].level is BAD
    assert ("reconciliation.exceptions", "unexpected") not in found


@pytest.mark.parametrize(
    ("ago", "good", "level"),
    [
        (HOUR, True, WELL),
        (2 * DAY, True, WARNS),
        (9 * DAY, True, BAD),
        (HOUR, False, BAD),
        (-900 * DAY, True, WARNS),  # by a clock that was wrong
        (-900 * DAY, False, BAD),
    ],
)
async def test_when_the_records_were_last_recomputed(
    write: Write, table: Any, ago: timedelta, good: bool, level: Level
) -> None:
    assert (await table())["records.audit", ""].level is WARNS  # never
    write("last_proof", name="audit", at=NOW - ago, good=good, told="so", bad_since=None if good else NOW - ago)
    found = await table()
    assert found["records.audit", ""].level is level
    assert found["records.ledger", ""].level is WARNS


async def test_a_transaction_that_holds_others_up_is_told_by_what_it_holds_up(url: str, table: Any) -> None:
    with psycopg.connect(url) as sleeper:
        sleeper.execute("select txid_current()")
        found = await table()
        sleeper.rollback()
    assert found["database.idle", ""].level is WELL  # not yet for long
    assert found["feed.lag", ""].value is not None
    assert found["database.writes", ""].level is WELL


async def test_a_clock_that_is_wrong_is_told_and_is_no_silence(url: str, table: Any) -> None:
    insert = (
        "insert into sheaf.process values ('executor', %s, gen_random_uuid(), 'h', 1, '', now(), now() - %s, now())"
    )
    with psycopg.connect(url) as admin:
        admin.execute(insert, ("right", timedelta(0)))
        admin.execute(insert, ("slow", 5 * MINUTE))
    found = await table()
    with psycopg.connect(url) as admin:
        admin.execute("delete from sheaf.process")
    assert found["processes.executors", "slow"].level is WELL
    assert found["database.clock", "slow"].level is BAD
    assert found["database.clock", "right"].level is WELL


async def test_lost_log_lines_and_certificates_of_living_processes(url: str, table: Any) -> None:
    certificates = '{"scb": "2026-12-05T00:00:00+00:00", "other": "2026-11-01T00:00:00+00:00", "old": ""}'
    facts = f'{{"log_lines_lost": 3, "certificates": {certificates}}}'
    with psycopg.connect(url) as admin:
        admin.execute(
            """insert into sheaf.process values
               ('executor', 'night', gen_random_uuid(), 'h', 1, '', now(), now(), now(), null, %s)""",
            (facts,),
        )
    found = await table()
    with psycopg.connect(url) as admin:
        admin.execute("delete from sheaf.process")
    assert found["logs.lost", "night"].level is WARNS
    cases = {name[1]: one.case for name, one in found.items() if name[0] == "bank.certificate"}
    assert cases == {"scb": "urgent", "other": "over", "old": "unreadable"}


async def test_refusals_that_no_row_declares(url: str, table: Any) -> None:
    insert = (
        "insert into sheaf.process values ('api', %s, gen_random_uuid(), 'h', 1, '', now(), now(), now(), null, %s)"
    )
    with psycopg.connect(url) as admin:
        admin.execute(insert, ("one", '{"undeclared_refusals": 2, "undeclared": "sign_off member.changed"}'))
        admin.execute(insert, ("two", '{"undeclared_refusals": 0, "undeclared": ""}'))
    found = await table()
    with psycopg.connect(url) as admin:
        admin.execute("delete from sheaf.process")
    assert found["api.refusals", "one"].level is WARNS
    assert "sign_off member.changed" in found["api.refusals", "one"].says.en
    assert found["api.refusals", "two"].level is WELL


async def test_a_statements_worker_that_lives_and_does_not_work(url: str, table: Any) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            """insert into sheaf.process values ('statements', 'day', gen_random_uuid(), 'h', 1, '',
               now() - interval '1 min', now(), now())"""
        )
        assert (await table())["processes.statements", ""].case == "idle"
        admin.execute("select pg_advisory_lock(%s)", (ONE_WORKER,))
        assert ("processes.statements", "") not in await table()
        admin.execute("delete from sheaf.process")
