"""Fees and limits against a second opinion: a hundred thousand random rules, each over a random payment."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import pytest

from server.company_rules.language import Type, check_expression
from server.company_rules.programs import Broken, Facts, Payment
from server.company_rules.rules import Kind, Rule, charges
from shared.money import Satang, basis_points
from shared.refusals import RefusalCode, Refused
from tests.company_rules import evaluator
from tests.company_rules.evaluator import BANKS, BRANCHES, PRODUCE, TAGS, Failed

RULES = 100_000
LARGEST_FEE = 999_999_999_999_999


def payment(random: Random) -> dict[str, Any]:
    """The facts of a random payment, from one satang to the bank's limit."""
    return {
        "operation": "disbursement",
        "channel": "scb",
        "member": "M1",
        "amount": random.choice([1, 2, 50, 5_000, 15_000, 4_825_000, 200_000_000, random.randint(1, 200_000_000)]),
        "branch": random.choice(BRANCHES),
        "bank": random.choice(BANKS),
        "produce": random.choice(PRODUCE),
        "batch": random.random() < 0.5,
        "tags": tuple(tag for tag in TAGS if random.random() < 0.4),
    }


def rule(kind: Kind, expression: str) -> Rule:
    return Rule(id=UUID(int=1), code="r", revision=1, kind=kind, name_th="ก", name_en="r", expression=expression)


def expected(node: evaluator.Node, facts: dict[str, Any], kind: Kind) -> int | RefusalCode:
    try:
        value = evaluator.worked_out(node, facts)
    except Failed:
        return RefusalCode.FEE_RULE_ERROR
    if not 0 <= value <= LARGEST_FEE:
        return RefusalCode.FEE_RULE_ERROR
    if kind is Kind.POST_FEE and value >= facts["amount"]:
        return RefusalCode.FEE_OVER_AMOUNT
    return int(value)


def given(text: str, facts: dict[str, Any], kind: Kind) -> int | RefusalCode:
    found = charges([rule(kind, text)], Payment(Facts(**facts)), facts["amount"])
    if isinstance(found, Refused):
        return found.code
    return sum(charge.amount for charge in found)


@pytest.mark.timeout(110)
def test_a_hundred_thousand_random_fees_are_what_another_evaluator_says() -> None:
    random = Random(20261121)
    outcomes = dict.fromkeys(("fee", "none", "broken", "over"), 0)
    for _ in range(RULES):
        kind = random.choice([Kind.PRE_FEE, Kind.POST_FEE])
        node, facts = evaluator.number(random, 3), payment(random)
        text = evaluator.written(node)
        assert check_expression(text, Type.INTEGER) is None, text
        want = expected(node, facts, kind)
        assert given(text, facts, kind) == want, (text, facts)
        name = "broken" if want is RefusalCode.FEE_RULE_ERROR else "over" if isinstance(want, RefusalCode) else "fee"
        outcomes[name if want else "none"] += 1
    assert min(outcomes.values()) > 1_000, outcomes


def test_random_conditions_hold_when_another_evaluator_says_so() -> None:
    random = Random(7)
    for _ in range(10_000):
        node, facts = evaluator.truth(random, 3), payment(random)
        text = evaluator.written(node)
        assert check_expression(text, Type.TRUTH) is None, text
        answer = Payment(Facts(**facts)).truth(text)
        try:
            assert answer is evaluator.worked_out(node, facts), text
        except Failed:
            assert isinstance(answer, Broken), text


@pytest.mark.parametrize(
    ("amount", "points", "satang"),
    [(5_000, 1, 0), (15_000, 1, 2), (25_000, 1, 2), (5_001, 1, 1), (1, 10_000, 1), (4_825_000, 25, 12_062), (0, 9, 0)],
)
def test_half_a_satang_goes_to_the_even_one(amount: int, points: int, satang: int) -> None:
    assert basis_points(Satang(amount), points) == satang
