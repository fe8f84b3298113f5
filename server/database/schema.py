"""Whether this code, with these keys, may work on a database; asked by every process before it serves."""

from __future__ import annotations

from functools import cache
from typing import Final

from psycopg import errors

from server.database.definitions import digest
from server.database.keys import KeyRefused
from server.database.migrations import newest_version
from server.database.transaction import Database, Transaction

_ABSENT = (errors.UndefinedTable, errors.InvalidSchemaName, errors.InsufficientPrivilege, errors.UndefinedFunction)
_newest = cache(newest_version)

RESTORING: Final = "sheaf_restoring"
"""A schema beside ours from before the first row of a backup is loaded until nothing may be paid from it."""


_BROKEN_OFF: Final = (
    "a backup is being restored into this database, or that was broken off; when none is at work any more, "
    "run again: sheaf backup restore"
)


async def misfit(database: Database) -> str | None:
    """Why this code may not work here and what to do, or None when it may. Raises what the database raises.

    A schema that is older than the code, or empty, never fits, nor does one where its definitions were never run.
    A newer one fits while it says so: a migration whose steps old processes don't survive raises `sheaf.oldest_code()`.
    """
    try:
        async with database.transaction(()) as tx:
            return await misfit_in(tx)
    except _ABSENT:
        return _words(None, "", _newest() or "")
    except KeyRefused as refused:
        return str(refused)


async def misfit_in(tx: Transaction) -> str | None:
    """The same, asked in a transaction; raises where there is no schema at all."""
    if await is_restoring(tx):
        return _BROKEN_OFF
    ours = _newest() or ""
    present = await tx.value("select version_num from sheaf.alembic_version")
    newer = present is not None and present > ours
    known = "select exists (select from sheaf.definitions where digest = %(digest)s)"
    if present == ours and not await tx.value(known, digest=digest()):
        return "the database's functions are not those of this program; run: sheaf migrate"
    return _words(present, await tx.value("select sheaf.oldest_code()") if newer else "", ours)


async def is_restoring(tx: Transaction) -> bool:
    """Whether a backup is being restored here, or its restoration was broken off in the middle."""
    return bool(await tx.value("select to_regnamespace(%(it)s) is not null", it=RESTORING))


def _words(present: str | None, oldest: str, ours: str) -> str | None:
    if present == ours or (present is not None and present > ours and oldest <= ours):
        return None
    if present is None or present < ours:
        found = "empty or not open to this role" if present is None else f"at version {present}"
        return f"the database's schema is {found}, this program needs {ours}; run: sheaf migrate"
    return (
        f"the database's schema is at version {present}, which programs before {oldest} can't work on; "
        f"this one is {ours}: update the program"
    )
