"""MT940 files are read whole and proved, or refused whole with the reason and the line."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from server.statements.mt940 import parse_mt940
from server.statements.parsed import LineKind, Rejected, StatementFile, StatementProblem

GOOD = """\
:20:ST26112100007
:25:1112223338
:28C:00007/001
:60F:C261121THB1000,00
:61:2611211121D250,25NTRFS0123456789ABCDE//FT26112100000001
:86:TRANSFER TO 020123454412 REF S0123456789ABCDE
:61:2611211121C100,5NTRFNONREF//FT26112100000002
:86:รับโอนจาก สมชาย
บรรทัดสอง
:61:261121RD250,25NRTIS0123456789ABCDE
:61:261121RC0,01NMSC//FT9
:62F:C261121THB1100,49
:64:C261121THB1100,49
"""


def read(text: str) -> tuple[StatementFile, ...]:
    parsed = parse_mt940(text.encode())
    assert not isinstance(parsed, Rejected), parsed
    return parsed


def refusal(text: str) -> Rejected:
    parsed = parse_mt940(text.encode())
    assert isinstance(parsed, Rejected)
    return parsed


def test_a_statement_is_read_with_signs_references_and_reversals() -> None:
    (statement,) = read(GOOD)
    assert (statement.account, statement.number, statement.date) == ("1112223338", 7, date(2026, 11, 21))
    assert (statement.opening, statement.closing, statement.currency) == (100000, 110049, "THB")
    assert statement.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert [(line.sequence, line.amount, line.kind) for line in statement.lines] == [
        (1, -25025, LineKind.DEBIT),
        (2, 10050, LineKind.CREDIT),
        (3, 25025, LineKind.REVERSAL),
        (4, -1, LineKind.REVERSAL),
    ]
    first, second, third, fourth = statement.lines
    assert (first.reference, first.bank_reference) == ("S0123456789ABCDE", "FT26112100000001")
    assert (second.reference, second.description) == ("", "รับโอนจาก สมชาย บรรทัดสอง")
    assert (third.bank_reference, third.description, third.booked_at) == ("", "", None)
    assert (fourth.reference, fourth.bank_reference) == ("", "FT9")


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "tis-620", "cp874", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(encode: str, line_end: str) -> None:
    parsed = parse_mt940(GOOD.replace("\n", line_end).encode(encode))
    assert not isinstance(parsed, Rejected)
    assert parsed[0].lines == read(GOOD)[0].lines


def test_a_statement_without_lines_and_an_overdrawn_one_are_statements() -> None:
    (quiet,) = read(":20:A\n:25:1112223338\n:28C:1\n:60F:D261121THB5,\n:62F:D261121THB5,00\n-\n")
    assert (quiet.opening, quiet.closing, quiet.lines) == (-500, -500, ())


def test_the_booking_day_may_lie_across_new_year() -> None:
    turned = GOOD.replace(":61:2611211121D", ":61:2612310102D").replace(":61:2611211121C", ":61:2701021231C")
    assert [line.booked_on for line in read(turned)[0].lines[:2]] == [date(2027, 1, 2), date(2026, 12, 31)]


def second_day(number: str = "00008", opening: str = "1100,49") -> str:
    return (
        (
            f":20:B\n:25:1112223338\n:28C:{number}/001\n:60F:C261122THB{opening}\n"
            f":61:261122D0,49NTRFX\n:62F:C261122THB1100,00\n"
        )
        if opening == "1100,49"
        else GOOD.replace("00007", number)
    )


def test_several_statements_in_one_file_are_several_results() -> None:
    first, second = read(GOOD + "-\n" + second_day())
    assert (first.number, second.number, first.closing) == (7, 8, second.opening)
    assert first.sha256 == second.sha256


PAGES = """\
:20:A
:25:1112223338
:28C:00007/001
:60F:C261121THB10,00
:61:261121D1,00NTRFA
:62M:C261121THB9,00
:20:A
:25:1112223338
:28C:00007/002
:60M:C261121THB9,00
:61:261121D2,00NTRFB
:62F:C261121THB7,00
"""


def test_pages_of_one_statement_are_joined() -> None:
    (statement,) = read(PAGES)
    assert (statement.opening, statement.closing) == (1000, 700)
    assert [(line.sequence, line.reference) for line in statement.lines] == [(1, "A"), (2, "B")]


@pytest.mark.parametrize(
    ("old", "new", "problem", "line_number"),
    [
        ("1100,49\n:64", "1100,48\n:64", StatementProblem.BALANCE, 1),
        ("RC0,01", "RC0,02", StatementProblem.BALANCE, 1),
        ("D250,25NTRF", "D250.25NTRF", StatementProblem.AMOUNT, 5),
        ("D250,25NTRF", "D250NTRF", StatementProblem.AMOUNT, 5),
        ("D250,25NTRF", "D250,255NTRF", StatementProblem.AMOUNT, 5),
        ("D250,25NTRF", "D0,00NTRF", StatementProblem.BALANCE, 1),
        ("D250,25NTRF", "D12345678901234,00NTRF", StatementProblem.AMOUNT, 5),
        ("D250,25NTRF", "D-250,25NTRF", StatementProblem.FIELD, 5),
        ("D250,25NTRF", "250,25NTRF", StatementProblem.FIELD, 5),
        ("D250,25NTRF", "X250,25NTRF", StatementProblem.FIELD, 5),
        ("D250,25NTRF", "D250,25QTRF", StatementProblem.FIELD, 5),
        ("D250,25NTRF", "D๒๕๐,25NTRF", StatementProblem.FIELD, 5),
        ("DE//FT26112100000001", "DEF//FT26112100000001", StatementProblem.FIELD, 5),
        (":61:2611211121D", ":61:2602311121D", StatementProblem.DATE, 5),
        (":61:2611211121D", ":61:2611210231D", StatementProblem.DATE, 5),
        ("THB1000,00", "THB1000.00", StatementProblem.AMOUNT, 4),
        ("C261121THB1000", "C261321THB1000", StatementProblem.DATE, 4),
        ("C261121THB1000", "261121THB1000", StatementProblem.FIELD, 4),
        ("THB1000", "USD1000", StatementProblem.CURRENCY, 4),
        (":62F:C261121THB", ":62F:C261121USD", StatementProblem.CURRENCY, 12),
        (":64:C261121THB1100,49", ":64:rubbish", StatementProblem.FIELD, 13),
        (":64:C261121THB1100,49", ":99:rubbish", StatementProblem.UNKNOWN_TAG, 13),
        (":25:1112223338", ":25:", StatementProblem.FIELD, 2),
        (":25:1112223338\n", "", StatementProblem.TAG_ORDER, 2),
        (":28C:00007/001", ":28C:seven", StatementProblem.FIELD, 3),
        (":28C:00007/001", ":28C:00007/002", StatementProblem.CONTINUITY, 1),
        (":60F:", ":60M:", StatementProblem.CONTINUITY, 1),
        (":60F:C261121THB1000,00\n", "", StatementProblem.TAG_ORDER, 4),
        (":62F:C261121THB1100,49\n", "", StatementProblem.TAG_ORDER, 12),
        (":62F:", ":62M:", StatementProblem.TRUNCATED, 1),
    ],
)
def test_one_wrong_place_refuses_the_whole_file(
    old: str, new: str, problem: StatementProblem, line_number: int
) -> None:
    assert GOOD.count(old) == 1
    found = refusal(GOOD.replace(old, new))
    assert (found.problem, found.line_number) == (problem, line_number)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", StatementProblem.EMPTY),
        (b"\r\n \n", StatementProblem.EMPTY),
        (b"hello\n", StatementProblem.NOT_A_STATEMENT),
        (b"\x89PNG\r\n\x1a\n\x00\x00", StatementProblem.NOT_TEXT),
        (b"PK\x03\x04" + bytes(range(256)), StatementProblem.NOT_TEXT),
        (GOOD.encode().replace(b"TRANSFER", b"TR\x00NSFER"), StatementProblem.NOT_TEXT),
    ],
)
def test_what_is_no_statement_at_all_is_refused(data: bytes, problem: StatementProblem) -> None:
    parsed = parse_mt940(data)
    assert isinstance(parsed, Rejected)
    assert parsed.problem is problem


def test_a_file_cut_anywhere_before_its_closing_balance_is_refused() -> None:
    data = GOOD.encode()
    complete = data.index(b":64:")
    for length in range(complete - len("9\n")):
        assert isinstance(parse_mt940(data[:length]), Rejected), data[:length][-20:]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD + GOOD, StatementProblem.DUPLICATE),
        (GOOD + second_day("00009"), StatementProblem.CONTINUITY),
        (GOOD + second_day("00008", "gap"), StatementProblem.CONTINUITY),
        (PAGES.replace("60M:C261121THB9", "60M:C261121THB8"), StatementProblem.CONTINUITY),
        (PAGES.replace("00007/002", "00007/003"), StatementProblem.CONTINUITY),
        (PAGES.replace("00007/002", "00008/002"), StatementProblem.CONTINUITY),
        (PAGES.replace(":60M:", ":60F:"), StatementProblem.CONTINUITY),
        (PAGES[: PAGES.rindex(":20:")], StatementProblem.TRUNCATED),
        (PAGES[: PAGES.rindex(":61:")] + GOOD, StatementProblem.TRUNCATED),
        (PAGES.replace("62M:C261121THB9", "62M:C261121THB8").replace("60M:C261121THB9", "60M:C261121THB8"),
         StatementProblem.BALANCE),
    ],
)  # fmt: skip
def test_pages_and_statements_must_follow_each_other(text: str, problem: StatementProblem) -> None:
    assert refusal(text).problem is problem


def test_a_refusal_never_repeats_what_stood_in_the_file() -> None:
    found = refusal(GOOD.replace("D250,25NTRF", "D250.25NTRF"))
    assert "250" not in found.detail
    assert "S0123" not in found.detail
