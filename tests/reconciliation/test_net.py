"""The verdict is over all lines of a reference: any sequence, in any order, split in any way over statements."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.ledger.accounts import Purpose, account_id, payable_id
from server.reconciliation.rules import Booked, Horizon, Payment, judge
from server.statements.parsed import LineKind
from shared.lifecycle import AttemptState, IntentState
from shared.money import Satang
from tests.meta.sources import ROOT
from tests.support.books import MORNING, Books, intent_id, member_id

CASES = ROOT / "tests" / "cases" / "statements"
PRICE = 48_250_00
D, C = (LineKind.DEBIT, -PRICE), (LineKind.CREDIT, PRICE)
RD, RC = (LineKind.REVERSAL, PRICE), (LineKind.REVERSAL, -PRICE)
FEE, FEE_BACK = (LineKind.FEE, -35_00), (LineKind.FEE, 35_00)
MOST, REST = (LineKind.DEBIT, -PRICE + 50_00), (LineKind.DEBIT, -50_00)
PART_BACK, MORE_BACK = (LineKind.REVERSAL, 50_00), (LineKind.REVERSAL, PRICE + 50_00)
BIG_FEE = (LineKind.FEE, -PRICE)
LINES = [D, C, RD, RC, FEE, FEE_BACK, MOST, REST, PART_BACK, MORE_BACK, BIG_FEE]
Kind = tuple[LineKind, int]
HORIZON = Horizon(now=datetime(2026, 11, 21, 12, 0, tzinfo=UTC), covered_until=None, cut_off=timedelta(hours=4))
PAYMENT = Payment(
    attempt_id=UUID(int=1),
    intent_id=UUID(int=2),
    branch_id=1,
    reference="S000000000000001",
    amount=Satang(PRICE),
    currency="THB",
    intent_state=IntentState.SETTLED,
    attempt_state=AttemptState.ACCEPTED,
    settled_at=MORNING,
)


def booked(kinds: Sequence[Kind]) -> list[Booked]:
    return [
        Booked(
            line_id=UUID(int=place),
            branch_id=0,
            place=("account", 1, place),
            name=f"line {place}",
            date=date(2026, 11, 21),
            reference=PAYMENT.reference,
            amount=Satang(amount),
            currency="THB",
            kind=kind,
        )
        for place, (kind, amount) in enumerate(kinds)
    ]


def expected(kinds: Sequence[Kind]) -> IntentState | None:
    """The contract's sentence, on its own: None is an exception."""
    moved = [(kind, amount) for kind, amount in kinds if kind is not LineKind.FEE]
    net = sum(amount for _, amount in moved)
    left = any(kind is LineKind.DEBIT for kind, _ in moved)
    if net == -PRICE and left:
        return IntentState.RECONCILED
    return IntentState.RETURNED if net == 0 and left else None


def lived(kinds: Sequence[Kind], cuts: Sequence[int]) -> IntentState:
    """The state after statements that end at these places, each judged when it has come."""
    payment, lines = PAYMENT, booked(kinds)
    for end in [*sorted(cuts), len(lines)]:
        for step in judge(lines[:end], [payment], HORIZON).steps:
            payment = replace(payment, intent_state=step.target)
    return payment.intent_state


ANY_LINES = st.lists(st.sampled_from(LINES), min_size=1, max_size=7)


@given(ANY_LINES, st.lists(st.integers(0, 7), max_size=3), st.randoms(use_true_random=False))
def test_the_net_decides_whatever_the_order_and_the_statements(
    kinds: list[Kind], cuts: list[int], shuffler: random.Random
) -> None:
    found = lived(kinds, cuts)
    told = judge(booked(kinds), [replace(PAYMENT, intent_state=found)], HORIZON)
    exceptions = {f.result.value for f in told.findings} & {"mismatched", "unexpected"}
    said = expected(kinds)
    if said is not None:
        assert found is said
        assert not exceptions
    elif any(kind is not LineKind.FEE for kind, _ in kinds):
        assert exceptions
    assert told.steps == []
    assert len([f for f in told.findings if f.line]) == len(kinds)
    shuffled = list(kinds)
    shuffler.shuffle(shuffled)
    assert lived(shuffled, []) is found


