"""One attempt's way through its channel: announced, confirmed, asked about; every answer is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

import structlog
from msgspec import structs

from server.channels.base import (
    NOT_SENT,
    Accepted,
    Channel,
    Duplicate,
    Found,
    Initiated,
    InitiateLost,
    Moves,
    NotFound,
    OpenStatus,
    Pending,
    Rejected,
    Standing,
    StillOpen,
    Unknown,
    is_duplicate,
)
from server.coalesce import Coalescer
from server.context import Services
from server.executing.doubt import StatementWord
from server.executing.outcomes import Again, Failed, InDoubt, Outcome, Result, Settled, Waiting
from server.executing.schedule import flag_from, next_inquiry
from server.executing.sending import Announced, Attempt
from server.failpoints import failpoint
from server.workers.breaker import Cause
from server.workers.commits import Commits
from server.workers.lanes import Gate
from server.workers.lease import Lease
from server.workers.probing import is_provable
from server.workers.references import ByReference, order_of
from server.workers.rests import Rests
from shared.bank_codes import NO_ANSWER, bank_code
from shared.evidence import Evidence
from shared.money import Satang
from shared.names import name_match

log = structlog.get_logger("executor")

_ON_STATEMENT = Settled(Evidence.STATEMENT_PAID)
_BLAMED_MOST = 1000


class Attempts:
    """Drives attempts. Many run at once; what they have to say to the database goes there in groups."""

    def __init__(
        self,
        commits: Commits,
        services: Services,
        channels: Mapping[str, Channel],
        gates: Mapping[str, Gate],
        rests: Rests,
        lease: Lease,
        schedule: Sequence[float],
        pause_after_stop: float,
        flush_most: int,
    ) -> None:
        self._commits = commits
        self._services = services
        self._channels = channels
        self._gates = gates
        self._rests = rests
        self._lease = lease
        self._schedule = schedule
        self._pause_after_stop = pause_after_stop
        self._by_reference = ByReference(channels, services.clock, commits.note_found, self._doubt)
        self._paid: dict[str, int] = {}
        self._blamed: dict[UUID, tuple[str, int]] = {}
        self._confirming: Coalescer[Announced, bool] = Coalescer(commits.note_confirming, flush_most)
        self._outcomes: Coalescer[Outcome, bool] = Coalescer(commits.record_outcomes, flush_most)

    @failpoint("attempt.send")
    async def send(self, attempt: Attempt) -> None:
        """Announce, commit the bank's token, confirm, record."""
        begun = self._rests.moment()
        in_books = self._channels[attempt.channel].manifest.moves is Moves.IN_OUR_BOOKS
        if in_books is bool(attempt.bank):
            # Between balances there is no bank, and a bank pays into no balance: nobody is asked what it would do.
            await self._finish(attempt, Failed("route.impossible", bank_code("route.impossible").english))
            return
        async with self._gates[attempt.channel].calling:
            answer = await self._channels[attempt.channel].initiate(order_of(attempt), self._services.clock())
        if not isinstance(answer, Initiated):
            known = await self._not_initiated(attempt, answer)
            if not isinstance(known, Found):
                await self._finish(attempt, known)
                return
            # Announced in a call that nobody remembers: the bank confirms this token once, whoever asks for it.
            answer = Initiated(known.token, known.payee_name_masked, Satang(0))
        name = answer.payee_name_masked
        if name is not None and name_match(attempt.payee, name) < self._services.policy.name_match_minimum:
            self._answered(attempt)
            await self._finish(attempt, Failed("name.mismatch", "the bank knows the account under another name"))
            return
        payer = self._channels[attempt.channel].payer_account
        await self._finish(
            attempt, await self._announced(attempt, Announced(attempt, answer.token, name or "", payer), begun)
        )

    async def _announced(self, attempt: Attempt, announced: Announced, begun: float) -> Result:
        """Go on to the confirm, if it may still be made.

        The place is taken first: once the confirm is noted nothing is waited for any more.
        """
        async with self._gates[attempt.channel].calling:
            if not self._gates[attempt.channel].breaker.may_confirm(attempt.id):
                # Nobody confirms this token: better than one more payment in doubt.
                return Again(Evidence.CHANNEL_SILENT)
            if not await self._confirming.submit(announced):
                # Fenced off, which recording finds out, or withdrawn since the claim: the next one says why.
                self.interrupted(attempt)
                return Again(Evidence.WITHDRAWN, unconfirmed=True)
            if not self._lease.held(begun, self._rests.moment()):
                # Noted, and not confirmed by anybody as long as the attempt is ours: recording it finds out.
                self.interrupted(attempt)
                return Again(Evidence.LEASE_PASSED)
            return await self._confirm(attempt, announced.token)

    async def _not_initiated(self, attempt: Attempt, answer: Duplicate | Rejected | InitiateLost) -> Result | Found:
        """Of what the bank may have had before only its own word counts, before anything is failed."""
        if isinstance(answer, InitiateLost):
            self._unanswered(attempt, answer.told or answer.evidence)
            return Again(Evidence.INITIATE_LOST, answer.told or answer.evidence)
        result = None if isinstance(answer, Duplicate) else self._rejected(attempt, answer)
        if result is None:
            self._answered(attempt)
        elif not (isinstance(result, Failed) and self._channels[attempt.channel].manifest.finds):
            return result
        async with self._gates[attempt.channel].calling:
            return await self._by_reference.find(attempt, result)

    @failpoint("attempt.confirm")
    async def _confirm(self, attempt: Attempt, token: str) -> Result:
        answer = await self._channels[attempt.channel].confirm(order_of(attempt), token, self._services.clock())
        match answer:
            case Accepted():
                self._got_through(attempt)
                return Settled(Evidence.CONFIRMED)
            case Rejected(stop_channel=True) if answer.code != NOT_SENT:
                return await self._asked_at_once(attempt, token, answer.code)
            case Rejected() if is_duplicate(answer.code):
                return self._doubt(attempt, Evidence.NO_PROOF, answer.code)
            case Rejected():
                return self._rejected(attempt, answer)
            case Pending():
                self._gates[attempt.channel].breaker.taken(attempt.id)
                return Waiting(Evidence.TAKEN, answer.inquire_at)
            case Unknown() if bank_code(answer.code).holds_the_lane:
                return await self._asked_at_once(attempt, token, answer.code)
            case Unknown():
                self._unanswered(attempt, answer.told or answer.evidence)
                return self._doubt(attempt, answer.evidence, answer.told)
            case _:
                assert_never(answer)

    async def _asked_at_once(self, attempt: Attempt, token: str, code: str) -> Result:
        """The confirm was refused for what is not this payment's fault, so it is to be sent again: only if the bank
        says to a second question too that nothing moved."""
        self._stop(attempt, Cause(code))
        found = await self._channels[attempt.channel].inquire(order_of(attempt), token, self._services.clock())
        match found:
            case Accepted():
                return Settled(Evidence.INQUIRY_PAID)
            case Rejected():
                return self._held_up(attempt, code, found.text, spent=found.spent)
            case _:
                return self._doubt(attempt, Evidence.NO_PROOF, code)

    @failpoint("attempt.resolve")
    async def resolve(self, attempt: Attempt) -> None:
        """Find out what became of an attempt. Only a bank that says "not confirmed" lets it be confirmed again."""
        if attempt.state in ("prepared", "initiated"):
            # The fence keeps whoever had it from confirming, so no money can have moved or move.
            await self._finish(attempt, Again(Evidence.NEVER_CONFIRMED, unconfirmed=True))
            return
        channel = self._channels[attempt.channel]
        if channel.manifest.moves is Moves.IN_OUR_BOOKS:
            # It moves in the transaction that records it, and none has: sent anew, its signatures are looked at anew.
            await self._finish(attempt, Again(Evidence.NOT_BOOKED))
            return
        if attempt.token:
            asked_at = self._rests.moment()
            answer = await channel.inquire(order_of(attempt), attempt.token, self._services.clock())
            if not isinstance(answer, Unknown):
                self._gates[attempt.channel].breaker.heard(asked_at, self._rests.moment())
            result = await self._found(attempt, answer)
        else:
            result = await self._found_by_reference(attempt)
        if result is None:
            return
        if self._gates[attempt.channel].breaker.is_trial(attempt.id):
            self._trial_resolved(attempt, result)
        await self._finish(attempt, result)

    def _trial_resolved(self, attempt: Attempt, result: Result) -> None:
        """Everybody waited for this one: a file's result, or a payment that was in doubt."""
        if isinstance(result, Settled):
            self._got_through(attempt)
        elif isinstance(result, Failed):
            self._answered(attempt)
        elif not isinstance(result, Waiting):
            self.interrupted(attempt)

    async def _found(self, attempt: Attempt, answer: Standing) -> Result | None:
        match answer:
            case Accepted():
                return Settled(Evidence.INQUIRY_PAID)
            case Rejected():
                return self._refused_by_inquiry(attempt, answer)
            case Pending():
                return await self._pending(attempt, answer.inquire_at)
            case StillOpen(status=OpenStatus.AWAITING_CONFIRM) if not (attempt.taken or self._is_old(attempt)):
                return await self._confirm_again(attempt)
            case StillOpen(status=OpenStatus.AWAITING_CONFIRM):
                return await self._denied(attempt, Evidence.TOO_OLD)
            case NotFound():
                return await self._denied(attempt, Evidence.PAYMENT_UNKNOWN)
            case StillOpen() | Unknown():
                return await self._unsaid(attempt, answer)
            case _:
                assert_never(answer)

    async def _found_by_reference(self, attempt: Attempt) -> Result:
        """Of one whose token nobody knows. What waits for its confirm is sent anew, and finds its token then."""
        otherwise = None if attempt.taken else Again(Evidence.REFERENCE_UNKNOWN)
        found = await self._by_reference.find(attempt, otherwise)
        if isinstance(found, Found):
            return Again(Evidence.ANNOUNCED)
        if isinstance(found, InDoubt) and not found.mismatched:
            word = await self._commits.statement_word(attempt)
            if word is StatementWord.PAID:
                return _ON_STATEMENT
            if word is StatementWord.ABSENT:
                return Again(Evidence.NOT_ON_STATEMENTS, spent=True)
        return found

    def _refused_by_inquiry(self, attempt: Attempt, answer: Rejected) -> Result:
        """The bank's last word, and proof: a sound payment goes back to the queue, whose lane may have to wait."""
        if is_duplicate(answer.code):
            return self._doubt(attempt, Evidence.NO_PROOF, answer.code)
        if answer.stop_channel:
            return self._held_up(attempt, answer.code, answer.text, spent=answer.spent)
        if answer.retryable_as_new_attempt:
            return Again(Evidence.REFUSED, answer.code, spent=answer.spent)
        return Failed(answer.code, answer.text)

    async def _pending(self, attempt: Attempt, inquire_at: datetime) -> Result:
        """No doubt for a day: what the bank has not ended by the next business day, a person looks at."""
        if await self._commits.statement_word(attempt) is StatementWord.PAID:
            return _ON_STATEMENT
        if self._is_old(attempt):
            return InDoubt(Evidence.TAKEN_LATE, inquire_at, flag=True, taken=True)
        if attempt.state == "unknown":
            return InDoubt(Evidence.TAKEN, inquire_at, taken=True)
        return Waiting(Evidence.TAKEN, inquire_at)

    async def _unsaid(self, attempt: Attempt, answer: StillOpen | Unknown) -> Result:
        if await self._commits.statement_word(attempt) is StatementWord.PAID:
            return _ON_STATEMENT
        if attempt.taken and isinstance(answer, Unknown):
            return self._doubt(attempt, answer.evidence, answer.told)
        doubt = self._doubt(attempt, Evidence.NOT_SAID)
        # A bank that is processing it has it: that it does not know it later will prove nothing.
        return structs.replace(doubt, taken=isinstance(answer, StillOpen))

    async def _denied(self, attempt: Attempt, evidence: Evidence) -> Result:
        """The statement is the last word on what the bank denies: its absence there is the proof, but not for one that
        the bank had taken for processing."""
        word = await self._commits.statement_word(attempt)
        if word is StatementWord.PAID:
            return _ON_STATEMENT
        if attempt.taken:
            return self._doubt(attempt, Evidence.TAKEN_AND_GONE)
        if word is StatementWord.ABSENT:
            return Failed("bank.never_paid", "the bank does not know the payment, and its statements are without it")
        return self._doubt(attempt, evidence)

    @failpoint("attempt.confirm_again")
    async def _confirm_again(self, attempt: Attempt) -> Result | None:
        """Confirm a token whose first confirm may still be on its way: a refusal of this call proves nothing."""
        begun = self._rests.moment()
        if not await self._commits.still_approved(attempt):
            return self._doubt(attempt, Evidence.NOT_APPROVED)
        if not await self._commits.note_confirming_again(attempt):
            log.warning("fenced off", reference=attempt.bank_reference, result="before another confirm")
            return None
        if not self._lease.held(begun, self._rests.moment()):
            return self._doubt(attempt, Evidence.LEASE_PASSED)
        channel = self._channels[attempt.channel]
        answer = await channel.confirm(order_of(attempt), attempt.token, self._services.clock())
        match answer:
            case Accepted():
                return Settled(Evidence.CONFIRMED)
            case Pending():
                return await self._pending(attempt, answer.inquire_at)
            case Rejected():
                return self._doubt(attempt, Evidence.NO_PROOF, answer.code)
            case Unknown():
                return self._doubt(attempt, answer.evidence, answer.told)
            case _:
                assert_never(answer)

    def _doubt(self, attempt: Attempt, evidence: Evidence, told: str = "") -> InDoubt:
        return InDoubt(evidence, self.next_inquiry(attempt), told, flag=self._is_old(attempt))

    def _is_old(self, attempt: Attempt) -> bool:
        """Whether the next business day has begun: nothing that old is confirmed again, and a person looks at it."""
        return self._services.clock() >= flag_from(attempt.created_at)

    def next_inquiry(self, attempt: Attempt) -> datetime:
        """When an attempt that was asked about `attempt.inquiries` times is asked about again."""
        return next_inquiry(self._schedule, attempt.inquiries, self._services.clock())

    def interrupted(self, attempt: Attempt) -> None:
        """The attempt ended on our side; whether the bank answers is as open as before."""
        self._gates[attempt.channel].breaker.interrupted(attempt.id)

    def _answered(self, attempt: Attempt) -> None:
        self._gates[attempt.channel].breaker.answered(attempt.id)

    def _unanswered(self, attempt: Attempt, told: str) -> None:
        self._gates[attempt.channel].breaker.unanswered(attempt.id, self._rests.moment(), Cause(NO_ANSWER, told))

    def _rejected(self, attempt: Attempt, answer: Rejected) -> Result:
        if answer.stop_channel:
            return self._held_up(attempt, answer.code, answer.text)
        if answer.code == NOT_SENT:
            self._unanswered(attempt, answer.text)
        else:
            self._answered(attempt)
        if answer.retryable_as_new_attempt:
            return Again(Evidence.REFUSED, answer.code)
        return Failed(answer.code, answer.text)

    def _stop(self, attempt: Attempt, cause: Cause) -> None:
        """Nothing more begins on this channel until one payment gets through; who must act is told by the cause."""
        gate, was_closed = self._gates[attempt.channel], self._gates[attempt.channel].is_closed
        rest, provable = self._pause_after_stop, is_provable(cause.code)
        gate.breaker.refused(self._rests.moment(), cause, rest, attempt.id, provable=provable)
        if was_closed:
            log.error("channel stopped", channel=attempt.channel, code=cause.code, told=cause.told)

    def _held_up(self, attempt: Attempt, code: str, text: str, *, spent: bool = False) -> Result:
        """A proven refusal that is not the payment's fault: it waits with all others of its lane.

        Where it might be the payment after all, it is when it meets the same again although others got through.
        """
        paid = self._paid.get(attempt.channel, 0)
        before = self._blamed.pop(attempt.intent_id, None)
        if bank_code(code).alone and before is not None and before[0] == code and paid > before[1]:
            self._answered(attempt)
            return Failed(code, text)
        self._stop(attempt, Cause(code, text if code == NOT_SENT else ""))
        self._blamed[attempt.intent_id] = (code, paid)
        if len(self._blamed) > _BLAMED_MOST:
            del self._blamed[next(iter(self._blamed))]
        return Again(Evidence.CHANNEL_STOPPED, code, held_up=True, spent=spent)

    def _got_through(self, attempt: Attempt) -> None:
        self._paid[attempt.channel] = self._paid.get(attempt.channel, 0) + 1
        self._answered(attempt)

    @failpoint("attempt.finish")
    async def _finish(self, attempt: Attempt, result: Result) -> None:
        if not isinstance(result, Waiting):
            self.interrupted(attempt)  # nobody waits any longer for a trial that is over, however it ended
        self._rests.after(attempt.intent_id, again=isinstance(result, Again) and not result.held_up)
        if await self._outcomes.submit(Outcome(attempt, result)):
            log.info("recorded", reference=attempt.bank_reference, result=type(result).__name__)
        else:
            log.warning("fenced off", reference=attempt.bank_reference, result=type(result).__name__)
