"""Several payments of one member, and several attempts of one payment: no line of theirs stops a run."""

from __future__ import annotations

from uuid import UUID

import psycopg

from server.ledger.accounts import payable_id
from tests.reconciliation.test_net import MOST, PRICE, REST, _let_count, books_say
from tests.support.books import MORNING, Books, intent_id, member_id


def one_member(books: Books, *references: str) -> None:
    """All these payments are of the first one's member."""
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute(
            "update sheaf.intent set member_id = %s where id = any(%s)",
            [member_id(int(references[0][1:])), [intent_id(int(one[1:])) for one in references]],
        )


def tried_before(books: Books, reference: str, before: str) -> None:
    """An attempt of the same payment that the bank has rejected, with a reference of its own."""
    n = int(reference[1:])
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("update sheaf.attempt set ordinal = 2 where intent_id = %s", [intent_id(n)])
        admin.execute(
            """insert into sheaf.attempt (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id,
                 prepared_at, ended_at) values (%s, 1, %s, 1, %s, 'rejected', 1, %s, %s)""",
            [UUID(int=5 << 100 | n), intent_id(n), before, MORNING, MORNING],
        )


async def judged(books: Books, *lines: tuple[str, int]) -> None:
    for reference, amount in lines:
        books.bank.book(reference, amount, "payment" if amount < 0 else "return")
    await books.take(books.bank.cut())
    await books.reconcile()


async def test_of_two_returns_only_what_is_still_owed_is_taken_back(books: Books) -> None:
    first, second = books.pay(2)
    one_member(books, first, second)
    await judged(books, (first, -PRICE), (second, -PRICE), (first, PRICE), (second, PRICE))
    books.give_out(first, PRICE)
    owed = payable_id(member_id(int(first[1:])))
    assert books.balance(owed) == PRICE
    await judged(books, (first, -PRICE), (second, -PRICE))
    assert books.balance(owed) == 0
    assert sorted(books.state(one) for one in (first, second)) == ["reconciled", "returned"]
    assert len(books.rows("select 1 from sheaf.reconciliation where reason = 'paid_besides_owed'")) == 1
    assert (await books.reconcile()).results == {}


async def test_every_attempt_of_a_payment_that_was_given_out_loses_its_lines_at_once(books: Books) -> None:
    (paid,) = books.pay()
    tried_before(books, paid, "S00000000000000A")
    await judged(books, ("S00000000000000A", -PRICE), ("S00000000000000A", PRICE), (paid, -PRICE), (paid, PRICE))
    assert books_say(books, paid) == ("returned", PRICE)
    books.give_out(paid, PRICE)
    _let_count(books, counts=False)
    for _ in range(2):
        await books.reconcile()
        assert books_say(books, paid) == ("returned", 0)
        alone = books.rows("select reference, reason from sheaf.reconciliation where statement_line_id is null")
        assert [tuple(row.values()) for row in alone] == [(paid, "owed_unproven")]


def disputed(books: Books, reference: str, *, again: bool) -> bool:
    """Whether what is owed for this payment waits for people, withdrawn at will or paid again."""
    n = int(reference[1:])
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("select set_config('sheaf.branches', '{0,1,2,3}', false)")
        asked = [member_id(n), intent_id(n) if again else None]
        return bool(admin.execute("select sheaf.disputed(%s, 'withdrawal', %s)", asked).fetchall()[0][0])


async def test_nothing_owed_leaves_while_the_bank_has_booked_besides_in_whatever_amount(books: Books) -> None:
    part, split, back, twice = books.pay(4)
    for one in (part, split, back, twice):
        await judged(books, (one, -PRICE), (one, PRICE))
        assert not disputed(books, one, again=False)
    books.give_out(split, PRICE, only_hold=True)
    await judged(books, (part, MOST[1]), (split, MOST[1]), (split, REST[1]), (back, 1), (twice, -PRICE - 1))
    assert {books_say(books, one) for one in (part, split, back, twice)} == {("returned", PRICE)}
    for again in (False, True):
        assert [disputed(books, one, again=again) for one in (part, split, twice)] == [True] * 3
    # who has got more back than was paid owes that to the bank, not to the member
    assert not disputed(books, back, again=False)


async def test_a_payment_that_the_books_do_not_take_stops_no_other_and_is_tried_again(books: Books) -> None:
    good, bad, back = books.pay(3)
    with psycopg.connect(books.company.admin_url) as admin:
        stuck = intent_id(int(bad[1:]))
        admin.execute(f"alter table sheaf.intent add constraint bug check (id <> '{stuck}' or state = 'settled')")
    await judged(books, (good, -PRICE), (bad, -PRICE), (back, -PRICE), (back, PRICE))
    assert [books.state(one) for one in (good, bad, back)] == ["reconciled", "settled", "returned"]
    assert books.rows("select reference, reason from sheaf.reconciliation where result = 'unexpected'") == [
        {"reference": bad, "reason": "not_booked"}
    ]
    with psycopg.connect(books.company.admin_url) as admin:
        admin.execute("alter table sheaf.intent drop constraint bug")
    assert (await books.reconcile()).matched == 1
    assert books_say(books, bad) == ("reconciled", 0)