@given(ANY_LINES)
@settings(max_examples=50)
def test_who_was_given_what_came_back_is_never_asked_for_it(kinds: list[Kind]) -> None:
    gone = replace(PAYMENT, intent_state=IntentState.RETURNED, taken=True)
    told = judge(booked(kinds), [gone], HORIZON)
    assert told.steps == []
    if expected(kinds) is not IntentState.RETURNED:
        assert {f.result.value for f in told.findings} & {"mismatched", "unexpected"}


def test_each_attempt_is_weighed_by_its_own_reference() -> None:
    """The first was rejected, the second paid: what the bank did with the first says nothing of the second."""
    first = replace(PAYMENT, attempt_id=UUID(int=3), reference="S0", attempt_state=AttemptState.REJECTED)
    late = [replace(line, reference="S0") for line in booked([D])]
    undone = [replace(line, reference="S0") for line in booked([D, RD])]
    own = [replace(line, line_id=UUID(int=9), place=("account", 2, 1)) for line in booked([D])]

    def told(lines: list[Booked]) -> tuple[list[tuple[str, str]], list[IntentState]]:
        found = judge(lines, [first, PAYMENT], HORIZON)
        return [(one.result.value, one.reason.value) for one in found.findings], [step.target for step in found.steps]

    waits = ("settlement_pending", "day_not_over")
    assert told(late) == ([("unexpected", "never_accepted"), waits], [])
    assert told(undone) == ([("matched", "undone"), ("matched", "undone"), waits], [])
    assert told(late + own) == ([("unexpected", "never_accepted"), ("matched", "")], [IntentState.RECONCILED])
    assert told(undone + own)[1] == [IntentState.RECONCILED]


@dataclass
class Course:
    """One payment's lines, and in which statement each comes."""

    reference: str
    kinds: tuple[Kind, ...]
    statements: tuple[int, ...]


def books_say(books: Books, reference: str) -> tuple[str, int]:
    """The state, and what the member is owed."""
    return books.state(reference), books.balance(payable_id(member_id(int(reference[1:]))))


async def told_by(books: Books, sequences: Sequence[Course]) -> None:
    """Book, take and judge one statement after the other."""
    for number in range(1 + max(max(one.statements) for one in sequences)):
        for one in sequences:
            for (kind, amount), at in zip(one.kinds, one.statements, strict=True):
                if at == number:
                    said = "extra" if kind is LineKind.FEE else "payment" if amount < 0 else "return"
                    books.bank.book(one.reference, amount, said)  # type: ignore[arg-type]  # one of three words
        await books.take(books.bank.cut())
        await books.reconcile()


async def test_the_triple_in_every_order_and_over_two_statements_is_paid_once(books: Books) -> None:
    orders = sorted(set(permutations([D, D, RD])), key=str)
    cases = [(order, cut) for order in orders for cut in range(3)]
    sequences = [
        Course(reference, order, tuple(int(place >= cut > 0) for place in range(3)))
        for reference, (order, cut) in zip(books.pay(len(cases)), cases, strict=True)
    ]
    await told_by(books, sequences)
    assert {books_say(books, one.reference) for one in sequences} == {("reconciled", 0)}
    assert books.balance(account_id("NSN", Purpose.PAID)) == PRICE * len(cases)
    assert books.rows("select 1 from sheaf.reconciliation where result in ('mismatched', 'unexpected')") == []


