"""When people may end a payment unpaid: not in a database that may have forgotten that the bank has paid it."""

from __future__ import annotations

from datetime import datetime

from server.context import Actor
from server.database.transaction import Transaction
from server.payments.limits import take_for_sign_off
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.payments import SignOffRequest


async def behind(tx: Transaction) -> Refused | None:
    """RESTORE_BEHIND while something is known to be missing here; the database refuses such an ending too (SH125).

    What would be ended here, its money released and typed anew, would be another payment to the bank.
    """
    told = await tx.value("select exists (select from sheaf.restore_witness where restore_id is null)")
    return Refused(R.RESTORE_BEHIND) if told else None


async def may_decide(
    tx: Transaction, actor: Actor, request: SignOffRequest, branch_id: int, now: datetime
) -> Refused | None:
    """A rejection needs a database that knows all, an approval room in its approver's limits, which it takes."""
    if request.decision == "reject":
        return await behind(tx)
    return await take_for_sign_off(tx, actor, request, branch_id, now)
