"""The one door into the ledger: a list of transfers, written together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from server.database.transaction import Transaction
from shared.money import Satang


class Kind(StrEnum):
    """hold sets money aside, post moves it, void frees it, transfer moves free money, reversal undoes a transfer."""

    HOLD = "hold"
    POST = "post"
    VOID = "void"
    TRANSFER = "transfer"
    REVERSAL = "reversal"


class Leg(msgspec.Struct, frozen=True):
    """What a transfer does to one account, in satang: `posted` to its balance, `held` to what is set aside."""

    account_id: UUID
    posted: int = 0
    held: int = 0


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer of one branch. Its legs' `posted` sum to zero; a leg may not be empty."""

    id: UUID
    branch_id: int
    kind: Kind
    legs: tuple[Leg, ...]
    subject: str
    hold_id: UUID | None = None
    intent_id: UUID | None = None
    reverses: UUID | None = None


async def post(tx: Transaction, transfers: Sequence[Transfer], now: datetime) -> None:
    """Write the transfers; the database moves balances and holds (04_ledger.sql).

    Legs that do not sum to zero, a hold larger than what is left, or an account below its minimum raise psycopg's
    errors: the caller has asked first (`lock_available`), so they are bugs or lost races and roll all back.
    """
    if not transfers:
        return
    await tx.execute(
        """
        insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, intent_id, subject, reverses, at)
        select * , %(now)s::timestamptz
        from unnest(%(ids)s::uuid[], %(branches)s::int[], %(kinds)s::text[], %(holds)s::uuid[], %(intents)s::uuid[],
                    %(subjects)s::text[], %(reverses)s::uuid[])
        """,
        now=now,
        ids=[transfer.id for transfer in transfers],
        branches=[transfer.branch_id for transfer in transfers],
        kinds=[transfer.kind.value for transfer in transfers],
        holds=[transfer.hold_id for transfer in transfers],
        intents=[transfer.intent_id for transfer in transfers],
        subjects=[transfer.subject for transfer in transfers],
        reverses=[transfer.reverses for transfer in transfers],
    )
    legs = [(transfer, leg) for transfer in transfers for leg in transfer.legs]
    await tx.execute(
        """
        insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, posted, held)
        select * from unnest(%(transfers)s::uuid[], %(accounts)s::uuid[], %(branches)s::int[],
                             %(posted)s::bigint[], %(held)s::bigint[])
        """,
        transfers=[transfer.id for transfer, _ in legs],
        accounts=[leg.account_id for _, leg in legs],
        branches=[transfer.branch_id for transfer, _ in legs],
        posted=[leg.posted for _, leg in legs],
        held=[leg.held for _, leg in legs],
    )


async def lock_available(tx: Transaction, account_id: UUID) -> Satang:
    """What the account may still pay or hold, above its minimum; the row stays locked until the transaction ends."""
    value = await tx.value("select sheaf.lock_available(%(id)s)", id=account_id)
    return Satang(value or 0)


async def hold_remaining(tx: Transaction, hold_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, int]]:
    """hold id -> (account id, satang still held)."""
    rows = await tx.rows(
        "select id, account_id, remaining from sheaf.ledger_hold where id = any(%(ids)s)", ids=list(hold_ids)
    )
    return {row["id"]: (row["account_id"], row["remaining"]) for row in rows}


def hold(transfer_id: UUID, branch_id: int, account: UUID, amount: Satang, subject: str) -> Transfer:
    """Set money of one account aside; the transfer's id is the hold's id."""
    return Transfer(
        id=transfer_id,
        branch_id=branch_id,
        kind=Kind.HOLD,
        hold_id=transfer_id,
        legs=(Leg(account, held=amount),),
        subject=subject,
    )
