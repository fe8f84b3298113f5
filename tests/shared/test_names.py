"""Titles, ranks and company forms are no part of a name; whoever is somebody else stays somebody else."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.names import name_match, proves_a_name, strip_title
from shared.titles import bare

PAID = 80
CASES = [
    tuple(line.split("\t")[:3])
    for line in (Path(__file__).parents[1] / "cases" / "names.tsv").read_text("utf-8").splitlines()[1:]
]

TITLES = (
    "นาย นาง นางสาว น.ส. นส. ด.ช. ด.ญ. เด็กชาย ม.จ. ม.ร.ว. ม.ล. หม่อมราชวงศ์ หม่อมหลวง ดร. ผศ.ดร. รศ. ศ.ดร. "
    "นพ. พญ. ทพ. พล.อ. พลเอก พล.ท. พล.ต. พ.อ. พันเอก พ.ท. พ.ต. พันตรี ร.อ. ร้อยเอก ร.ท. ร.ต. ร้อยตรี จ.ส.อ. "
    "จ.ส.ท. จ.ส.ต. จ่าสิบเอก ส.อ. ส.ท. ส.ต. สิบเอก พลทหาร พล.ต.อ. พล.ต.ท. พล.ต.ต. พ.ต.อ. พันตำรวจเอก พ.ต.ท. "
    "พ.ต.ต. ร.ต.อ. ร.ต.ท. ร.ต.ต. ร้อยตำรวจตรี ด.ต. ดาบตำรวจ นายดาบตำรวจ จ่าสิบตำรวจ ส.ต.อ. ส.ต.ท. ส.ต.ต. "
    "สิบตำรวจเอก พล.ร.อ. น.อ. น.ท. น.ต. พ.จ.อ. จ.อ. จ่าเอก พล.อ.อ. นาวาอากาศเอก พ.อ.อ. พันจ่าอากาศเอก "
    "ว่าที่ร.ต. ว่าที่ร้อยตรี ร.ต.หญิง ร.ต.อ.หญิง พ.ต.อ.(พิเศษ) พ.อ.(พิเศษ)หญิง คุณหญิง ท่านผู้หญิง อส. "
    "อส.ทพ. Mr. Mrs. Ms. Dr. Pol.Col. Lt.Col. Capt. Maj.Gen. Sgt. M.R. M.L."
).split()

FORMS = [
    ["บจก. {}", "บจก.{}", "บจ. {}", "บริษัท {} จำกัด", "บริษัท{}จำกัด", "{} Co., Ltd.", "{} CO.,LTD",
     "{} Company Limited", "{} Limited"],
    ["บมจ. {}", "บริษัท {} จำกัด (มหาชน)", "บริษัท {} จำกัด(มหาชน)", "{} PCL", "{} Public Company Limited"],
    ["หจก. {}", "หจก.{}", "ห้างหุ้นส่วนจำกัด {}", "ห้างหุ้นส่วนจำกัด{}", "{} Limited Partnership", "{} Ltd., Part."],
    ["ห้างหุ้นส่วนสามัญ {}", "หสน. {}", "หสม. {}", "ห้างหุ้นส่วนสามัญนิติบุคคล {}"],
    ["สกก.{}", "สกก. {}", "สหกรณ์การเกษตร{} จำกัด", "สหกรณ์การเกษตร {} จก."],
    ["สกต.{}", "สหกรณ์การเกษตรเพื่อการตลาดลูกค้า{} จำกัด"],
    ["สหกรณ์{} จำกัด", "สหกรณ์ {}"],
    ["วิสาหกิจชุมชน{}", "วสช. {}", "วิสาหกิจชุมชน {}"],
    ["กลุ่มเกษตรกร{}"],
    ["มูลนิธิ{}"],
    ["สมาคม{}"],
    ["ร้าน{}", "ร้าน {}"],
    ["{}", "นาย {}", "จ.ส.อ. {}"],
]  # fmt: skip

PEOPLE = (
    "สมชาย ใจดี|สมหญิง ใจดี|สมชาย มีดี|สมชัย ใจดี|บุญมี ทองคำ|บุญมา ทองคำ|วิชัย แสนสุข|พลเอก ใจดี|พันตรี ใจดี|"
    "คุณวุฒิ มีสุข|วุฒิ มีสุข|นายิกา มีสุข|ก. ใจดี|ส. ใจดี"
).split("|")


@pytest.mark.parametrize(("registered", "from_bank", "right"), CASES)
def test_what_strangers_brought(registered: str, from_bank: str, right: str) -> None:
    assert (name_match(registered, from_bank) >= PAID) is (right == "same")


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_no_part_of_a_name_with_and_without_dots_and_spaces(title: str) -> None:
    gap = "" if title[-1] == "." or not title.isascii() else " "
    for written in (title, f"{title} ", title.replace(".", ". "), title.replace(".", " . "), f"{title}\u00a0\u200b"):
        assert name_match(f"{written}{gap}สมชาย ใจดี", "สมชาย ใจดี") == 100, written
        assert name_match("สมชาย ใจดี", f"{written}{gap}ส*** ใ***") == 100, written


@pytest.mark.parametrize("forms", FORMS, ids=lambda forms: forms[0])
def test_one_company_in_all_writings_of_its_form(forms: list[str]) -> None:
    for one, other in product(forms, repeat=2):
        assert name_match(one.format("ข้าวตัวอย่าง"), other.format("ข้าวตัวอย่าง")) >= PAID, (one, other)


def test_two_forms_are_two_bearers_of_one_name() -> None:
    for one, other in combinations(FORMS, 2):
        for left, right in product(one, other):
            assert name_match(left.format("ข้าวตัวอย่าง"), right.format("ข้าวตัวอย่าง")) < PAID, (left, right)


def test_no_title_makes_one_person_of_two() -> None:
    titles = ["", "นาย ", "ร.ต.ต.", "หม่อมหลวง", "สิบเอก", "บจก. "]
    pairs = [
        (first + one, second + other)
        for one, other in combinations(PEOPLE, 2)
        for first, second in product(titles, repeat=2)
    ]
    assert len(pairs) > 3_000
    assert [pair for pair in pairs if name_match(*pair) >= PAID] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("นาย สุพร ใจดี", "นางสาว สุพร ใจดี"),
        ("พลเอก ใจดี", "พันเอก ใจดี"),
        ("ศ. ใจดี", "นาย ใจดี"),
        ("บ. ใจดี", "บริษัท ใจดี จำกัด"),
        ("สมชาย ใจดี ที่1", "สมชาย ใจดี ที่2"),
        ("บจก. ข้าวไทยเจริญหนึ่ง", "บจก. ข้าวไทยเจริญสอง"),
        ("สหกรณ์ออมทรัพย์บ้านใหม่ จำกัด", "สหกรณ์การเกษตรบ้านใหม่ จำกัด"),
        ("สมชาย ใจดี", "สมชาย ใจดี มีสุข"),
        ("วีระพงษ์ ใจดี", "ธีระพงษ์ ใจดี"),
        ("สุพรรณี ใจดี", "สุวรรณี ใจดี"),
        ("กมลวรรณ ใจดี", "กมลพรรณ ใจดี"),
        ("วรรณวิภา ใจดี", "วรรณนิภา ใจดี"),
        ("ศรีสุวรรณ ใจดี", "ศรีสุพรรณ ใจดี"),
        ("บุญเรือง ใจดี", "บุญเลือง ใจดี"),
        ("ปรียานุช ใจดี", "ปริยานุช ใจดี"),
        ("Nattapon Jaidee", "Nattaporn Jaidee"),
        ("Siriporn Jaidee", "Siriporn Jaidea"),
    ],
)
def test_what_is_alike_is_a_close_match_that_a_person_looks_at(one: str, other: str) -> None:
    assert 0 <= name_match(one, other) < PAID


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("จันทร์เพ็ญ ใจดี", "จันทร์เพญ ใจดี"),
        ("สมศักดิ์ ใจดี", "สมศักดิ ใจดี"),
        ("วีระพงษ์ ใจดี", "วีระพงษษ์ ใจดี"),
        ("Somchai Jaidee", "Sommchai Jaidee"),
    ],
)
def test_a_mark_left_out_and_a_letter_typed_twice_make_no_other_name(one: str, other: str) -> None:
    assert name_match(one, other) >= PAID


@pytest.mark.parametrize(
    "answer",
    ["OK", "ok.", "O.K.", "N/A", "n.a.", "-", "", "  ", "ไม่พบข้อมูล", "ไม่ พบ ข้อมูล", "ไม่พบบัญชี 123", "*** ***",
     "นาย *** ***", "• •", "XXXX XXXX",
     "1234567890", "123-4-56789-0", "๑๒๓๔๕๖๗๘๙๐", "นาย 1234567890", "Account not found", "NULL", "unknown",
     '{"error": "no"}', "<html>", "000",
     "\u202eสมชาย", "...", "???", "Error 500", "\u200b\u00a0", "ไม่มีข้อมูล", "success"],
)  # fmt: skip
def test_an_answer_that_names_nobody_proves_nothing(answer: str) -> None:
    assert not proves_a_name(answer, "1234567890")
    assert name_match("สมชาย ใจดี", answer) < PAID
    assert name_match(answer, answer) < PAID


@pytest.mark.parametrize(
    "name", ["สมชาย ใจดี", "ส*** ใ***", "นาย ก***", "Ok Jaidee", "O.K. Corral", "นา นา", "บจก. 5 ดาว", "X"]
)
def test_a_name_is_one(name: str) -> None:
    assert proves_a_name(name, "1234567890")


@pytest.mark.parametrize(
    "name", ["นาย\u00a0สมชาย\u200b ใจดี", "สมชาย ใจดี\ufeff", "สมชาย\u2003ใจดี", "\u2060นายสมชาย  ใจดี"]
)
def test_hidden_characters_and_spaces_change_no_name(name: str) -> None:
    assert name_match("สมชาย ใจดี", name) == name_match(name, "สมชาย ใจดี") == 100


@given(st.text(max_size=30), st.text(max_size=30))
def test_every_pair_of_texts_has_a_score(one: str, other: str) -> None:
    assert 0 <= name_match(one, other) <= 100
    assert bare(bare(one).name).name or not bare(one).name
    assert strip_title(one) or not one.strip() or not strip_title(one)
