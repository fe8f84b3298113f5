"""An executor's housekeeping: takes over from the dead, ends what nobody decided, and says how the channels do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from server.workers.breaker import BreakerState, Cause
from server.workers.commits import Commits
from server.workers.jobs import Jobs
from server.workers.lanes import Gate
from server.workers.liveness import Liveness

log = structlog.get_logger("executor")

_PUT_BACK: Final = timedelta(seconds=30)
"""A clock that is kept right moves by less at once."""

Step = Callable[[], Awaitable[object]]
"""Something that an executor does again and again; it gives True when there may be more to do at once."""


class House:
    """`steps` is what is to be done again and again, each by itself: one that fails or waits keeps no other back."""

    def __init__(
        self,
        commits: Commits,
        liveness: Liveness,
        gates: Mapping[str, Gate],
        clock: Callable[[], datetime],
        lease: timedelta,
        anchor_every: timedelta,
        jobs: Jobs,
    ) -> None:
        self._commits = commits
        self._liveness = liveness
        self._gates = gates
        self._clock = clock
        self._lease = lease
        self._anchor_every = anchor_every
        self._next_anchor = clock()
        self._seen: tuple[datetime, float] | None = None
        self._told: dict[str, tuple[BreakerState, Cause]] = {}
        self._overdue: dict[str, dict[str, int]] = {}
        self.steps: Sequence[Step] = (
            self._mind_the_clock,
            self._tell_channels,
            commits.learn_branches,
            commits.look,
            self._take_over_the_dead,
            commits.expire_payments,
            self._close_batches,
            commits.expire_bank_changes,
            commits.drain_callbacks,
            self._anchor_audit,
            jobs.hand_over_checks,
            jobs.run_due,
        )

    async def _mind_the_clock(self) -> None:
        """What was put off while a clock was wrong is due when it is put right: questions about payments at once."""
        now, moment = self._clock(), asyncio.get_running_loop().time()
        before, self._seen = self._seen, (now, moment)
        if before is None or now - before[0] > timedelta(seconds=moment - before[1]) - _PUT_BACK:
            return
        log.warning("the clock was put back", seconds=int((before[0] - now).total_seconds()))
        self._next_anchor = now
        await self._commits.adopt(self._commits.executor)

    async def _tell_channels(self) -> None:
        for name, gate in self._gates.items():
            state, cause = gate.breaker.state, gate.breaker.cause
            if self._told.get(name) != (state, cause):
                await self._commits.note_channel(name, state, cause)
                self._told[name] = (state, cause)
                tell = log.info if gate.is_closed else log.warning
                tell("channel", channel=name, state=state.value, code=cause.code, told=cause.told)

    async def _take_over_the_dead(self) -> None:
        if self._commits.watch.behind:
            return
        others = await self._commits.others_at_work(self._lease)
        for dead in await self._liveness.dead(others):
            await self._take_over(dead)

    async def _take_over(self, dead: int) -> None:
        if dead > self._commits.executor:
            # Only a younger executor may take over. What is under way here is found dead next, and goes on.
            self._commits.executor = await self._liveness.renew(self._clock())
        count = await self._commits.adopt(dead)
        await self._liveness.release(dead)
        log.warning("took over", executor=dead, attempts=count)

    async def _close_batches(self) -> None:
        """What keeps a batch open past its term is told when it changes."""
        now_open = {batch.number: batch.states for batch in await self._commits.close_batches()}
        for number, states in now_open.items():
            if self._overdue.get(number) != states:
                log.warning("batch open past its term", number=number, **states)
        self._overdue = now_open

    async def _anchor_audit(self) -> None:
        now = self._clock()
        if now >= self._next_anchor:
            await self._commits.anchor_audit()
            self._next_anchor = now + self._anchor_every
