"""What the standards allow and banks write is read; what only looks like it is refused."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.statements.csv_format import parse_csv
from server.statements.importing import read
from server.statements.mt940 import parse_mt940
from server.statements.parsed import LineKind, Rejected, StatementFile, StatementProblem

CASES = Path(__file__).parents[1] / "cases" / "statements"
TODAY = date(2026, 11, 30)
BODY = """\
:20:MADEUP1
:25:1112223338
:28C:00001/001
:60F:C261121THB9000000,00
:61:2611211121D48250,00NTRFS000000000000001//FT00100004
:86:MADE UP
:62F:C261121THB8951750,00
"""
HEADS = "{1:F01AAAATHBKAXXX0000000000}{2:I940BBBBTHBKXXXXN}"
CSV = (
    "Account Number,Date,Time,Transaction Code,Channel,Cheque Number,Debit Amount,Credit Amount,"
    "Balance Sign,Balance Amount,Description\n"
    "1112223338,21/11/2026,09:00:00,X2,ENET,,48250.00,,+,8951750.00,TRANSFER TO 034 REF S000000000000001 BANKREF FT1\n"
)


def one(parsed: tuple[StatementFile, ...] | Rejected) -> StatementFile:
    assert not isinstance(parsed, Rejected), parsed
    return parsed[0]


def refused(parsed: tuple[StatementFile, ...] | Rejected) -> tuple[StatementProblem, int]:
    assert isinstance(parsed, Rejected)
    return parsed.problem, parsed.line_number


CHANGED: list[tuple[str, str]] = [
    (":28C:00001/001", ":28:00001/001"),
    (":28C:00001/001", ":28C:1"),
    (":28C:", ":28c:"),
    (":60F:C261121THB", ":60f:c261121thb"),
    (":25:1112223338", ":25P:1112223338\nAAAATHBKXXX"),
    (":25:1112223338", ":25P:1112223338\nAAAATHBK"),
    (":25:1112223338", ":25:AAAATHBK/1112223338"),
    (":25:1112223338", ":25:1112223338THB  "),
    (":25:1112223338\n", ":21:NONREF\n:25: 1112223338\n"),
    (":60F:C261121THB9000000,00\n", ":60F:C261121THB9000000,00\n:86:ABOUT IT\n"),
    (":86:MADE UP\n", ":86:MADE UP\n\n  \n-\nAND MORE\n"),
    (":86:MADE UP\n", ""),
    (":86:MADE UP\n", ":86:MADE UP\n:61:2611211121C0,00NINTNONREF//FT2\n:86:INTEREST\n"),
    ("2611211121D48250", "261121D48250"),
    ("2611211121D48250", "2611211121DR48250"),
    ("2611211121D48250,00", "2611211121D48250,"),
    ("2611211121D48250", "2611211121d48250"),
    ("NTRFS", "NtrfS"),
    ("NTRFS000", "NTRFs000"),
    ("S000000000000001//FT00100004\n:86:MADE UP", "NONREF//FT00100004\n:86:PAID REF NO 7 REF: S000000000000001 OK"),
    ("S000000000000001//FT00100004\n:86:MADE UP", "//FT00100004\n:86:PAID\nREF S000000000000001"),
    ("//FT00100004", "//FT00100004\nMORE"),
    ("2611211121D", "2701041121D"),
    ("2611211121D", "2611201121D"),
    (BODY, BODY[:-1]),
    (BODY, BODY + "\n\n"),
    (BODY, BODY + "-\n"),
    (BODY, BODY + "-}\n"),
    (BODY, BODY + "\x1a"),
    (BODY, "\n \n" + BODY),
    (BODY, BODY.replace("\n", " \n")),
    (BODY, BODY.replace("\n", "\n\n")),
    (BODY, HEADS + "{4:\n" + BODY + "-}"),
    (BODY, HEADS + "{3:{108:MADEUP}{119:STP}}{4:\n" + BODY + "-}{5:{MAC:00000000}{CHK:123456789ABC}}\n"),
    (BODY, HEADS + "\n{4:\n" + BODY + "-}{5:{CHK:1}}{S:{SAC:}{COP:P}}$"),
    (BODY, "\x01" + HEADS + "{4:\n" + BODY + "-}\x03"),
    (BODY, "{2:O9401200261121AAAATHBKAXXX00000000002611211200N}{4:\n" + BODY + "-}\n"),
    (BODY, BODY + ":86:/SUM/1/0/48250,00/0,00/\n"),
    (BODY, BODY + ":64:C261121THB1,00\n:86:NOTHING\nMORE\n"),
    (BODY, BODY + ":64:C261121THB1,00\n:65:C261122THB1,00\n:65:C261123THB1,00\n:86:NOTHING\n-\n"),
    (BODY, BODY.replace("THB9", "THB9\u200b")),
    (BODY, BODY.replace("S0000", "S\u2066000\u20690")),
]


@pytest.mark.parametrize(("old", "new"), CHANGED)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_what_the_standard_allows_is_read(old: str, new: str, line_end: str) -> None:
    assert BODY.count(old) == 1
    statement = one(parse_mt940(BODY.replace(old, new).replace("\n", line_end).encode("utf-8-sig"), TODAY))
    assert (statement.account, statement.number, statement.date) == ("1112223338", 1, date(2026, 11, 21))
    assert (statement.opening, statement.closing) == (900_000_000, 895_175_000)
    moved = [line for line in statement.lines if line.amount]
    assert [(n.amount, n.kind, n.reference, n.booked_on) for n in moved] == [
        (-4_825_000, LineKind.DEBIT, "S000000000000001", date(2026, 11, 21))
    ]


def test_several_messages_in_blocks_are_several_statements() -> None:
    second = BODY.replace("00001/", "00002/").replace("8951750,00", "8903500,00").replace("9000000,00", "8951750,00")
    together = f"{HEADS}{{4:\n{BODY}-}}{{5:{{CHK:1}}}}{HEADS}{{4:\n{second}-}}\n$\n"
    parsed = parse_mt940(together.encode(), TODAY)
    assert not isinstance(parsed, Rejected)
    assert [(one.number, len(one.lines)) for one in parsed] == [(1, 1), (2, 1)]


def test_a_text_about_the_statement_is_no_text_of_its_last_line() -> None:
    about = BODY.replace(":86:MADE UP\n", "") + ":86:ABOUT\n"
    assert [line.description for line in one(parse_mt940(about.encode())).lines] == [""]


@pytest.mark.parametrize(
    ("old", "new", "problem", "line"),
    [
        (BODY, HEADS + "{4:\n" + BODY, StatementProblem.TRUNCATED, 8),
        (BODY, HEADS.replace("I940", "I942") + "{4:\n" + BODY + "-}", StatementProblem.NOT_A_STATEMENT, 1),
        (BODY, HEADS[:-1] + "\n" + BODY, StatementProblem.NOT_A_STATEMENT, 1),
        (BODY, HEADS + "\n", StatementProblem.TRUNCATED, 0),
        (BODY, BODY + ":86:A\n:86:B\n", StatementProblem.TAG_ORDER, 9),
        (BODY, BODY + ":86:A\n:61:261121C1,00NTRFX\n", StatementProblem.TAG_ORDER, 9),
        (BODY, ":86:A\n" + BODY, StatementProblem.TAG_ORDER, 1),
        (":86:MADE UP\n", ":86:A\n:86:B\n", StatementProblem.TAG_ORDER, 7),
        (":25:1112223338", ":25P:1112223338\nA B", StatementProblem.FIELD, 2),
        ("48250,00", "48250", StatementProblem.AMOUNT, 5),
    ],
)
def test_what_only_looks_like_it_is_refused_with_its_line(
    old: str, new: str, problem: StatementProblem, line: int
) -> None:
    assert refused(parse_mt940(BODY.replace(old, new).encode(), TODAY)) == (problem, line)


@pytest.mark.parametrize(
    ("old", "new", "problem", "line"),
    [
        ("261121", "691121", StatementProblem.DAY_NOT_COME, 4),  # a Buddhist year
        ("C261121", "C261201", StatementProblem.DAY_NOT_COME, 4),
        (":62F:C261121", ":62F:C261202", StatementProblem.DAY_NOT_COME, 7),
        ("2611211121D", "2611211201D", StatementProblem.DAY_NOT_COME, 5),  # booked on a day to come
        ("2611211121D", "6911211121D", StatementProblem.DATE, 5),
        ("2611211121D", "2511211121D", StatementProblem.DATE, 5),
        ("2611211121D", "2001010101D", StatementProblem.DATE, 5),
        ("2611211121D", "2611210229D", StatementProblem.DATE, 5),
        ("2611211121D", "2602291121D", StatementProblem.DATE, 5),
        (":62F:C261121", ":62F:C261120", StatementProblem.DATE, 7),
        (":60F:C261121", ":60F:C251121", StatementProblem.DATE, 4),
    ],
)
def test_days_of_another_time_are_refused_with_their_line(
    old: str, new: str, problem: StatementProblem, line: int
) -> None:
    assert refused(parse_mt940(BODY.replace(old, new).encode(), TODAY)) == (problem, line)


@pytest.mark.parametrize(
    ("value", "entry", "closing", "booked"),
    [
        ("261231", "0102", "270102", date(2027, 1, 2)),
        ("270102", "1231", "261231", date(2026, 12, 31)),
        ("280229", "0229", "280229", date(2028, 2, 29)),
        ("280301", "0229", "280301", date(2028, 2, 29)),
        ("280101", "", "280101", date(2028, 1, 1)),
        ("270104", "", "261231", date(2026, 12, 31)),  # valued next year, booked with the statement
    ],
)
def test_leap_days_and_new_year(value: str, entry: str, closing: str, booked: date) -> None:
    text = BODY.replace("2611211121D", f"{value}{entry}D").replace("C261121", f"C{closing}")
    assert one(parse_mt940(text.encode(), date(2028, 12, 31))).lines[0].booked_on == booked


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CSV, CSV[:-1]),
        (CSV, CSV + "\n"),
        (CSV, CSV + "\r\n\r\n"),
        (CSV, CSV + ",,,,,,,,,,\n"),
        (CSV, CSV.replace("\n", "\n\n")),
        (CSV, CSV.replace("\n", "\r")),
        (CSV, CSV + "\x1a"),
        (CSV, "\ufeff" + CSV),
        ("21/11/2026", "21/11/2569"),
        ("1112223338", "111-2-22333-8"),
        ("1112223338,", "๑๑๑๒๒๒๓๓๓๘,"),
        ("48250.00,,", "48250.00,0.00,"),
        ("X2", "x2"),
        ("REF S", "REF NO 77 REF S"),
        ("REF S", "REF NO. 77 REF:S"),
        ("REF S", "REF NONE REF: S"),
        ("REF S", "ref s"),
        ("REF S", "REF NO S"),
        ("TRANSFER", "TRANS\u202eFER\u200b"),
    ],
)
def test_a_csv_as_programs_write_it_is_read(old: str, new: str) -> None:
    assert CSV.count(old) == 1
    statement = one(parse_csv(CSV.replace(old, new).encode(), TODAY))
    assert (statement.account, statement.date) == ("1112223338", date(2026, 11, 21))
    assert [(n.amount, n.reference, n.bank_reference) for n in statement.lines] == [
        (-4_825_000, "S000000000000001", "FT1")
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("21/11/2026", "21/11/2099", StatementProblem.DAY_NOT_COME),
        ("21/11/2026", "01/12/2026", StatementProblem.DAY_NOT_COME),
        ("21/11/2026", "01/12/2569", StatementProblem.DAY_NOT_COME),
        ("21/11/2026", "29/02/2026", StatementProblem.DATE),
        ("21/11/2026", "21/11/69", StatementProblem.DATE),
        ("48250.00,,", "48250.00,1.00,", StatementProblem.FIELD),
        (",FT1", "", StatementProblem.FIELD),
    ],
)
def test_a_csv_that_cannot_be_is_refused_with_its_line(old: str, new: str, problem: StatementProblem) -> None:
    text = CSV.replace(old, new) if old in CSV else CSV.replace(",TRANSFER TO 034 REF S000000000000001 BANKREF FT1", "")
    assert refused(parse_csv(text.encode(), TODAY)) == (problem, 2)


def test_lines_of_a_csv_that_are_years_apart_are_refused() -> None:
    earlier = "1112223338,21/11/2019,09:00:00,X1,ENET,,,1.00,+,9000000.00,IN\n"
    head, line = CSV.splitlines(keepends=True)
    assert refused(parse_csv((head + earlier + line).encode(), TODAY)) == (StatementProblem.DATE, 2)


@pytest.mark.parametrize("kind", ["NCHG", "NCOM", "FCHG", "SCHG"])
@pytest.mark.parametrize("mark", ["D", "C", "RD", "RC"])
def test_what_the_bank_takes_for_its_work_is_a_fee_in_both_directions(kind: str, mark: str) -> None:
    sign = "-" if mark in ("C", "RD") else ""
    closing = "8951785,00" if sign else "8951715,00"
    fee = f":61:2611211121{mark}35,00{kind}S000000000000001//FT2\n"
    text = BODY.replace(":62F:", f"{fee}:62F:").replace("8951750,00", closing)
    assert [line.kind for line in one(parse_mt940(text.encode(), TODAY)).lines] == [LineKind.DEBIT, LineKind.FEE]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("s03a_buddhist_year.mt940", (StatementProblem.DAY_NOT_COME, 4)),
        ("s05_entry_day_0229.mt940", (StatementProblem.DATE, 5)),
        ("s06_line_of_another_year.mt940", (StatementProblem.DATE, 5)),
        ("s16_year_2099.csv", (StatementProblem.DAY_NOT_COME, 2)),
        ("s07_information_after_closing.mt940", None),
        ("s08_zero_line.mt940", None),
        ("s09_swift_blocks.mt940", None),
        ("s10_25P.mt940", None),
        ("s11_bidi_in_description.mt940", None),
        ("s12_fee_with_the_payments_reference.mt940", None),
        ("s13_no_last_line_end.csv", None),
        ("s14_blank_last_line.csv", None),
        ("s15_two_words_REF.csv", None),
    ],
)
def test_what_strangers_brought_is_read_or_refused_by_line(
    name: str, told: tuple[StatementProblem, int] | None
) -> None:
    parsed = read(name, "x", (CASES / name).read_bytes()).parsed
    if told is not None:
        assert refused(parsed) == told
        return
    first = one(parsed).lines[0]
    assert (first.amount, first.reference) == (-4_825_000, "S000000000000001")
    assert first.description.isprintable()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40))
def test_any_text_in_a_description_is_stored_without_invisible_characters(text: str) -> None:
    made = BODY.replace("MADE UP", f"A{text}")
    parsed = parse_mt940(made.encode(), TODAY)
    if not isinstance(parsed, Rejected):
        assert not {unicodedata.category(one) for one in parsed[0].lines[0].description} & {"Cc", "Cf", "Cs"}


@given(st.data())
def test_no_cut_of_a_message_is_ever_another_statement(data: st.DataObject) -> None:
    whole = HEADS + "{4:\n" + BODY + ":64:C261121THB8951750,00\n-}"
    length = data.draw(st.integers(0, len(whole) - 1))
    assert isinstance(parse_mt940(whole[:length].encode(), TODAY), Rejected)
