"""Revocations pushed to this worker: LISTEN, a snapshot at each connection, and a heartbeat that notices silence."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from server.database.transaction import AWAY, Database, Row
from server.identity import session_store
from server.identity.rules import REVOCATION_KEPT

_log = structlog.get_logger(__name__)
_HEARTBEAT_SECONDS = 1.0
_ANSWER_SECONDS = 2.0


class RevocationPush:
    """What is shut out, and the company's branches, as fresh as the last heartbeat.

    `silence_seconds` is how long nothing may be heard before money stops. `on_change` is called with a kind
    (`session`, `device`, `user`, or without a subject `branches` or `connected`) so that caches drop what they hold.
    """

    def __init__(self, database: Database, *, silence_seconds: float = 5.0) -> None:
        self._database = database
        self._silence_seconds = silence_seconds
        self._heard = float("-inf")
        self._revoked: dict[tuple[str, UUID], datetime] = {}
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.branches: list[Row] = []
        self.branch_codes: dict[str, int] = {}
        self.on_change: list[Callable[[str, UUID | None], None]] = []

    async def start(self) -> None:
        """Begin listening; returns when the first snapshot is there, or after a while without it, `silent`."""
        self._task = asyncio.create_task(self._run(), name="revocation push")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._silence_seconds):
                await self._ready.wait()

    async def stop(self) -> None:
        """End listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def age(self) -> float:
        """Seconds since the database was last heard."""
        return time.monotonic() - self._heard

    @property
    def silent(self) -> bool:
        """Whether a revocation may have been missed."""
        return self.age > self._silence_seconds

    def shut_out(self, *, device_id: UUID, session_id: UUID, user_id: UUID, issued: float) -> bool:
        """Whether a shop token of this desk, session and user, issued then (seconds since 1970), is revoked."""
        if self.device_out(device_id) or ("session", session_id) in self._revoked:
            return True
        ended = self._revoked.get(("user", user_id))
        return ended is not None and issued <= ended.timestamp()

    def device_out(self, device_id: UUID) -> bool:
        """Whether a desk was revoked lately."""
        return ("device", device_id) in self._revoked

    async def _run(self) -> None:
        lost = False
        while True:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    connection = await self._database.listener()
                async with connection:
                    if lost:
                        # What is left from before the loss would each fail the call that gets it. Not earlier: while no
                        # new connection comes, old ones that still answer are all there is.
                        with contextlib.suppress(*AWAY):
                            await self._database.renew()
                        lost = False
                    await self._listen(connection)
            except (psycopg.Error, OSError, TimeoutError) as error:
                _log.warning("revocation push lost", error=type(error).__name__)
                lost = True
                await asyncio.sleep(_HEARTBEAT_SECONDS / 5)

    async def _listen(self, connection: AsyncConnection[Any]) -> None:
        # LISTEN before the snapshot: what is revoked in between is told twice rather than never.
        await connection.execute("listen sheaf_revocation")
        await self._snapshot()
        # After a long silence the snapshot may have forgotten what was revoked in between: nothing cached is believed.
        self._tell("connected", None)
        while True:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._heartbeat(connection)
            async for notice in connection.notifies(timeout=_HEARTBEAT_SECONDS):
                kind, subject, at = notice.payload.split(" ")
                self._revoke(kind, UUID(subject), datetime.fromtimestamp(float(at), UTC))

    async def _snapshot(self) -> None:
        async with self._database.transaction(()) as tx:
            rows = await session_store.revocations(tx, self._database.services.clock())
        for row in rows:
            self._revoke(row["kind"], row["id"], row["at"])

    async def _heartbeat(self, connection: AsyncConnection[Any]) -> None:
        """The question that proves the connection alive also brings branches that were made meanwhile."""
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute("select id, code, name_th, name_en from sheaf.all_branches()")
            branches = await cursor.fetchall()
        if branches != self.branches:
            self.branches, self.branch_codes = branches, {row["code"]: row["id"] for row in branches}
            self._tell("branches", None)
        self._heard = time.monotonic()
        self._ready.set()
        self._forget(self._database.services.clock())

    def _revoke(self, kind: str, subject: UUID, at: datetime) -> None:
        known = self._revoked.get((kind, subject))
        self._revoked[kind, subject] = at if known is None else max(at, known)
        self._tell(kind, subject)

    def _tell(self, kind: str, subject: UUID | None) -> None:
        for listener in self.on_change:
            listener(kind, subject)

    def _forget(self, now: datetime) -> None:
        limit = now - REVOCATION_KEPT - timedelta(minutes=1)
        self._revoked = {key: at for key, at in self._revoked.items() if at > limit}
