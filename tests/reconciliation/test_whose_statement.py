"""A statement speaks only for the account it names, which must be one of ours, and only of days that have come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from shared.wire.records import FileProblem
from tests.support.books import LATER, MORNING, Books

CASES = Path(__file__).parents[1] / "cases" / "statements"
PRICE = 48_250_00
NEXT_NOON = MORNING + timedelta(days=1, hours=2)


def case(name: str) -> dict[str, bytes]:
    return {name: (CASES / name).read_bytes()}


def written(account: str, number: int = 1, *, day: str = "261121", opening: str = "9000000,00", line: str = "",
            closing: str | None = None) -> dict[str, bytes]:  # fmt: skip
    rows = [":20:A", f":25:{account}", f":28C:{number}", f":60F:C{day}THB{opening}", line]
    text = "\n".join([row for row in rows if row] + [f":62F:C{day}THB{closing or opening}\n"])
    return {f"{account.replace('/', '')}_{number}.mt940": text.encode()}


def debit(reference: str, day: str = "261121") -> str:
    return f":61:{day}D48250,00NTRF{reference}//FT1"


@pytest.mark.parametrize(
    "account",
    [
        "9998887770",
        "112223338",  # our number less a digit
        "01112223338",
        "0001112223338",
        "11122233380",
        "1112223339",
        "1112233338",
        "014/112223338",
        "2223338",
    ],
)
async def test_a_statement_of_another_account_proves_nothing_and_is_refused_by_name(books: Books, account: str) -> None:
    paid, unseen = books.pay(2)
    files = written(account, line=debit(paid), closing="8951750,00", day="261125")
    report = await books.take(files)
    assert report.problems == (FileProblem(name=next(iter(files)), problem="not_our_account"),)
    assert (report.files, report.lines) == (0, 0)
    await books.reconcile(NEXT_NOON + timedelta(days=9))
    assert (books.state(paid), books.state(unseen)) == ("settled", "settled")
    # Its date covers nothing either.
    assert set(books.results().values()) == {("settlement_pending", "statement_not_here")}


@pytest.mark.parametrize("name", ["s04_other_account.mt940", "s17_account_without_its_zero.csv"])
async def test_the_strangers_accounts_are_refused(books: Books, name: str) -> None:
    (paid,) = books.pay()
    assert (await books.take(case(name))).problems == (FileProblem(name=name, problem="not_our_account"),)
    await books.reconcile(LATER)
    assert books.results() == {paid: ("settlement_pending", "statement_not_here")}


async def test_of_a_file_with_two_accounts_ours_alone_is_taken(books: Books) -> None:
    (paid,) = books.pay()
    ours = next(iter(written("SICOTHBK/1112223338", line=debit(paid), closing="8951750,00").values()))
    theirs = next(iter(written("9998887770").values()))
    report = await books.take({"both.mt940": theirs + ours})
    assert (len(report.statements), report.problems) == (
        1,
        (FileProblem(name="both.mt940", problem="not_our_account"),),
    )
    assert (await books.reconcile()).matched == 1
    assert (await books.take({"both.mt940": theirs + ours})).statements == ()


async def test_a_statement_is_taken_when_its_account_becomes_ours(books: Books) -> None:
    files = written("9998887770")
    await books.take(files)
    books.own("9998887770")
    assert len((await books.take(files)).statements) == 1


async def test_a_payment_is_proved_by_the_account_that_paid_it_alone(books: Books) -> None:
    books.own("9998887770")
    paid, unseen = books.pay(2)
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("update sheaf.attempt set payer_digest = %s", [books.db.services.vault.digest("1112223338")])
    await books.take(written("9998887770", line=debit(paid), closing="8951750,00", day="261125"))
    await books.reconcile(NEXT_NOON + timedelta(days=9))
    assert (books.state(paid), books.state(unseen)) == ("settled", "settled")
    found = books.rows("select reference, result, reason from sheaf.reconciliation order by result, reference")
    assert [tuple(row.values()) for row in found] == [
        (paid, "settlement_pending", "statement_not_here"),
        (unseen, "settlement_pending", "statement_not_here"),
        (paid, "unexpected", "other_account"),
    ]
    await books.take(written("1112223338", line=debit(paid), closing="8951750,00", day="261125"))
    await books.reconcile(NEXT_NOON + timedelta(days=9))
    assert (books.state(paid), books.state(unseen)) == ("reconciled", "settled")
    assert books.results()[unseen] == ("missing_settlement", "not_on_statement")


async def test_where_nobody_knows_which_account_paid_all_of_ours_must_have_told(books: Books) -> None:
    books.own("9998887770")
    (unseen,) = books.pay()
    await books.take(written("9998887770", day="261125"))
    await books.reconcile(NEXT_NOON + timedelta(days=9))
    assert books.results() == {unseen: ("settlement_pending", "statement_not_here")}
    await books.take(written("1112223338", day="261125"))
    await books.reconcile(NEXT_NOON + timedelta(days=9))
    assert books.results() == {unseen: ("missing_settlement", "not_on_statement")}


async def test_a_statement_of_another_time_is_refused_and_the_real_next_one_taken(books: Books) -> None:
    (unseen,) = books.pay(at=MORNING - timedelta(days=1))
    refused = await books.take(case("s03a_buddhist_year.mt940") | case("s16_year_2099.csv"))
    assert sorted((one.name, one.problem, one.line) for one in refused.problems) == [
        ("s03a_buddhist_year.mt940", "day_not_come", 4),
        ("s16_year_2099.csv", "day_not_come", 2),
    ]
    await books.reconcile(NEXT_NOON)
    assert books.results() == {unseen: ("settlement_pending", "statement_not_here")}
    first = next(iter(case("s03a_buddhist_year.mt940").values())).replace(b"69112", b"26112")
    assert (await books.take({"a.mt940": first} | case("s03b_the_real_next_one.mt940"))).problems == ()


async def test_a_line_beyond_its_statements_day_covers_no_further_day(books: Books) -> None:
    (unseen,) = books.pay(at=MORNING + timedelta(days=3))
    line = ":61:2611281128C1,00NTRFNONREF//FT1"
    await books.take(written("1112223338", line=line, opening="1,00", closing="2,00"))
    await books.reconcile(NEXT_NOON + timedelta(days=9))
    assert books.results()[unseen] == ("settlement_pending", "statement_not_here")


async def test_a_day_is_bangkoks(books: Books) -> None:
    files = written("1112223338", day="261122")
    name = next(iter(files))
    evening = MORNING.replace(hour=16, minute=59)
    assert (await books.take(files, evening)).problems == (FileProblem(name=name, problem="day_not_come", line=4),)
    # Its refusal was not the last word: in Bangkok the day begins at 17:00.
    assert len((await books.take(files, evening + timedelta(minutes=1))).statements) == 1


async def test_a_refusal_that_later_knowledge_lifts_is_judged_again(books: Books) -> None:
    empty = written("1112223338", 1)
    missing = written("1112223338", 2)
    third = written("1112223338", 3, line=debit("X"), closing="8951750,00")
    await books.take(empty)
    for _ in range(2):
        assert (await books.take(third)).problems == (FileProblem(name="1112223338_3.mt940", problem="gap"),)
    assert len((await books.take(missing | third)).statements) == 2


async def test_forms_that_disagreed_are_taken_when_the_right_one_comes(books: Books) -> None:
    (paid,) = books.pay()
    books.bank.book(paid, -PRICE)
    files = books.bank.cut()
    (csv,) = (name for name in files if name.endswith("csv"))
    wrong = files | {csv: files[csv].replace(paid.encode(), b"S000000000000009")}
    assert len((await books.take(wrong)).problems) == 2
    # The worker brings what was refused along with what is new.
    report = await books.take({"old.mt940": files[csv.replace("csv", "mt940")], csv: files[csv]})
    assert (len(report.statements), report.problems) == (1, ())


def insert(books: Books, **changes: object) -> str:
    """A second statement behind the first, with something wrong in it; the SQLSTATE of what refuses it."""
    (row,) = books.rows("select * from sheaf.statement")
    row |= {"id": UUID(int=9), "position": 2, "number": "9", "opening": row["closing"], "imported_at": LATER} | changes
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("set sheaf.branches = '{0}'")
        columns = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join(map(sql.Placeholder, row))
        try:
            admin.execute(sql.SQL("insert into sheaf.statement ({}) values ({})").format(columns, values), row)
        except psycopg.Error as error:
            return str(error.sqlstate)
        admin.rollback()
    return ""


async def test_the_database_keeps_each_accounts_chain_and_takes_nothing_of_strangers_or_of_days_to_come(
    books: Books,
) -> None:
    await books.take(written("1112223338"))
    assert insert(books) == ""
    assert insert(books, position=3) == "SH080"
    assert insert(books, position=1) == "SH080"
    assert insert(books, opening=8) == "SH080"
    assert insert(books, date=date(2026, 11, 20)) == "SH080"
    assert insert(books, account_digest=b"x", position=1) == "23503"
    assert insert(books, imported_at=datetime(2026, 11, 20, 16, 59, tzinfo=UTC)) == "23514"
