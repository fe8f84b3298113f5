"""No code reaches a person: every problem, state and field inside a refusal has words in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum

import pytest

from server.bank_changes.documents import DocumentProblem
from server.company_rules.language import Problem
from server.treasury.rules import LineProblem
from shared.banks import AccountProblem
from shared.lifecycle import (
    AdvanceState,
    BankChangeState,
    BatchState,
    DepositState,
    DeviceState,
    FundingState,
    IntentState,
    MemberStatus,
    RestoreState,
    RuleState,
    SetAsideState,
)
from shared.money import AmountProblem
from shared.problem_texts import FIELDS, PROBLEMS, STATES
from shared.refusals import RefusalCode, Refused, refusal_text
from shared.text import TextProblem
from tests.meta.test_house_rules import python_files

_THAI = re.compile("[ก-๙]")
_CODE = re.compile("[a-z]+_[a-z_]+")
ENUMS: dict[RefusalCode, type[StrEnum]] = {
    RefusalCode.MONEY_INVALID: AmountProblem,
    RefusalCode.INVALID: TextProblem,
    RefusalCode.ACCOUNT_INVALID: AccountProblem,
    RefusalCode.DOCUMENT_INVALID: DocumentProblem,
    RefusalCode.RULE_INVALID: Problem,
    RefusalCode.DEPOSIT_LINE: LineProblem,
}
CHECKS = ("none", "stale", "status", "name")  # members.rules.check_problem
CASES = [(code, problem.value) for code, problems in ENUMS.items() for problem in problems]
CASES += [(RefusalCode.ACCOUNT_UNVERIFIED, problem) for problem in CHECKS]
LIKE = ("amount", "owed", "ticket", "account")  # sheaf.likely_duplicates
CASES += [(RefusalCode.POSSIBLE_DUPLICATE, f"{kind}{where}") for kind in LIKE for where in ("", "_elsewhere")]


@pytest.mark.parametrize(("code", "problem"), CASES)
def test_a_problem_is_told_in_a_sentence_without_its_code(code: RefusalCode, problem: str) -> None:
    assert (code, problem) in PROBLEMS
    refused = Refused(code, field="amount", params={"problem": problem})
    thai, english = refusal_text(refused, "th"), refusal_text(refused, "en")
    assert _THAI.search(thai.partition(":")[2])
    assert not _CODE.search(english + thai)
    assert not _THAI.search(english)


def test_no_words_are_kept_for_a_problem_that_is_not_there() -> None:
    used = {*CASES, *((RefusalCode.INVALID, problem) for problem in _written("server")), (RefusalCode.INVALID, "-")}
    assert set(PROBLEMS) - used == set()


@pytest.mark.parametrize("code", [RefusalCode.INVALID])
def test_every_problem_that_the_server_writes_out_has_words(code: RefusalCode) -> None:
    assert {problem for problem in _written("server") if (code, problem) not in PROBLEMS} == set()


@pytest.mark.parametrize(
    "states",
    [
        IntentState,
        BatchState,
        BankChangeState,
        FundingState,
        DeviceState,
        MemberStatus,
        RuleState,
        AdvanceState,
        DepositState,
        SetAsideState,
        RestoreState,
    ],
    ids=str,
)
def test_every_state_has_words(states: type[StrEnum]) -> None:
    for state in states:
        refused = Refused(RefusalCode.STATE, params={"state": state, "allowed": f"{state}, {state}"})
        assert state in STATES
        assert _THAI.search(refusal_text(refused, "th").partition("สถานะ")[2])


def test_a_field_is_named_in_words_except_where_its_very_name_is_the_news() -> None:
    assert "เหตุผล" in refusal_text(Refused(RefusalCode.INVALID, field="reason"), "th")
    assert "reason_x" in refusal_text(Refused(RefusalCode.INVALID, field="reason_x"), "th")
    assert "amount" in refusal_text(Refused(RefusalCode.UNKNOWN_FIELD, field="amount"), "th")
    assert all(english and _THAI.search(thai) for english, thai in FIELDS.values())


def test_a_thai_problem_that_a_caller_gives_stands_in_the_thai_text_only() -> None:
    refused = Refused(RefusalCode.MALFORMED, params={"problem": "character", "problem_th": "มีอักขระที่ใช้ไม่ได้"})
    assert "มีอักขระ" in refusal_text(refused, "th")
    assert "character" in refusal_text(refused, "en")


def _written(package: str) -> Iterator[str]:
    """Every `{"problem": "a literal"}` of a refusal; texts that come with their own Thai are left out."""
    for path in python_files(package):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Refused"):
                continue
            for found in (k.value for k in node.keywords if k.arg == "params" and isinstance(k.value, ast.Dict)):
                pairs = {ast.unparse(k): v for k, v in zip(found.keys, found.values, strict=True) if k is not None}
                told = pairs.get("'problem'")
                if isinstance(told, ast.Constant) and "'problem_th'" not in pairs:
                    yield str(told.value)
                assert not isinstance(told, ast.JoinedStr) or "'problem_th'" in pairs, ast.unparse(node)
