"""What was taken wrongly is set aside by two people, and all that was concluded from it goes with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.ledger.accounts import Purpose, account_id, payable_id
from server.ledger.check import check
from server.statements.verbs import judge_statements_again, list_statement_files, list_statements
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import Nothing
from tests.statements.conftest import House
from tests.support.books import EVERYTHING, LATER, MORNING, member_id

PRICE = 48_250_00
TRANSIT, PAID = account_id("NSN", Purpose.TRANSIT), account_id("NSN", Purpose.PAID)
NEXT_NOON = MORNING + timedelta(days=1, hours=2)


async def whole(house: House) -> None:
    """The ledger recomputes, and transit holds exactly what is settled."""
    async with house.books.company.administration() as owner, owner.transaction(EVERYTHING) as tx:
        assert (await check(tx)).balanced
    settled = house.books.rows("select coalesce(sum(amount), 0)::bigint n from sheaf.intent where state = 'settled'")
    transit = house.books.rows("select sum(posted)::bigint n from sheaf.ledger_account where purpose = 'transit'")
    assert settled == transit


def refusal(reply: Any) -> R:
    assert isinstance(reply, Refused)
    return reply.code


async def test_what_was_proved_by_it_is_open_again_and_what_it_covered_is_not(house: House) -> None:
    books = house.books
    paid, back, unseen = books.pay(3)
    for reference, amount, kind in ((paid, -PRICE, "payment"), (back, -PRICE, "payment"), (back, PRICE, "return")):
        books.bank.book(reference, amount, kind)  # type: ignore[arg-type]  # one of the bank's
    files = books.bank.cut()
    await books.take(files)
    await books.reconcile(NEXT_NOON)
    assert [books.state(one) for one in (paid, back, unseen)] == ["reconciled", "returned", "settled"]
    assert books.balance(payable_id(member_id(2))) == PRICE
    case = await house.propose(house.statement(1))
    assert (case.action, case.state, case.later, case.lines) == ("set_aside", "requested", 0, 3)
    await house.sign(case)
    await books.reconcile(NEXT_NOON)
    assert [books.state(one) for one in (paid, back, unseen)] == ["settled"] * 3
    assert (books.balance(payable_id(member_id(2))), books.balance(PAID), books.balance(TRANSIT)) == (0, 0, 3 * PRICE)
    found = books.rows("select result, count(*) n from sheaf.reconciliation group by result order by result")
    assert [tuple(row.values()) for row in found] == [("set_aside", 3), ("settlement_pending", 3)]
    await whole(house)
    # The same content is not taken again, from whatever file.
    again = {name.replace("STMT", "SAME"): content + b"\r\n" for name, content in files.items()}
    report = await books.take(again)
    assert report.statements == ()
    assert all(one.problem == "set_aside" for one in report.problems)
    assert (await books.take(files)).statements == ()


async def test_a_statement_of_a_day_to_come_that_was_taken_once_lets_the_real_ones_in(house: House) -> None:
    """As an older version left it: the chain's last statement is of 2069, and all later ones wait."""
    books = house.books
    (paid,) = books.pay()
    await books.take(books.bank.cut())
    books.bank.book(paid, -PRICE, at=NEXT_NOON)
    wrong = books.bank.cut(NEXT_NOON)
    await books.take(wrong)
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("alter table sheaf.statement drop constraint statement_day_has_come")
        admin.execute("update sheaf.statement set date = '2069-11-22', content = 'x' where position = 2")
        admin.execute(
            """alter table sheaf.statement add constraint statement_day_has_come
               check (set_aside_at is not null or date <= (imported_at at time zone 'Asia/Bangkok')::date) not valid"""
        )
    await books.reconcile(NEXT_NOON)
    real = books.bank.cut(NEXT_NOON + timedelta(days=1))
    assert {one.problem for one in (await books.take(real)).problems} == {"before_last"}
    case = await house.propose(house.statement(2), reason="พ.ศ. 2569 อ่านเป็น ค.ศ. 2069")
    assert (await house.sign(case)).state == "approved"
    right = {name.replace(".", "b."): content + b"\r\n" for name, content in wrong.items()}
    report = await books.take(right | real)
    assert (len(report.statements), report.problems) == (2, ())
    assert (await books.reconcile(NEXT_NOON)).matched == 0
    assert books.state(paid) == "reconciled"
    assert [row[2:] for row in house.statements()] == [(1, True), (2, False), (2, True), (3, True)]
    await whole(house)


