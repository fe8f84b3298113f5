"""Rows that several calls look up at once are read together: one round trip, an answer for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from server.coalesce import Coalescer
from server.database.transaction import Database, Row, Transaction
from server.handling import Sight

_Wanted = tuple[Sight, UUID]
Read = Callable[[Transaction, Sequence[_Wanted]], Awaitable[list[Row | None]]]
_MOST = 200


class Lookups:
    """One worker's look-ups, of all branches together; each sees what its own caller sees."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lanes: dict[Read, Coalescer[_Wanted, Row | None]] = {}

    async def row(self, read: Read, sight: Sight, row_id: UUID) -> Row | None:
        """The row that `read` finds, None when there is none in sight."""
        lane = self._lanes.get(read)
        if lane is None:
            lane = self._lanes[read] = Coalescer(self._reading(read), limit=_MOST)
        return await lane.submit((sight, row_id))

    def _reading(self, read: Read) -> Callable[[Sequence[_Wanted]], Awaitable[list[Row | None]]]:
        async def together(wanted: Sequence[_Wanted]) -> list[Row | None]:
            async with self._database.single_calls(()) as calls:
                return await read(calls, wanted)

        return together
