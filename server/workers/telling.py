"""A worker tells of itself while it works: that it lives, what it uses, what it sees of the world beside its work."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from server.channels.scb import ScbSettings
from server.database.transaction import Database
from server.health.aside import aside
from server.health.bank_checks import certificates_of
from server.health.beats import Beats
from server.health.watches import Seen, Watch, figures, seen_by, seen_of
from server.logs import lost_lines
from server.settings import Settings
from server.statements.fetch import SftpSettings

_BANK_EVERY: Final = 10.0
_SFTP_EVERY: Final = 60.0
"""Each look is a whole sign-in, which a bank counts; a fetch looks too."""
_FILES_EVERY: Final = 10.0
_CERTIFICATES_EVERY: Final = 60.0
_NOTHING: Final[Mapping[str, object]] = {}


@asynccontextmanager
async def executor_tells(
    database: Database, name: str, settings: Settings, tells: Callable[[], Mapping[str, object]]
) -> AsyncIterator[None]:
    """While inside: an executor that lives. `tells` gives its own figures with each beat."""
    certificates: dict[str, str] = {}

    async def read() -> Seen:
        certificates.update(await aside(lambda: certificates_of(settings.channels)))
        return Seen()

    watches = {"own_files": Watch(read, _CERTIFICATES_EVERY, database.services.clock)}
    if isinstance(settings.bank, ScbSettings):
        watches["bank"] = Watch(partial(seen_of, settings.bank), _BANK_EVERY, database.services.clock)
    facts = {"channels": sorted(settings.channels), "certificates": certificates}
    async with _telling(database, "executor", name, watches, lambda: {**facts, **tells()}):
        yield


@asynccontextmanager
async def statements_tell(database: Database, name: str, sftp: SftpSettings, folder: Path) -> AsyncIterator[None]:
    """While inside: a statements worker that lives, with what room the folder of its archive has."""

    async def room() -> Seen:
        return Seen(value=await aside(lambda: shutil.disk_usage(folder).free // 1_000_000))

    watches = {
        "sftp": Watch(partial(seen_by, sftp), _SFTP_EVERY, database.services.clock),
        "files": Watch(room, _FILES_EVERY, database.services.clock),
    }

    def tells() -> Mapping[str, object]:
        seen = watches["files"].seen
        return {"files_free_mb": seen.value} if seen.at and not seen.code else _NOTHING

    async with _telling(database, "statements", name, watches, tells):
        yield


@asynccontextmanager
async def _telling(
    database: Database,
    kind: str,
    name: str,
    watches: Mapping[str, Watch],
    tells: Callable[[], Mapping[str, object]],
) -> AsyncIterator[None]:
    def facts() -> Mapping[str, object]:
        seen = {what: watch.seen for what, watch in watches.items()}
        return {"log_lines_lost": lost_lines(), **figures(), **seen, **tells()}

    beats = Beats(database, kind, name=name, facts=facts)
    telling: tuple[Watch | Beats, ...] = (*watches.values(), beats)
    for each in telling:
        each.start()
    try:
        yield
    finally:
        for each in telling:
            await each.stop()
