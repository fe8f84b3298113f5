"""Several connections at once: no money is spent twice, one of two wins, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from server.database.transaction import Database
from server.ledger.check import check
from server.ledger.posting import answer_each
from server.ledger.transfers import Answer, Existing, Kind, Posted, Transfer, Why
from tests.ledger.test_answers import free, pay, set_aside, settle, standing, whys
from tests.ledger.test_answers import ledger as ledger
from tests.ledger.till import FUNDING, OPENING, PAID, TRANSIT
from tests.members.world import NOW


async def together(ledger: Database, *lists: list[Transfer]) -> list[list[Answer]]:
    """Each list in a transaction of its own, all at once."""

    async def one(transfers: list[Transfer]) -> list[Answer]:
        async with ledger.transaction([1]) as tx:
            return await answer_each(tx, transfers, NOW + timedelta(minutes=1))

    answers = await asyncio.gather(*(one(transfers) for transfers in lists))
    async with ledger.transaction([1]) as tx:
        assert (await check(tx)).differences == []
    return list(answers)


async def test_holds_count_against_what_is_free(ledger: Database) -> None:
    """Six times two fifths: two fit, whoever comes first."""
    answers = await together(ledger, *([set_aside(OPENING * 2 // 5)] for _ in range(6)))
    assert sorted(str(why) for [why] in map(whys, answers)) == [str(Posted)] * 2 + [Why.INSUFFICIENT] * 4
    assert await standing(ledger, FUNDING) == [(OPENING, OPENING * 4 // 5)]


async def test_a_hold_is_posted_or_freed_and_never_both(ledger: Database) -> None:
    held = set_aside(500)
    await together(ledger, [held])
    answers = await together(
        ledger, [settle(held.id, 500)], [free(held.id)], [settle(held.id, 500)], [free(held.id, 500)]
    )
    assert sorted(str(why) for [why] in map(whys, answers)) == [str(Posted)] + [Why.HOLD_ENDED] * 3
    funding, transit = await standing(ledger, FUNDING, TRANSIT)
    assert funding in ((OPENING - 500, 0), (OPENING, 0))
    assert funding[0] + transit[0] == OPENING


async def test_one_of_two_reversals_wins(ledger: Database) -> None:
    paid = pay(100)
    await together(ledger, [paid])
    turns = [[pay(1, kind=Kind.REVERSAL, reverses=paid.id, legs=())] for _ in range(4)]
    answers = await together(ledger, *turns)
    assert sorted(str(why) for [why] in map(whys, answers)) == [str(Posted)] + [Why.ALREADY_REVERSED] * 3
    assert await standing(ledger, FUNDING, TRANSIT) == [(OPENING, 0), (0, 0)]


async def test_the_same_transfer_from_everywhere_is_posted_once(ledger: Database) -> None:
    paid = pay(100)
    answers = await together(ledger, *([paid] for _ in range(6)))
    assert sorted(type(answer).__name__ for [answer] in answers) == [Existing.__name__] * 5 + [Posted.__name__]
    assert await standing(ledger, FUNDING) == [(OPENING - 100, 0)]


async def test_lists_that_touch_the_same_accounts_in_other_orders_all_end(ledger: Database) -> None:
    await together(ledger, [pay(300), pay(300, target=PAID)])
    ways = [(FUNDING, TRANSIT), (TRANSIT, PAID), (PAID, FUNDING), (TRANSIT, FUNDING), (PAID, TRANSIT), (FUNDING, PAID)]
    for _ in range(5):
        answers = await together(ledger, *([pay(1, *way) for way in ways[n:] + ways[:n]] for n in range(6)))
        assert [whys(own) for own in answers] == [[Posted] * 6] * 6
    assert await standing(ledger, FUNDING, TRANSIT, PAID) == [(OPENING - 600, 0), (300, 0), (300, 0)]
