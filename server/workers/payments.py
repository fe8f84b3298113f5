"""The executor: sends authorized intents, resolves doubt, expires, and answers account checks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from server.bank_changes.expiry import expire_overdue
from server.channels.base import (
    Accepted,
    AccountName,
    Channel,
    Initiated,
    InitiateLost,
    NotFound,
    OpenStatus,
    PaymentOrder,
    Rejected,
    StillOpen,
    Unknown,
)
from server.context import Actor, Services
from server.database.transaction import Database
from server.members import checks
from server.payments import callbacks, expiry, outcomes, sending
from server.payments.outcomes import Again, Failed, InDoubt, Outcome, Result, Settled
from server.payments.sending import Announced, Attempt
from server.workers.coalesce import Coalescer
from server.workers.liveness import Liveness
from shared.ids import AttemptId
from shared.text import name_match

log = structlog.get_logger("executor")

_MINUTE = 60.0


@dataclass(frozen=True, kw_only=True)
class ExecutorSettings:
    """Times in seconds. The inquiry schedule is bank.md §6's client map; the last step repeats."""

    concurrency: int = 64
    idle_poll: float = 0.05
    housekeeping: float = 1.0
    inquiry_schedule: tuple[float, ...] = (
        2.0,
        _MINUTE,
        2 * _MINUTE,
        5 * _MINUTE,
        10 * _MINUTE,
        20 * _MINUTE,
        45 * _MINUTE,
        60 * _MINUTE,
    )
    retry_delay: float = 2.0
    retry_delay_most: float = 300.0
    pause_after_stop: float = 30.0
    anchor_every: timedelta = timedelta(hours=1)


