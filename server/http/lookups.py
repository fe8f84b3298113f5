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
    """One worker's look-ups, together for those who see the same branches."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lanes: dict[tuple[int, ...], Coalescer[UUID, Row | None]] = {}

    async def member(self, sight: tuple[int, ...], member_id: UUID) -> Row | None:
        """The member's row (`store.member_rows`), None when there is none in sight."""
        lane = self._lanes.get(sight)
        if lane is None:
            lane = self._lanes[sight] = Coalescer(self._reader(sight), limit=_MOST)
        return await lane.submit(member_id)

    def _reader(self, sight: tuple[int, ...]) -> Callable[[Sequence[UUID]], Any]:
        async def read(ids: Sequence[UUID]) -> list[Row | None]:
            async with self._database.single_calls(sight) as calls:
                found = {row["id"]: row for row in await store.member_rows(calls, sorted(set(ids)))}
            return [found.get(member_id) for member_id in ids]

        return read