RELATIVES: dict[str, tuple[tuple[Kind, ...], str, int]] = {
    "taken back": ((D, RD), "returned", PRICE),
    "back before it left": ((RD, D), "returned", PRICE),
    "booked once more and back once more": ((D, RD, D, RD), "returned", PRICE),
    "three times, twice back": ((D, D, RD, RD, D), "reconciled", 0),
    "twice, never back": ((D, D), "reconciled", 0),
    "back twice": ((D, RD, RD), "returned", PRICE),
    "a fee beside it": ((D, FEE), "reconciled", 0),
    "a fee of the same amount": ((D, BIG_FEE), "reconciled", 0),
    "a fee kept of what came back": ((FEE, D, RD), "returned", PRICE),
    "only a part back": ((D, PART_BACK), "reconciled", 0),
    "more back than was paid": ((D, MORE_BACK), "reconciled", 0),
    "in two parts": ((MOST, REST), "reconciled", 0),
    "a part back and booked again": ((D, PART_BACK, REST), "reconciled", 0),
    "too little": ((MOST,), "settled", 0),
    "back, but never seen to leave": ((RD,), "settled", 0),
    "nothing but a fee": ((FEE,), "settled", 0),
}


async def test_relatives_of_the_triple_at_once_and_over_statements(books: Books) -> None:
    cases = [(told, spread) for told in RELATIVES for spread in (False, True)]
    sequences = [
        Course(reference, RELATIVES[told][0], tuple(place if spread else 0 for place in range(len(RELATIVES[told][0]))))
        for reference, (told, spread) in zip(books.pay(len(cases)), cases, strict=True)
    ]
    await told_by(books, sequences)
    found = {case: books_say(books, one.reference) for case, one in zip(cases, sequences, strict=True)}
    assert found == {(told, spread): RELATIVES[told][1:] for told, spread in cases}


@pytest.mark.parametrize("seed", [1, 2])
async def test_for_any_lines_paid_owed_and_held_are_what_the_net_says(books: Books, seed: int) -> None:
    drawn = random.Random(seed)
    plain = [D, C, FEE, MOST, REST, PART_BACK, MORE_BACK]
    sequences = []
    for reference in books.pay(60):
        kinds = tuple(drawn.choice(plain) for _ in range(drawn.randint(1, 6)))
        sequences.append(Course(reference, kinds, tuple(drawn.randrange(3) for _ in kinds)))
    await told_by(books, sequences)
    states = {}
    for one in sequences:
        state, owed = books_say(books, one.reference)
        states[one.reference] = state
        said = expected(one.kinds)
        wrong = books.rows(
            """select 1 from sheaf.reconciliation
               where intent_id = %s and result in ('mismatched', 'unexpected')""",
            intent_id(int(one.reference[1:])),
        )
        assert owed == (PRICE if state == "returned" else 0)
        assert (state == said.value and not wrong) if said else (wrong or {k for k, _ in one.kinds} == {LineKind.FEE})
    paid, held = (books.balance(account_id("NSN", purpose)) for purpose in (Purpose.PAID, Purpose.TRANSIT))
    assert paid == PRICE * list(states.values()).count("reconciled")
    assert held == PRICE * list(states.values()).count("settled")


@pytest.mark.parametrize("only_hold", [False, True])
async def test_what_came_back_and_was_given_out_is_not_paid_beside_it_in_silence(books: Books, only_hold: bool) -> None:
    given, kept = books.pay(2)
    for reference in (given, kept):
        books.bank.book(reference, -PRICE)
        books.bank.book(reference, PRICE, "return")
    await books.take(books.bank.cut())
    await books.reconcile()
    books.give_out(given, PRICE, only_hold=only_hold)
    for reference in (given, kept):
        books.bank.book(reference, -PRICE)
    await books.take(books.bank.cut())
    run = await books.reconcile()
    assert run.matched == 1
    assert books_say(books, kept) == ("reconciled", 0)
    assert books_say(books, given) == ("returned", PRICE if only_hold else 0)
    found = books.rows("select result, reason from sheaf.reconciliation where reference = %s", given)
    assert sorted(tuple(row.values()) for row in found) == [
        ("matched", ""), ("returned", ""), ("unexpected", "paid_besides_owed"),
    ]  # fmt: skip
    assert (await books.reconcile()).results == {}
    if only_hold:
        # Whoever promised it has let go of it: what the bank paid is taken back by itself, and the alarm ends.
        books.let_go()
        await books.reconcile()
        assert books_say(books, given) == ("reconciled", 0)
        assert books.rows("select 1 from sheaf.reconciliation where result = 'unexpected'") == []
    else:
        # What the member gets later is other money.
        books.give_out(given, -2 * PRICE)
        assert (await books.reconcile()).results == {}
        assert books_say(books, given) == ("returned", 2 * PRICE)


