"""Plays one rule over payments that were made: whom it would have charged and refused; pure and quick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from server.company_rules.programs import Broken, Facts, Payment, asks
from server.company_rules.rules import Kind, Rule, fee_of
from shared.money import Satang

_DAY: Final = 86_400_000_000
_BANGKOK: Final = 7 * 3_600_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_NONE: Final = 2**62
"""Where there is no cap."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Payments that differ in amount and time only, as far as the rule asks; the lists are parallel.

    `subject` is whose they are for a limit's scope; `moments` are microseconds since 1970 in UTC, empty for a fee.
    """

    facts: Facts
    subject: str
    amounts: Sequence[Satang]
    moments: Sequence[int]


class Outcome(msgspec.Struct):
    """What the rule would have done; amounts in satang."""

    looked_at: int = 0
    charged: int = 0
    fees: Satang = Satang(0)
    refused: int = 0
    refused_amount: Satang = Satang(0)
    broken: int = 0

    def refuse(self, amount: Satang) -> None:
        """Count one payment that would not have been accepted."""
        self.refused += 1
        self.refused_amount = Satang(self.refused_amount + amount)


def play(rule: Rule, groups: Iterable[Group]) -> Outcome:
    """The rule alone over all payments, each decided as at submission; what a limit refuses uses none of its room."""
    outcome = Outcome()
    if rule.kind is Kind.LIMIT:
        _limit(rule, groups, outcome)
    else:
        for group in groups:
            _fee(rule, group, outcome)
    return outcome


def _fee(rule: Rule, group: Group, outcome: Outcome) -> None:
    payment = Payment(group.facts)
    kept_back = rule.kind is Kind.POST_FEE
    outcome.looked_at += len(group.amounts)
    for amount in group.amounts:
        payment.set_amount(amount)
        fee = fee_of(rule, payment)
        if fee is None:
            outcome.broken += 1
        elif kept_back and fee >= amount:
            outcome.refuse(amount)
        elif fee:
            outcome.charged += 1
            outcome.fees = Satang(outcome.fees + fee)


def _limit(rule: Rule, groups: Iterable[Group], outcome: Outcome) -> None:
    concerned: list[tuple[int, str, Satang]] = []
    for group in groups:
        outcome.looked_at += len(group.amounts)
        concerned += _concerned(rule, group, outcome)
    concerned.sort()
    single = _NONE if rule.single_amount is None else rule.single_amount
    daily, monthly = _Counters(rule.day_amount, rule.day_count), _Counters(rule.month_amount, rule.month_count)
    months: dict[int, str] = {}
    for moment, subject, amount in concerned:
        day = (moment + _BANGKOK) // _DAY
        month = months.get(day) or months.setdefault(day, date.fromordinal(_EPOCH + day).strftime("%Y-%m"))
        at_day, at_month = (subject, day), (subject, month)
        if amount > single or daily.full(at_day, amount) or monthly.full(at_month, amount):
            outcome.refuse(amount)
        else:
            daily.add(at_day, amount)
            monthly.add(at_month, amount)


class _Counters:
    """What each subject has used in each of its days, or of its months."""

    def __init__(self, most: int | None, times: int | None) -> None:
        self._most = _NONE if most is None else most
        self._times = _NONE if times is None else times
        self._sums: dict[tuple[str, object], int] = {}
        self._counts: dict[tuple[str, object], int] = {}

    def full(self, key: tuple[str, object], amount: int) -> bool:
        """Whether one more payment of this amount would run over."""
        return self._sums.get(key, 0) + amount > self._most or self._counts.get(key, 0) >= self._times

    def add(self, key: tuple[str, object], amount: int) -> None:
        """Count it."""
        self._sums[key] = self._sums.get(key, 0) + amount
        self._counts[key] = self._counts.get(key, 0) + 1


def _concerned(rule: Rule, group: Group, outcome: Outcome) -> Iterator[tuple[int, str, Satang]]:
    payment = Payment(group.facts)
    each = "amount" in asks(rule.expression)
    verdict = payment.truth(rule.expression)
    for moment, amount in zip(group.moments, group.amounts, strict=True):
        if each:
            payment.set_amount(amount)
            verdict = payment.truth(rule.expression)
        if isinstance(verdict, Broken):
            outcome.broken += 1
        elif verdict:
            yield moment, group.subject, amount
