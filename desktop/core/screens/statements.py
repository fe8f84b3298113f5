"""The bank's statements: fetched with one click, read line by line."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.operations import records
from desktop.core.screens.base import Action, Screen, first_reason
from shared.permissions import Permission
from shared.wire.records import FetchView, StatementDetail, StatementLineView, StatementList, StatementView

_POLL_SECONDS: Final = 0.5
_RUNNING: Final = ("requested", "running")


class Statements(Screen):
    """`statements` newest first; `lines` of the opened one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.statements: tuple[StatementView, ...] = ()
        self.opened: StatementView | None = None
        self.lines: tuple[StatementLineView, ...] = ()
        self.fetching: FetchView | None = None

    async def load(self) -> None:
        """The list."""
        answer = await records.list_statements(self.desk.client)
        if isinstance(answer, StatementList):
            self.statements, self.failure = tuple(answer.statements), None
        else:
            self.failure = answer
        self.on_change()

    @property
    def may_fetch(self) -> Action:
        """One fetch at a time."""
        return first_reason(
            self._may(Permission.FETCH_STATEMENTS), self._needs_connection(), texts.CHECKING if self.busy else None
        )

    async def fetch(self) -> FetchView | None:
        """Fetch now and wait until it is over; its result, or None when it could not be asked."""
        if not self.may_fetch.enabled:
            return None
        self.busy, self.fetching = True, None
        self.on_change()
        answer = await records.fetch_statements(self.desk.client)
        while isinstance(answer, FetchView) and answer.state in _RUNNING:
            self.fetching = answer
            self.on_change()
            await asyncio.sleep(_POLL_SECONDS)
            answer = await records.get_fetch(self.desk.client, answer.id)
        self.busy = False
        if isinstance(answer, FetchView):
            self.fetching = answer
            await self.load()
            return answer
        self.failure, self.fetching = answer, None
        self.on_change()
        return None

    async def open(self, statement: UUID) -> None:
        """All lines of one statement, page by page."""
        cursor, lines = "", list[StatementLineView]()
        while True:
            answer = await records.get_statement(self.desk.client, statement, cursor)
            if not isinstance(answer, StatementDetail):
                self.failure = answer
                break
            lines += answer.lines
            self.opened, self.lines, self.failure, cursor = answer.statement, tuple(lines), None, answer.cursor
            if not cursor:
                break
        self.on_change()
