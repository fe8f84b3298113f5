"""How much of a payment is kept back for what its member owes: pure, from facts that were given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from shared.money import Satang, basis_points

LEAST_PAYOUT: Final = Satang(1_00)
"""What a deduction always leaves of a payment, so that there is one."""


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """An effective advance as a submission sees it: its terms, and what of it no payment has promised yet (satang)."""

    id: UUID
    free: int
    basis_points: int
    least: int
    most: int | None


class Deduction(msgspec.Struct, frozen=True):
    """What one payment repays of one advance, in satang."""

    advance_id: UUID
    amount: Satang


def deductions(owed: Sequence[Owed], amount: Satang, post_fee: Satang) -> tuple[Deduction, ...]:
    """What is kept back of a payment of `amount` (satang), oldest advance first.

    Of each advance its share of the amount, at least and at most what its terms say; never more than is owed, and
    never so much that less than one baht is paid out after the fee. `owed` is in the order of age.
    """
    room = amount - post_fee - LEAST_PAYOUT
    found = []
    for advance in owed:
        wanted = max(basis_points(amount, advance.basis_points), advance.least)
        if advance.most is not None:
            wanted = min(wanted, advance.most)
        taken = min(wanted, advance.free, room)
        if taken > 0:
            found.append(Deduction(advance.id, Satang(taken)))
            room -= taken
    return tuple(found)
