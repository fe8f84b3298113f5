"""Whether this worker can do its work: the database answers and takes a write, has our schema, revocations come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from psycopg import Error as DatabaseError
from sqlalchemy.exc import SQLAlchemyError

from server.database.schema import misfit_in
from server.database.transaction import Database
from server.health import store

_log = structlog.get_logger(__name__)
_SECONDS: Final = 2.0
"""How long a probe may wait; a balancer's patience is hardly longer."""
_FRESH: Final = 1.5
"""Seconds for which an answer is given again: anybody may ask, and a write costs something."""

Answers = dict[str, bool]


class Readiness:
    """One question at a time, whoever asks: one that hangs is not asked again beside itself."""

    def __init__(self, database: Database, push_is_silent: Callable[[], bool], who: Callable[[], str]) -> None:
        """`database` has connections of its own: those of the calls may all be busy, which is no reason to be ended."""
        self._database, self._push_is_silent, self._who = database, push_is_silent, who
        self._asking: asyncio.Task[Answers] | None = None
        self._known: Answers = {}
        self._until = 0.0

    async def read(self) -> Answers:
        """What is well by name, within 2 s. What does not answer is not well."""
        moment = asyncio.get_running_loop().time()
        if moment >= self._until:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask(), name="readiness")
            done, _ = await asyncio.wait([self._asking], timeout=_SECONDS)
            self._known = self._asking.result() if done else {"database": False, "schema": False, "writes": False}
            self._until = asyncio.get_running_loop().time() + _FRESH
        return {**self._known, "push": not self._push_is_silent()}

    async def _ask(self) -> Answers:
        answers = {"database": False, "schema": False, "writes": False}
        try:
            async with self._database.transaction(()) as tx:
                answers["database"] = True
                answers["schema"] = await misfit_in(tx) is None
                if answers["schema"]:
                    await tx.execute(_PATIENCE)
                    await store.write(tx, self._who() or "api", self._database.services.clock())
            answers["writes"] = answers["schema"]
        except (DatabaseError, SQLAlchemyError, OSError) as error:
            _log.warning("not ready", error=type(error).__name__)
        return answers


_PATIENCE: Final = "set local statement_timeout = '1500ms'; set local lock_timeout = '1000ms'"
