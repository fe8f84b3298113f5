"""The one door into the ledger: a list of transfers, an answer for each, and what is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.database.transaction import Transaction
from server.failpoints import failpoint
from server.ledger import store
from server.ledger.rules import decide
from server.ledger.transfers import Answer, Kind, Leg, Posted, Transfer, hold
from shared.money import Satang

__all__ = ["Kind", "Leg", "Transfer", "answer_each", "hold", "hold_remaining", "lock_available", "post"]


@failpoint("ledger.post")
async def post(tx: Transaction, transfers: Sequence[Transfer], now: datetime) -> None:
    """Write the transfers, all of them; the database moves balances and holds (10_ledger.sql).

    A broken law raises psycopg's errors and rolls all back: for callers that have asked and locked before
    (`lock_available`), so that a refusal is a bug. Legs are given in full, and nothing `releases`.
    """
    if transfers:
        await store.write(tx, transfers, now)


async def answer_each(tx: Transaction, transfers: Sequence[Transfer], now: datetime) -> list[Answer]:
    """Write what fits and answer for each, in order; one round trip when everything fits.

    The list is one moment: when all of it fits together, with balances within their bounds at its end, it is written
    together. Else the transfers are taken in their order, each on what those before it left; a chain is taken as one.
    A transfer that is there already is Existing when equal in every field, else ExistsDifferent.
    The touched accounts stay locked until the transaction ends.
    """
    if not transfers:
        return []
    if _in_full(transfers) and await store.write_if_all_fit(tx, transfers, now):
        return [Posted()] * len(transfers)
    facts = await store.lock_facts(tx, transfers)
    decision = decide(transfers, facts, now)
    await post(tx, decision.writes, now)
    return decision.answers


def _in_full(transfers: Sequence[Transfer]) -> bool:
    """Whether the ledger has no legs to fill in, and nothing refers to what comes after it."""
    later = {transfer.id for transfer in transfers}
    for transfer in transfers:
        if not transfer.legs or transfer.releases:
            return False
        later.discard(transfer.id)
        if transfer.hold_id in later or transfer.reverses in later:
            return False
    return True


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
