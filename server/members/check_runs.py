"""The bank asked about many accounts at a pace, so that a buying day does not begin with a question for each farmer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from server.audit import store as audit
from server.context import Actor, Policy
from server.database.transaction import Row, Transaction
from shared.audit_tags import AuditTag
from shared.thai import BANGKOK, business_date

PAGE: Final = 500
"""Members that are looked at in one go."""
ROUNDS: Final = 2
"""What the bank was silent about is asked once more; then it is told and left."""
_DAY_ENDS: Final = time(20, 0)
_LEAST: Final = timedelta(hours=2)
_LATEST: Final = 20
_REST: Final = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Latest:
    """The newest questions of a run: how many wait for an answer, and to how many of the others the bank was silent."""

    waiting: int
    silent: int
    answered: int
    newest_at: datetime | None


def good_until(now: datetime) -> datetime:
    """The end (20:00 in Bangkok) of the buying day that is being prepared: today's, or tomorrow's in the evening."""
    today = business_date(now)
    ends = datetime.combine(today, _DAY_ENDS, BANGKOK)
    return ends if now + _LEAST <= ends else datetime.combine(today + timedelta(days=1), _DAY_ENDS, BANGKOK)


def next_daily(policy: Policy, now: datetime) -> datetime | None:
    """When accounts are asked about by themselves next, after `now`; None when the settings say never."""
    if policy.checks_at is None or not policy.checks_days:
        return None
    day: date = business_date(now)
    for _ in range(8):
        at = datetime.combine(day, policy.checks_at, BANGKOK)
        if at > now and day.weekday() in policy.checks_days:
            return at
        day += timedelta(days=1)
    return None


def room(latest: Latest, per_second: int, now: datetime) -> int:
    """How many questions may be handed over now: a second's worth, less what waits; to a silent bank one in 30 s."""
    if latest.silent > latest.answered and latest.silent >= _LATEST // 4:
        rested = latest.newest_at is None or now - latest.newest_at >= _REST
        return 1 if rested and not latest.waiting else 0
    return max(0, per_second - latest.waiting)


async def begin(
    tx: Transaction, actor: Actor, branch_id: int, now: datetime, *, paid_since: datetime | None
) -> UUID | None:
    """Begin a run at a branch; None when one is under way.

    `paid_since`: of the members who were asked about before, only those paid since then; None asks about all.
    """
    run_id = tx.services.new_id(now)
    begun = await tx.maybe(
        """
        insert into sheaf.check_run (id, branch_id, asked_by, begun_at, good_until, paid_since, total)
        select %(id)s, %(branch)s, %(by)s, %(now)s, %(until)s, %(since)s, count(*)
        from sheaf.member m where m.branch_id = %(branch)s and m.status = 'active'
        on conflict (branch_id) where state = 'running' do nothing returning total
        """,
        id=run_id,
        branch=branch_id,
        by=actor.name,
        now=now,
        until=good_until(now),
        since=paid_since,
    )
    if begun is None:
        return None
    detail = {"members": begun["total"], "paid_since": paid_since.isoformat() if paid_since else ""}
    await audit.append(tx, actor, branch_id, AuditTag.CHECK_RUN_BEGUN, f"check_run/{run_id}", detail, now)
    return run_id


async def begin_daily(tx: Transaction, actor: Actor, branches: Sequence[int], now: datetime) -> int:
    """Begin the day's run at every branch that has none; how many.

    One that an earlier day has left over counts answers as good that will not hold today: it ends, and what it was to
    ask about is part of the day's.
    """
    rows = await tx.rows(
        """
        select * from sheaf.check_run
        where state = 'running' and good_until < %(until)s and branch_id = any(%(branches)s)
        order by branch_id for update
        """,
        until=good_until(now),
        branches=list(branches),
    )
    left_over = {row["branch_id"]: row for row in rows}
    begun = 0
    for branch in sorted(branches):
        since: datetime | None = now - timedelta(days=tx.services.policy.checks_paid_days)
        if branch in left_over:
            await end(tx, actor, left_over[branch], "cancelled", now)
            since = since if left_over[branch]["paid_since"] else None
        begun += await begin(tx, actor, branch, now, paid_since=since) is not None
    return begun


async def hand_over(tx: Transaction, actor: Actor, per_second: int, now: datetime) -> int:
    """Put the next questions of each run into the executors' queue; how many. What another holds is passed over."""
    runs = await tx.rows(
        "select * from sheaf.check_run where state = 'running' order by branch_id for update skip locked"
    )
    asked = 0
    for run in runs:
        most = room(await _latest(tx, run["id"]), per_second, now)
        asked += await _step(tx, actor, run, most, now) if most else 0
    return asked


async def _step(tx: Transaction, actor: Actor, run: Row, most: int, now: datetime) -> int:
    looked = await _next_members(tx, run)
    due = [row for row in looked if row["due"]][:most]
    reached = due[-1]["member_id"] if len(due) == most else looked[-1]["member_id"] if looked else None
    await tx.many(
        """
        insert into sheaf.account_check
          (id, branch_id, member_id, bank_account_id, state, requested_at, requested_by, check_run_id)
        values (%(id)s, %(branch)s, %(member)s, %(account)s, 'requested', %(now)s, %(by)s, %(run)s)
        """,
        [
            {
                "id": tx.services.new_id(now),
                "branch": run["branch_id"],
                "member": row["member_id"],
                "account": row["account_id"],
                "now": now,
                "by": run["asked_by"],
                "run": run["id"],
            }
            for row in due
        ],
    )
    if reached is not None:
        await tx.execute("update sheaf.check_run set reached = %(to)s where id = %(id)s", to=reached, id=run["id"])
    else:
        await _at_the_end(tx, actor, run, now)
    return len(due)


