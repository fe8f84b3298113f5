"""The double-pay radar: says no to what looks like a payment that was made before, wherever that was.

What is looked for stands in one SQL function (sheaf.likely_duplicates); a request with a reason passes, and needs one
more approver.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from uuid import UUID

import msgspec

from server.routing.operations import Operation
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """A living payment that looks like the asked one, and how: `kind` is amount, ticket or account."""

    kind: str
    branch_id: int
    number: str
    at: datetime


class Suspect(Likeness, frozen=True, kw_only=True):
    """The newest one, and what was asked at which branch (amount in satang)."""

    asked_at: int = 0
    member_id: UUID
    amount: int
    ticket: str


def possible_duplicate(suspect: Likeness, branch_id: int) -> Refused:
    """POSSIBLE_DUPLICATE, naming the voucher in the own branch, and only the day in another."""
    own = suspect.branch_id == branch_id
    params = {
        "problem": suspect.kind if own else f"{suspect.kind}_elsewhere",
        "date": business_date(suspect.at).isoformat(),
        "number": f" ({suspect.number})" if own else "",
    }
    return Refused(R.POSSIBLE_DUPLICATE, field="duplicate_reason", params=params)


def repeated(kind: str, today: datetime) -> Refused:
    """The same for two that are asked for at once."""
    params = {"problem": kind, "date": business_date(today).isoformat(), "number": ""}
    return Refused(R.POSSIBLE_DUPLICATE, field="duplicate_reason", params=params)


def likenesses(operation: str, member_id: UUID, amount: int, account: str) -> frozenset[tuple[Hashable, ...]]:
    """What two disbursements that may be the same one share; `account` is the digest of the number, empty for none."""
    if operation != Operation.DISBURSEMENT:
        return frozenset()
    found: set[tuple[Hashable, ...]] = {("amount", member_id, amount)}
    if account:
        found.add(("account", account))
    return frozenset(found)


def quorum_with(quorum: tuple[Role, ...], *, disputed: bool) -> tuple[Role, ...]:
    """One more approver, of head office, for what may be a duplicate."""
    return (*quorum, Role.TREASURER) if disputed else quorum
