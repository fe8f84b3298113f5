"""Every refusal has both texts, and a fixer; no code is written twice."""

from __future__ import annotations

import re

import pytest

from shared.refusals import CATALOGUE, RefusalCode, Refused, refusal_text
from shared.wire.table import COMMON, VERBS

_THAI = re.compile("[ก-๙]")


@pytest.mark.parametrize("code", list(RefusalCode))
def test_a_refusal_says_why_in_thai_and_english(code: RefusalCode) -> None:
    row = CATALOGUE[code]
    assert _THAI.search(row.thai)
    assert not _THAI.search(row.english)
    assert 400 <= row.status <= 599
    assert re.findall(r"{(\w+)}", row.thai) == re.findall(r"{(\w+)}", row.english)
    assert "{" not in refusal_text(Refused(code), "th")


def test_every_code_can_be_answered_by_some_verb_or_by_the_server_itself() -> None:
    declared = set(COMMON).union(*(verb.refusals for verb in VERBS))
    of_the_server = {
        RefusalCode.NO_SUCH_CALL,
        RefusalCode.WRONG_METHOD,
        RefusalCode.CALLBACK_REFUSED,
        RefusalCode.PASSWORD_WEAK,
        RefusalCode.LAST_ADMINISTRATOR,
        RefusalCode.DUPLICATE_TICKET,
        RefusalCode.OVERLOADED,
    }
    assert set(RefusalCode) - declared - of_the_server == set()