async def test_what_rests_on_it_is_judged_again_and_stays_if_it_still_follows(house: House) -> None:
    books = house.books
    first, second = books.pay(2)
    await books.take(books.bank.cut())
    books.bank.book(first, -PRICE)
    cuts = [books.bank.cut()]
    quiet = books.bank.cut()  # an empty one, wrongly taken
    books.bank.book(second, -PRICE)
    cuts.append(books.bank.cut())
    for files in (cuts[0], quiet, cuts[1]):
        await books.take(files)
    await books.reconcile(NEXT_NOON)
    events = books.rows("select count(*) n from sheaf.intent_event")
    case = await house.propose(house.statement(2))
    assert case.later == 2
    await house.sign(case)
    assert [row[2:] for row in house.statements()] == [(1, True), (2, False), (3, False), (4, False)]
    # Taken again in one pass: the numbers of the two that rested on it still say that one is missing.
    report = await books.take(quiet | cuts[1])
    assert {one.problem for one in report.problems} == {"gap"}
    await books.reconcile(NEXT_NOON)
    assert (books.state(first), books.state(second)) == ("settled", "settled")
    # People find that it was right: proposed and signed the same way, it and what rests on it count again.
    set_aside = books.rows("select statement_id from sheaf.set_aside")[0]["statement_id"]
    again = await house.propose(set_aside, reason="ถูกต้องแล้ว")
    assert again.action == "take_again"
    assert (await house.sign(again)).state == "approved"
    report = await books.take(cuts[0] | quiet | cuts[1])
    assert (len(report.statements), report.problems) == (3, ())
    await books.reconcile(NEXT_NOON)
    assert (books.state(first), books.state(second)) == ("reconciled", "reconciled")
    assert books.rows("select count(*) n from sheaf.intent_event")[0]["n"] == events[0]["n"] + 4
    await whole(house)


async def test_taken_again_in_the_same_pass_nothing_moves_to_and_fro(house: House) -> None:
    books = house.books
    (paid,) = books.pay()
    await books.take(books.bank.cut())
    books.bank.number -= 1
    other = {name.replace("_01", "_99"): content for name, content in books.bank.cut().items()}
    books.bank.book(paid, -PRICE)
    cut = books.bank.cut()
    await books.take(cut)
    await books.reconcile(NEXT_NOON)
    events = books.rows("select * from sheaf.intent_event")
    await house.set_aside(house.statement(1))
    # What follows is a first statement now, and taken at once.
    assert len((await books.take(cut | other)).statements) == 1
    await books.reconcile(NEXT_NOON)
    assert (books.state(paid), books.rows("select * from sheaf.intent_event")) == ("reconciled", events)
    await whole(house)


async def test_a_member_who_has_the_money_already_keeps_it_and_people_are_told(house: House) -> None:
    books = house.books
    (back,) = books.pay()
    books.bank.book(back, -PRICE)
    books.bank.book(back, PRICE, "return")
    await books.take(books.bank.cut())
    await books.reconcile()
    books.give_out(back, PRICE)
    await house.set_aside(house.statement(1))
    await books.reconcile(NEXT_NOON)
    assert (books.state(back), books.balance(payable_id(member_id(1)))) == ("returned", 0)
    assert ("unexpected", "owed_unproven") in books.results().values()
    await whole(house)


