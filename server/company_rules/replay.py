"""Plays one rule over payments that were made: whom it would have charged and refused; pure and quick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from server.company_rules.programs import Broken, Facts, Payment, asks
from server.company_rules.rules import Kind, Rule, charges
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Payments that differ in amount and time only, as far as the rule asks; the lists are parallel.

    `subject` is whose they are for a limit's scope, `days` are ISO days in Asia/Bangkok, `places` the order of time
    over all groups.
    """

    facts: Facts
    subject: str
    amounts: Sequence[Satang]
    days: Sequence[str]
    places: Sequence[int]


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
    for amount in group.amounts:
        payment.set_amount(amount)
        found = charges((rule,), payment, amount)
        outcome.looked_at += 1
        if isinstance(found, Refused):
            if found.code is R.FEE_RULE_ERROR:
                outcome.broken += 1
            else:
                outcome.refuse(amount)
        elif found:
            outcome.charged += 1
            outcome.fees = Satang(outcome.fees + found[0].amount)


def _limit(rule: Rule, groups: Iterable[Group], outcome: Outcome) -> None:
    concerned: list[tuple[int, str, str, Satang]] = []
    for group in groups:
        outcome.looked_at += len(group.amounts)
        concerned += _concerned(rule, group, outcome)
    concerned.sort()
    used: dict[tuple[str, str], list[int]] = {}
    for _, subject, day, amount in concerned:
        counters = [
            (used.setdefault((subject, period), [0, 0]), most, times)
            for period, most, times in (
                (day, rule.day_amount, rule.day_count),
                (day[:7], rule.month_amount, rule.month_count),
            )
        ]
        alone = rule.single_amount is not None and amount > rule.single_amount
        if alone or any(_full(counter, amount, most, times) for counter, most, times in counters):
            outcome.refuse(amount)
            continue
        for counter, _, _ in counters:
            counter[0] += amount
            counter[1] += 1


def _full(counter: Sequence[int], amount: int, most: int | None, times: int | None) -> bool:
    return (most is not None and counter[0] + amount > most) or (times is not None and counter[1] + 1 > times)


def _concerned(rule: Rule, group: Group, outcome: Outcome) -> Iterator[tuple[int, str, str, Satang]]:
    payment = Payment(group.facts)
    each = "amount" in asks(rule.expression)
    verdict = payment.truth(rule.expression)
    for place, day, amount in zip(group.places, group.days, group.amounts, strict=True):
        if each:
            payment.set_amount(amount)
            verdict = payment.truth(rule.expression)
        if isinstance(verdict, Broken):
            outcome.broken += 1
        elif verdict:
            yield place, group.subject, day, amount
