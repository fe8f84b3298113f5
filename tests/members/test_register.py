"""A register is taken over whole or not at all, from CSV and spreadsheets, with every problem named at once."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from lab.company import national_id, raw_member
from server.members.register_file import COLUMNS, MAX_BYTES, ImportProblem, RawMember, read_members
from tests.members.world import World


def as_csv(rows: list[RawMember], *, heading: tuple[str, ...] = COLUMNS, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows(astuple(row)[1:] for row in rows)
    return text.getvalue().encode(encoding)


def spreadsheet(path: Path, rows: list[list[Any]]) -> bytes:
    with xlsxwriter.Workbook(path / "register.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return (path / "register.xlsx").read_bytes()


def problem(content: bytes) -> str:
    found = read_members(content)
    assert isinstance(found, ImportProblem)
    return f"{found.problem} {found.column}".strip()


async def problems(world: World, rows: list[RawMember], **options: Any) -> set[tuple[int, str, str]]:
    before = world.query("select count(*) from sheaf.member")
    report = await world.take_over(rows, **options)
    assert report.inserted == 0
    assert world.query("select count(*) from sheaf.member") == before
    return {(found.row, found.column, found.problem) for found in report.problems}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_is_read_as_text_with_its_leading_zeros(encoding: str) -> None:
    rows = [raw_member(1), raw_member(2, account_number="012-3 45678901")]
    assert read_members(as_csv(rows, encoding=encoding)) == rows


def test_a_spreadsheet_s_texts_are_kept_and_its_numbers_stay_recognisable(tmp_path: Path) -> None:
    heading = ["remark", *[column.upper() for column in COLUMNS]]
    row = ["x", "M1", "สมชาย", 3100000000014, "0812345678", 34, "000000000012", "สมชาย"]
    mangled = ["x", "M2", "สมหญิง", "1", "", "014", 1234567890, "สมหญิง"]
    found = read_members(spreadsheet(tmp_path, [heading, row, [], mangled]))
    assert isinstance(found, list)
    assert [(one.row, one.national_id, one.bank, one.account_number) for one in found] == [
        (2, "3100000000014.0", "34.0", "000000000012"),
        (4, "1", "014", "1234567890.0"),
    ]


def test_a_file_that_is_no_register_is_refused_whole() -> None:
    assert problem(b"") == "missing_column code"
    assert problem(as_csv([], heading=COLUMNS)) == "no_rows"
    assert problem(as_csv([raw_member(1)], heading=(*COLUMNS[:-1], "other"))) == "missing_column account_name"
    assert problem(as_csv([raw_member(1)]).decode().encode("cp874")) == "not_utf8"
    assert problem(b'code,"name\n') == "open_quote"
    assert problem(b"PK\x03\x04 not a spreadsheet") == "not_a_table"
    assert problem(bytes(MAX_BYTES + 1)) == "too_large"


async def test_everything_wrong_is_named_at_once_and_nothing_is_stored(world: World) -> None:
    rows = [
        raw_member(1),
        raw_member(2, code="1001.0", name=" ", phone="12"),
        raw_member(3, national_id="3100000000013", bank="999"),
        raw_member(4, account_number="1.23E+09", account_name="a\x00"),
        raw_member(5, bank="014", account_number="123"),
        raw_member(6, bank="", account_name=""),
        raw_member(7, code="M000001"),
        raw_member(8, national_id=national_id(1)),
        raw_member(9, code="รหัส", bank="111"),
    ]
    assert await problems(world, rows) == {
        (3, "code", "spreadsheet_number"),
        (3, "name", "empty"),
        (3, "phone", "not_a_phone"),
        (4, "national_id", "check_digit"),
        (4, "bank", "unknown_bank"),
        (5, "account_number", "spreadsheet_number"),
        (5, "account_name", "forbidden_character"),
        (6, "account_number", "length"),
        (7, "bank", "unknown_bank"),
        (7, "account_name", "empty"),
        (8, "code", "twice_in_file"),
        (9, "national_id", "twice_in_file"),
        (10, "code", "not_a_code"),
        (10, "bank", "unknown_bank"),
    }
    assert await problems(world, [raw_member(1)], branch="XX") == {(0, "branch", "unknown_branch")}


async def test_an_import_may_be_run_again_and_changes_nothing_that_stands(world: World) -> None:
    rows = [raw_member(number) for number in range(700, 710)]
    first = await world.take_over(rows)
    again = await world.take_over([*rows, raw_member(710)])
    assert ((first.inserted, first.unchanged), (again.inserted, again.unchanged)) == ((10, 0), (1, 10))
    changed = raw_member(701, account_number="099999999999")
    assert await problems(world, [changed, raw_member(711)]) == {(702, "account_number", "use_bank_change")}
    assert await problems(world, [raw_member(702, name="คนอื่น")]) == {(703, "name", "differs")}
    assert await problems(world, [raw_member(703)], branch="KKN") == {(704, "code", "of_another_branch")}
    other = raw_member(704, code="NEW-1")
    assert await problems(world, [other], branch="KKN") == {(705, "national_id", "id_already_registered")}


async def test_a_card_that_begins_with_0_or_9_needs_a_person_s_word(world: World) -> None:
    digits = "099400016010"
    total = sum((13 - i) * int(digit) for i, digit in enumerate(digits))
    row = raw_member(720, national_id=digits + str((11 - total % 11) % 10))
    assert await problems(world, [row]) == {(721, "national_id", "first_digit")}
    assert (await world.take_over([row], unusual_ids=True)).inserted == 1


async def test_five_thousand_members_are_stored_in_seconds(world: World) -> None:
    rows = [raw_member(number) for number in range(10_000, 15_000)]
    began = time.monotonic()
    report = await world.take_over(rows)
    seconds = time.monotonic() - began
    assert report.inserted == 5000
    assert seconds < 5
    [(entries,)] = world.query("select count(*) from sheaf.audit_entry where detail like %s", '%"inserted":5000%')
    assert entries == 1
    [(stored,)] = world.query("select count(*) from sheaf.bank_account where version = 1 and bank_change_id is null")
    assert stored >= 5000