async def _at_the_end(tx: Transaction, actor: Actor, run: Row, now: datetime) -> None:
    """All were looked at: what the bank was silent about is asked again, once its last answers are there."""
    came = await _came(tx, run["id"])
    if came["waiting"]:
        return
    if came["silent"] and run["round"] < ROUNDS:
        await tx.execute("update sheaf.check_run set reached = null, round = round + 1 where id = %(id)s", id=run["id"])
        return
    await end(tx, actor, run, "done", now)


async def end(tx: Transaction, actor: Actor, run: Row, state: str, now: datetime) -> None:
    """End a run as done or cancelled; questions that wait are still answered."""
    await tx.execute(
        "update sheaf.check_run set state = %(state)s, ended_at = %(now)s where id = %(id)s and state = 'running'",
        state=state,
        now=now,
        id=run["id"],
    )
    came = await _came(tx, run["id"])
    detail = {"state": state, **{key: came[key] for key in ("asked", "good", "bad", "silent")}}
    await audit.append(tx, actor, run["branch_id"], AuditTag.CHECK_RUN_ENDED, f"check_run/{run['id']}", detail, now)


async def _next_members(tx: Transaction, run: Row) -> list[Row]:
    """The next page: member_id, account_id, and whether the bank is to be asked."""
    policy = tx.services.policy
    return await tx.rows(
        """
        with page as (
          select m.id member_id, a.id account_id from sheaf.member m
          cross join lateral (select id from sheaf.bank_account where member_id = m.id order by version desc limit 1) a
          where m.branch_id = %(branch)s and m.status = 'active' and (%(after)s::uuid is null or m.id > %(after)s)
          order by m.id limit %(page)s)
        select p.member_id, p.account_id,
          not exists (select from sheaf.account_check k where k.bank_account_id = p.account_id
            and (k.state = 'requested' or k.state = 'done' and k.checked_at > %(fresh)s))
          and (%(since)s::timestamptz is null
            or not exists (
              select from sheaf.account_check k where k.bank_account_id = p.account_id and k.state = 'done')
            or exists (select from sheaf.intent i where i.member_id = p.member_id and i.created_at >= %(since)s)) due
        from page p order by p.member_id
        """,
        branch=run["branch_id"],
        after=run["reached"],
        page=PAGE,
        fresh=run["good_until"] - policy.check_life,
        since=run["paid_since"],
    )


async def _latest(tx: Transaction, run_id: UUID) -> Latest:
    row = await tx.one(
        """
        select count(*) filter (where state = 'requested') waiting, count(*) filter (where state = 'failed') silent,
          count(*) filter (where state = 'done') answered, max(requested_at) newest_at
        from (select state, requested_at from sheaf.account_check where check_run_id = %(id)s
              order by requested_at desc limit %(latest)s) latest
        """,
        id=run_id,
        latest=_LATEST,
    )
    return Latest(**row)


async def _came(tx: Transaction, run_id: UUID) -> Row:
    """What came of a run so far: asked, waiting, silent (accounts without any answer), good, bad."""
    return (await views(tx, [run_id]))[0]


async def newest(tx: Transaction) -> list[UUID]:
    """The newest run of each branch in sight."""
    rows = await tx.rows(
        "select distinct on (branch_id) id from sheaf.check_run order by branch_id, begun_at desc, id desc"
    )
    return [row["id"] for row in rows]


async def lock(tx: Transaction, run_id: UUID) -> Row | None:
    """A run that nobody else ends meanwhile."""
    return await tx.maybe("select * from sheaf.check_run where id = %(id)s for update", id=run_id)


async def views(tx: Transaction, run_ids: Sequence[UUID]) -> list[Row]:
    """Runs with what came of them, newest first. One account counts once, by its newest answer of the run."""
    return await tx.rows(
        """
        select r.*, b.code branch,
          (select count(*) from sheaf.member m where m.branch_id = r.branch_id and m.status = 'active'
            and m.id <= r.reached) looked,
          c.*
        from sheaf.check_run r join sheaf.branch b on b.id = r.branch_id
        cross join lateral (
          select count(*) asked, count(*) filter (where state = 'requested') waiting,
            count(*) filter (where state = 'failed') silent,
            count(*) filter (where state = 'done' and account_status = 'ACTIVE' and match >= %(least)s) good,
            count(*) filter (where state = 'done' and not (account_status = 'ACTIVE' and match >= %(least)s)) bad
          from (select distinct on (bank_account_id) state, account_status, match from sheaf.account_check
                where check_run_id = r.id order by bank_account_id, requested_at desc, id desc) newest) c
        where r.id = any(%(ids)s) order by r.begun_at desc, r.id
        """,
        ids=list(run_ids),
        least=tx.services.policy.name_match_minimum,
    )
