"""The bank's statements: the last one of each account, and how fetching goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from server.database.transaction import Row
from server.health import store
from server.health.beats import LATE
from server.health.finding import Check, Finding, Ground
from server.health.rules import APART, graded, last_expected_day, lives, statements_missing
from server.health.statement_cases import FETCH, FILES, LAST, SFTP
from server.health.watches import Seen, seen_by
from server.sftp import SftpProblem
from shared.health import Level
from shared.thai import business_date
from shared.wire.records import FileProblem

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_FETCH_LATE: Final = timedelta(minutes=45)
"""Three turns of the schedule."""
_UNSERVED: Final = timedelta(minutes=2)
"""A worker that works begins a fetch within a second."""
_LONGEST_FETCH: Final = timedelta(minutes=20)
_NEW: Final = timedelta(days=4)
"""So long an account may be ours without a statement: a bank begins at a day's end, and a weekend lies between."""


async def _last(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look(store.SIGHT) as tx:
        rows = await store.company_accounts(tx)
    if not rows:
        return [check.found("no_account")]
    return [_of_account(check, row, name, ground) for row, name in zip(rows, _names(rows), strict=True)]


def _of_account(check: Check, row: Row, name: str, ground: Ground) -> Finding:
    if row["date"] is None:
        waited = ground.now - row["changed_at"]
        case = "never" if waited > _NEW else "not_yet"
        return check.found(case, name, since=row["changed_at"], value=None, age=waited)
    missing = statements_missing(row["date"], ground.now)
    level = graded(missing, check.warns, check.bad)
    return check.found(
        {Level.WELL: "well", Level.WARNS: "late"}.get(level, "stopped"),
        name,
        since=None if level is Level.WELL else row["imported_at"],
        value=missing,
        day=row["date"],
        expected=last_expected_day(ground.now),
        missing=missing,
        age=business_date(ground.now) - row["date"],
    )


def _names(rows: Sequence[Row]) -> list[str]:
    """Accounts by their last digits; of two alike each with a piece of its digest."""
    alike = Counter(row["last4"] for row in rows)
    return [f"*{row['last4']}" + (f"/{row['digest'][:4]}" if alike[row["last4"]] > 1 else "") for row in rows]


async def _fetch(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look(store.SIGHT) as tx:
        row = await store.last_fetches(tx, ground.now + APART)
    patience = _UNSERVED if row["open_state"] == "requested" else _LONGEST_FETCH
    if row["open_since"] is not None and abs(ground.now - row["open_since"]) > patience:
        return [check.found("hangs", since=row["open_since"], age=ground.now - row["open_since"])]
    if row["state"] is None:
        return [check.found("never")]
    age, problems = ground.now - row["finished_at"], msgspec.convert(row["problems"], list[FileProblem])
    why = "; ".join(f"{one.name} {one.problem}".lstrip() for one in problems)
    if row["state"] == "failed":
        stopped = any(one.problem == SftpProblem.HOST_KEY_CHANGED for one in problems)
        case = "host_key" if stopped else "failed"
        return [check.found(case, since=row["failing_since"], value=_seconds(age), at=row["finished_at"], why=why)]
    if age > _FETCH_LATE:
        return [check.found("late", since=row["finished_at"], value=_seconds(age), age=age)]
    case = "with_problems" if problems else "well"
    return [
        check.found(
            case,
            since=row["finished_at"] if problems else None,
            value=_seconds(age),
            at=row["finished_at"],
            why=why,
            files=row["files"],
        )
    ]


async def _sftp(ground: Ground, check: Check) -> list[Finding]:
    """A session from here where the settings are, and what living statements workers say of theirs."""
    async with ground.look() as tx:
        known = [one for one in await store.processes(tx, "statements") if lives(one, LATE)]
    found = [
        _session(check, one.name, told)
        for one in known
        if (told := msgspec.convert(one.facts.get("sftp") or {}, Seen)).at
    ]
    sftp = None if ground.settings is None else ground.settings.sftp
    if sftp is not None:
        found.append(_session(check, ground.who, await seen_by(sftp)))
    elif ground.settings is not None:
        found.append(check.found("not_set_up"))
    return found or [check.found("untold")]


def _session(check: Check, who: str, seen: Seen) -> Finding:
    since = datetime.fromisoformat(seen.since) if seen.code and seen.since else None
    return check.found(seen.code or "well", who, since=since)


async def _files(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look(store.SIGHT) as tx:
        rows = {row["outcome"]: row for row in await store.files_not_taken(tx, ground.now - _WEEK)}
    found = []
    if refused := rows.get("refused"):
        facts = {"count": refused["files"], "name": refused["name"], "why": refused["problem"]}
        found.append(check.found("refused", since=refused["oldest"], value=refused["files"], **facts))
    waiting = rows.get("waiting")
    if waiting and ground.now - waiting["oldest"] > _DAY:
        facts = {"count": waiting["files"], "name": waiting["name"], "why": waiting["problem"]}
        found.append(check.found("waiting", since=waiting["oldest"], value=waiting["files"], **facts))
    return found or [check.found("well", value=0)]


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


CHECKS: Final = (
    Check(
        name="statements.last",
        title=LAST.title,
        measures="bank days whose statement of an account is due (by noon of the next bank day) and not here",
        unit="bank days",
        warns=1,
        bad=2,
        cases=LAST.cases,
        read=_last,
    ),
    Check(
        name="statements.fetch",
        title=FETCH.title,
        measures="seconds since the last fetch of statements ended",
        unit="s",
        bad=_seconds(_FETCH_LATE),
        cases=FETCH.cases,
        read=_fetch,
    ),
    Check(
        name="statements.sftp",
        title=SFTP.title,
        measures="whether the bank's SFTP host is reached, is the bank's, and admits us",
        cases=SFTP.cases,
        read=_sftp,
    ),
    Check(
        name="statements.files",
        title=FILES.title,
        measures="files of the last seven days that were refused, and files that have waited for more than a day",
        unit="files",
        warns=1,
        cases=FILES.cases,
        read=_files,
    ),
)
