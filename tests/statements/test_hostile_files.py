"""What whoever writes into the bank's folder, or into a payee's name, may try: no file stops the others."""

from __future__ import annotations

import time
from datetime import date

import pytest

from server.statements.csv_format import parse_csv
from server.statements.importing import read
from server.statements.mt940 import parse_mt940
from server.statements.parsed import Rejected, StatementFile, StatementProblem
from server.statements.rules import Form
from shared.wire.records import FileProblem
from tests.statements.conftest import House
from tests.support.books import LATER

DAY = date(2026, 12, 1)
REFERENCE = "S000000000000001"
HEADING = "Account,Date,Time,Code,Channel,Cheque,Debit,Credit,Sign,Balance,Description\n"


def mt940(*lines: str, opening: str = "1000,00", closing: str = "1000,00", number: int = 1) -> str:
    head = (f":20:X{number}", ":25:1112223338", f":28C:{number}", f":60F:C261121THB{opening}")
    return "\n".join([*head, *lines, f":62F:C261121THB{closing}", ""])


def csv(description: str) -> str:
    return f'{HEADING}1112223338,21/11/2026,10:00,X2,,,100.00,,+,900.00,"{description}"\n'


def line_of(parsed: tuple[StatementFile, ...] | Rejected) -> tuple[str, str]:
    assert not isinstance(parsed, Rejected), parsed
    (statement,) = parsed
    return statement.lines[0].reference, statement.lines[0].description


@pytest.mark.parametrize("hidden", ["\u3164", "\u115f", "\u2800", "\ufe0f", "\U000e0041", "\u202e", "\u034f"])
def test_a_character_that_shows_nothing_takes_no_reference_away(hidden: str) -> None:
    text = f"PAY REF {REFERENCE} นาง{hidden}ดี"
    debit = ":61:2611211121D100,00NTRFNONREF//FT1"
    assert line_of(parse_csv(csv(text).encode(), DAY)) == (REFERENCE, f"PAY REF {REFERENCE} นางดี")
    read_out = parse_mt940(mt940(debit, f":86:{text}", closing="900,00").encode(), DAY)
    assert line_of(read_out) == (REFERENCE, f"PAY REF {REFERENCE} นางดี")


def test_a_description_of_two_lines_keeps_them_apart() -> None:
    assert line_of(parse_csv(csv(f"PAY\nREF {REFERENCE}").encode(), DAY))[0] == REFERENCE


def test_a_field_without_end_is_refused_before_it_takes_the_day() -> None:
    begun = time.process_time()
    parsed = parse_mt940((":20:X\n" + "a\n" * 2_000_000).encode(), DAY)
    assert isinstance(parsed, Rejected)
    assert (parsed.problem, parsed.line_number) == (StatementProblem.FIELD, 201)
    assert time.process_time() - begun < 10


def test_a_balance_that_nobody_has_ever_held_is_refused() -> None:
    lines = [f":61:2611211121{mark}9999999999999,99NTRFX//FT1" for mark in "CD"]
    parsed = parse_mt940(mt940(lines[0], lines[0], lines[1], lines[1]).encode(), DAY)
    assert isinstance(parsed, Rejected)
    assert parsed.problem is StatementProblem.AMOUNT


@pytest.mark.parametrize("name", ["z.csv", "z.mt940", "z.txt", "z"])
def test_the_content_is_read_under_whatever_name_it_comes(name: str) -> None:
    texts = {Form.MT940: mt940(":61:2611211121D100,00NTRFX//FT1", closing="900,00"), Form.CSV: csv("PAY")}
    for form, text in texts.items():
        delivered = read(name, "0" * 64, text.encode(), LATER)
        assert not isinstance(delivered.parsed, Rejected)
        assert delivered.form is form


async def test_the_same_content_under_a_wrong_name_hides_nothing(house: House) -> None:
    books = house.books
    (paid,) = books.pay()
    books.bank.book(paid, -48_250_00)
    files = books.bank.cut()
    (content,) = [one for name, one in files.items() if name.endswith(".mt940")]
    await books.take({"STMT.mt940": content, "zzz.csv": content})
    assert (await books.reconcile()).matched == 1


async def test_two_statements_of_one_day_in_one_file_are_both_taken(house: House) -> None:
    both = mt940(":61:2611211121D100,00NTRFX//FT1", closing="900,00") + mt940(
        ":61:2611211121D100,00NTRFY//FT2", opening="900,00", closing="800,00", number=2
    )
    report = await house.books.take({"DAY.mt940": both.encode()})
    assert (len(report.statements), report.problems) == (2, ())


async def test_what_two_people_have_set_aside_does_not_come_back_in_its_other_form(house: House) -> None:
    books = house.books
    (paid,) = books.pay()
    books.bank.book(paid, -48_250_00)
    files = books.bank.cut()
    await books.take(files)
    await house.set_aside(house.statement(1))
    # re-delivered with another byte each, alone and together
    again = {f"again_{name}": content + b"\n" for name, content in files.items()}
    for name, content in again.items():
        report = await books.take({name: content})
        assert (report.statements, report.problems) == ((), (FileProblem(name=name, problem="set_aside"),))
    assert (await books.take(again)).statements == ()
    await books.reconcile()
    assert books.state(paid) == "settled"
