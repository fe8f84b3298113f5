"""How long a lease is counted on, and what is confirmed under it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from server.channels.base import Accepted, Initiated, PaymentOrder
from server.channels.internal import InternalChannel, InternalSettings
from server.context import Services, Vault
from server.executing.outcomes import Again, Outcome, Settled
from server.executing.sending import Announced, Attempt
from server.workers.attempts import Attempts
from server.workers.breaker import BreakerSettings, Cause
from server.workers.commits import Commits
from server.workers.lanes import ChannelLimits, Gate
from server.workers.lease import Lease
from server.workers.rests import Rests
from shared.ids import bank_reference
from shared.money import Satang


def test_a_lease_is_counted_on_for_less_than_others_count_it() -> None:
    lease = Lease(15.0)
    assert not lease.held(0.0, 0.0)
    lease.renewed(100.0, 100.5)
    assert lease.held(101.0, 110.0)
    assert not lease.held(101.0, 110.1)


def test_a_lease_renewed_in_time_was_never_away() -> None:
    lease = Lease(15.0)
    lease.renewed(100.0, 100.0)
    lease.renewed(108.0, 109.0)
    assert lease.held(101.0, 118.0)


def test_what_was_begun_before_a_lapse_is_not_covered_by_the_lease_that_came_after() -> None:
    lease = Lease(15.0)
    lease.renewed(100.0, 100.0)
    # asked in time, and in the database too late
    lease.renewed(109.0, 111.0)
    assert not lease.held(101.0, 112.0)
    assert lease.held(111.5, 112.0)


class _Noted(Commits):
    """Remembers what would be committed."""

    def __init__(self) -> None:
        self.noted: list[Announced] = []
        self.recorded: list[Outcome] = []

    async def note_confirming(self, items: Sequence[Announced]) -> Sequence[bool]:
        self.noted += items
        return [True] * len(items)

    async def record_outcomes(self, items: Sequence[Outcome]) -> Sequence[bool]:
        self.recorded += items
        return [True] * len(items)


class _Watched(InternalChannel):
    """Answers an initiate when told to, and counts confirms."""

    def __init__(self) -> None:
        super().__init__(InternalSettings())
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self.confirms = 0

    async def initiate(self, order: PaymentOrder, now: datetime) -> Initiated:
        self.asked.set()
        await self.answers.wait()
        return Initiated(order.bank_ref, None, Satang(0))

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Accepted:
        self.confirms += 1
        return Accepted(now)


def _attempt() -> Attempt:
    number = uuid4()
    return Attempt(
        id=number,
        intent_id=uuid4(),
        branch_id=1,
        executor_id=1,
        channel="internal",
        ordinal=1,
        bank_reference=bank_reference(number, 1),
        bank="",  # what is booked in our own books goes to no bank
        payee="-",
        amount=Satang(100),
        created_at=datetime.now(UTC),
    )


class _Waiting:
    """A payment that is announced and waits for a place to be confirmed in, with a lease that holds."""

    def __init__(self) -> None:
        self.commits, self.channel, self.rests, self.lease = _Noted(), _Watched(), Rests(1.0, 1.0), Lease(1_000.0)
        self.gate = Gate(ChannelLimits(calls=1), BreakerSettings())
        gates, channels = {"internal": self.gate}, {"internal": self.channel}
        services = Services(vault=Vault(bytes(32)))
        self.attempts = Attempts(
            self.commits, services, channels, gates, self.rests, self.lease, (1.0,), 1.0, flush_most=10
        )

    async def begin(self) -> asyncio.Task[None]:
        """Send a payment; when this returns the caller has the only place, and the payment wants it."""
        self.lease.renewed(self.rests.moment(), self.rests.moment())
        sending = asyncio.create_task(self.attempts.send(_attempt()))
        await self.channel.asked.wait()
        place = asyncio.create_task(self.gate.calling.acquire())
        await asyncio.sleep(0)
        self.channel.answers.set()
        await place
        for _ in range(50):
            await asyncio.sleep(0)
        return sending


async def test_a_confirm_is_noted_when_there_is_a_place_for_it_and_not_before() -> None:
    waiting = _Waiting()
    sending = await waiting.begin()
    assert not waiting.commits.noted
    waiting.gate.calling.release()
    await sending
    assert (len(waiting.commits.noted), waiting.channel.confirms) == (1, 1)
    assert [type(one.result) for one in waiting.commits.recorded] == [Settled]


async def test_nothing_is_confirmed_when_the_lease_passed_while_it_waited() -> None:
    waiting = _Waiting()
    sending = await waiting.begin()
    waiting.lease.renewed(float("-inf"), 0.0)
    waiting.gate.calling.release()
    await sending
    assert waiting.channel.confirms == 0
    assert [type(one.result) for one in waiting.commits.recorded] == [Again]


async def test_a_lease_that_was_renewed_after_a_lapse_confirms_nothing_of_before() -> None:
    waiting = _Waiting()
    sending = await waiting.begin()
    waiting.lease.renewed(float("-inf"), 0.0)
    waiting.lease.renewed(waiting.rests.moment(), waiting.rests.moment())
    waiting.gate.calling.release()
    await sending
    assert waiting.channel.confirms == 0


async def test_a_payment_is_not_confirmed_once_its_channel_has_stopped_while_it_waited() -> None:
    waiting = _Waiting()
    sending = await waiting.begin()
    waiting.gate.breaker.refused(waiting.rests.moment(), Cause("9500"), 1.0)
    waiting.gate.calling.release()
    await sending
    assert (waiting.commits.noted, waiting.channel.confirms) == ([], 0)
    assert [type(one.result) for one in waiting.commits.recorded] == [Again]
