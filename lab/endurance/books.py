"""At the end: every acknowledged payment against the sandbox bank's own books."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from lab.endurance.town import Town

_PAID: Final = ("settled", "reconciled")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the books say; every list names payments, and only `paid` may be above nothing."""

    acknowledged: int
    paid: int
    states: dict[str, int]
    lost: list[str]
    twice: list[str]
    in_doubt: list[str]
    unpaid: list[str]
    """Settled by us, and the bank has not paid it; or not settled, and the bank has."""
    other_amount: list[str]
    unknown: list[str]
    """Paid by the bank, and nobody of ours asked for it."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong, and everything that was acknowledged was paid."""
        wrong = (self.lost, self.twice, self.in_doubt, self.unpaid, self.other_amount, self.unknown)
        return not any(wrong) and self.paid == self.acknowledged

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} payments acknowledged, {self.paid} paid once; {len(self.twice)} paid twice, "
            f"{len(self.lost)} lost, {len(self.in_doubt)} in doubt, {len(self.unpaid)} otherwise than the bank says, "
            f"{len(self.other_amount)} with another amount, {len(self.unknown)} that nobody asked for; {self.states}"
        )


def compare(town: Town, acknowledged: Mapping[UUID, int]) -> Verdict:
    """Everything that the API acknowledged (satang by intent), and everything that the bank has paid."""
    debits = _debits(town.data / "bank")
    rows = town.ask(
        """select i.id, i.state, i.payout, coalesce(array_agg(a.bank_reference) filter (where a.id is not null), '{}')
           from sheaf.intent i left join sheaf.attempt a on a.intent_id = i.id group by i.id, i.state, i.payout"""
    )
    states = {row[0]: str(row[1]) for row in rows}
    times = {row[0]: [amount for reference in row[3] for amount in debits.get(reference, ())] for row in rows}
    ours = {reference for row in rows for reference in row[3]}
    names = {intent: f"{intent} {state}" for intent, state in states.items()}
    return Verdict(
        acknowledged=len(acknowledged),
        paid=sum(len(times.get(intent, ())) == 1 and states.get(intent) in _PAID for intent in acknowledged),
        states=dict(Counter(states[intent] for intent in acknowledged if intent in states)),
        lost=[str(intent) for intent in acknowledged if intent not in states],
        twice=[names[intent] for intent, paid in times.items() if len(paid) > 1],
        in_doubt=[names[intent] for intent, state in states.items() if state in ("sent", "in_doubt")],
        unpaid=[names[intent] for intent, paid in times.items() if bool(paid) != (states[intent] in _PAID)],
        other_amount=[names[row[0]] for row in rows if any(amount != row[2] for amount in times[row[0]])],
        unknown=sorted(debits.keys() - ours),
    )


def _debits(folder: Path) -> dict[str, list[int]]:
    """What the bank has booked under each reference, in satang."""
    books = folder / "books.sqlite"
    found: dict[str, list[int]] = {}
    with sqlite3.connect(f"file:{books}?mode=ro", uri=True) as connection:
        for reference, amount in connection.execute("SELECT reference, amount FROM lines WHERE kind = 'payment'"):
            found.setdefault(str(reference), []).append(-int(amount))
    return found
