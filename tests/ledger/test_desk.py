"""Callers who ask at the same time are posted together and answered apart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from server.database.transaction import Database, Transaction
from server.ledger.desk import LedgerDesk
from server.ledger.transfers import Answer, Posted, Transfer, Why, written
from tests.ledger.test_answers import ledger as ledger
from tests.ledger.test_answers import pay, standing, whys
from tests.ledger.till import FUNDING, OPENING, PAID, TRANSIT


class Ends:
    """How many transfers were written in each transaction."""

    def __init__(self) -> None:
        self.written: list[int] = []

    async def __call__(
        self, tx: Transaction, branch_id: int, transfers: Sequence[Transfer], answers: Sequence[Answer], now: datetime
    ) -> None:
        self.written.append(sum(written(answer) for answer in answers))


async def test_sixteen_callers_share_few_transactions_and_each_has_an_answer(ledger: Database) -> None:
    ends = Ends()
    desk = LedgerDesk(ledger, ends)
    answers = await asyncio.gather(*(desk.ask(1, [pay(OPENING if n == 7 else 10)]) for n in range(16)))
    assert [whys(own) for own in answers] == [[Why.INSUFFICIENT] if n == 7 else [Posted] for n in range(16)]
    assert sum(ends.written) == 15
    assert len(ends.written) <= 3
    assert await standing(ledger, FUNDING, TRANSIT) == [(OPENING - 150, 0), (150, 0)]


async def test_chains_of_two_callers_with_one_number_do_not_fall_together(ledger: Database) -> None:
    desk = LedgerDesk(ledger, Ends())
    await desk.ask(1, [pay(1)])
    first, good, bad = await asyncio.gather(
        desk.ask(1, [pay(1)]),
        desk.ask(1, [pay(100, chain=1), pay(100, source=TRANSIT, target=PAID, chain=1)]),
        desk.ask(1, [pay(100, chain=1), pay(OPENING, chain=1)]),
    )
    assert whys(first) == [Posted]
    assert whys(good) == [Posted, Posted]
    assert whys(bad) == [Why.CHAIN_FAILED, Why.INSUFFICIENT]
    assert await standing(ledger, FUNDING, TRANSIT, PAID) == [(OPENING - 102, 0), (2, 0), (100, 0)]
