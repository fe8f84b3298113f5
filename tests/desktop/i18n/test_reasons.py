"""No reason of server or bank is shown as a bare code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from desktop.core import answers
from desktop.core.answers import Offline, Problem
from desktop.core.texts import failure_text
from desktop.i18n import reasons, set_language
from server.channels.scb_file import FILE_REFUSED, NEVER_UPLOADED
from server.reconciliation.rules import Reason as Unmatched
from server.statements.fetch import FetchProblem, HeldReason
from server.statements.parsed import StatementProblem
from server.statements.rules import Reason as NotImported
from shared.bank_codes import BANK_CODES
from shared.wire.records import FileProblem

_THAI = re.compile("[ก-๙]")


@pytest.fixture(autouse=True, params=["th", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    set_language(request.param)
    yield request.param
    set_language("th")


def in_words(said: str, code: str, language: str) -> bool:
    return bool(_THAI.search(said)) == (language == "th") and said != code and "_" not in said


@pytest.mark.parametrize("reason", [reason for reason in Unmatched if reason])
def test_why_a_line_is_not_matched_is_in_words(reason: Unmatched, language: str) -> None:
    assert in_words(reasons.unmatched(reason), reason, language)
    assert in_words(reasons.advice(reason), reason, language)


@pytest.mark.parametrize("problem", [*FetchProblem, *HeldReason, *StatementProblem, *NotImported])
def test_why_a_file_was_not_taken_is_in_words(problem: str, language: str) -> None:
    assert in_words(reasons.file(problem, 0), problem, language)


def test_several_problems_keep_their_files_and_lines(language: str) -> None:
    said = reasons.fetch(
        [
            FileProblem(name="a_1.txt", problem="gap"),
            FileProblem(problem="unreachable"),
            FileProblem(name="b.txt", problem="amount", line=12),
        ]
    )
    assert said.startswith("a_1.txt: ")
    assert "b.txt: " in said
    assert said.endswith("(บรรทัด 12)" if language == "th" else "(line 12)")
    assert said.count("; ") == 2


OURS = (
    "name.mismatch",
    "signature.invalid",
    "signature.void",
    "tier.lifted",
    "member.not_active",
    "member.unknown",
    "member.changed",
    "account.missing",
    "account.unverified",
    "transfer.recipient_not_active",
    "bank.never_paid",
    NEVER_UPLOADED,
    FILE_REFUSED,
)
BANKS = sorted({code for _, code in BANK_CODES if "." not in code})


@pytest.mark.parametrize("code", [*OURS, *BANKS, "H777", "what?"])
def test_why_a_payment_failed_is_in_words_with_the_banks_code_behind(code: str, language: str) -> None:
    said = reasons.failure(code, "Bank text")
    assert bool(_THAI.search(said)) == (language == "th")
    assert (code in said) == (code not in OURS)
    assert len(said) > len(code) + 20


@pytest.mark.parametrize("code", OURS)
def test_every_reason_of_ours_has_words_and_advice_of_its_own(code: str, language: str) -> None:
    assert code in reasons.FAILURE
    told = reasons.after_failure(code)
    assert bool(_THAI.search(told)) == (language == "th")
    assert told != reasons.after_failure("what?")


def test_a_refusal_without_texts_is_still_a_sentence(language: str) -> None:
    for failure in (Problem(code="some.code", status=409), Problem(code=answers.REPLY_UNREADABLE, status=200)):
        said = failure_text(failure)()
        assert bool(_THAI.search(said)) == (language == "th")
        assert "." not in said.rstrip(".")
    assert bool(_THAI.search(failure_text(Offline(reason="lost"))())) == (language == "th")
