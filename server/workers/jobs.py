"""What is done again and again by one executor at a time: each job under a lease, what came of it in the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Protocol

import structlog

from server.context import Actor
from server.database.transaction import Database, Transaction
from server.failpoints import failpoint
from server.members import check_runs
from shared.thai import BANGKOK, business_date

log = structlog.get_logger("executor")

_LOOK: Final = timedelta(seconds=15)
_LEASE: Final = timedelta(minutes=2)
_AGAIN: Final = timedelta(minutes=5)
"""After a failure; longer each time, up to an hour."""
_PRUNED_AT_ONCE: Final = 2_000
_FEED_PAGE: Final = 20_000
_PAGES_MOST: Final = 50
"""Of one kind in one run: the rest goes in the next, so that no job outlives its lease unseen."""

PRUNED: Final = (
    "sessions",
    "operation_tokens",
    "enrolment_codes",
    "used_codes",
    "revocations",
    "sign_ins",
    "refusals",
    "keys",
    "callbacks",
    "account_checks",
    "fetches",
)
"""Kinds that `sheaf.prune` knows; their terms stand there."""


class Holder(Protocol):
    """Who does the work: the fence of an executor, and what there is to see."""

    executor: int
    branches: tuple[int, ...]


@dataclass(frozen=True)
class Job:
    """`work` gives what it did, in a few words; `after` is when it is due next, None for never."""

    work: Callable[[], Awaitable[str]]
    after: Callable[[datetime], datetime | None]


class Jobs:
    """What recurs, and how this executor takes its part in it; what `commits` says changes while the executor lives."""

    def __init__(self, database: Database, commits: Holder) -> None:
        self._database, self._commits = database, commits
        self._clock = database.services.clock
        self._policy = database.services.policy
        self._actor = Actor(name="executor")
        self._next_look: datetime | None = None
        self.jobs: Mapping[str, Job] = {
            "retention": Job(self._prune, lambda now: now + timedelta(hours=1)),
            "feed": Job(self._compact_feed, _next_night),
            "account_checks": Job(self._check_accounts, lambda now: check_runs.next_daily(self._policy, now)),
        }

    async def run_due(self) -> bool:
        """Run each job that is due and that nobody holds; True when one was."""
        now = self._clock()
        if self._next_look is not None and now < self._next_look <= now + _LOOK:
            return False
        await self._announce(moved=self._next_look is None)
        self._next_look = now + _LOOK
        ran = False
        for name, job in self.jobs.items():
            if await self._take(name):
                await self._run(name, job)
                ran = True
        return ran

    async def hand_over_checks(self) -> None:
        """The next questions of runs over many accounts."""
        async with self._database.transaction(self._commits.branches) as tx:
            await check_runs.hand_over(tx, self._actor, self._policy.checks_per_second, self._clock())

    async def _announce(self, *, moved: bool) -> None:
        """A row for each job, due at its next time at the latest; settings that have `moved` it count.

        Again and again: what a clock that was wrong had put off for years is done in its time.
        """
        now = self._clock()
        async with self._database.transaction(self._commits.branches) as tx:
            for name, job in self.jobs.items():
                due = job.after(now)
                if due is None and not moved:
                    continue
                if due is None:
                    await tx.execute("update sheaf.job set due_at = 'infinity' where name = %(name)s", name=name)
                    continue
                await tx.execute(
                    """
                    insert into sheaf.job as j (name, due_at) values (%(name)s, %(due)s)
                    on conflict (name) do update set due_at = excluded.due_at where j.due_at > excluded.due_at
                    """,
                    name=name,
                    due=due,
                )

    @failpoint("job.take")
    async def _take(self, name: str) -> bool:
        now = self._clock()
        async with self._database.transaction(self._commits.branches) as tx:
            taken = await tx.execute(
                """
                update sheaf.job set holder = %(me)s, held_until = %(until)s, begun_at = %(now)s
                where name = %(name)s and due_at <= %(now)s
                  and (held_until is null or held_until <= %(now)s or held_until > %(until)s + %(lease)s)
                """,
                me=self._commits.executor,
                until=now + _LEASE,
                lease=_LEASE,
                now=now,
                name=name,
            )
        return taken == 1

    async def _run(self, name: str, job: Job) -> None:
        try:
            told = await job.work()
        except Exception as error:  # told in the database and tried again: no job stops the executor or another job
            log.exception("job failed", job=name)
            await self._ended(name, None, f"{type(error).__name__}: {error}"[:300])
            return
        if told:
            log.info("job done", job=name, told=told)
        await self._ended(name, job, told)

    @failpoint("job.ended")
    async def _ended(self, name: str, job: Job | None, told: str) -> None:
        """Write what came of it, unless another has taken the job meanwhile."""
        now = self._clock()
        due = job.after(now) if job is not None else None
        async with self._database.transaction(self._commits.branches) as tx:
            await tx.execute(
                """
                update sheaf.job set held_until = null, ended_at = %(now)s, told = %(told)s,
                  outcome = case when %(done)s then 'done' else 'failed' end,
                  failures = case when %(done)s then 0 else failures + 1 end,
                  due_at = case when %(done)s then coalesce(%(due)s, 'infinity'::timestamptz)
                                else %(now)s + least(%(again)s * (failures + 1), interval '1 hour') end
                where name = %(name)s and holder = %(me)s
                """,
                now=now,
                told=told,
                done=job is not None,
                due=due,
                again=_AGAIN,
                name=name,
                me=self._commits.executor,
            )

    async def _prune(self) -> str:
        """Delete what is over its term, page by page, each in a transaction of its own."""
        gone: dict[str, int] = {}
        for kind in PRUNED:
            for _ in range(_PAGES_MOST):
                count = await self._prune_page(kind)
                gone[kind] = gone.get(kind, 0) + count
                if count < _PRUNED_AT_ONCE:
                    break
        return ", ".join(f"{kind} {count}" for kind, count in gone.items() if count)

    @failpoint("job.prune")
    async def _prune_page(self, kind: str) -> int:
        async with self._database.transaction(self._commits.branches) as tx:
            return int(
                await tx.value(
                    "select sheaf.prune(%(kind)s, %(now)s, %(most)s)",
                    kind=kind,
                    now=self._clock(),
                    most=_PRUNED_AT_ONCE,
                )
            )

    async def _compact_feed(self) -> str:
        """Go through the whole feed, page by page, and leave each thing its newest place."""
        turn, place, gone = "0", 0, 0
        while True:
            async with self._database.transaction(self._commits.branches) as tx:
                held = await self._renew(tx, "feed")
                page = await tx.one(
                    "select turn::text, id, gone from sheaf.compact_feed(%(turn)s::text::xid8, %(id)s, %(rows)s)",
                    turn=turn,
                    id=place,
                    rows=_FEED_PAGE,
                )
            if page["turn"] is None or not held:
                return f"{gone} superseded" if gone else ""
            turn, place, gone = page["turn"], page["id"], gone + page["gone"]

    async def _renew(self, tx: Transaction, name: str) -> bool:
        """Keep a job that takes long; False when another has taken it."""
        kept = await tx.execute(
            "update sheaf.job set held_until = %(until)s where name = %(name)s and holder = %(me)s",
            until=self._clock() + _LEASE,
            name=name,
            me=self._commits.executor,
        )
        return kept == 1

    async def _check_accounts(self) -> str:
        branches = [branch for branch in self._commits.branches if branch]
        async with self._database.transaction(self._commits.branches) as tx:
            begun = await check_runs.begin_daily(tx, self._actor, branches, self._clock())
        return f"{begun} branches" if begun else ""


def _next_night(now: datetime) -> datetime:
    """Two in the morning in Bangkok."""
    at = datetime.combine(business_date(now), time(2), BANGKOK)
    return at if at > now else at + timedelta(days=1)
