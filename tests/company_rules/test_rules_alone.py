"""Charges, claims and refusals of company rules to the satang, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from server.company_rules.programs import Facts, Payment
from server.company_rules.rules import (
    Charge,
    Claim,
    Kind,
    Rule,
    Scope,
    Subjects,
    charges,
    claims,
    facts_of,
    fee_of,
    over_limit,
    rules_of,
    total,
)
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LARGEST = 999_999_999_999_999
ROW: dict[str, Any] = {
    "operation": "disbursement",
    "channel": "scb",
    "branch": "NSN",
    "bank": "004",
    "produce": "paddy",
    "member_code": "M1",
    "amount": 10_000,
    "batch_id": None,
    "tags": ["new_account"],
}
PAYMENT = Payment(facts_of(ROW))
NAMES = {"rule": "r1", "problem": "Rule", "problem_th": "กฎ"}
WHO = Subjects(member=UUID(int=1), branch=3, maker=UUID(int=2))


def rule(expression: str, kind: Kind = Kind.POST_FEE, number: int = 1, **more: Any) -> Rule:
    return Rule(
        id=UUID(int=number), code=f"r{number}", revision=1, kind=kind, name_th="กฎ", name_en="Rule",
        expression=expression, **more,
    )  # fmt: skip


def limit(expression: str = "true", scope: Scope | None = Scope.BRANCH, **caps: Any) -> Rule:
    return rule(expression, Kind.LIMIT, scope=scope, **caps)


def test_a_stored_payments_facts_are_its_columns() -> None:
    assert facts_of(ROW) == Facts(
        operation="disbursement",
        channel="scb",
        branch="NSN",
        bank="004",
        produce="paddy",
        member="M1",
        amount=Satang(10_000),
        batch=False,
        tags=("new_account",),
    )
    assert facts_of({**ROW, "batch_id": UUID(int=1), "tags": []}).batch is True


def test_a_row_becomes_a_rule_and_an_empty_scope_none() -> None:
    row = {
        "id": UUID(int=1), "code": "r1", "revision": 1, "kind": "limit", "scope": "maker", "name_th": "กฎ",
        "name_en": "Rule", "expression": "true", "day_count": 3,
    }  # fmt: skip
    (found,) = rules_of([row])
    assert found == limit(scope=Scope.MAKER, day_count=3)
    for scope in ("", None):
        (found,) = rules_of([{**row, "id": str(UUID(int=1)), "kind": "pre_fee", "scope": scope, "revision": "1"}])
        assert (found.id, found.scope, found.kind, found.revision) == (UUID(int=1), None, Kind.PRE_FEE, 1)


@pytest.mark.parametrize(("scope", "key"), [
    (Scope.MEMBER, f"member:{UUID(int=1)}"), (Scope.BRANCH, "branch:3"), (Scope.MAKER, f"maker:{UUID(int=2)}"),
    (Scope.APPROVER, None), (Scope.COMPANY, "company"),
])  # fmt: skip
def test_whose_counter_it_is(scope: Scope, key: str | None) -> None:
    assert WHO.key(scope) == key
    signing = Subjects(approver=UUID(int=4))
    assert signing.key(scope) == (f"approver:{UUID(int=4)}" if scope is Scope.APPROVER else None)


@pytest.mark.parametrize(("fee", "given"), [
    ("0", 0), ("1", 1), ("-1", None), (str(LARGEST), LARGEST), (str(LARGEST + 1), None), ("1 / 0", None),
])  # fmt: skip
def test_a_fee_is_a_number_from_nothing_to_the_largest_amount(fee: str, given: int | None) -> None:
    assert fee_of(rule(fee), PAYMENT) == given


def test_charges_stand_in_the_rules_order_without_limits_and_nothings() -> None:
    rules = [limit(), rule("7", Kind.PRE_FEE, 2), rule("0", number=3), rule("5", number=4), rule("6", number=5)]
    found = charges(rules, PAYMENT, Satang(10_000))
    assert found == (
        Charge(Kind.PRE_FEE, Satang(7), UUID(int=2)),
        Charge(Kind.POST_FEE, Satang(5), UUID(int=4)),
        Charge(Kind.POST_FEE, Satang(6), UUID(int=5)),
    )
    assert (total(found, Kind.PRE_FEE), total(found, Kind.POST_FEE)) == (7, 11)


def test_a_rule_without_an_answer_is_named() -> None:
    refusal = charges([rule("5", number=2), rule("1 / 0")], PAYMENT, Satang(10_000))
    assert refusal == Refused(R.FEE_RULE_ERROR, field="amount", params=NAMES)


def test_the_payee_gets_something() -> None:
    kept_back = [rule("9999"), rule("1", number=2)]
    refusal = charges(kept_back, PAYMENT, Satang(10_000))
    assert refusal == Refused(R.FEE_OVER_AMOUNT, field="amount", params={"fee": "100.00"})
    assert isinstance(charges(kept_back, PAYMENT, Satang(10_001)), tuple)


def test_what_the_company_pays_on_top_is_no_more_than_an_amount_may_be() -> None:
    most, more = rule(str(LARGEST), Kind.PRE_FEE), rule("1", Kind.PRE_FEE, 2)
    assert isinstance(charges([most], PAYMENT, Satang(10_000)), tuple)
    assert charges([most, more], PAYMENT, Satang(10_000)) == Refused(R.FEE_RULE_ERROR, field="amount")


def test_a_limit_on_the_single_payment_holds_to_the_satang() -> None:
    cap = limit(single_amount=Satang(10_000))
    assert claims([cap], PAYMENT, Satang(10_000), WHO, NOW) == ()
    refusal = claims([cap], PAYMENT, Satang(10_001), WHO, NOW)
    assert refusal == Refused(R.LIMIT_SINGLE, field="amount", params={**NAMES, "limit": "100.00"})


def test_what_does_not_concern_the_payment_claims_nothing_and_the_next_is_still_asked() -> None:
    others = [
        limit(scope=None, day_count=1), limit(scope=Scope.APPROVER, day_count=1),
        limit("amount > 10000", day_count=1), limit("amount > 10000", single_amount=Satang(1)),
    ]  # fmt: skip
    mine = limit(scope=Scope.MAKER, day_amount=Satang(5), month_count=0)
    found = claims([*others, mine, replace(mine, code="r2", scope=Scope.COMPANY)], PAYMENT, Satang(9), WHO, NOW)
    maker = f"maker:{UUID(int=2)}"
    assert found == (
        Claim("r1", maker, "2026-11-21", Satang(9), Satang(5), None),
        Claim("r1", maker, "2026-11", Satang(9), None, 0),
        Claim("r2", "company", "2026-11-21", Satang(9), Satang(5), None),
        Claim("r2", "company", "2026-11", Satang(9), None, 0),
    )


def test_a_limit_without_an_answer_is_named() -> None:
    refusal = claims([limit("1 / 0 == 1", day_count=1)], PAYMENT, Satang(9), WHO, NOW)
    assert refusal == Refused(R.LIMIT_RULE_ERROR, field="amount", params=NAMES)


@pytest.mark.parametrize(("amount", "count", "left", "times"), [
    (12_345, None, "123.45", "-"), (None, 2, "-", "2"), (-5, -1, "0.00", "0"), (0, 0, "0.00", "0"), (1, 1, "0.01", "1"),
])  # fmt: skip
def test_a_limit_that_is_reached_says_what_is_left(
    amount: int | None, count: int | None, left: str, times: str
) -> None:
    rules = [rule("1", number=2), limit(), replace(limit(), code="r3")]
    said = {**NAMES, "period": "2026-11", "left": left, "count": times}
    assert over_limit(rules, "r1", "2026-11", amount, count) == Refused(R.LIMIT_REACHED, field="amount", params=said)
