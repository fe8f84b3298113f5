"""Which line proves which record, whatever order they come in; and that named parts make up the whole difference."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.treasury.rules import NEAR, Bank, Books, Credit, Recorded, Unproved, difference, pairs

DAY = date(2026, 11, 21)


def _id(number: int) -> UUID:
    return UUID(int=number)


def test_the_nearest_day_wins_and_far_ones_never() -> None:
    recorded = [Recorded(_id(1), 100, DAY), Recorded(_id(2), 100, DAY + timedelta(days=3))]
    credits = [Credit(_id(8), 100, DAY + timedelta(days=3)), Credit(_id(9), 100, DAY + timedelta(days=1))]
    assert dict(pairs(recorded, credits)) == {_id(2): _id(8), _id(1): _id(9)}
    assert pairs([Recorded(_id(1), 100, DAY)], [Credit(_id(9), 100, DAY + timedelta(days=NEAR + 1))]) == []
    assert pairs([Recorded(_id(1), 100, DAY)], [Credit(_id(9), 101, DAY)]) == []


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 12)), max_size=8),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 12)), max_size=8),
    st.randoms(use_true_random=False),
)
def test_each_is_used_once_fits_and_no_order_matters(
    left: list[tuple[int, int]],
    right: list[tuple[int, int]],
    dice: Random,
) -> None:
    recorded = [Recorded(_id(n), amount, DAY + timedelta(days=day)) for n, (amount, day) in enumerate(left)]
    credits = [Credit(_id(100 + n), amount, DAY + timedelta(days=day)) for n, (amount, day) in enumerate(right)]
    found = pairs(recorded, credits)
    assert len({deposit for deposit, _ in found}) == len({line for _, line in found}) == len(found)
    of, by = {one.id: one for one in recorded}, {one.line_id: one for one in credits}
    assert all(of[deposit].amount == by[line].amount for deposit, line in found)
    dice.shuffle(recorded)
    dice.shuffle(credits)
    assert sorted(pairs(recorded, credits)) == sorted(found)


MONEY = st.integers(0, 10**9)


@given(MONEY, MONEY, MONEY, MONEY, MONEY, MONEY, MONEY)
def test_the_parts_are_the_whole_difference(
    opening: int, before: int, since: int, proved: int, unknown_in: int, unknown_out: int, paid: int
) -> None:
    """Books and bank made from one story: opening, recorded money, payments shown, and lines that nobody knows."""
    outside = before + since + proved
    books = Books(treasury=outside - paid, branches=0, members=0, others=0, transit=0, outside=outside)
    closing = opening + proved - paid + unknown_in - unknown_out
    bank = Bank(opening=opening, closing=closing, credits=(1, unknown_in), debits=(1, -unknown_out))
    parts = difference(books, bank, Unproved(count=1, since=since, proved=proved))
    assert sum(amount for _, _, amount in parts) == closing - books.total
