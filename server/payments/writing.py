"""Writes what was decided: one call, one transaction, an answer for each item that could not be written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from server.context import Actor
from server.database.transaction import Transaction
from server.failpoints import failpoint
from server.payments.rating import Charge, IntentClaim, of_intent
from server.payments.rules import Planned


class PlannedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a group: the columns of sheaf.planned_intent; `sequence` is what the voucher number was made from."""

    ordinal: int
    branch_id: int
    id: UUID
    sequence: int = 0
    number: str
    operation: str
    member_id: UUID
    member_version: int
    bank_account_id: UUID | None
    account_version: int
    amount: int
    fee: int
    currency: str
    channel: str
    produce: str
    weigh_ticket: str
    ticket_key: str
    note: str
    documents: tuple[str, ...]
    state: str
    quorum: tuple[str, ...]
    source_id: UUID
    destination: str
    counterparty_branch_id: int | None
    counterparty_member_id: UUID | None
    post_fee: int
    advance: int
    duplicate_reason: str
    pays_again: UUID | None = None
    tier_total: int
    held: int
    charges: tuple[Charge, ...]
    tags: tuple[str, ...]
    claims: tuple[IntentClaim, ...]
    expires_at: datetime
    maker_id: UUID
    actor: str
    correlation_id: str
    hold_id: UUID | None = None
    batch_id: UUID | None = None
    line: int = 0
    device_id: UUID | None = None
    home_branch: int | None = None
    key: str | None = None
    fingerprint: str | None = None
    token_id: UUID | None = None
    status: int | None = None
    reply: str | None = None
    detail: str = "{}"
    radar_since: datetime | None = None
    business_day: datetime | None = None


def planned_row(planned: Planned, actor: Actor, *, branch_id: int, id: UUID, **more: Any) -> PlannedRow:
    """The row of a decided line; `more` are the columns that the line does not say, ordinal among them."""
    return PlannedRow(
        branch_id=branch_id,
        **msgspec.structs.asdict(planned.line),
        member_version=planned.member_version,
        fee=planned.fee,
        quorum=tuple(role.value for role in planned.quorum),
        source_id=planned.source_id,
        post_fee=planned.post_fee,
        advance=planned.advance,
        charges=planned.charges,
        tags=planned.tags,
        tier_total=planned.tier_total,
        claims=of_intent(id, planned.claims),
        id=id,
        held=planned.held,
        maker_id=actor.user,
        actor=actor.name,
        correlation_id=actor.correlation_id,
        device_id=actor.device_id,
        home_branch=actor.branch_id,
        **more,
    )


class NotWritten(msgspec.Struct, frozen=True, kw_only=True):
    """Why an item was not written: `stale`, decide again; `funds`, with what is free in satang; `limit`, which one.

    A limit's `left_amount` and `left_count` are what is left in its day or month; None where it has no such cap.
    """

    ordinal: int
    outcome: Literal["stale", "funds", "limit"]
    free: int = 0
    rule: str = ""
    period: str = ""
    left_amount: int | None = None
    left_count: int | None = None


_ANSWERS = msgspec.json.Decoder(list[NotWritten])


@failpoint("submission.write")
async def submit_intents(
    tx: Transaction, sight: Sequence[int], rows: Sequence[PlannedRow], now: datetime
) -> dict[int, NotWritten]:
    """Write the rows with their holds, keys, tokens and audit entries; ordinal -> why one was not.

    `sight` is what those who ask may see together; each row says its branch.
    """
    text = await tx.value(
        "select sheaf.submit_intents(%(sight)s::int[], %(items)s::jsonb, %(now)s::timestamptz)::text",
        sight=list(sight),
        items=msgspec.json.encode(rows).decode(),
        now=now,
    )
    return {answer.ordinal: answer for answer in _ANSWERS.decode(text)}
