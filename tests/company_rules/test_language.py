"""Which expressions may stand in a rule, and where a mistake is pointed out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.company_rules.language import MAX_LENGTH, Fault, Problem, Type, check_expression
from server.company_rules.programs import Broken, Facts, Payment, compiles
from shared.money import Satang

FACTS = Facts(
    operation="disbursement",
    channel="scb",
    branch="NSN",
    bank="034",
    produce="ข้าวหอมมะลิ",
    member="M000001",
    amount=Satang(4_825_000),
    batch=False,
    tags=("vip",),
)


@pytest.mark.parametrize(
    ("text", "fee"),
    [
        ("1500", 1500),
        ("bp(amount, 25)", 12062),
        ('bank == "014" ? 0 : 1000', 1000),
        ("min(max(bp(amount, 10), 500), 2_000)".replace("_", ""), 2000),
        ("amount <= 100000 ? 200 : amount <= 5000000 ? 500 : 1000", 500),
        ('produce.startsWith("ข้าว") && !batch ? 100 : 0', 100),
        ("'vip' in tags ? 0 : 1", 0),
        ("bank in ['034', '030'] ? 7 : 9", 7),
        ("amount / 1000 % 10 + -3", 2),
        ("amount in [4825000] ? 1 : 2", 1),
        ("amount == 0 || 10 / (amount - amount) > 1 ? 1 : 2", None),
        ("amount > 0 || 10 / (amount - amount) > 1 ? 1 : 2", 1),
        ("9223372036854775807 + amount", None),
        ("bp(9223372036854775807, 20000)", None),
        ("amount / 0", None),
    ],
)
def test_a_fee_is_worked_out_as_cel_says(text: str, fee: int | None) -> None:
    assert check_expression(text, Type.INTEGER) is None
    assert compiles(text)
    answer = Payment(FACTS).integer(text)
    assert isinstance(answer, Broken) if fee is None else answer == fee


@pytest.mark.parametrize(
    ("text", "problem", "position"),
    [
        ("", Problem.EMPTY, 1),
        ("   ", Problem.EMPTY, 1),
        ("1 +", Problem.UNEXPECTED_END, 4),
        ("1 + + 2", Problem.UNEXPECTED, 5),
        ("(1", Problem.UNEXPECTED_END, 3),
        ("1)", Problem.UNEXPECTED, 2),
        ("amount * 0.25", Problem.UNEXPECTED, 11),
        ("1e3", Problem.UNEXPECTED, 2),
        ("1u", Problem.UNEXPECTED, 2),
        ("0x10", Problem.UNEXPECTED, 2),
        ("--1", Problem.UNEXPECTED, 2),
        ("-amount", Problem.UNEXPECTED, 2),
        ("9223372036854775808", Problem.NUMBER_TOO_LARGE, 1),
        ("fee + 1", Problem.UNKNOWN_NAME, 1),
        ("1 + Amount", Problem.UNKNOWN_NAME, 5),
        ("size(tags)", Problem.UNKNOWN_FUNCTION, 1),
        ("[1, 2].map(x, x)", Problem.UNEXPECTED, 1),
        ("tags.exists(t, t == 'vip') ? 1 : 2", Problem.UNKNOWN_FUNCTION, 6),
        ("tags.all(t, true) ? 1 : 2", Problem.UNKNOWN_FUNCTION, 6),
        ("produce.matches('(a+)+') ? 1 : 2", Problem.UNKNOWN_FUNCTION, 9),
        ("amount + produce", Problem.WRONG_TYPE, 10),
        ("produce + 'a' == 'b' ? 1 : 2", Problem.WRONG_TYPE, 1),
        ("amount == '1' ? 1 : 2", Problem.WRONG_TYPE, 11),
        ("amount ? 1 : 2", Problem.WRONG_TYPE, 1),
        ("batch ? 1 : 'a'", Problem.WRONG_TYPE, 13),
        ("1 < 2 < 3 ? 1 : 2", Problem.UNEXPECTED, 7),
        ("bank < '034' ? 1 : 2", Problem.WRONG_TYPE, 1),
        ("tags == tags ? 1 : 2", Problem.WRONG_TYPE, 1),
        ("bp(amount)", Problem.UNEXPECTED, 10),
        ("bp(amount, batch)", Problem.WRONG_TYPE, 12),
        ("min(1, 2, 3)", Problem.UNEXPECTED, 9),
        ("'a\\n' == bank ? 1 : 2", Problem.UNCLOSED_TEXT, 1),
        ("'abc", Problem.UNCLOSED_TEXT, 1),
        ("b'a' == bank ? 1 : 2", Problem.UNKNOWN_NAME, 1),
        ("1 // a comment", Problem.UNEXPECTED, 4),
        ("amount; 1", Problem.UNKNOWN_SIGN, 7),
        ("ข้าว", Problem.UNKNOWN_SIGN, 1),
        ("๑", Problem.UNKNOWN_SIGN, 1),
        ("amount > 1", Problem.WRONG_RESULT, 1),
        ("{'a': 1}", Problem.UNKNOWN_SIGN, 1),
        ("1" * (MAX_LENGTH + 1), Problem.TOO_LONG, MAX_LENGTH + 1),
        ("(" * 25 + "1" + ")" * 25, Problem.TOO_DEEP, 21),
        ("1" + "+1" * 120, Problem.TOO_MANY_PARTS, 201),
    ],
)
def test_a_mistake_is_pointed_out_at_its_character(text: str, problem: Problem, position: int) -> None:
    fault = check_expression(text, Type.INTEGER)
    assert isinstance(fault, Fault)
    assert (fault.problem, fault.position) == (problem, position)


_PIECES = st.sampled_from(
    [*"+-*/%<>!?:(),.[]", "&&", "||", "==", "in", "amount", "tags", "bank", "batch", "1", "'x'", "bp", "true", " "]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_what_the_checker_lets_through_the_library_reads_and_answers_in_type(text: str) -> None:
    if check_expression(text, Type.INTEGER) is None:
        assert compiles(text)
        answer = Payment(FACTS).integer(text)
        assert type(answer) is int or (isinstance(answer, Broken) and answer.why != "not an integer")


@given(st.text(max_size=40))
def test_any_text_is_judged_and_none_breaks_the_checker(text: str) -> None:
    fault = check_expression(text, Type.TRUTH)
    assert fault is None or 1 <= fault.position <= len(text) + 1
