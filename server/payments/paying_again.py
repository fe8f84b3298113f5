"""Paying again what did not happen, or what came back: linked to the first payment, at most once at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from server.payments.facts import Original
from server.routing.operations import Operation
from shared.lifecycle import EDGES, MAY_HAVE_MOVED, PAYABLE_AGAIN, IntentState
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused


class Line(Protocol):
    """As much of a requested line as decides."""

    @property
    def member_id(self) -> UUID: ...
    @property
    def operation(self) -> str: ...
    @property
    def amount(self) -> Satang: ...
    @property
    def pays_again(self) -> UUID | None: ...


def paying_again(line: Line, originals: Mapping[UUID, Original]) -> Refused | None:
    """Why this line can't pay that payment again; None also for a line that pays nothing again.

    What did not happen: the same operation for the same member (NOT_FOUND, INVALID). What was returned is owed to its
    member: all of it at once, withdrawn (INVALID). PAID_AGAIN while another one does it; RETRY_UNSAFE while its money
    may have moved, STATE before it has ended.
    """
    if line.pays_again is None:
        return None
    original = originals.get(line.pays_again)
    if original is None:
        return Refused(R.NOT_FOUND, field="pays_again")
    if original.state in MAY_HAVE_MOVED:
        return Refused(R.RETRY_UNSAFE, params={"state": original.state, "evidence": original.number})
    if original.state not in PAYABLE_AGAIN:
        allowed = sorted(target for source, target in EDGES["intent"] if source == original.state)
        return Refused(R.STATE, params={"state": original.state, "allowed": ", ".join(allowed)})
    if original.paid_by:
        return paid_again(original.number, original.paid_by)
    returned = original.state == IntentState.RETURNED
    operation = Operation.WITHDRAWAL.value if returned else original.operation
    if (line.member_id, line.operation) != (original.member_id, operation):
        return Refused(R.INVALID, field="pays_again", params={"problem": "other_payment"})
    if returned and line.amount != original.payout:
        return Refused(R.INVALID, field="amount", params={"problem": "owed_amount"})
    return None


def is_owed(line: Line, originals: Mapping[UUID, Original]) -> bool:
    """Whether the line pays again what came back."""
    original = originals.get(line.pays_again) if line.pays_again is not None else None
    return original is not None and original.state == IntentState.RETURNED


def paid_again(number: str, by: str) -> Refused:
    """PAID_AGAIN, naming both vouchers."""
    return Refused(R.PAID_AGAIN, params={"number": number, "by": by})