class Executor:
    """One executor process. `run` works until `stop` is set and everything under way has been recorded."""

    def __init__(
        self, database: Database, url: str, services: Services, channel: Channel, settings: ExecutorSettings
    ) -> None:
        """`url` is the executor role's, for the connection whose life is this executor's life."""
        self._database = database
        self._services = services
        self._channel = channel
        self._settings = settings
        self._liveness = Liveness(url)
        self._actor = Actor(name="executor")
        self._branches: dict[int, str] = {}
        self._id = 0
        self._turn = 0
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._adrift: dict[UUID, datetime] = {}
        self._not_before: dict[UUID, float] = {}
        self._retries: dict[UUID, int] = {}
        self._paused_until = 0.0
        self._next_anchor = services.clock()
        self._confirming: Coalescer[Announced, bool] = Coalescer(self._flush_confirming)
        self._outcomes: Coalescer[Outcome, bool] = Coalescer(self._flush_outcomes)

    async def run(self, stop: asyncio.Event) -> None:
        """Register, then send, inquire and keep house until told to stop."""
        await self._learn_branches()
        self._id = await self._liveness.register(self._services.clock())
        log.info("started", executor=self._id)
        loops = [
            self._repeat(stop, self._settings.idle_poll, self._claim),
            self._repeat(stop, 0.2, self._inquire),
            self._repeat(stop, self._settings.housekeeping, self._keep_house),
            self._repeat(stop, 0.2, self._answer_checks),
        ]
        try:
            await asyncio.gather(*loops)
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        finally:
            await self._liveness.close()
            log.info("stopped", executor=self._id)

    async def _repeat(self, stop: asyncio.Event, seconds: float, step: Callable[[], Awaitable[bool]]) -> None:
        """Run a step until stopped, at once again when it found work. A failure is logged and waited out."""
        delay = seconds
        while not stop.is_set():
            try:
                busy = await step()
                delay = 0.0 if busy else seconds
            except ConnectionError:
                raise
            except Exception:
                # The database may be away for a while; everything that was under way is found again by inquiry.
                log.exception("step failed", step=step.__name__)
                delay = min(max(delay, 0.5) * 2, 10.0)
            try:
                await asyncio.wait_for(stop.wait(), delay)
            except TimeoutError:
                continue

    # --- sending

    async def _claim(self) -> bool:
        free = self._settings.concurrency - len(self._tasks)
        if free <= 0 or time.monotonic() < self._paused_until:
            return False
        now = self._services.clock()
        async with self._database.transaction(list(self._branches)) as tx:
            waiting = await tx.rows("select branch_id from sheaf.branches_with_executor_work()")
            if not waiting:
                return False
            limits = self._shares([row["branch_id"] for row in waiting], free)
            attempts = await sending.claim(tx, self._actor, self._id, limits, self._resting(), now)
        for attempt in attempts:
            self._start(attempt, self._send(attempt))
        return bool(attempts)

    def _shares(self, waiting: Sequence[int], free: int) -> dict[int, int]:
        """Every branch gets the same share of what is free, however long its queue is; too many take turns."""
        first = self._turn % len(waiting)
        chosen = [*waiting[first:], *waiting[:first]][:free]
        self._turn = first + len(chosen)
        return dict.fromkeys(chosen, free // len(chosen))

    def _resting(self) -> list[UUID]:
        """Intents that a proven failure sent back a moment ago."""
        moment = time.monotonic()
        self._not_before = {intent: until for intent, until in self._not_before.items() if until > moment}
        return list(self._not_before)

    def _start(self, attempt: Attempt, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            structlog.contextvars.bind_contextvars(correlation_id=attempt.correlation_id)
            try:
                await work
            except Exception:
                # Nothing is known to have failed at the bank: the attempt stays under way and is asked about.
                log.exception("attempt interrupted", reference=attempt.bank_reference)
                self._adrift[attempt.id] = self._next_inquiry(attempt)
            finally:
                self._tasks.pop(attempt.id, None)

        self._tasks[attempt.id] = asyncio.create_task(guarded())

    async def _send(self, attempt: Attempt) -> None:
        answer = await self._channel.initiate(_order(attempt), self._services.clock())
        if not isinstance(answer, Initiated):
            await self._finish(attempt, self._not_initiated(answer))
            return
        name = answer.payee_name_masked
        if name is not None and name_match(attempt.payee, name) < self._services.policy.name_match_minimum:
            await self._finish(attempt, Failed("name.mismatch", "the bank knows the account under another name"))
            return
        if await self._confirming.submit(Announced(attempt, answer.token, name or "")):
            await self._confirm(attempt, answer.token)

    def _not_initiated(self, answer: Rejected | InitiateLost) -> Result:
        if isinstance(answer, InitiateLost):
            return Again(f"initiate lost: {answer.reason}")
        return self._rejected(answer)

    async def _confirm(self, attempt: Attempt, token: str) -> None:
        answer = await self._channel.confirm(_order(attempt), token, self._services.clock())
        match answer:
            case Accepted():
                await self._finish(attempt, Settled("confirmed by the bank"))
            case Rejected():
                await self._finish(attempt, self._rejected(answer))
            case Unknown():
                await self._finish(attempt, InDoubt(answer.reason, self._next_inquiry(attempt)))

    async def _confirm_again(self, attempt: Attempt) -> None:
        """Confirm a token whose first confirm may still be on its way: a refusal of this call proves nothing."""
        async with self._database.transaction(list(self._branches)) as tx:
            approved = await sending.still_approved(tx, attempt, self._services.clock())
        if not approved:
            await self._finish(attempt, InDoubt("no longer approved: not confirmed", self._next_inquiry(attempt)))
            return
        answer = await self._channel.confirm(_order(attempt), attempt.token, self._services.clock())
        if isinstance(answer, Accepted):
            await self._finish(attempt, Settled("confirmed by the bank"))
            return
        why = answer.code if isinstance(answer, Rejected) else answer.reason
        await self._finish(attempt, InDoubt(f"confirmed again: {why}", self._next_inquiry(attempt)))

    def _rejected(self, answer: Rejected) -> Result:
        if answer.stop_channel:
            self._paused_until = time.monotonic() + self._settings.pause_after_stop
            log.error("channel stopped", code=answer.code)
            return Again(f"channel stopped: {answer.code}")
        return Again(answer.code) if answer.retryable_as_new_attempt else Failed(answer.code, answer.text)

    async def _finish(self, attempt: Attempt, result: Result) -> None:
        if isinstance(result, Again):
            self._rest(attempt.intent_id)
        else:
            self._retries.pop(attempt.intent_id, None)
        if await self._outcomes.submit(Outcome(attempt, result)):
            log.info("recorded", reference=attempt.bank_reference, result=type(result).__name__)
        else:
            log.warning("fenced off", reference=attempt.bank_reference, result=type(result).__name__)

    def _rest(self, intent_id: UUID) -> None:
        tries = self._retries.get(intent_id, 0)
        self._retries[intent_id] = tries + 1
        delay = min(self._settings.retry_delay * 2**tries, self._settings.retry_delay_most)
        self._not_before[intent_id] = time.monotonic() + delay

    async def _flush_confirming(self, items: Sequence[Announced]) -> Sequence[bool]:
        async with self._database.transaction(list(self._branches)) as tx:
            mine = await sending.note_confirming(tx, self._id, items, self._services.clock())
        return [item.attempt.id in mine for item in items]

    async def _flush_outcomes(self, items: Sequence[Outcome]) -> Sequence[bool]:
        async with self._database.transaction(list(self._branches)) as tx:
            written = await outcomes.record(tx, self._actor, self._id, items, self._services.clock())
        return [item.attempt.id in written for item in items]

    # --- doubt

    async def _inquire(self) -> bool:
        free = self._settings.concurrency - len(self._tasks)
        if free <= 0:
            return False
        adrift = dict(self._adrift)
        async with self._database.transaction(list(self._branches)) as tx:
            if adrift:
                await sending.ask_again(tx, self._id, list(adrift.items()))
            due = await sending.due_inquiries(tx, self._id, list(self._tasks), self._services.clock(), free)
        # Only now are they in the database: while it is away they stay here, or nobody would ever ask about them.
        for attempt_id in adrift:
            del self._adrift[attempt_id]
        for attempt in due:
            self._start(attempt, self._resolve(attempt))
        return bool(due)

    async def _resolve(self, attempt: Attempt) -> None:
        """Find out what became of an attempt. Only a bank that says "not confirmed" lets it be confirmed again."""
        if attempt.state in ("prepared", "initiated"):
            # The fence keeps whoever had it from confirming, so no money can have moved or move.
            await self._finish(attempt, Again("never confirmed"))
            return
        answer = await self._channel.inquire(_order(attempt), attempt.token, self._services.clock())
        match answer:
            case Accepted():
                await self._finish(attempt, Settled("inquiry: the bank has paid"))
            case Rejected():
                await self._finish(attempt, Failed(answer.code, answer.text))
            case StillOpen(status=OpenStatus.AWAITING_CONFIRM):
                await self._confirm_again(attempt)
            case StillOpen() | Unknown() | NotFound():
                await self._finish(attempt, InDoubt("the bank does not say yet", self._next_inquiry(attempt)))

    def _next_inquiry(self, attempt: Attempt) -> datetime:
        schedule = self._settings.inquiry_schedule
        seconds = schedule[min(attempt.inquiries, len(schedule) - 1)]
        return self._services.clock() + timedelta(seconds=seconds)

    # --- housekeeping

    async def _keep_house(self) -> bool:
        await self._learn_branches()
        branches, now = list(self._branches), self._services.clock()
        for dead in await self._liveness.dead(branches):
            if dead > self._id:
                # Only a younger executor may take over. What is under way here is found dead next, and goes on.
                self._id = await self._liveness.renew(now)
            async with self._database.transaction(branches) as tx:
                count = await sending.adopt(tx, self._id, dead, now)
            await self._liveness.release(dead)
            log.warning("took over", executor=dead, attempts=count)
        async with self._database.transaction(branches) as tx:
            await expiry.expire(tx, self._actor, now)
        async with self._database.transaction(branches) as tx:
            await expire_overdue(tx, self._actor, now)
        async with self._database.transaction(branches) as tx:
            await callbacks.drain(tx, self._id, now)
        if now >= self._next_anchor:
            self._next_anchor = now + self._settings.anchor_every
            async with self._database.transaction(branches) as tx:
                await tx.execute("select sheaf.anchor_audit(%(now)s)", now=now)
        return False

    async def _answer_checks(self) -> bool:
        async with self._database.transaction(list(self._branches)) as tx:
            questions = await checks.requested(tx, 16)
        await asyncio.gather(*(self._answer(question) for question in questions))
        return bool(questions)

    async def _answer(self, question: checks.Question) -> None:
        known = None
        if question.number is not None:
            answer = await self._channel.verify(question.bank, question.number, self._services.clock())
            known = answer if isinstance(answer, AccountName) else None
        async with self._database.transaction(list(self._branches)) as tx:
            await checks.record(tx, self._actor, question, known, self._services.clock())

    async def _learn_branches(self) -> None:
        self._branches = {row["id"]: row["code"] for row in await self._database.all_branches()}


def _order(attempt: Attempt) -> PaymentOrder:
    return PaymentOrder(
        attempt_id=AttemptId(attempt.id),
        bank_ref=attempt.bank_reference,
        payee_bank_code=attempt.bank,
        payee_account_number=attempt.account,
        amount=attempt.amount,
        created_at=attempt.created_at,
        payer_statement_text=attempt.bank_reference,
    )


async def run(
    database: Database,
    url: str,
    services: Services,
    channel: Channel,
    stop: asyncio.Event,
    settings: ExecutorSettings | None = None,
) -> None:
    """Be an executor until `stop` is set. `database` and `url` are reached as the executor's role.

    Ends with ConnectionError when the connection that proves its life is lost: the supervisor starts a new one, which
    gets a new fence.
    """
    await Executor(database, url, services, channel, settings or ExecutorSettings()).run(stop)
