"""The statements worker: fetches what the bank has left, imports it, reconciles, and says how it went."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog

from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Database, Row, is_passing, told
from server.life import Nobody, Told
from server.reconciliation.reconciling import CUT_OFF, Reconciled, reconcile
from server.statements import store
from server.statements.fetch import Fetched, FetchedFile, FetchFailed, FetchProblem, HeldReason, SftpSettings, fetch_new
from server.statements.importing import Delivered, ImportReport, import_files, read, refused
from server.statements.rules import Outcome
from server.workers.lives import live
from shared.banks import AccountNumber
from shared.wire.records import FileProblem

log = structlog.get_logger("statements")

_NOT_YET: Final = frozenset({HeldReason.NO_CHECKSUM_YET, HeldReason.STILL_GROWING, HeldReason.VANISHED})
_NOT_JUDGED: Final = "not_judged"
_PROBLEMS_MOST: Final = 50
_REFUSED_JUDGED_AGAIN: Final = 500
"""Files a pass; who refuses more than that has another worry."""


@dataclass(frozen=True, kw_only=True)
class StatementsSettings:
    """`every` is the schedule, `cut_off` how long the bank may take to book; `poll` and `back_off` are seconds.

    `accounts` are ours as the settings name them; none leaves those that are written down.
    """

    every: timedelta = timedelta(minutes=15)
    cut_off: timedelta = CUT_OFF
    poll: float = 0.3
    back_off: float = 5.0
    accounts: tuple[AccountNumber, ...] = ()


DEFAULTS: Final = StatementsSettings()


async def run(
    database: Database,
    sftp: SftpSettings,
    archive: Path,
    stop: asyncio.Event,
    settings: StatementsSettings = DEFAULTS,
    told: Told | None = None,
) -> None:
    """Work until `stop` is set: finish what was begun, take nothing new. Waits while another worker is the one.

    `archive` keeps every original file, unchanged. When the database or the disk is away it begins anew; what was under
    way is found again.
    """
    voice = told or Nobody()

    async def life() -> None:
        async with _alone(database) as lock:
            voice.ready()  # another one that works is as good
            if lock is not None:
                await _Worker(database, sftp, archive, settings, lock).run(stop)
        await _pause(stop, settings.back_off)

    await live(database, stop, voice, life, again=min(settings.back_off, 1.0))


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[psycopg.AsyncConnection[Any] | None]:
    """The connection that holds the lock, or None when another process has it."""
    connection = await database.listener()
    try:
        row = await (await connection.execute("select pg_try_advisory_lock(%s)", (store.ONE_WORKER,))).fetchone()
        yield connection if row == (True,) else None
    finally:
        await connection.close()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


class _Worker:
    """The one worker while its lock's connection lives."""

    def __init__(
        self,
        database: Database,
        sftp: SftpSettings,
        archive: Path,
        settings: StatementsSettings,
        lock: psycopg.AsyncConnection[Any],
    ) -> None:
        self._database, self._services = database, database.services
        self._sftp, self._archive, self._settings, self._lock = sftp, archive, settings, lock
        self._actor = Actor(name="statements")
        self._due: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        await self._learn_branches()
        log.info("started")
        async with self._database.transaction(self._actor.branches) as tx:
            if self._settings.accounts:
                await store.put_company_accounts(tx, self._settings.accounts, self._services.clock())
            asked = await store.last_asked(tx)
        self._due = asked + self._settings.every if asked else self._services.clock()
        while not stop.is_set():
            # Raises when the connection is gone and with it the lock.
            await self._lock.execute("select 1")
            if not await self._step():
                await _pause(stop, self._settings.poll)
        log.info("stopped")

    async def _learn_branches(self) -> None:
        branches = await self._database.all_branches()
        self._actor = Actor(name="statements", branch_codes={row["code"]: row["id"] for row in branches})

    async def _step(self) -> bool:
        """Serve the open question, one that a killed worker left running included; whether there was one."""
        await self._ask_when_due()
        async with self._database.transaction(self._actor.branches) as tx:
            row = await store.open_fetch(tx)
            if row is None:
                return False
            await store.start_fetch(tx, row["id"])
        await self._learn_branches()
        await self._serve(row["id"])
        return True

    async def _ask_when_due(self) -> None:
        now = self._services.clock()
        # Further off than the schedule is what a clock said that was wrong.
        if self._due is None or now < self._due <= now + self._settings.every:
            return
        self._due = now + self._settings.every
        async with self._database.transaction(self._actor.branches) as tx:
            await store.ask_for_fetch(tx, self._services.new_id(now), HEAD_OFFICE, "schedule", now)

    async def _serve(self, fetch_id: UUID) -> None:
        async with self._database.transaction(self._actor.branches) as tx:
            known = await store.files_by_content(tx)
        # What was not taken is read again from the archive; what was lost there is fetched again.
        open_again = _not_taken(known)
        kept = {sha256: path for sha256 in open_again if (path := self._original(sha256)) is not None}
        fetched = await self._fetch(known.keys() - (set(open_again) - kept.keys()))
        again = [FetchedFile(known[one]["name"], path, one, 0, self._services.clock()) for one, path in kept.items()]
        report = await self._import([*again, *fetched.files])
        reconciled = await self._reconcile()
        unjudged = [FileProblem(problem=_NOT_JUDGED)] if reconciled is None else []
        async with self._database.transaction(self._actor.branches) as tx:
            await store.finish_fetch(
                tx,
                fetch_id,
                files=report.files,
                lines=report.lines,
                matched=0 if reconciled is None else reconciled.matched,
                problems=[*unjudged, *_fetch_problems(fetched), *report.problems][:_PROBLEMS_MOST],
                failed=isinstance(fetched, FetchFailed) or reconciled is None,
                now=self._services.clock(),
            )
        log.info("fetched", files=report.files, lines=report.lines, judged=reconciled is not None)

    def _original(self, sha256: str) -> Path | None:
        return next(self._archive.glob(f"{sha256[:16]}-*"), None)

    async def _fetch(self, have: Container[str]) -> Fetched | FetchFailed:
        fetched = await fetch_new(self._sftp, have, self._archive, self._services.clock())
        if isinstance(fetched, FetchFailed):
            log.error("fetch failed", reason=fetched.code.value)
            if fetched.code is FetchProblem.HOST_KEY_CHANGED:
                # Someone may stand between us and the bank: no more by itself, only when a person asks.
                self._due = None
        return fetched

    async def _import(self, files: Sequence[FetchedFile]) -> ImportReport:
        delivered = await asyncio.to_thread(_read_all, files, self._services.clock())
        try:
            return await self._take(delivered)
        except psycopg.Error as refusal:
            if is_passing(refusal):
                raise
            # A bug of ours that one file has found: it must not keep the others out.
            log.error("not stored together", files=len(delivered), **told(refusal))
        groups = groupby(sorted(delivered, key=_stem), key=_stem)
        reports = [await self._take_or_refuse(list(group)) for _, group in groups]
        return ImportReport(
            files=sum(one.files for one in reports),
            lines=sum(one.lines for one in reports),
            statements=tuple(statement for one in reports for statement in one.statements),
            problems=tuple(problem for one in reports for problem in one.problems),
        )

    async def _take_or_refuse(self, forms: Sequence[Delivered]) -> ImportReport:
        """Both forms of a statement together, as they prove each other."""
        try:
            return await self._take(forms)
        except psycopg.Error as refusal:
            if is_passing(refusal):
                raise
            log.error("not stored", files=[one.sha256 for one in forms], **told(refusal))
            return await self._take([refused(one) for one in forms])

    async def _take(self, delivered: Sequence[Delivered]) -> ImportReport:
        async with self._database.transaction(self._actor.branches) as tx:
            return await import_files(tx, self._actor, delivered, self._services.clock())

    async def _reconcile(self) -> Reconciled | None:
        """None when a bug of ours kept it from judging: told with the fetch, and tried again with the next one."""
        try:
            async with self._database.transaction(self._actor.branches) as tx:
                return await reconcile(tx, self._actor, self._services.clock(), self._settings.cut_off)
        except psycopg.Error as refusal:
            if is_passing(refusal):
                raise
            log.error("not judged", **told(refusal))
            return None


def _stem(file: Delivered) -> str:
    return file.stem


def _not_taken(known: Mapping[str, Row]) -> list[str]:
    """What waits, and the refused files that changed last: what has come since may have lifted their reasons."""
    waiting = [sha256 for sha256, row in known.items() if row["outcome"] == Outcome.WAITING]
    refused = [sha256 for sha256, row in known.items() if row["outcome"] == Outcome.REFUSED]
    return waiting + refused[-_REFUSED_JUDGED_AGAIN:]


def _read_all(files: Sequence[FetchedFile], now: datetime) -> list[Delivered]:
    return [read(file.name, file.sha256, file.path.read_bytes(), now) for file in files]


def _fetch_problems(fetched: Fetched | FetchFailed) -> list[FileProblem]:
    if isinstance(fetched, FetchFailed):
        return [FileProblem(problem=fetched.code.value)]
    held = [file for file in fetched.held if file.reason not in _NOT_YET]
    return [FileProblem(name=file.name, problem=file.reason.value) for file in held]