def _let_count(books: Books, *, counts: bool) -> None:
    """As two people do who set it aside, or as if they had not."""
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        at, by = (None, None) if counts else (MORNING, UUID(int=1))
        admin.execute("update sheaf.statement set set_aside_at = %s, set_aside_by = %s", [at, by])


async def test_a_statement_set_aside_takes_its_conclusions_with_it_and_brings_them_back(books: Books) -> None:
    paid, returned, spent = books.pay(3)
    for reference in (paid, returned, spent):
        books.bank.book(reference, -PRICE)
    for reference in (returned, spent):
        books.bank.book(reference, PRICE, "return")
    await books.take(books.bank.cut())
    await books.reconcile()
    books.give_out(spent, PRICE)
    states = {}
    for counts in (False, False, True, True):
        _let_count(books, counts=counts)
        await books.reconcile()
        states[counts] = [books_say(books, reference) for reference in (paid, returned, spent)]
        lineless = books.rows("select reference, reason from sheaf.reconciliation where statement_line_id is null")
        assert {tuple(row.values()) for row in lineless} == (
            set() if counts else {(paid, "day_not_over"), (returned, "day_not_over"), (spent, "owed_unproven")}
        )
        await books.reconcile()
    assert states[False] == [("settled", 0), ("settled", 0), ("returned", 0)]
    assert states[True] == [("reconciled", 0), ("returned", PRICE), ("returned", 0)]


@pytest.mark.parametrize(
    ("file", "results"),
    [
        ("s01_taken_back_and_rebooked", [("matched", ""), ("matched", "undone"), ("matched", "undone")]),
        ("s02_booked_twice_one_taken_back", [("matched", ""), ("matched", "undone"), ("matched", "undone")]),
        ("s12_fee_with_the_payments_reference", [("fee", ""), ("matched", "")]),
    ],
)
async def test_a_strangers_statement_leaves_the_payment_paid(
    books: Books, file: str, results: list[tuple[str, str]]
) -> None:
    (paid,) = books.pay()
    content = (CASES / f"{file}.mt940").read_bytes()
    report = await books.take({f"{file}.mt940": content})
    assert report.problems == ()
    assert (await books.reconcile()).matched == 1
    assert books_say(books, paid) == ("reconciled", 0)
    found = books.rows("select result, reason from sheaf.reconciliation where reference = %s", paid)
    assert sorted(tuple(row.values()) for row in found) == results


async def test_what_was_paid_again_and_then_paid_late_is_told_and_ends_when_it_is_taken_back(books: Books) -> None:
    (first,) = books.pay(1, "failed", "rejected")
    (again,) = books.pay()
    for reference in (first, again):
        books.bank.book(reference, -PRICE)
    await books.take(books.bank.cut())
    await books.reconcile()
    assert books.results() == {first: ("unexpected", "never_accepted"), again: ("matched", "")}
    assert (books_say(books, first), books_say(books, again)) == (("failed", 0), ("reconciled", 0))
    books.bank.book(first, PRICE, "return")
    await books.take(books.bank.cut())
    await books.reconcile()
    assert books.rows("select 1 from sheaf.reconciliation where result = 'unexpected'") == []
    assert books_say(books, first) == ("failed", 0)
