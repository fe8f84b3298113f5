"""The demo's made-up members are plausible, varied and always the same."""

from __future__ import annotations

from collections import Counter

from lab.demo.company import BRANCHES
from lab.demo.people import Person
from lab.demo.seed import all_members
from shared.banks import AccountNumber, check_account
from shared.names import name_match
from shared.thai import national_id_problem, parse_phone


def everyone() -> list[Person]:
    return [one for people in all_members(5000).values() for one in people]


def test_they_are_always_the_same_and_as_many_as_asked() -> None:
    assert everyone() == everyone()
    assert len(everyone()) == 5000
    assert set(all_members(7)) == {branch.code for branch in BRANCHES}
    assert sum(map(len, all_members(7).values())) == 7


def test_every_number_is_one_that_the_register_would_accept() -> None:
    for one in everyone():
        assert national_id_problem(one.national_id) is None
        assert parse_phone(one.phone) == one.phone
        if one.bank:
            assert isinstance(check_account(one.bank, one.account, production=True), AccountNumber)


def test_nobody_shares_an_id_or_an_account() -> None:
    people = everyone()
    assert len({one.national_id for one in people}) == len(people)
    accounts = [(one.bank, one.account) for one in people if one.bank]
    assert len(set(accounts)) == len(accounts)
    assert len({one.code for one in people}) == len(people)


def test_every_kind_of_standing_is_there_and_most_may_be_paid() -> None:
    people = everyone()
    assert set(Counter(one.status for one in people)) == {"active", "suspended", "closed"}
    assert set(Counter(one.check for one in people)) == {"fresh", "stale", "none"}
    assert 10 < sum(not one.bank for one in people) < 500
    others = [one for one in people if one.bank and one.holder != one.name]
    assert others
    assert all(name_match(one.name, one.holder) < 80 for one in others)
    payable = [one for one in people if one.status == "active" and one.check == "fresh" and one.holder == one.name]
    assert len(payable) > 4500


def test_their_names_are_many() -> None:
    names = Counter(one.name for one in everyone())
    assert len(names) > 4500
