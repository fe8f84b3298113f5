"""What single intents and batches share when they are submitted: branch, free money, and the hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.context import Actor
from server.database.transaction import Transaction
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id
from shared.money import Satang, display_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused


def own_branch(actor: Actor, code: str) -> int | Refused:
    """The branch's id when the actor works there; NOT_FOUND otherwise, whether the branch exists or not."""
    branch_id = actor.branch_codes.get(code)
    return Refused(R.NOT_FOUND, field="branch") if branch_id is None else branch_id


async def lock_funding(tx: Transaction, branch_code: str) -> Satang:
    """Lock the branch's funding account and say how much is free."""
    return await posting.lock_available(tx, account_id(branch_code, Purpose.FUNDING))


def enough(available: Satang, amount: Satang) -> Refused | None:
    """FUNDS when the branch has less than the amount."""
    if available >= amount:
        return None
    return Refused(R.FUNDS, field="amount", params={"available": display_amount(available)})


async def hold(
    tx: Transaction, branch_id: int, branch_code: str, hold_id: UUID, amount: Satang, subject: str, now: datetime
) -> None:
    """Set the money aside in the branch's funding account."""
    funding = account_id(branch_code, Purpose.FUNDING)
    await posting.post(tx, [posting.hold(hold_id, branch_id, funding, amount, subject)], now)


async def release(
    tx: Transaction,
    branch_id: int,
    hold_id: UUID,
    amounts: Sequence[tuple[UUID | None, int]],
    subject: str,
    now: datetime,
) -> None:
    """Give held money back: one void per (intent, amount), never more than what is left of the hold."""
    found = (await posting.hold_remaining(tx, [hold_id])).get(hold_id)
    if found is None:
        return
    account, left = found
    voids = []
    for intent_id, amount in amounts:
        given = min(amount, left)
        left -= given
        if given > 0:
            voids.append(
                posting.Transfer(
                    id=tx.services.new_id(now),
                    branch_id=branch_id,
                    kind=posting.Kind.VOID,
                    hold_id=hold_id,
                    intent_id=intent_id,
                    legs=(posting.Leg(account, held=-given),),
                    subject=subject,
                )
            )
    await posting.post(tx, voids, now)
