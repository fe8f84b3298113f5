"""Members that several calls look up at once are read together: one round trip, an answer for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.coalesce import Coalescer
from server.context import Policy
from server.database.transaction import Database, Row
from server.members import store, verbs

ANSWERS: Final[Mapping[str, Callable[[Row | None, Policy, datetime], Any]]] = {
    "get_member": verbs.member_of,
    "validate_member": verbs.validation_of,
}
"""Verbs about one member, by how each answers from the member's row."""

_MOST = 200


class Lookups:
    """One worker's look-ups, of all branches together; each sees what its own caller sees."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._calls: Coalescer[tuple[tuple[int, ...], UUID], Row | None] = Coalescer(self._read, limit=_MOST)

    async def member(self, sight: tuple[int, ...], member_id: UUID) -> Row | None:
        """The member's row (`store.member_rows`), None when there is none in sight."""
        return await self._calls.submit((sight, member_id))

    async def _read(self, asked: Sequence[tuple[tuple[int, ...], UUID]]) -> list[Row | None]:
        async with self._database.single_calls(()) as calls:
            return await store.member_rows_each(calls, asked)
