"""Statements are placed into their account's chain once, in order, whatever order and form they come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.statements.parsed import LineKind, StatementFile, StatementLine
from server.statements.rules import (
    Candidate,
    Decision,
    Form,
    Known,
    Outcome,
    Reason,
    content_digest,
    decide,
    merge_forms,
)
from shared.banks import AccountNumber
from shared.money import Satang

FIRST_DAY = date(2026, 11, 21)
OPENING = 1_000_000


def statement(n: int, opening: int, amount: int = -100) -> StatementFile:
    booked = StatementLine(
        sequence=1,
        booked_on=FIRST_DAY + timedelta(days=n),
        booked_at=None,
        amount=Satang(amount),
        kind=LineKind.DEBIT,
        reference=f"S{n}",
        bank_reference=f"FT{n}",
        description="",
    )
    return StatementFile(
        account=AccountNumber("1112223338"),
        number=300 + n,
        opening=Satang(opening),
        closing=Satang(opening + amount),
        currency="THB",
        date=FIRST_DAY + timedelta(days=n),
        lines=(booked,),
        sha256=f"{n:064d}",
    )


def candidate(n: int, opening: int | None = None, form: Form = Form.MT940, **changes: object) -> Candidate:
    made = replace(statement(n, OPENING - 100 * n if opening is None else opening), **changes)
    if form is Form.CSV:
        number = int(f"{made.date:%Y%m%d}120000")
        at = datetime(made.date.year, made.date.month, made.date.day, 5, tzinfo=UTC)
        made = replace(made, number=number, lines=tuple(replace(one, booked_at=at) for one in made.lines))
    return Candidate(
        files=(f"{form.value}-{n}",), stem=f"STMT_{n}", form=form, content=content_digest(made), statement=made
    )


def told(decisions: list[Decision]) -> list[tuple[str, Outcome, str, int]]:
    return sorted((one.candidate.files[0], one.outcome, str(one.reason), one.position) for one in decisions)


def known(decisions: list[Decision]) -> list[Known]:
    return [
        Known(
            stem=one.candidate.stem,
            form=one.candidate.form,
            number=one.candidate.number,
            date=one.candidate.statement.date,
            opening=one.candidate.statement.opening,
            closing=one.candidate.statement.closing,
            content=one.candidate.content,
            position=one.position,
        )
        for one in decisions
        if one.outcome is Outcome.IMPORTED
    ]


def test_any_order_of_delivery_gives_the_same_chain() -> None:
    statements = [candidate(n) for n in range(4)]
    expected = [(f"mt940-{n}", Outcome.IMPORTED, "", n + 1) for n in range(4)]
    for order in permutations(statements):
        assert told(decide(None, [], order)) == expected


def test_what_follows_a_gap_waits_and_is_taken_when_the_gap_is_filled() -> None:
    first = decide(None, [], [candidate(0), candidate(2)])
    assert told(first) == [
        ("mt940-0", Outcome.IMPORTED, "", 1),
        ("mt940-2", Outcome.WAITING, Reason.GAP.value, 0),
    ]
    head = known(first)[-1]
    assert told(decide(head, [head], [candidate(2), candidate(1)])) == [
        ("mt940-1", Outcome.IMPORTED, "", 2),
        ("mt940-2", Outcome.IMPORTED, "", 3),
    ]


def test_a_missing_statement_without_movement_shows_by_its_number() -> None:
    head = known(decide(None, [], [candidate(0)]))[-1]
    assert told(decide(head, [], [candidate(2, opening=head.closing)])) == [
        ("mt940-2", Outcome.WAITING, Reason.GAP.value, 0)
    ]


def test_numbers_begin_again_with_a_new_year() -> None:
    head = known(decide(None, [], [candidate(0)]))[-1]
    january = candidate(1, opening=head.closing, number=1, date=date(2027, 1, 1))
    assert told(decide(head, [], [january])) == [("mt940-1", Outcome.IMPORTED, "", 2)]


def test_both_forms_become_one_with_the_number_and_the_times() -> None:
    (merged,), refused = merge_forms([candidate(0, form=Form.CSV), candidate(0)])
    assert refused == []
    assert (merged.files, merged.number, merged.form) == (("mt940-0", "csv-0"), "300", Form.MT940)
    assert merged.statement.lines[0].booked_at is not None


def test_forms_that_disagree_are_both_refused() -> None:
    altered = replace(statement(0, OPENING).lines[0], reference="S9")
    single, refused = merge_forms([candidate(0, form=Form.CSV, lines=(altered,)), candidate(0)])
    assert single == []
    assert told(refused) == [
        ("csv-0", Outcome.REFUSED, Reason.FORMS_DISAGREE.value, 0),
        ("mt940-0", Outcome.REFUSED, Reason.FORMS_DISAGREE.value, 0),
    ]


def test_the_other_form_that_comes_later_is_a_copy_or_refused() -> None:
    head = known(decide(None, [], [candidate(0)]))[-1]
    assert told(decide(head, [head], [candidate(0, form=Form.CSV)])) == [("csv-0", Outcome.COPY, "", 0)]
    other = replace(statement(0, OPENING).lines[0], reference="S9")
    assert told(decide(head, [head], [candidate(0, form=Form.CSV, lines=(other,))])) == [
        ("csv-0", Outcome.REFUSED, Reason.FORMS_DISAGREE.value, 0)
    ]


def test_the_same_statement_under_another_name_is_a_copy() -> None:
    head = known(decide(None, [], [candidate(0)]))[-1]
    again = replace(candidate(0), stem="again", files=("again",))
    assert told(decide(head, [head], [again])) == [("again", Outcome.COPY, "", 0)]


def test_another_content_under_the_same_number_is_refused() -> None:
    head = known(decide(None, [], [candidate(0)]))[-1]
    altered = replace(candidate(0, opening=OPENING + 5), stem="again")
    assert told(decide(head, [head], [altered])) == [("mt940-0", Outcome.REFUSED, Reason.ALTERED.value, 0)]


def test_two_days_without_movement_are_two_statements() -> None:
    closing = Satang(OPENING)
    first, second = (candidate(n, opening=OPENING, lines=(), closing=closing, date=FIRST_DAY) for n in (0, 1))
    assert [one[1] for one in told(decide(None, [], [second, first]))] == [Outcome.IMPORTED, Outcome.IMPORTED]


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_deliveries_in_pieces_end_in_the_same_chain(order: list[int], cuts: set[int]) -> None:
    head: Known | None = None
    taken: list[Known] = []
    waiting: list[Candidate] = [candidate(0)]
    for place, n in enumerate(order):
        waiting.append(candidate(n, form=Form.CSV if n % 2 else Form.MT940))
        if place in cuts or place == len(order) - 1:
            decisions = decide(head, taken, waiting)
            taken += known(decisions)
            head = taken[-1]
            waiting = [one.candidate for one in decisions if one.outcome is Outcome.WAITING]
    assert [(one.opening, one.position) for one in taken] == [(OPENING - 100 * n, n + 1) for n in range(6)]
    assert waiting == []
