"""CSV statements are proved line by line, and agree with the MT940 of the same day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from server.statements.csv_format import parse_csv
from server.statements.parsed import LineKind, Rejected, StatementFile, StatementProblem

HEADER = (
    "Account Number,Date,Time,Transaction Code,Channel,Cheque Number,Debit Amount,Credit Amount,"
    "Balance Sign,Balance Amount,Description\n"
)
GOOD = (
    HEADER
    + "1112223338,21/11/2026,09:00:00,X2,ENET,,250.25,,+,749.75,TRANSFER TO 0201 REF S0123456789ABCDE BANKREF FT1\n"
    + "1112223338,21/11/2026,10:30,X1,ENET,,,100.50,+,850.25,รับโอน\n"
    + '111-222333-8,21/11/2569,23:59:59,X2,ENET,,"1,000.00",,-,149.75,"BANK CHARGE, MONTHLY"\n'
    + "1112223338,22/11/2026,00:10:00,X1,ENET,,,250.25,+,100.50,RETURNED BY 034 REF:S0123456789ABCDE BANKREF FT2\n"
)


def read(data: bytes) -> tuple[StatementFile, ...]:
    parsed = parse_csv(data)
    assert not isinstance(parsed, Rejected), parsed
    return parsed


def test_a_statement_is_read_and_its_opening_follows_from_the_first_balance() -> None:
    (statement,) = read(GOOD.encode())
    assert (statement.opening, statement.closing) == (100000, 10050)
    assert (statement.account, statement.number) == ("1112223338", 20261122001000)
    assert statement.date == date(2026, 11, 22)
    assert [(line.sequence, line.amount, line.kind) for line in statement.lines] == [
        (1, -25025, LineKind.DEBIT),
        (2, 10050, LineKind.CREDIT),
        (3, -100000, LineKind.FEE),
        (4, 25025, LineKind.REVERSAL),
    ]
    paid, received, charge, returned = statement.lines
    assert (paid.reference, paid.bank_reference) == ("S0123456789ABCDE", "FT1")
    assert (received.reference, received.bank_reference, received.description) == ("", "", "รับโอน")
    assert (charge.description, charge.booked_on) == ("BANK CHARGE, MONTHLY", date(2026, 11, 21))
    assert (returned.reference, returned.bank_reference) == ("S0123456789ABCDE", "FT2")
    assert returned.booked_at == datetime(2026, 11, 21, 17, 10, tzinfo=UTC)


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "tis-620", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_and_line_ends_make_no_difference(encode: str, line_end: str) -> None:
    assert read(GOOD.replace("\n", line_end).encode(encode))[0].lines == read(GOOD.encode())[0].lines


def test_an_empty_reference_is_no_reference() -> None:
    text = GOOD.replace("REF S0123456789ABCDE BANKREF FT1", "REF  BANKREF FT1")
    assert (read(text.encode())[0].lines[0].reference, read(text.encode())[0].lines[0].bank_reference) == ("", "FT1")


def test_accounts_one_after_the_other_are_separate_statements() -> None:
    other = "4445556660,21/11/2026,09:00:00,X1,ENET,,,5.00,+,5.00,IN\n"
    first, second = read((GOOD + other).encode())
    assert (first.account, second.account, second.opening, second.closing) == ("1112223338", "4445556660", 0, 500)
    mixed = parse_csv((GOOD + other + GOOD.removeprefix(HEADER)).encode())
    assert isinstance(mixed, Rejected)
    assert mixed.problem is StatementProblem.CONTINUITY


@pytest.mark.parametrize(
    ("old", "new", "problem", "line_number"),
    [
        ("850.25", "850.26", StatementProblem.BALANCE, 3),
        ("749.75", "749.74", StatementProblem.BALANCE, 3),
        ("-,149.75", "+,149.75", StatementProblem.BALANCE, 4),
        ("X1,ENET,,,100.50", "X2,ENET,,,100.50", StatementProblem.FIELD, 3),
        ("X1,ENET,,,100.50", "X1,ENET,,100.50,", StatementProblem.FIELD, 3),
        ("X1,ENET,,,100.50", "X1,ENET,,1.00,100.50", StatementProblem.FIELD, 3),
        ("X1,ENET,,,100.50", "X3,ENET,,,100.50", StatementProblem.FIELD, 3),
        ("X1,ENET,,,100.50", "X1,ENET,,,", StatementProblem.AMOUNT, 3),
        ("X1,ENET,,,100.50", "X1,ENET,,,1.005E2", StatementProblem.AMOUNT, 3),
        ("X1,ENET,,,100.50", "X1,ENET,,,-100.50", StatementProblem.AMOUNT, 3),
        ("X1,ENET,,,100.50", "X1,ENET,,,0.00", StatementProblem.BALANCE, 3),
        ("X1,ENET,,,100.50", "X1,ENET,,,100.505", StatementProblem.AMOUNT, 3),
        ("+,850.25", ",850.25", StatementProblem.FIELD, 3),
        ("21/11/2026,10:30", "31/02/2026,10:30", StatementProblem.DATE, 3),
        ("21/11/2026,10:30", "21/11/26,10:30", StatementProblem.DATE, 3),
        ("21/11/2026,10:30", "21/11/2026,24:00", StatementProblem.DATE, 3),
        ("21/11/2026,10:30", "21/11/2026,08:30", StatementProblem.CONTINUITY, 3),
        ("111-222333-8", "1.11E+09", StatementProblem.FIELD, 4),
        ("850.25,รับโอน", "850.25", StatementProblem.FIELD, 3),
        ("850.25,รับโอน", "850.25,รับ,โอน", StatementProblem.FIELD, 3),
        ('"BANK CHARGE, MONTHLY"', '"BANK CHARGE, MONTHLY', StatementProblem.FIELD, 5),
        ("Account Number,", "", StatementProblem.NOT_A_STATEMENT, 1),
        (HEADER, "", StatementProblem.NOT_A_STATEMENT, 1),
    ],
)
def test_one_wrong_place_refuses_the_whole_file(
    old: str, new: str, problem: StatementProblem, line_number: int
) -> None:
    assert GOOD.count(old) == 1
    parsed = parse_csv(GOOD.replace(old, new).encode())
    assert isinstance(parsed, Rejected)
    assert (parsed.problem, parsed.line_number) == (problem, line_number)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", StatementProblem.EMPTY),
        (HEADER.encode(), StatementProblem.EMPTY),
        (b"garbage\n", StatementProblem.NOT_A_STATEMENT),
        (b"\x00\x01\x02\n", StatementProblem.NOT_TEXT),
        (b"PK\x03\x04" + bytes(range(256)) + b"\n", StatementProblem.NOT_TEXT),
    ],
)
def test_what_is_no_statement_at_all_is_refused(data: bytes, problem: StatementProblem) -> None:
    parsed = parse_csv(data)
    assert isinstance(parsed, Rejected)
    assert parsed.problem is problem


def test_a_file_cut_before_the_last_column_of_a_line_is_refused() -> None:
    # A cut within the last text shows in the checksum alone, as one between two lines does.
    data = GOOD.encode()
    for length in range(len(data)):
        line = data[:length].rpartition(b"\n")[2]
        if line and line.count(b",") < 10:
            assert isinstance(parse_csv(data[:length]), Rejected)


def test_a_lost_line_is_found() -> None:
    lines = GOOD.splitlines(keepends=True)
    for lost in range(2, len(lines) - 1):
        parsed = parse_csv("".join(lines[:lost] + lines[lost + 1 :]).encode())
        assert isinstance(parsed, Rejected)
        assert parsed.problem is StatementProblem.BALANCE
