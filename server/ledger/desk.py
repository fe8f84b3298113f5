"""Many callers, one transaction: what is asked of a branch's ledger at the same time is posted together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from server.coalesce import Coalescer
from server.database.transaction import Database, Transaction
from server.ledger.posting import answer_each
from server.ledger.transfers import Answer, Transfer

LastWord = Callable[[Transaction, int, Sequence[Transfer], Sequence[Answer], datetime], Awaitable[None]]
"""What a transaction ends with, given the branch, its transfers and their answers: the audit entry."""

TOGETHER = 250
"""Callers in one transaction at most: an account that they share is locked for some 5 ms."""


class LedgerDesk:
    """Posts for callers of one process. A hot account's lock and the log's flush are paid once for all who wait."""

    def __init__(self, database: Database, last_word: LastWord) -> None:
        self._database = database
        self._last_word = last_word
        self._branches: dict[int, Coalescer[Sequence[Transfer], list[Answer]]] = {}

    async def ask(self, branch_id: int, transfers: Sequence[Transfer]) -> list[Answer]:
        """Answers in order, once they are committed; another caller's refusal changes none of them."""
        if branch_id not in self._branches:

            async def flush(asked: Sequence[Sequence[Transfer]]) -> list[list[Answer]]:
                return await self._post(branch_id, asked)

            self._branches[branch_id] = Coalescer(flush, TOGETHER)
        return await self._branches[branch_id].submit(transfers)

    async def _post(self, branch_id: int, asked: Sequence[Sequence[Transfer]]) -> list[list[Answer]]:
        transfers = _apart(asked)
        now = self._database.services.clock()
        async with self._database.transaction([branch_id]) as tx:
            answers = await answer_each(tx, transfers, now)
            await self._last_word(tx, branch_id, transfers, answers, now)
        remaining = iter(answers)
        return [[next(remaining) for _ in own] for own in asked]


def _apart(asked: Sequence[Sequence[Transfer]]) -> list[Transfer]:
    """All transfers in one list; chains of two callers stay two chains, whatever numbers they chose."""
    numbers: dict[tuple[int, int], int] = {}
    apart: list[Transfer] = []
    for caller, own in enumerate(asked):
        for transfer in own:
            if transfer.chain is None:
                apart.append(transfer)
            else:
                chain = numbers.setdefault((caller, transfer.chain), len(numbers))
                apart.append(msgspec.structs.replace(transfer, chain=chain))
    return apart
