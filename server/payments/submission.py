"""What single intents and batches share when they are submitted: branch, free money, and the hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id
from server.payments.binding import beside_fee
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


def enough(available: Satang, amount: Satang, fee: Satang) -> Refused | None:
    """FUNDS when the branch has less than the amount, FUNDS_FEE when only the fee on top of it is too much."""
    if available < amount:
        return lacking(available)
    if available < amount + fee:
        return Refused(R.FUNDS_FEE, field="amount", params=beside_fee(available, amount, fee))
    return None


def lacking(available: Satang) -> Refused:
    """FUNDS, with what is there."""
    return Refused(R.FUNDS, field="amount", params={"available": display_amount(available)})


async def hold(
    tx: Transaction, branch_id: int, branch_code: str, hold_id: UUID, amount: Satang, subject: str, now: datetime
) -> None:
    """Set the money aside in the branch's funding account."""
    funding = account_id(branch_code, Purpose.FUNDING)
    await posting.post(tx, [posting.hold(hold_id, branch_id, funding, amount, subject)], now)


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Held money that nobody is paid, in satang; of one intent, or of all that a hold was for."""

    branch_id: int
    hold_id: UUID
    amount: int
    intent_id: UUID | None = None


def release_of(row: Row) -> Release:
    """What an intent that ends without a payment gives back: amount and fees on top."""
    return Release(
        branch_id=row["branch_id"], hold_id=row["hold_id"], amount=row["amount"] + row["fee"], intent_id=row["id"]
    )


async def release(tx: Transaction, releases: Sequence[Release], subject: str, now: datetime) -> None:
    """Give held money back, all of it in one posting: it locks all the accounts in their one order."""
    await posting.post(tx, await voids(tx, releases, subject, now), now)


async def voids(tx: Transaction, releases: Sequence[Release], subject: str, now: datetime) -> list[posting.Transfer]:
    """One void for each release, never more than what is left of its hold."""
    if not releases:
        return []
    holds = await posting.hold_remaining(tx, list({one.hold_id for one in releases}))
    left = {hold_id: remaining for hold_id, (_, remaining) in holds.items()}
    found = []
    for one in releases:
        given = min(one.amount, left.get(one.hold_id, 0))
        if given > 0:
            left[one.hold_id] -= given
            found.append(
                posting.Transfer(
                    id=tx.services.new_id(now),
                    branch_id=one.branch_id,
                    kind=posting.Kind.VOID,
                    hold_id=one.hold_id,
                    intent_id=one.intent_id,
                    legs=(posting.Leg(holds[one.hold_id][0], held=-given),),
                    subject=subject,
                )
            )
    return found
