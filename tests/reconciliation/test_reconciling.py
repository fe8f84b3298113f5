"""Reconciliation in the database, as the statements worker's role: results, money, intents and audit move together."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from server.audit.verification import verify
from server.context import Actor
from server.ledger.accounts import Purpose, account_id, payable_id
from server.ledger.check import check
from server.reconciliation.verbs import list_reconciliation
from shared.refusals import RefusalCode, Refused
from shared.wire.records import ListReconciliationRequest, ReconciliationList
from tests.support.books import CODES, EVERYTHING, MORNING, TREASURER, Books, intent_id, member_id
from tests.support.calls import call

PRICE = 48_250_00
TRANSIT, PAID = account_id("NSN", Purpose.TRANSIT), account_id("NSN", Purpose.PAID)
NEXT_NOON = MORNING + timedelta(days=1, hours=2)


async def whole(books: Books) -> None:
    """The ledger recomputes, transit holds exactly what is settled, and the audit chains are unbroken."""
    async with books.company.administration() as owner, owner.transaction(EVERYTHING) as tx:
        assert (await check(tx)).balanced
        assert (await verify(tx)).first_bad is None
    settled = books.rows("select coalesce(sum(amount), 0)::bigint n from sheaf.intent where state = 'settled'")
    transit = books.rows("select sum(posted)::bigint n from sheaf.ledger_account where purpose = 'transit'")
    assert settled == transit


async def test_a_matched_payment_is_reconciled_with_its_evidence(books: Books) -> None:
    (paid,) = books.pay()
    books.bank.book(paid, -PRICE)
    await books.take(books.bank.cut())
    run = await books.reconcile()
    assert (run.matched, run.returned, run.results) == (1, 0, {"matched": 1})
    assert books.state(paid) == "reconciled"
    assert (books.balance(TRANSIT), books.balance(PAID)) == (0, PRICE)
    assert books.rows("select version, state, actor, evidence from sheaf.intent_event") == [
        {"version": 2, "state": "reconciled", "actor": "statements", "evidence": "1/2026-11-21/1"}
    ]
    await whole(books)


async def test_a_second_run_over_the_same_facts_writes_nothing(books: Books) -> None:
    paid, wrong, missing = books.pay(3)
    books.bank.book(paid, -PRICE)
    books.bank.book(wrong, -PRICE - 1)
    books.bank.book("", -35_00, "extra")
    await books.take(books.bank.cut())
    await books.reconcile()
    tables = (
        "select * from sheaf.reconciliation order by id",
        "select * from sheaf.audit_entry order by branch_id, sequence",
        "select * from sheaf.ledger_entry order by transfer_id, account_id",
        "select * from sheaf.intent order by id",
    )
    before = [books.rows(table) for table in tables]
    run = await books.reconcile(MORNING + timedelta(minutes=15))
    assert (run.results, run.matched, run.returned) == ({}, 0, 0)
    assert [books.rows(table) for table in tables] == before
    assert books.results()[missing] == ("settlement_pending", "day_not_over")


async def test_a_returned_payment_is_owed_to_the_member(books: Books) -> None:
    at_once, later, never_seen = books.pay(3)
    for reference in (at_once, later):
        books.bank.book(reference, -PRICE)
    for reference in (at_once, never_seen):
        books.bank.book(reference, PRICE, "return")
    await books.take(books.bank.cut())
    run = await books.reconcile()
    assert (run.matched, run.returned, books.state(never_seen)) == (1, 1, "settled")
    books.bank.book(later, PRICE, "return")
    books.bank.book(never_seen, -PRICE)
    await books.take(books.bank.cut())
    run = await books.reconcile()
    assert (run.matched, run.returned) == (0, 2)
    assert [books.state(reference) for reference in (at_once, later, never_seen)] == ["returned"] * 3
    assert [books.balance(payable_id(member_id(n))) for n in (1, 2, 3)] == [PRICE] * 3
    assert (books.balance(TRANSIT), books.balance(PAID)) == (0, 0)
    await whole(books)


async def test_a_line_of_a_payment_in_doubt_waits_for_the_executor(books: Books) -> None:
    (doubt,) = books.pay(1, "in_doubt", "unknown")
    books.bank.book(doubt, -PRICE)
    await books.take(books.bank.cut())
    await books.reconcile()
    assert books.results() == {doubt: ("settlement_pending", "awaits_bank_answer")}
    assert books.state(doubt) == "in_doubt"
    books.walk(doubt, "settled", "accepted")
    run = await books.reconcile()
    assert (run.matched, books.state(doubt), books.results()) == (1, "reconciled", {doubt: ("matched", "")})
    await whole(books)


async def test_a_line_that_came_before_its_payment_was_known_is_the_payments_in_the_end(books: Books) -> None:
    """As in a restored database: the statement is there before the bank was asked about the payment."""
    reference = f"S{1:015d}"
    books.bank.book(reference, -PRICE)
    await books.take(books.bank.cut())
    await books.reconcile()
    assert books.results()[reference][0] == "unexpected"
    assert books.pay() == [reference]
    run = await books.reconcile()
    assert (run.matched, books.state(reference)) == (1, "reconciled")
    assert books.results() == {reference: ("matched", "")}
    found = books.rows("select branch_id, attempt_id from sheaf.reconciliation where intent_id = %s", intent_id(1))
    assert len(found) == 1
    assert found[0]["attempt_id"] is not None
    await whole(books)


async def test_a_payment_without_a_line_goes_from_pending_to_missing_to_matched(books: Books) -> None:
    (late,) = books.pay()
    await books.reconcile(MORNING + timedelta(hours=1))
    assert books.results() == {late: ("settlement_pending", "day_not_over")}
    await books.reconcile(NEXT_NOON)
    assert books.results() == {late: ("settlement_pending", "statement_not_here")}
    books.bank.book("", -35_00, "extra", NEXT_NOON)
    await books.take(books.bank.cut(NEXT_NOON))
    await books.reconcile(NEXT_NOON)
    assert books.results()[late] == ("missing_settlement", "not_on_statement")
    books.bank.book(late, -PRICE, at=NEXT_NOON)
    await books.take(books.bank.cut(NEXT_NOON))
    run = await books.reconcile(NEXT_NOON)
    assert run.matched == 1
    assert books.results()[late] == ("matched", "")
    assert len(books.rows("select 1 from sheaf.reconciliation where intent_id = %s", intent_id(1))) == 1
    await whole(books)


async def test_what_moved_in_our_own_books_waits_for_no_line(books: Books) -> None:
    ours, banks = books.pay(2)
    with psycopg.connect(books.company.admin_url) as admin:
        # an intent never changes; here one is made after the fact that no bank has seen
        admin.execute("set session_replication_role = replica")
        admin.execute(
            """update sheaf.intent i set destination = 'balance', bank_account_id = null, channel = 'internal'
               from sheaf.attempt a where a.intent_id = i.id and a.bank_reference = %s""",
            [ours],
        )
    await books.take(books.bank.cut())
    await books.reconcile(NEXT_NOON)
    assert set(books.results()) == {banks}
    assert books.state(ours) == "settled"


async def test_a_bank_that_pays_what_it_rejected_or_pays_twice_is_told_and_moves_nothing(books: Books) -> None:
    (rejected,) = books.pay(1, "failed", "rejected")
    (twice,) = books.pay()
    for reference in (rejected, twice, twice):
        books.bank.book(reference, -PRICE)
    await books.take(books.bank.cut())
    await books.reconcile()
    found = books.rows("select reference, result, reason from sheaf.reconciliation order by reference, result")
    assert [tuple(row.values()) for row in found] == [
        (rejected, "unexpected", "never_accepted"),
        (twice, "matched", ""),
        (twice, "unexpected", "duplicate"),
    ]
    assert (books.state(rejected), books.state(twice), books.balance(PAID)) == ("failed", "reconciled", PRICE)
    await whole(books)


async def test_a_mismatch_is_settled_by_the_right_line(books: Books) -> None:
    (paid,) = books.pay()
    books.bank.book(paid, -PRICE - 5)
    await books.take(books.bank.cut())
    await books.reconcile()
    assert books.results() == {paid: ("mismatched", "amount")}
    books.bank.book(paid, -PRICE)
    await books.take(books.bank.cut())
    assert (await books.reconcile()).matched == 1
    found = books.rows("select result, reason from sheaf.reconciliation order by result")
    assert [tuple(row.values()) for row in found] == [("matched", ""), ("mismatched", "amount")]
    await whole(books)


async def test_a_branch_sees_its_own_results_and_counts(books: Books) -> None:
    ours, theirs = books.pay(2) + books.pay(1, branch="KKN"), ""
    for reference in ours:
        books.bank.book(reference, -PRICE)
    books.bank.book(theirs, -35_00, "extra")
    await books.take(books.bank.cut())
    await books.reconcile()
    api = books.company.database(connections=1)
    manager = Actor(name="m", branch_codes={"KKN": CODES["KKN"]})
    reply = await call(api, manager, list_reconciliation, ListReconciliationRequest(), MORNING)
    assert isinstance(reply, ReconciliationList)
    assert [(view.branch, view.result, view.amount_found) for view in reply.results] == [
        ("KKN", "matched", "-48250.00")
    ]
    assert (reply.counts["matched"], reply.counts["unexpected"], reply.counts["mismatched"]) == (1, 0, 0)
    seen: list[UUID] = []
    cursor = ""
    while True:
        asked = ListReconciliationRequest(limit=3, cursor=cursor)
        page = await call(api, TREASURER, list_reconciliation, asked, MORNING)
        assert isinstance(page, ReconciliationList)
        seen += [view.id for view in page.results]
        cursor = page.cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 4
    wrong = await call(api, TREASURER, list_reconciliation, ListReconciliationRequest(cursor="x"), MORNING)
    assert wrong == Refused(RefusalCode.CURSOR, field="cursor")
    await api.close()


@pytest.mark.timeout(60)
async def test_ten_thousand_lines_take_seconds(books: Books) -> None:
    for reference in books.pay(10_000):
        books.bank.book(reference, -PRICE)
    files = books.bank.cut()
    books.analyze()
    begun = time.monotonic()
    report = await books.take(files)
    imported = time.monotonic()
    run = await books.reconcile()
    done = time.monotonic()
    print(f"import {imported - begun:.1f} s, reconcile {done - imported:.1f} s")  # noqa: T201  # shown with -s
    assert (report.lines, run.matched) == (10_000, 10_000)
    assert done - begun < 20
    await whole(books)