async def test_nobody_sets_aside_alone(house: House) -> None:
    await house.books.take(house.books.bank.cut())
    statement = house.statement(1)
    own = await house.propose(statement, who="treasurer")
    assert refusal(await house.sign(own)) is R.MAKER_IS_CHECKER
    assert refusal(await house.propose(statement)) is R.ALREADY_EXISTS
    assert refusal(await house.sign(own, who="administrator")) is R.NOT_YOUR_TURN
    assert refusal(await house.sign(own, who="manager.nsn")) is R.NOT_YOUR_TURN
    with psycopg.connect(house.books.company.admin_url) as admin:
        admin.execute("update sheaf.set_aside set state = 'expired'")
    assert [row[3] for row in house.statements()] == [True]
    case = await house.propose(statement)
    assert refusal(await house.sign(case, signature="AAAA")) is R.SIGNATURE
    assert refusal(await house.sign(case, digest="0" * 64)) is R.SIGNATURE
    assert refusal(await house.sign(case, version=9)) is R.STALE_VERSION
    assert refusal(await house.sign(case, decision="reject")) is R.REASON_NEEDED
    rejected = await house.sign(case, decision="reject", reason="ถูกต้องแล้ว")
    assert (rejected.state, house.statements()[0][3]) == ("rejected", True)
    assert refusal(await house.sign(rejected)) is R.STATE
    assert refusal(await house.propose(statement, reason=" ")) is R.REASON_NEEDED
    assert refusal(await house.propose(UUID(int=1))) is R.NOT_FOUND


async def test_one_that_rested_on_another_is_not_proposed_for_itself(house: House) -> None:
    for _ in range(2):
        await house.books.take(house.books.bank.cut())
    later = house.statement(2)
    await house.set_aside(house.statement(1))
    assert refusal(await house.propose(later)) is R.STATE


@pytest.mark.parametrize(
    ("sql", "state"),
    [
        ("update sheaf.statement set closing = 9", "SH005"),
        ("update sheaf.statement set set_aside_at = now()", "SH085"),
        ("update sheaf.statement set set_aside_at = now(), set_aside_by = gen_random_uuid()", "SH085"),
        ("delete from sheaf.statement", "SH005"),
        ("update sheaf.set_aside set state = 'approved', version = 2", "SH112"),
        ("update sheaf.set_aside set reason = 'b'", "SH082"),
        ("update sheaf.sign_off set at = now()", "SH005"),
    ],
)
async def test_the_database_does_not_let_one_person_do_it(house: House, sql: str, state: str) -> None:
    await house.books.take(house.books.bank.cut())
    case = await house.propose(house.statement(1))
    sign = """insert into sheaf.sign_off select gen_random_uuid(), 0, 'set_aside', id, maker_id, 'treasurer',
                (select id from sheaf.device limit 1), 'approve', '', '', '', null, now() from sheaf.set_aside"""
    told = []
    for statement in (sql, sign):
        with psycopg.connect(house.books.company.admin_url) as admin:
            admin.execute("set sheaf.branches = '{0}'")
            try:
                admin.execute(statement)  # type: ignore[call-overload]  # the test's own
            except psycopg.Error as error:
                told.append(error.sqlstate)
            admin.rollback()
    assert (told, case.state) == ([state, "SH111"], "requested")


async def test_what_is_not_taken_is_listed_with_its_reason_and_judged_again_on_request(house: House) -> None:
    books = house.books
    await books.take({"a.mt940": b"hello\n", "b.csv": b"\x00"})
    listed = (await house.ask("treasurer", list_statement_files, Nothing())).files
    assert {(one.name, one.outcome, one.problem, one.line) for one in listed} == {
        ("a.mt940", "refused", "not_a_statement", 1),
        ("b.csv", "refused", "not_text", 0),
    }
    fetch = await house.ask("treasurer", judge_statements_again, Nothing())
    assert fetch.state == "requested"
    listed = (await house.ask("treasurer", list_statement_files, Nothing())).files
    assert {(one.outcome, one.problem) for one in listed} == {("waiting", "")}
    assert len((await books.take({"a.mt940": b"hello\n", "b.csv": b"\x00"})).problems) == 2


async def test_statements_that_were_set_aside_stay_in_the_list(house: House) -> None:
    await house.books.take(house.books.bank.cut())
    await house.set_aside(house.statement(1))
    (view,) = (await house.ask("treasurer", list_statements, Nothing())).statements
    assert view.set_aside_at == LATER.isoformat(timespec="milliseconds").replace("+00:00", "Z")
