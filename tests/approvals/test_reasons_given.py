"""What may stand as the reason of a decision: clean text of up to 500 characters, or none."""

from __future__ import annotations

import pytest

from server.approvals.rules import clean_reason, reason_refusal
from shared.refusals import RefusalCode, Refused


@pytest.mark.parametrize(("text", "cleaned"), [("", ""), ("  ชื่อ  ไม่ตรง ", "ชื่อ ไม่ตรง"), ("x" * 500, "x" * 500)])
def test_a_reason_is_cleaned_and_may_be_empty(text: str, cleaned: str) -> None:
    assert clean_reason(text) == cleaned


def test_what_is_no_clean_text_is_refused_with_its_field_and_problem() -> None:
    assert clean_reason("x" * 501) == Refused(RefusalCode.INVALID, field="reason", params={"problem": "too_long"})
    assert clean_reason("x" * 501, "note") == Refused(RefusalCode.INVALID, field="note", params={"problem": "too_long"})


def test_a_reason_that_would_be_kept_otherwise_than_it_was_signed_is_refused() -> None:
    assert reason_refusal("ชื่อ ไม่ตรง") is None
    told = Refused(RefusalCode.INVALID, field="reason", params={"problem": "not_clean"})
    assert reason_refusal(" ชื่อ ไม่ตรง") == told
    assert reason_refusal("x" * 501) == Refused(RefusalCode.INVALID, field="reason", params={"problem": "too_long"})
