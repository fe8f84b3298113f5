"""The bank asked about all accounts: begin, see how far it has come, end it."""

from __future__ import annotations

import asyncio
from typing import Final

from desktop.core.answers import Failure
from desktop.core.desk import Desk
from desktop.core.operations import registry
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.i18n import members as words
from shared.permissions import Permission
from shared.wire.members import CheckRunList, CheckRunView

LOOK_SECONDS: Final = 2.0


class CheckRuns(Screen):
    """The newest run of each branch in sight, read again and again while one is under way and the screen is there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.runs: tuple[CheckRunView, ...] = ()
        self._following = False

    @property
    def running(self) -> tuple[CheckRunView, ...]:
        """Those under way."""
        return tuple(run for run in self.runs if run.state == "running")

    @property
    def may_begin(self) -> Action:
        """Needs the right and a connection, and that none is under way."""
        under_way = words.CHECKS_UNDER_WAY if self.running else None
        return first_reason(self._may(Permission.CHECK_ACCOUNT), self._needs_connection(), under_way)

    @property
    def may_end(self) -> Action:
        """Whoever may begin one may end it."""
        none = None if self.running else words.CHECKS_NONE
        return first_reason(self._may(Permission.CHECK_ACCOUNT), self._needs_connection(), none)

    async def begin(self) -> None:
        """Begin at every branch in sight; what is confirmed until the evening is left out by the server."""
        if self.may_begin.enabled and self._took(await registry.begin_check_runs(self.desk.client)):
            self.follow()

    async def end(self) -> None:
        """End all that are under way."""
        for run in self.running if self.may_end.enabled else ():
            answer = await registry.cancel_check_run(self.desk.client, run.id)
            self.failure = None if isinstance(answer, CheckRunView) else answer
        await self.read()

    async def read(self) -> None:
        """How far they have come now."""
        if self.desk.online and self._may(Permission.READ_MEMBERS) is None:
            self._took(await registry.list_check_runs(self.desk.client))

    def follow(self) -> None:
        """Read until none is under way any more."""
        if not self._following:
            self._following = True
            self._start(self._follow())

    async def _follow(self) -> None:
        try:
            await self.read()
            while self.running:
                await asyncio.sleep(LOOK_SECONDS)
                await self.read()
        finally:
            self._following = False

    def _took(self, answer: CheckRunList | Failure) -> bool:
        if isinstance(answer, CheckRunList):
            self.failure, self.runs = None, tuple(answer.runs)
        else:
            self.failure = answer
        self.on_change()
        return self.failure is None
