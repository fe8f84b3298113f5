"""The bank's statements: fetched with one click, read line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from desktop.core import texts
from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from desktop.core.desk import Desk
from desktop.core.operations import records
from desktop.core.operations import statements as operations
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.store.outbox import new_event_id
from shared.lifecycle import SetAsideState
from shared.permissions import Permission
from shared.wire.records import FetchView, StatementDetail, StatementLineView, StatementList, StatementView
from shared.wire.statements import SetAsideList, SetAsideView, StatementFileList, StatementFileView

_POLL_SECONDS: Final = 0.5
_RUNNING: Final = ("requested", "running")


class Statements(Screen):
    """`statements` newest first; `lines` of the opened one; `files` not taken; `cases` that wait for a signature."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.statements: tuple[StatementView, ...] = ()
        self.opened: StatementView | None = None
        self.lines: tuple[StatementLineView, ...] = ()
        self.fetching: FetchView | None = None
        self.files: tuple[StatementFileView, ...] = ()
        self.cases: tuple[SetAsideView, ...] = ()

    async def load(self) -> None:
        """The lists."""
        answer = await records.list_statements(self.desk.client)
        if isinstance(answer, StatementList):
            self.statements, self.failure = tuple(answer.statements), None
        else:
            self.failure = answer
        files = await operations.list_statement_files(self.desk.client)
        self.files = tuple(files.files) if isinstance(files, StatementFileList) else self.files
        cases = await operations.list_set_asides(self.desk.client)
        if isinstance(cases, SetAsideList):
            self.cases = tuple(one for one in cases.set_asides if one.state == SetAsideState.REQUESTED)
        if self.opened is not None:
            self.opened = next((one for one in self.statements if one.id == self.opened.id), self.opened)
        self.on_change()

    @property
    def may_fetch(self) -> Action:
        """One fetch at a time."""
        return first_reason(
            self._may(Permission.FETCH_STATEMENTS), self._needs_connection(), texts.CHECKING if self.busy else None
        )

    async def fetch(self) -> FetchView | None:
        """Fetch now and wait until it is over; its result, or None when it could not be asked."""
        return await self._until_over(records.fetch_statements)

    async def judge_again(self) -> FetchView | None:
        """Have every file that was not taken judged again, and wait; as `fetch`."""
        return await self._until_over(operations.judge_statements_again)

    async def _until_over(self, begin: Callable[[ApiClient], Awaitable[FetchView | Failure]]) -> FetchView | None:
        if not self.may_fetch.enabled:
            return None
        self.busy, self.fetching = True, None
        self.on_change()
        answer = await begin(self.desk.client)
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

    @property
    def case(self) -> SetAsideView | None:
        """The oldest proposal that waits."""
        return self.cases[-1] if self.cases else None

    @property
    def may_propose(self) -> Action:
        """A statement is open, and nobody has proposed the same."""
        waiting = self.opened is not None and any(case.statement_id == self.opened.id for case in self.cases)
        return first_reason(
            self._may(Permission.PROPOSE_SET_ASIDE),
            self._needs_connection(),
            texts.NOTHING_SELECTED if self.opened is None else None,
            texts.WAITS_FOR_SIGNATURE if waiting else None,
        )

    @property
    def may_sign(self) -> Action:
        """Another person's proposal waits."""
        case = self.case
        return first_reason(
            self._may(Permission.SIGN_SET_ASIDE),
            texts.NOTHING_SELECTED if case is None else None,
            texts.OWN_ITEM if case is not None and str(case.maker_id) == self._user_id else None,
            self._needs_connection(),
        )

    async def propose(self, reason: str) -> bool:
        """Propose to set the opened statement aside, or to take it again when it was; whether the server took it."""
        if not self.may_propose.enabled or self.opened is None:
            return False
        answer = await operations.propose_set_aside(self.desk.client, self.opened.id, reason, new_event_id())
        if not isinstance(answer, SetAsideView):
            self.failure = answer
            self.on_change()
            return False
        await self.load()
        return True

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
