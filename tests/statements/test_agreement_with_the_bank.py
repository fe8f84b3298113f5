"""What the sandbox bank writes is what our readers read: both forms of one statement say the same."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.sandbox_bank.books import Line, Statement
from lab.sandbox_bank.statements import csv_file, mt940_file
from server.statements.csv_format import parse_csv
from server.statements.mt940 import parse_mt940
from server.statements.parsed import LineKind, Rejected, StatementFile, StatementProblem
from shared.money import Satang

ACCOUNT = "1112223338"
MORNING = int(datetime(2026, 11, 21, 2, 0, tzinfo=UTC).timestamp()) * 1000


def written(count: int, opening: int = 500_000_000_00) -> tuple[Statement, list[Line]]:
    """A cut of payments, with a returned payment and a charge without our reference among them."""
    lines = []
    for n in range(count):
        reference, bank_reference = f"S{n:015d}", f"FT261121{n:08d}"
        if n % 7 == 5:
            lines.append(Line(MORNING + n, 4_825_000 + n, "return", reference, bank_reference, "034"))
        elif n % 7 == 6:
            lines.append(Line(MORNING + n, -35_00, "extra", "", bank_reference, "014"))
        else:
            lines.append(Line(MORNING + n, -4_825_000 - n, "payment", reference, bank_reference, "034 020123454412"))
    closing = opening + sum(line.amount for line in lines)
    return Statement(331, MORNING + count, opening, closing, f"STMT_{ACCOUNT}_20261121"), lines


def accepted(parsed: tuple[StatementFile, ...] | Rejected) -> StatementFile:
    assert not isinstance(parsed, Rejected), parsed
    (statement,) = parsed
    return statement


@pytest.mark.parametrize("return_mark", ["C", "RD"])
def test_both_forms_say_the_same(return_mark: Literal["C", "RD"]) -> None:
    statement, lines = written(40)
    mt940 = accepted(parse_mt940(mt940_file(ACCOUNT, statement, lines, return_mark)))
    csv = accepted(parse_csv(csv_file(ACCOUNT, statement, lines)))
    assert (mt940.account, mt940.opening, mt940.closing, mt940.date) == (
        csv.account,
        csv.opening,
        csv.closing,
        csv.date,
    )
    assert (mt940.number, mt940.opening, mt940.closing) == (331, statement.opening, statement.closing)
    for ours, theirs, original in zip(mt940.lines, csv.lines, lines, strict=True):
        assert (ours.amount, ours.reference, ours.bank_reference) == (
            original.amount,
            original.reference,
            original.bank_reference,
        )
        assert (theirs.amount, theirs.reference, theirs.bank_reference) == (
            original.amount,
            original.reference,
            original.bank_reference,
        )
        assert (ours.booked_on, ours.sequence) == (theirs.booked_on, theirs.sequence)
        if original.kind == "return":
            assert ours.kind is theirs.kind is LineKind.REVERSAL


@given(st.integers(-(10**14), 10**14), st.lists(st.integers(-(10**10), 10**10).filter(bool), min_size=1, max_size=12))
def test_any_amounts_survive_both_forms(opening: int, amounts: list[int]) -> None:
    lines = [Line(MORNING + n, amount, "payment", f"S{n}", f"FT{n}", "034") for n, amount in enumerate(amounts)]
    statement = Statement(1, MORNING, opening, opening + sum(amounts), "STMT")
    for parsed in (
        accepted(parse_mt940(mt940_file(ACCOUNT, statement, lines, "C"))),
        accepted(parse_csv(csv_file(ACCOUNT, statement, lines))),
    ):
        assert [line.amount for line in parsed.lines] == amounts
        assert (parsed.opening, parsed.closing) == (opening, statement.closing)


def test_a_day_without_bookings_is_read_from_mt940_and_told_apart_in_csv() -> None:
    statement = Statement(5, MORNING, 100, 100, "STMT")
    assert accepted(parse_mt940(mt940_file(ACCOUNT, statement, [], "C"))).lines == ()
    assert parse_csv(csv_file(ACCOUNT, statement, [])) == Rejected(StatementProblem.EMPTY, 1, "a header without lines")


def test_a_wrong_total_is_refused_in_both_forms() -> None:
    statement, lines = written(10)
    wrong = Statement(statement.number, statement.cut_at, statement.opening, Satang(statement.closing + 1), "STMT")
    for parsed in (parse_mt940(mt940_file(ACCOUNT, wrong, lines, "C")), parse_csv(csv_file(ACCOUNT, wrong, lines))):
        assert isinstance(parsed, Rejected)
        assert parsed.problem is StatementProblem.BALANCE


def test_a_file_broken_off_in_the_middle_is_refused_in_both_forms() -> None:
    statement, lines = written(10)
    for parsed in (
        parse_mt940((data := mt940_file(ACCOUNT, statement, lines, "C"))[: len(data) // 2]),
        parse_csv((data := csv_file(ACCOUNT, statement, lines))[: len(data) // 2]),
    ):
        assert isinstance(parsed, Rejected)


def test_ten_thousand_lines_keep_their_order() -> None:
    statement, lines = written(10_000)
    parsed = accepted(parse_mt940(mt940_file(ACCOUNT, statement, lines, "C")))
    assert len(parsed.lines) == 10_000
    assert all(after.sequence == before.sequence + 1 for before, after in pairwise(parsed.lines))
    assert [line.bank_reference for line in parsed.lines] == [line.bank_reference for line in lines]
