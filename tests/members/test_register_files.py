"""Registers as strangers made them: a row is read as it stands, or the file is refused with its place and reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lab.company import national_id, raw_member
from server.members import verbs
from server.members.register_file import COLUMNS, ImportProblem, RawMember, read_members
from shared.wire.members import ListMembersRequest, ValidateMembersRequest
from tests.members.world import World
from tests.support.sheets import ENCRYPTED, OLE, workbook

CASES = Path(__file__).parents[1] / "cases" / "register"
ROW = ["M1", "สมชาย", "3100000000014", "", "", "", ""]


def refused(content: bytes, **options: Any) -> tuple[int, str, str]:
    found = read_members(content, **options)
    assert isinstance(found, ImportProblem), found
    return found.row, found.column, found.problem


def members(content: bytes, **options: Any) -> list[RawMember]:
    found = read_members(content, **options)
    assert not isinstance(found, ImportProblem), found
    return found


def book(*rows: Sequence[Any], change: Any = None) -> bytes:
    return workbook(list(COLUMNS), *rows, change=change)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("r01_bank_columns_are_NA.xlsx", (2, "bank", "error_cell")),
        ("r02_phone_is_NA.xlsx", (2, "phone", "error_cell")),
        ("r03_row_longer_than_heading.csv", (2, "", "longer_than_heading")),
        ("r04_account_number_twice.csv", (0, "account_number", "column_twice")),
        ("r05_second_sheet.xlsx", (0, "more", "other_sheet")),
    ],
)
def test_what_would_be_dropped_is_refused_with_its_place(name: str, problem: tuple[int, str, str]) -> None:
    assert refused((CASES / name).read_bytes()) == problem


def test_every_place_is_named_at_once() -> None:
    found = read_members((CASES / "r01_bank_columns_are_NA.xlsx").read_bytes())
    assert isinstance(found, ImportProblem)
    assert [one.column for one in found.more] == ["account_number", "account_name"]


@pytest.mark.parametrize("name", ["r06_zero_width_in_heading.csv", "r08_utf16.csv"])
def test_what_can_be_read_is_read(name: str) -> None:
    assert [(one.row, one.bank) for one in members((CASES / name).read_bytes())] == [(2, "034")]


def test_a_second_sheet_may_be_left_unread_by_who_says_so() -> None:
    assert [one.code for one in members((CASES / "r05_second_sheet.xlsx").read_bytes(), one_sheet=True)] == ["R0005"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (OLE, "old_spreadsheet"),
        (ENCRYPTED, "password"),
        (b"%PDF-1.4", "other_format"),
        (b"code,name\n\x00", "not_utf8"),
        (b"", "missing_column"),
        (book(ROW, change=lambda made, sheet: sheet.set_row(1, None, None, {"hidden": True})), "hidden_row"),
        (workbook([*COLUMNS, "Phone:"], ROW), "column_twice"),
        (book([*ROW, "beside"]), "longer_than_heading"),
        (("," .join(COLUMNS) + '\nM1,"a\nM2,b,c,d,e,f,g\n').encode(), "open_quote"),
        (("," .join(COLUMNS) + '\nM1,"a\nM2,b,c,d,e,f,g\nM3",1,2,3,4,5\n').encode(), "lines_in_a_cell"),
    ],
)  # fmt: skip
def test_a_file_is_refused_for_what_it_is(content: bytes, problem: str) -> None:
    assert refused(content)[2] == problem


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_with_any_end_of_line_and_delimiter(end: str, delimiter: str) -> None:
    heading = delimiter.join(column.upper().replace("_", " ") for column in COLUMNS)
    text = end.join([heading, "", delimiter.join(ROW), ""])
    assert [(one.row, one.code) for one in members(text.encode("utf-16"))] == [(3, "M1")]


async def test_members_are_found_however_their_names_and_codes_are_written(world: World) -> None:
    assert (await world.take_over(members((CASES / "r07_looks_of_names.csv").read_bytes()))).inserted == 3
    for query in ("001-2345", "001‑๒๓๔๕", "แสงจันทร์", "เเสงจันทร์", "สายน้ำ", "สายน\u0e4d\u0e49\u0e32", "พี่ดี",
                  "พ\u0e48\u0e35ดี", "ใจเย็น สายน้ำ", "r0009", "สาย\u200bน้ำ\u00a0ใจเย็น"):  # fmt: skip
        found = await world.done(world.cashier, verbs.list_members, ListMembersRequest(query=query))
        assert len(found.members) == 1, query
    assert not (await world.done(world.cashier, verbs.list_members, ListMembersRequest(query="ใจร้อน สายน้ำ"))).members


async def test_a_code_is_one_code_in_files_and_registers(world: World) -> None:
    first = raw_member(40_001, code="k-77/1")
    assert (await world.take_over([first])).inserted == 1
    again = raw_member(40_001, code="K-77/1", name=f"{first.name}\u200b")
    assert (await world.take_over([again])).unchanged == 1
    other = raw_member(40_002, code="K-77/1", national_id=national_id(40_002))
    assert {one.problem for one in (await world.take_over([other])).problems} >= {"differs"}
    twice = [raw_member(40_003, code="k-78"), raw_member(40_004, code="K-78")]
    assert [one.problem for one in (await world.take_over(twice)).problems] == ["twice_in_file"]
    codes = ["K-77/1", "k-77/1", "Ｋ‑77/๑", " k-77/1\u200b "]
    reply = await world.done(world.cashier, verbs.validate_members, ValidateMembersRequest(codes=codes))
    assert [item.validation.member.code if item.validation else "" for item in reply.items] == ["k-77/1"] * 4


async def test_hidden_characters_in_a_name_are_not_stored(world: World) -> None:
    member = await world.member(name="นาย\u00a0ทอง\u200b คำดี\ufeff", account_name="นายทองน\u0e4d\u0e49\u0e32\u2003คำดี")
    stored = world.query(
        "select m.name, a.name from sheaf.member m join sheaf.bank_account a on a.member_id = m.id where m.id = %s",
        member,
    )
    assert stored == [("นาย ทอง คำดี", "นายทองน้ำ คำดี")]
