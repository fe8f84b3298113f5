"""What the bank's statements prove of our payments, by result."""

from __future__ import annotations

from desktop.core.desk import Desk
from desktop.core.operations import records
from desktop.core.screens.base import Screen
from shared.wire.records import ListReconciliationRequest, ReconciliationList, ReconciliationView


class Reconciliation(Screen):
    """`counts` for the chips, `results` of the chosen one; matched ones are only counted until chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.counts: dict[str, int] = {}
        self.chosen = ""
        self.results: tuple[ReconciliationView, ...] = ()
        self.cursor = ""

    async def load(self, result: str = "") -> None:
        """The first page of a result, or of all."""
        self.chosen, self.cursor = result, ""
        await self._read(())

    async def more(self) -> None:
        """The next page, when there is one."""
        if self.cursor:
            await self._read(self.results)

    @property
    def exceptions(self) -> int:
        """How many a person has to look at."""
        return sum(self.counts.get(name, 0) for name in ("mismatched", "missing_settlement", "unexpected"))

    async def _read(self, before: tuple[ReconciliationView, ...]) -> None:
        request = ListReconciliationRequest(result=self.chosen, cursor=self.cursor)
        answer = await records.list_reconciliation(self.desk.client, request)
        if isinstance(answer, ReconciliationList):
            self.counts, self.results, self.cursor = answer.counts, (*before, *answer.results), answer.cursor
            self.failure = None
        else:
            self.failure = answer
        self.on_change()
