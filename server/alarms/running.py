"""The sender of one process: with its own few connections, beside whatever the process works at."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from server.alarms.sender import Sender, beside
from server.alarms.ways import ways_of
from server.connections import ALARMS_POOL
from server.context import Services
from server.database.roles import API, role_url
from server.database.transaction import Database
from server.health.examine import examine
from server.health.finding import Finding, Ground
from server.health.table import CHECKS

if TYPE_CHECKING:
    from server.settings import Settings


_SECONDS: Final = 10.0


@asynccontextmanager
async def alarms_told(
    settings: Settings, services: Services, kind: str, environment: Mapping[str, str]
) -> AsyncIterator[None]:
    """What is not well is told as long as what is inside runs. A program of the operator's sees of `environment` only
    what it needs."""
    url = role_url(settings.database.url, API, settings.keys.role_secret)
    database = Database(url, services, connections=ALARMS_POOL, name="sheaf-alarms")

    process = f"{kind}@{socket.gethostname()}/{os.getpid()}"

    async def look() -> Sequence[Finding]:
        # One connection: the checks come one after the other, and each is cut by the database itself when it hangs.
        # What only a look at the bank shows, the workers tell with their beats: no sign-in more for each round.
        ground = Ground(database=database, now=services.clock(), who=process)
        return await examine(ground, CHECKS, seconds=_SECONDS)

    ways = ways_of(settings.alarm, environment)
    try:
        async with beside(Sender(database, ways, settings.alarm, settings.data_dir, process, look)):
            yield
    finally:
        await database.close()
