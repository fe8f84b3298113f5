"""The rows of the verb table are the law for refusals: what a verb's code can refuse with is declared, and no more."""

from __future__ import annotations

import pytest

from shared.refusals import RefusalCode
from shared.wire.table import COMMON, VERBS, Verb
from tests.meta.flow import flow

# What the code names and nobody is answered: the reason why it can't be.
NOT_ANSWERED = {
    "close_batch": (
        "counted: BATCH_LINES says how many lines are not payable any more",
        {"MEMBER_UNKNOWN", "MEMBER_NOT_ACTIVE", "MEMBER_CHANGED", "ACCOUNT_MISSING", "ACCOUNT_UNVERIFIED"},
    )
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_verb_refuses_with_what_its_row_declares_and_with_all_of_it(verb: Verb) -> None:
    found = flow().reached(flow().table("server.http.handlers.HANDLERS")[verb.name])
    declared = {code.name for code in (*verb.refusals, *verb.item_refusals)}
    undeclared = {code: found[code] for code in found if not verb.declares(RefusalCode[code])}
    excused = NOT_ANSWERED.get(verb.name, ("", set()))[1]
    assert undeclared.keys() - excused == set(), undeclared
    assert declared - found.keys() == set(), "declared, and nothing in its code can answer it"


def test_no_row_repeats_what_any_verb_may_answer_or_itself() -> None:
    for verb in VERBS:
        assert len(set(verb.refusals)) == len(verb.refusals), verb.name
        assert COMMON.isdisjoint(verb.refusals), verb.name
