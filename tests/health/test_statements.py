"""Status is green while statements have stopped, and its relatives: each is told by name."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.health import Level
from tests.health.conftest import NOW, Write

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WELL, WARNS, BAD = Level.WELL, Level.WARNS, Level.BAD


def account(write: Write, last4: str, digest: bytes, *, since: timedelta = 90 * DAY, active: bool = True) -> None:
    changed = NOW - since
    write("company_account", digest=digest, branch_id=0, last4=last4, active=active, changed_at=changed)


def statement(write: Write, digest: bytes, day: str, position: int = 1, **more: Any) -> None:
    write(
        "statement",
        **{
            "id": uuid4(),
            "branch_id": 0,
            "account_digest": digest,
            "account_last4": "1234",
            "position": position,
            "number": str(position),
            "format": "csv",
            "date": day,
            "opening": 0,
            "closing": 0,
            "line_count": 0,
            "file_name": "x",
            "content": "x",
            "sha256": "0" * 64,
            "imported_at": datetime.fromisoformat(day + "T20:00+07:00"),
        }
        | more,
    )


async def test_the_statement_of_yesterday_is_enough(write: Write, table: Any) -> None:
    account(write, "4412", b"a")
    statement(write, b"a", "2026-11-24")
    assert (await table())["statements.last", "*4412"].level is WELL


@pytest.mark.parametrize(
    ("day", "level", "missing"), [("2026-11-23", WARNS, 1), ("2026-11-20", BAD, 2), ("2026-10-01", BAD, 36)]
)
async def test_statements_that_stopped_are_told(write: Write, table: Any, day: str, level: Level, missing: int) -> None:
    account(write, "4412", b"a")
    statement(write, b"a", day)
    found = (await table())["statements.last", "*4412"]
    assert (found.level, found.value) == (level, missing)
    assert found.since is not None


async def test_one_of_two_accounts_is_not_the_other(write: Write, table: Any) -> None:
    account(write, "4412", b"a")
    account(write, "4412", b"b")
    account(write, "7777", b"c", active=False)
    statement(write, b"a", "2026-11-24")
    found = {name: one.level for name, one in (await table()).items() if name[0] == "statements.last"}
    assert found == {("statements.last", "*4412/61"): WELL, ("statements.last", "*4412/62"): BAD}


@pytest.mark.parametrize(("since", "level"), [(1 * DAY, WARNS), (5 * DAY, BAD)])
async def test_an_account_that_never_had_one(write: Write, table: Any, since: timedelta, level: Level) -> None:
    account(write, "4412", b"a", since=since)
    assert (await table())["statements.last", "*4412"].level is level


async def test_one_that_was_set_aside_does_not_count(write: Write, table: Any) -> None:
    account(write, "4412", b"a")
    statement(write, b"a", "2026-11-20")
    statement(write, b"a", "2026-11-24", 2, set_aside_at=NOW, set_aside_by=uuid4())
    assert (await table())["statements.last", "*4412"].level is BAD


def fetch(write: Write, state: str, ago: timedelta, problem: str = "", files: int = 0) -> None:
    finished = NOW - ago if state in ("done", "failed") else None
    row = {"requested_by": "schedule", "requested_at": NOW - ago, "finished_at": finished}
    problems = [{"problem": problem}] if problem else []
    write("statement_fetch", id=uuid4(), branch_id=0, state=state, problems=json.dumps(problems), files=files, **row)


@pytest.mark.parametrize(
    ("state", "ago", "problem", "level"),
    [
        ("done", 10 * MINUTE, "", WELL),
        ("done", 10 * MINUTE, "x.csv: checksum_mismatch", WARNS),
        ("done", 3 * HOUR, "", BAD),  # the worker lives, and nobody asks
        ("failed", 10 * MINUTE, "unreachable", BAD),
        ("failed", 10 * MINUTE, "host_key_changed", BAD),
        ("requested", MINUTE, "", WELL),
        ("requested", 5 * MINUTE, "", BAD),
        ("running", 5 * MINUTE, "", WELL),
        ("running", 2 * HOUR, "", BAD),  # begun by one that was killed
    ],
)
async def test_how_fetching_goes(
    write: Write, table: Any, state: str, ago: timedelta, problem: str, level: Level
) -> None:
    fetch(write, "done", 10 * MINUTE if state in ("requested", "running") else ago + DAY)
    fetch(write, state, ago, problem)
    found = (await table())["statements.fetch", ""]
    assert found.level is level
    if problem:
        assert problem in found.says.en or found.case == "host_key"


async def test_a_fetch_of_a_clock_that_was_wrong_hides_nothing(write: Write, table: Any) -> None:
    fetch(write, "done", -9000 * HOUR)
    fetch(write, "done", 9 * HOUR)
    assert (await table())["statements.fetch", ""].case == "late"
    for hours in (3, 1):
        fetch(write, "failed", hours * HOUR, "unreachable")
    found = (await table())["statements.fetch", ""]
    assert (found.level, found.since) == (BAD, NOW - 3 * HOUR)


async def test_since_when_fetching_fails_is_since_the_last_that_worked(write: Write, table: Any) -> None:
    for state, hours in (("failed", 9), ("done", 5), ("failed", 3), ("failed", 1)):
        fetch(write, state, hours * HOUR, "unreachable" if state == "failed" else "")
    assert (await table())["statements.fetch", ""].since == NOW - 3 * HOUR


async def test_fetches_that_work_and_bring_nothing_for_days(write: Write, table: Any) -> None:
    account(write, "4412", b"a")
    statement(write, b"a", "2026-11-18")
    fetch(write, "done", MINUTE)
    found = await table()
    assert found["statements.fetch", ""].level is WELL
    assert found["statements.last", "*4412"].level is BAD


def file(write: Write, outcome: str, ago: timedelta) -> None:
    seen = {"first_seen_at": NOW - ago, "changed_at": NOW - ago}
    write("statement_file", sha256=uuid4().hex * 2, branch_id=0, name="x.csv", outcome=outcome, problem="gap", **seen)


@pytest.mark.parametrize(
    ("outcome", "ago", "level"),
    [("waiting", HOUR, WELL), ("waiting", 2 * DAY, BAD), ("refused", HOUR, WARNS), ("refused", 30 * DAY, WELL)],
)
async def test_files_that_were_not_taken(write: Write, table: Any, outcome: str, ago: timedelta, level: Level) -> None:
    file(write, outcome, ago)
    found = [one for (name, _), one in (await table()).items() if name == "statements.files"]
    assert [one.level for one in found] == [level]
