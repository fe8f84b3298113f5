"""One executor after the other in a process: when the database was lost, the next one begins under a new fence."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from server.channels.base import Channel
from server.context import Services
from server.database.transaction import Database
from server.life import Nobody, StartRefused, Told, Unusable
from server.restore.watch import ForeignFile, Watch
from server.workers.lives import live
from server.workers.payments import Executor, ExecutorSettings


class Executors:
    """What was under way when the connection that proves its life was lost is let go, and found by the next one.

    `database` and `url` are reached as the executor's role.
    """

    def __init__(
        self,
        database: Database,
        url: str,
        services: Services,
        channels: Mapping[str, Channel],
        settings: ExecutorSettings | None = None,
        positions: Path | None = None,
    ) -> None:
        """`positions` is the folder of executors' own files."""
        self._database, self._positions = database, positions
        self._made = (database, url, services, channels, settings or ExecutorSettings())
        self._present: Executor | None = None
        self._why = ""

    def figures(self) -> dict[str, object]:
        """What the present one tells of itself."""
        told = {} if self._present is None else self._present.figures()
        return told | {"waits": self._why} if self._why else told

    async def run(self, stop: asyncio.Event, told: Told | None = None) -> None:
        """Work until `stop` is set and what is under way is recorded. Raises StartRefused for a foreign schema."""
        voice = told or Nobody()

        def ready() -> None:
            self._why = ""
            voice.ready()

        async def life() -> None:
            self._present = Executor(*self._made, Watch(self._positions))
            try:
                await self._present.run(stop, ready)
            except Unusable as error:
                self._why = str(error)
                raise
            except ForeignFile as error:
                raise StartRefused(str(error)) from error

        await live(self._database, stop, voice, life)
