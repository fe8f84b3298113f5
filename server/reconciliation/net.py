"""What all lines of one reference say together about its payment, and each line's part in it.

The one place that decides it. Lines are never judged one by one: a payment that was booked, taken back and booked again
is paid, whatever the order and the statements in which its lines came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from server.statements.parsed import LineKind
from shared.money import Satang


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """A statement line; `place` orders the lines of all statements, `amount` is signed satang."""

    line_id: UUID
    branch_id: int
    place: tuple[str, int, int]
    name: str
    date: date
    reference: str
    amount: Satang
    currency: str
    kind: LineKind

    @property
    def account(self) -> str:
        """The account whose statement it stands on."""
        return self.place[0]


class Standing(StrEnum):
    """Where the payment's money stands by the bank's statements.

    unseen: nothing says that it has left us. paid: it has left us once. returned: it has left us and is back.
    """

    UNSEEN = "unseen"
    PAID = "paid"
    RETURNED = "returned"


class Part(StrEnum):
    """What one line does to the standing.

    paid: the debit that stands. returned: the credit that brought it back. undone: undone by another line, or one of
    several that make the amount together. fee: the bank's own. The rest are exceptions for people: twice (once more
    than said), other_amount, other_currency, unpaid_credit (back, but never seen to leave), reversed_credit.
    """

    PAID = "paid"
    RETURNED = "returned"
    UNDONE = "undone"
    FEE = "fee"
    TWICE = "twice"
    OTHER_AMOUNT = "other_amount"
    OTHER_CURRENCY = "other_currency"
    UNPAID_CREDIT = "unpaid_credit"
    REVERSED_CREDIT = "reversed_credit"


class Net(msgspec.Struct, frozen=True):
    """The verdict on one reference; `parts` are the lines by place. `satang` is the signed sum without fees.

    `exact`: the sum is one debit of the amount, or zero after a debit. Else something is left for people, and what the
    standing says is that which the lines of exactly the amount prove.
    """

    standing: Standing
    exact: bool
    satang: int
    parts: tuple[tuple[Booked, Part], ...]


def net_of(lines: Iterable[Booked], amount: Satang, currency: str) -> Net:
    """Weigh all lines of a reference whose payment books `amount` (satang, above zero). Their order changes nothing."""
    ordered = sorted(lines, key=_place)
    ours = [line for line in ordered if line.kind is not LineKind.FEE and line.currency == currency]
    total = sum(line.amount for line in ours)
    has_debit = any(_is_debit(line) for line in ours)
    exact = has_debit and total in (-amount, 0)
    if exact:
        standing = Standing.PAID if total else Standing.RETURNED
        parts = _all_explained(ours, amount, standing)
    else:
        standing = _proven(ours, amount)
        parts = _with_exceptions(ours, amount, standing)
    for line in ordered:
        if line.kind is LineKind.FEE:
            parts[line.place] = Part.FEE
        elif line.currency != currency:
            parts[line.place] = Part.OTHER_CURRENCY
    return Net(standing, exact, total, tuple((line, parts[line.place]) for line in ordered))


def as_if(net: Net, standing: Standing, amount: Satang, currency: str) -> Net:
    """The same lines, told from where the payment stays although they say otherwise: what is over is an exception."""
    ours = [line for line, part in net.parts if part is not Part.FEE and line.currency == currency]
    parts = {line.place: part for line, part in net.parts}
    parts |= _with_exceptions(ours, amount, standing)
    return Net(standing, False, net.satang, tuple((line, parts[line.place]) for line, _ in net.parts))


def _place(line: Booked) -> tuple[str, int, int]:
    return line.place


def _is_debit(line: Booked) -> bool:
    return line.amount < 0 and line.kind is LineKind.DEBIT


def _proven(lines: Sequence[Booked], amount: Satang) -> Standing:
    """What the lines of exactly the amount prove when the sum of all is neither."""
    if not any(_is_debit(line) and line.amount == -amount for line in lines):
        return Standing.UNSEEN
    out = sum(line.amount == -amount for line in lines)
    back = sum(line.amount == amount for line in lines)
    return Standing.PAID if out > back else Standing.RETURNED


def _all_explained(lines: Sequence[Booked], amount: Satang, standing: Standing) -> dict[tuple[str, int, int], Part]:
    parts = {line.place: Part.UNDONE for line in lines}
    debits, credits = _in_turn(lines, amount, -1), _in_turn(lines, amount, 1)
    parts[debits[0].place] = Part.PAID
    if standing is Standing.RETURNED:
        parts[credits[0].place] = Part.RETURNED
    return parts


def _in_turn(lines: Sequence[Booked], amount: Satang, sign: int) -> list[Booked]:
    """Lines of one direction: plain debits and exact amounts first, then by place."""
    return sorted(
        (line for line in lines if line.amount * sign > 0),
        key=lambda line: (sign < 0 and not _is_debit(line), line.amount != amount * sign, line.place),
    )


def _with_exceptions(lines: Sequence[Booked], amount: Satang, standing: Standing) -> dict[tuple[str, int, int], Part]:
    parts = {line.place: Part.UNDONE if line.amount == 0 else Part.OTHER_AMOUNT for line in lines}
    out = [line for line in _in_turn(lines, amount, -1) if line.amount == -amount]
    back = [line for line in _in_turn(lines, amount, 1) if line.amount == amount]
    if standing is Standing.UNSEEN or not out or not _is_debit(out[0]):
        parts |= {line.place: Part.REVERSED_CREDIT if not _is_debit(line) else Part.TWICE for line in out}
        return parts | {line.place: Part.UNPAID_CREDIT for line in back}
    if standing is Standing.RETURNED and not back:
        return parts | {line.place: Part.TWICE for line in out}
    parts[out[0].place] = Part.PAID
    out = out[1:]
    if standing is Standing.RETURNED:
        parts[back[0].place] = Part.RETURNED
        back = back[1:]
    pairs = min(len(out), len(back))
    parts |= {line.place: Part.UNDONE for line in (*out[:pairs], *back[:pairs])}
    return parts | {line.place: Part.TWICE for line in (*out[pairs:], *back[pairs:])}
