"""Lives of a worker: when the database is lost, it begins anew as soon as it is back, with longer and longer pauses."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from psycopg import Error as DatabaseError

from server.database.schema import misfit
from server.database.transaction import AWAY, Database
from server.life import StartRefused, Told, Unusable

log = structlog.get_logger(__name__)
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 5.0
_STEADY_SECONDS: Final = 60.0
_OF_FILES: Final = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO),
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EMFILE, errno.ENFILE, errno.ESTALE),
    }
)


async def live(
    database: Database,
    stop: asyncio.Event,
    told: Told,
    life: Callable[[], Awaitable[None]],
    *,
    again: float = _FIRST_PAUSE,
) -> None:
    """Run `life` until `stop` is set, anew whenever it ends because the database is away; `again`: the first pause, s.

    Looks each time whether the schema is one that this code may work on: raises StartRefused when it is not.
    """
    loop = asyncio.get_running_loop()
    pause = again
    while not stop.is_set():
        began = loop.time()
        try:
            wrong = await misfit(database)
            if wrong is not None:
                raise StartRefused(wrong)
            await life()
        except (DatabaseError, *AWAY) as error:
            if loop.time() - began > _STEADY_SECONDS:
                pause = again
            why = cause_of(error)
            log.warning("begins anew", why=why, in_seconds=pause, **_detail(error))
            told.waiting(why)
            # What is left of it would fail whoever gets it next, one after the other.
            await _forget(database)
            await _rest(stop, pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def cause_of(error: BaseException) -> str:
    """Why a life has ended, for logs and service managers: the database, or what our own disk refuses."""
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, OSError) and error.errno in _OF_FILES:
        return f"a file of ours can't be used: {error.strerror} ({error.filename or 'in the data folder'})"
    return f"the database is away ({type(error).__name__})"


def _detail(error: BaseException) -> dict[str, str]:
    return {"sqlstate": error.sqlstate or ""} if isinstance(error, DatabaseError) else {}


async def _forget(database: Database) -> None:
    try:
        await database.renew()
    except AWAY as error:
        log.warning("connections not closed", error=type(error).__name__)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
