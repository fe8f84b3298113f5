"""Batch files as strangers make them: every row is paid as it reads, or told with its place and reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desktop.core import spreadsheets, texts
from desktop.core.desk import Desk
from desktop.core.files import as_workbook
from desktop.core.screens.batch import Batch
from desktop.core.spreadsheets import (
    HIDDEN_ROW,
    MORE_CELLS,
    OTHER_NAME,
    SAME_TWICE,
    SPLIT_AMOUNT,
    TICKET_TWICE,
    FileRow,
)
from desktop.i18n.text import Text
from tests.desktop.core.fake_server import FakeServer
from tests.desktop.core.test_batch_screen import take_batches
from tests.support.sheets import SHEET, cell, with_part, workbook

CASES = Path(__file__).parents[2] / "cases" / "batch"
HEAD = ["รหัสสมาชิก", "ชื่อ", "จำนวนเงิน", "สินค้า", "ใบชั่ง", "หมายเหตุ"]


def read(name: str) -> list[FileRow] | Text:
    content: bytes | Text = (CASES / name).read_bytes()
    if name.endswith(".csv") and isinstance(content, bytes):
        content = as_workbook(content)
    return content if isinstance(content, Text) else spreadsheets.read_rows(content)


def rows(content: list[FileRow] | Text) -> list[FileRow]:
    assert not isinstance(content, Text), content
    return content


def problems(content: list[FileRow] | Text) -> dict[int, list[str]]:
    return {row.line: [problem.en for problem in row.problems] for row in rows(content)}


def csv(*lines: str) -> list[FileRow] | Text:
    content = as_workbook("\n".join(lines).encode())
    return content if isinstance(content, Text) else spreadsheets.read_rows(content)


def book(*lines: Any, change: Any = None) -> list[FileRow] | Text:
    return spreadsheets.read_rows(workbook(*lines, change=change))


@pytest.mark.parametrize("name", ["b09_heading_with_decomposed_sara_am.xlsx", "b10_heading_with_zero_width_space.xlsx",
                                  "b12_old_mac_line_ends.csv"])  # fmt: skip
def test_what_can_be_read_is_read(name: str) -> None:
    assert [(row.line, row.code, row.amount, row.problems) for row in rows(read(name))] == [(2, "M000001", 100_000, ())]


def test_what_is_hidden_or_elsewhere_is_told_and_has_to_be_left_out_by_a_person() -> None:
    assert problems(read("b02_row_hidden_by_a_filter.xlsx")) == {2: [], 3: [HIDDEN_ROW.en]}
    assert problems(read("b03_second_sheet.xlsx")) == {-1: ["Another sheet with 2 rows is not read"], 2: []}
    hidden = rows(read("b04_hidden_first_sheet.xlsx"))
    assert [(row.line, row.code, row.name) for row in hidden] == [(-1, "", "เก่า"), (2, "M000001", "")]


def test_an_error_is_no_empty_cell() -> None:
    found = problems(read("b05_error_cells.xlsx"))
    assert [len(found[line]) for line in (2, 3, 4)] == [0, 3, 1]
    assert "#REF!" in found[4][0]


@pytest.mark.parametrize(
    ("name", "said"),
    [("b06_two_amount_columns.xlsx", "Two columns for “จำนวนเงิน”"), ("b08_quote_never_closed.csv", "Line 2: ")],
)
def test_a_file_that_reads_in_two_ways_is_refused(name: str, said: str) -> None:
    found = read(name)
    assert isinstance(found, Text)
    assert found.en.startswith(said)


def test_other_rows_are_told_for_what_they_are() -> None:
    assert problems(read("b07_thousands_without_quotes.csv")) == {2: [MORE_CELLS.en, SPLIT_AMOUNT.en]}
    assert problems(read("b11_one_ticket_in_five_writings.xlsx")) == {key: [TICKET_TWICE.en] for key in range(2, 7)}
    assert problems(read("b13_note_of_121_letters.xlsx")) == {2: ["“หมายเหตุ” is longer than 120 letters"]}
    assert problems(read("b14_same_farmer_same_amount_twice.xlsx")) == {key: [SAME_TWICE.en] for key in (2, 3)}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["M1", "", -5], ""),
        (["M1", "", "1e5"], ""),
        (["M1", "", True], ""),
        (["M1", "", date(2026, 11, 30)], ""),
        (["M1", "", 10.005], ""),
        (["M1", "", ""], ""),
        ([412, "", 5], "leading zeros"),
        (["1E+05", "", 5], "leading zeros"),
        (["", "", 5], "No member code"),
        (["รวม", "", "12,500.00 บาท"], ""),
        (["M1", "", 5, "x" * 61], "longer than 60"),
        (["M1", "", 5, "", "W" * 41], "longer than 40"),
        (["M1", "", 5, "", date(2026, 11, 30)], "turned into a number"),
        (["M1", "", 5, "", "1E+05"], "turned into a number"),
        (["M1", "\u202eก", 5], "not allowed"),
        (["M1", "", 5, "", "", "", "beside"], MORE_CELLS.en),
    ],
    ids=str,
)
def test_a_row_that_can_not_be_paid_as_it_stands_says_why(cells: list[Any], said: str) -> None:
    def dates(made: Any, sheet: Any) -> None:
        day = made.add_format({"num_format": "dd/mm/yyyy"})
        for at, value in enumerate(cells):
            if isinstance(value, date):
                sheet.write_datetime(1, at, value, day)

    plain = ["" if isinstance(value, date) else value for value in cells]
    found = problems(book(HEAD, plain, change=dates))
    assert found[2]
    assert not said or any(said in one for one in found[2]), found


@pytest.mark.parametrize("amount", ["12,500.00", " 12500 ", "๑๒,๕๐๐.๐๐", 12500, 12500.0, "12\u00a0500.00"])
def test_an_amount_is_read_in_its_writings_or_told(amount: Any) -> None:
    row = rows(book(HEAD, ["M1", "", amount]))[0]
    assert row.problems or row.amount == 1_250_000


def test_the_heading_may_stand_lower_and_blank_and_total_rows_are_what_they_are() -> None:
    found = rows(book(["ใบจ่าย"], [], [f" {HEAD[0]}\u00a0:", "Amount_"], ["M1", 5], [], ["M2", 6], ["", 11]))
    assert [(row.line, row.code, bool(row.problems)) for row in found] == [
        (4, "M1", False),
        (6, "M2", False),
        (7, "", True),
    ]
    assert book(["a", "b"], ["M1", 5]) == spreadsheets.NO_HEADINGS
    assert book([]) == texts.FILE_EMPTY


@pytest.mark.parametrize(
    "lines",
    [
        ("code,amount,produce", "M1,12,500.00"),
        ("code,amount,name,ticket", "M1,1,500,W-1"),
        ("code,amount", "M1,1,234,567.00"),
        ("code,amount,weigh ticket", "M1,12,500.00"),
    ],
)
def test_an_amount_cut_at_its_comma_is_never_paid(lines: tuple[str, ...]) -> None:
    assert problems(csv(*lines))[2]


def test_numbers_side_by_side_that_are_no_cut_amount_are_fine() -> None:
    assert problems(csv("code;amount;weigh ticket", "M1;500;123")) == {2: []}


@pytest.mark.parametrize("heading", ["หักเงิน", "ยอดสุทธิ", "เลขบัญชี"])
def test_a_column_that_is_not_read_is_told(heading: str) -> None:
    found = rows(book([*HEAD[:3], heading, "ลำดับ"], ["M1", "", 5, 1, 1]))
    assert [(row.line, row.name, bool(row.problems)) for row in found] == [(-1, heading, True), (2, "", False)]
    assert [row.line for row in rows(book([*HEAD[:3], heading], ["M1", "", 5]))] == [2]


def test_two_headings_of_one_meaning_refuse_the_file() -> None:
    for head in (
        ["code", "รหัสสมาชิก", "amount"],
        ["code", "amount", "ยอดเงิน (บาท)"],
        ["code", "amount", "ticket", "ใบชั่ง"],
    ):
        assert isinstance(book(head, ["M1", 1, 1, 1]), Text), head


def test_merged_cells_give_their_value_once_and_formulas_need_one() -> None:
    merged = book(HEAD, ["M1", "", 5], ["", "", 6], change=lambda made, sheet: sheet.merge_range("A2:A3", "M1"))
    assert [bool(row.problems) for row in rows(merged)] == [False, True]
    sheet = workbook(HEAD, ["M1", ""])
    assert problems(spreadsheets.read_rows(with_part(sheet, SHEET, cell("C2", "<f>1+1</f>"))))[2]
    assert rows(spreadsheets.read_rows(with_part(sheet, SHEET, cell("C2", "<f>1+1</f><v>2</v>"))))[0].amount == 200


def test_too_many_rows_are_refused_and_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "BATCH_LINES", 2)
    assert book(HEAD, *(["M1", "", n] for n in (1, 2, 3))) == spreadsheets.TOO_MANY_ROWS


async def test_names_that_belong_to_other_codes_are_told_by_the_register(ready: Desk, server: FakeServer) -> None:
    take_batches(server)
    screen = Batch(ready)
    head = workbook(
        HEAD, *([f"M0000{n}", name, n, "", f"W-{n}"] for n, name in ((1, "สมหญิง ใจดี"), (2, "สมชาย"), (3, "")))
    )
    await screen.open_file("a.xlsx", head)
    assert [OTHER_NAME in row.problems for row in screen.rows] == [True, False, False]


async def test_of_two_alike_the_one_that_stays_may_go(ready: Desk, server: FakeServer) -> None:
    take_batches(server)
    screen = Batch(ready)
    await screen.open_file("a.xlsx", workbook(HEAD, ["M00001", "", 5, "", "W-1"], ["M00001", "", 5, "", "ｗ‑๑"]))
    assert [row.problems for row in screen.rows] == [(TICKET_TWICE, SAME_TWICE)] * 2
    screen.leave_out(3)
    assert [row.line for row in screen.ready_rows] == [2]
    screen.leave_out(3, False)
    assert screen.ready_rows == ()


async def test_what_is_told_of_a_file_is_acknowledged_before_it_goes(ready: Desk, server: FakeServer) -> None:
    take_batches(server)
    screen = Batch(ready)

    def more(made: Any, sheet: Any) -> None:
        made.add_worksheet("more").write_row(0, 0, ["x"])

    await screen.open_file("a.xlsx", workbook(HEAD, ["M00001", "", 5], change=more))
    screen.edit(control_total="5.00")
    assert screen.may_submit.why_not == texts.PROBLEM_ROWS
    screen.leave_out(-1)
    assert screen.may_submit.enabled
    assert [row.line for row in screen.ready_rows] == [2]
