"""Payments like the one being typed: those the cache knows, and those that wait in this desk to be sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from desktop.core.clock import wire_time
from desktop.core.desk import Desk
from desktop.core.forms import BatchForm, PaymentForm
from desktop.core.store import queries
from desktop.core.store.database import Connection
from desktop.core.store.entities import satang
from desktop.core.store.outbox import WAITING, EventKind, PendingEvent
from shared.money import Satang
from shared.normal import ticket_key
from shared.wire.payments import IntentLine

UNSENT: Final = "waiting_to_send"


@dataclass(frozen=True)
class Similar:
    """Another payment; one that has not left this desk has no number yet and the state `waiting_to_send`."""

    number: str
    amount: str
    created_at: str
    state: str


async def similar_to(desk: Desk, member_id: str, amount: Satang, ticket: str, *, own_event: str) -> tuple[Similar, ...]:
    """This member's with this amount in the company's days, and all with this ticket; what waits in the desk first."""
    waiting = waiting_like(await desk.outbox.events(WAITING), member_id, amount, ticket, own_event)
    now = desk.now()
    known = await desk.cache.read(
        lambda c: queries.possible_duplicates(c, member_id, amount, looked_at_since(c, now), ticket)
    )
    return (*waiting, *(Similar(view.number, view.amount, view.created_at, view.state) for view in known))


def looked_at_since(connection: Connection, now: datetime) -> str:
    """From when a payment with the same amount may be the same one, as the company has set it; all of them before the
    server has said."""
    policy = queries.policy(connection)
    return "" if policy is None else wire_time(now - timedelta(days=policy.duplicate_days))


def waiting_like(
    events: Sequence[PendingEvent], member_id: str, amount: Satang, ticket: str, own_event: str
) -> tuple[Similar, ...]:
    """Of what was handed over and not answered yet; who is signed in now does not matter."""
    wanted = ticket_key(ticket)
    return tuple(
        Similar("", line.amount, event.created_at, UNSENT)
        for event in events
        if event.id != own_event
        for line in _lines(event)
        if (str(line.member_id) == member_id and satang(line.amount) == amount)
        or (wanted and ticket_key(line.weigh_ticket) == wanted)
    )


def _lines(event: PendingEvent) -> Iterator[IntentLine]:
    if event.kind is EventKind.PAYMENT:
        request = msgspec.json.decode(event.body, type=PaymentForm).request
        if request is not None:
            yield request
    elif event.kind is EventKind.BATCH:
        yield from msgspec.json.decode(event.body, type=BatchForm).lines
