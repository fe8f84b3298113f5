"""The executor's transactions, each with a name of its own: what stands in the database before and after each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from server.bank_changes.expiry import expire_overdue
from server.batches import closing as batch_closing
from server.channels.base import AccountName
from server.context import Actor
from server.database.transaction import Database
from server.executing import callbacks, doubt, expiry, outcomes, sending, taking_over
from server.executing.outcomes import Outcome
from server.executing.sending import Announced, Attempt, Lane
from server.failpoints import failpoint
from server.members import checks
from server.restore.journal import Sent
from server.restore.watch import Behind, Watch
from server.sign_offs.evidence import KnownSets
from server.treasury.proving import expire_deposits
from server.workers.breaker import BreakerState, Cause


class Commits:
    """`executor` is this executor's fence, 0 until the executor has registered; `channels` are those it pays by.

    What is let go to the bank is known to `watch` on disk before it leaves.
    """

    def __init__(self, database: Database, channels: Sequence[str], watch: Watch) -> None:
        self._database = database
        self.watch = watch
        self._channels = channels
        self._clock = database.services.clock
        self._actor = Actor(name="executor")
        self._known = KnownSets()
        self.executor = 0
        self.branches: tuple[int, ...] = ()

    async def learn_branches(self) -> None:
        """See every branch that there is now."""
        self.branches = tuple(row["id"] for row in await self._database.all_branches())

    async def look(self) -> None:
        """Compare the database with what is known outside of it; `watch.behind` says whether payments may go on."""
        await self.watch.look(self._database, self.branches, self.executor, self._clock())

    async def waiting(self, channels: Sequence[str], most: int) -> dict[Lane, int]:
        """How many wait in each lane, counted up to `most`."""
        async with self._database.transaction(self.branches) as tx:
            return await sending.waiting(tx, channels, most)

    @failpoint("commit.claim")
    async def claim(
        self, limits: Mapping[Lane, int], resting: Sequence[UUID], rest: Callable[[UUID], None] = lambda _: None
    ) -> list[Attempt]:
        """Commit to an attempt for each intent that is taken; `rest` is told of those that must wait."""
        async with self._database.transaction(self.branches) as tx:
            if not await self.watch.holds(tx):
                return []
            return await sending.claim(
                tx, self._actor, self.executor, limits, resting, self._clock(), self._known, rest
            )

    @failpoint("commit.note_confirming")
    async def note_confirming(self, items: Sequence[Announced]) -> Sequence[bool]:
        """Commit the bank's tokens; which attempts this executor may confirm: none of a database that is behind."""
        now = self._clock()
        try:
            async with self._database.transaction(self.branches) as tx:
                mine = await sending.note_confirming(tx, self.executor, items, now)
                position = await self.watch.count(tx, now) if mine else None
        except Behind:
            await self.look()
            return [False for _ in items]
        # Between balances there is no bank that could know more than this database.
        left = [one for one in items if one.attempt.id in mine and one.attempt.bank]
        await self.watch.keep(position, [_sent(one.attempt, one.token, now) for one in left])
        return [item.attempt.id in mine for item in items]

    @failpoint("commit.note_found")
    async def note_found(self, found: Announced) -> bool:
        """Commit the token that the bank had for a reference; whether this executor still has the attempt."""
        async with self._database.transaction(self.branches) as tx:
            return await sending.note_found(tx, self.executor, found, self._clock())

    @failpoint("commit.outcomes")
    async def record_outcomes(self, items: Sequence[Outcome]) -> Sequence[bool]:
        """Commit what attempts came to; which were written and not fenced off."""
        async with self._database.transaction(self.branches) as tx:
            written = await outcomes.record(tx, self._actor, self.executor, items, self._clock())
        return [item.attempt.id in written for item in items]

    async def put_inquiries(self, times: Mapping[UUID, datetime]) -> None:
        """Commit when interrupted attempts are asked about."""
        async with self._database.transaction(self.branches) as tx:
            await sending.ask_again(tx, self.executor, list(times.items()))

    @failpoint("commit.due_inquiries")
    async def due_inquiries(self, busy: Sequence[UUID], limits: Mapping[str, int]) -> list[Attempt]:
        """Attempts that are due to be asked about; none of a database that is behind, whose word is no proof."""
        async with self._database.transaction(self.branches) as tx:
            if not await self.watch.holds(tx):
                return []
            return await sending.due_inquiries(tx, self.executor, busy, self._clock(), limits)

    @failpoint("commit.still_approved")
    async def still_approved(self, attempt: Attempt) -> bool:
        """Whether the intent carries its signatures to this day."""
        async with self._database.transaction(self.branches) as tx:
            return await sending.still_approved(tx, attempt, self._clock())

    @failpoint("commit.note_confirming_again")
    async def note_confirming_again(self, attempt: Attempt) -> bool:
        """Commit that a token is confirmed once more; whether this executor still has the attempt, and may."""
        now = self._clock()
        try:
            async with self._database.transaction(self.branches) as tx:
                noted = await sending.note_confirming_again(tx, self.executor, attempt, now)
                position = await self.watch.count(tx, now) if noted else None
        except Behind:
            await self.look()
            return False
        await self.watch.keep(position, [_sent(attempt, attempt.token, now)] if noted else [])
        return noted

    @failpoint("commit.statement_word")
    async def statement_word(self, attempt: Attempt) -> doubt.StatementWord:
        """What the bank's statements say about an attempt."""
        async with self._database.transaction(self.branches) as tx:
            return await doubt.statement_word(tx, attempt)

    async def others_at_work(self, lease: timedelta) -> dict[int, bool]:
        """Other executors with attempts under way on our channels, and whether the lease of each is over."""
        async with self._database.transaction(self.branches) as tx:
            return await taking_over.others_at_work(tx, self.executor, self._channels, self._clock() - lease)

    async def untended(self) -> dict[str, int]:
        """Channels that are not ours with payments under way, and how many."""
        async with self._database.transaction(self.branches) as tx:
            return await taking_over.untended(tx, self._channels)

    @failpoint("commit.adopt")
    async def adopt(self, dead: int) -> int:
        """Take over what a dead executor had under way on our channels; how many attempts."""
        async with self._database.transaction(self.branches) as tx:
            return await taking_over.adopt(tx, self.executor, self._channels, dead, self._clock())

    @failpoint("commit.expire")
    async def expire_payments(self) -> None:
        """End what nobody decided in time."""
        async with self._database.transaction(self.branches) as tx:
            if await self.watch.holds(tx):
                await expiry.expire(tx, self._actor, self._clock())

    async def close_batches(self) -> list[batch_closing.Overdue]:
        """Close what has come to its end; the batches that are open past their term."""
        async with self._database.transaction(self.branches) as tx:
            if await self.watch.holds(tx):
                await batch_closing.close_finished(tx, self._actor, self._clock())
        async with self._database.transaction(self.branches) as tx:
            return await batch_closing.overdue(tx, self._clock())

    async def expire_bank_changes(self) -> None:
        """End requests for new bank details, and records of money paid in, that nobody decided in time."""
        async with self._database.transaction(self.branches) as tx:
            if not await self.watch.holds(tx):
                return
            await expire_overdue(tx, self._actor, self._clock())
        async with self._database.transaction(self.branches) as tx:
            await expire_deposits(tx, self._actor, self._clock())

    @failpoint("commit.callbacks")
    async def drain_callbacks(self) -> None:
        """Read the inbox."""
        async with self._database.transaction(self.branches) as tx:
            await callbacks.drain(tx, self.executor, self._clock())

    @failpoint("commit.anchor")
    async def anchor_audit(self) -> None:
        """Tie the audit chains together."""
        async with self._database.transaction(self.branches) as tx:
            await tx.execute("select sheaf.anchor_audit(%(now)s)", now=self._clock())

    async def note_channel(self, channel: str, state: BreakerState, cause: Cause) -> None:
        """Say how this executor finds a channel."""
        async with self._database.transaction(self.branches) as tx:
            await tx.execute(
                """
                insert into sheaf.channel_state as c (channel, executor_id, state, reason, told, since)
                values (%(channel)s, %(executor)s, %(state)s, %(reason)s, %(told)s, %(now)s)
                on conflict (channel, executor_id) do update
                  set state = excluded.state, reason = excluded.reason, told = excluded.told,
                    since = case when c.state = excluded.state then c.since else excluded.since end
                """,
                channel=channel,
                executor=self.executor,
                state=state.value,
                reason=cause.code[:200],
                told=cause.told[:200],
                now=self._clock(),
            )

    async def left_open(self, lease: float) -> dict[str, Cause]:
        """Why each of our channels is not used, as the other executors have it: the youngest that is alive, else the
        one that was last; a channel that is used is not among them."""
        async with self._database.transaction(self.branches) as tx:
            rows = await tx.rows(
                """
                select distinct on (c.channel) c.channel, c.state, c.reason, c.told
                from sheaf.channel_state c join sheaf.executor e on e.id = c.executor_id
                where c.executor_id <> %(own)s and c.channel = any(%(channels)s)
                order by c.channel, (e.beat_at > %(late)s) is not true, c.executor_id desc
                """,
                late=self._clock() - timedelta(seconds=lease),
                own=self.executor,
                channels=list(self._channels),
            )
        return {
            row["channel"]: Cause(row["reason"], row["told"]) for row in rows if row["state"] != BreakerState.CLOSED
        }

    async def questions(self) -> list[checks.Question]:
        """Accounts whose holder somebody asks for."""
        async with self._database.transaction(self.branches) as tx:
            return await checks.requested(tx, 16)

    async def answer_check(self, question: checks.Question, known: AccountName | None) -> None:
        """Record what the bank says about an account."""
        async with self._database.transaction(self.branches) as tx:
            await checks.record(tx, self._actor, question, known, self._clock())


def _sent(attempt: Attempt, token: str, now: datetime) -> Sent:
    return Sent(
        reference=attempt.bank_reference,
        attempt_id=attempt.id,
        intent_id=attempt.intent_id,
        ordinal=attempt.ordinal,
        branch_id=attempt.branch_id,
        channel=attempt.channel,
        payout=attempt.amount,
        token=token,
        at=now.isoformat(),
    )
