"""An executor's eye on its own file and its database: whether this is the database that it has paid from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog
from msgspec import structs

from server.context import Actor
from server.database.transaction import Database, Transaction
from server.failpoints import failpoint
from server.life import Unusable
from server.restore import store
from server.restore.journal import Damaged, Journal, Known, Line, Sent, open_journal, put_aside, read_folder
from server.restore.rules import TEXTS, Facts, Kind, Standing, Witness, found, standing, vouched, without_file
from server.restore.settling import settle

log = structlog.get_logger("executor")

POSITIONS: Final = "positions"
"""The folder of executors' own files, in the data folder."""

Run = Callable[..., Awaitable[Any]]
"""How a blocking function is run; in a thread of its own, but for the simulation."""


class ForeignFile(RuntimeError):
    """The position file here belongs to another installation: nothing is sent from this folder."""


class Behind(Exception):
    """The database is not as far as this executor's file: nothing may be confirmed from it."""


class Watch:
    """`behind` says whether payments stand still; `look` is to be called again and again, and before the first claim.

    Without a folder nothing is kept outside of the database, and only what others have found stops this executor. One
    that has no file yet waits for another that vouches, `patience` seconds, and then tells that nobody does.
    """

    def __init__(self, folder: Path | None, run: Run = asyncio.to_thread, patience: float = 60.0) -> None:
        self._folder, self._run, self._patience = folder, run, patience
        self._waiting_since: float | None = None
        self._beats: Mapping[UUID, int] | None = None
        self._journal: Journal | None = None
        self._damaged: list[str] = []
        self._told: set[tuple[str, str]] = set()
        self._first = True
        self.behind = True
        self.unwritable = ""
        """Why this executor's file takes nothing, empty while it does: nothing is claimed then, for none may leave."""

    async def open(self, new_id: UUID) -> None:
        """Take a file; raises Unusable. A damaged one is kept aside, and counts as none from then on."""
        if self._folder is None:
            return
        while self._journal is None:
            try:
                self._journal = await self._run(open_journal, self._folder, new_id)
            except Damaged as error:
                name = str(error)
                self._damaged.append(name)
                log.error("position file damaged", file=name)
                await self._run(put_aside, self._folder, name)
            except OSError as error:
                raise _unusable(self._folder, error) from error

    def close(self) -> None:
        """Let another executor have the file."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    # --- looking

    @failpoint("restore.look")
    async def look(self, database: Database, branches: Sequence[int], executor_id: int, now: datetime) -> None:
        """Compare every file of the folder with the database, and settle what was agreed.

        Raises ForeignFile, and Unusable when the file can't be written: then nothing may be sent either.
        """
        files, damaged = await self._files()
        async with database.transaction(branches) as tx:
            told = 0
            if await self._witnesses(tx, files, damaged):
                await store.one_at_a_time(tx)
                told = await store.tell(tx, await self._witnesses(tx, files, damaged), now)
            settled = await settle(tx, Actor(name="executor"), executor_id, now)
            if settled is not None:
                # Before the file gets its line: who waited for others would stay without one, and stop again.
                self._damaged.clear()
                self._waiting_since = None
                # What was agreed answers what was compared. Where a file knows more (it was not compared, or this very
                # consent was given before and came back with a copy), the consent was not about that.
                told += await store.tell(tx, await self._known_beyond(tx, files), now)
            behind = await store.is_behind(tx) or self._waiting_since is not None
            line = None if behind else await self._line(tx, now)
            witnesses = await store.open_witnesses(tx) if behind else []
        if told:
            log.error("the database is behind", found=told)
        if settled is not None:
            log.warning("restore settled", restore=str(settled))
        self._say(witnesses)
        if line is not None:
            await self._add(line)
        self.behind, self._first = behind, False

    async def _files(self) -> tuple[list[Known], list[str]]:
        if self._folder is None:
            return [], []
        # As it is now: while the database is asked it goes on, and the database with it.
        own = structs.replace(self._own.known, heads=dict(self._own.known.heads))
        if not self._first and not own.is_new:
            return [own], []
        # Also of those that nobody has now: whoever had them may not be started again.
        files, damaged = await self._run(read_folder, self._folder)
        return [own, *(one for one in files if one.file_id != own.file_id)], damaged

    async def _witnesses(self, tx: Transaction, files: Sequence[Known], damaged: Sequence[str]) -> list[Witness]:
        if self._folder is None:
            return []
        facts = await store.facts(tx)
        own = standing(files[0], facts)
        if own is Standing.FOREIGN:
            raise ForeignFile(
                f"{self._folder / self._own.name} belongs to another installation than this database: "
                "name the right database or another data folder, or move the file away"
            )
        found_here = await self._known_beyond(tx, files)
        beside = any(standing(file, facts) is Standing.FITS for file in files[1:])
        beside = beside or vouched(files[0].file_id, self._beats, facts.beats)
        self._beats = facts.beats if self._beats is None else self._beats
        missing = without_file(facts) if own is Standing.NEW and (found_here or not beside) else None
        if missing is not None and not self._has_waited():
            return found_here
        if missing is None:
            self._waiting_since = None
        else:
            unreadable = sorted({*damaged, *self._damaged})
            kind = Kind.DAMAGED_FILE if unreadable else Kind.NO_FILE
            found_here.append(Witness(kind, missing.subject, ", ".join(unreadable) or missing.detail))
        return found_here

    async def _known_beyond(self, tx: Transaction, files: Sequence[Known]) -> list[Witness]:
        """What these files know and the database does not."""
        if self._folder is None:
            return []
        facts = await store.facts(tx)
        return [one for file in files for one in found(file, facts, await self._lost(tx, file, facts))]

    def _has_waited(self) -> bool:
        """Others may only be a moment later: those that are started together are, and they have their files."""
        moment = asyncio.get_running_loop().time()
        if self._waiting_since is None:
            self._waiting_since = moment
            log.warning("no position file: waits for another executor that vouches for the database")
        return moment - self._waiting_since >= self._patience

    async def _lost(self, tx: Transaction, file: Known, facts: Facts) -> list[int]:
        return await store.lost_history(tx, file.heads) if standing(file, facts) is Standing.FITS else []

    async def _line(self, tx: Transaction, now: datetime) -> Line | None:
        """What has become true and the file does not know yet."""
        if self._folder is None:
            return None
        own, facts = self._own.known, await store.facts(tx)
        if not facts.installation:
            return None  # no company was founded here yet
        await store.register_file(tx, own.file_id, own.position, now)
        heads = await store.heads(tx)
        news = {branch: head for branch, head in heads.items() if own.heads.get(branch) != head}
        is_known = own.installation == facts.installation and own.restore == facts.restore
        if not news and is_known and not self.unwritable:
            return None
        return Line(installation=facts.installation, restore=facts.restore, heads=news)

    def _say(self, witnesses: Sequence[dict[str, Any]]) -> None:
        """Each is told once; by the log here, and by everything that reads the table."""
        now_open = {(row["kind"], row["subject"]) for row in witnesses}
        for row in witnesses:
            if (row["kind"], row["subject"]) not in self._told:
                why, _ = TEXTS[Kind(row["kind"])]
                log.error("payments stand still", why=why, detail=row["detail"], do="sheaf restore compare")
        if self._told and not now_open:
            log.warning("payments go on after a restore")
        self._told = now_open

    @property
    def _own(self) -> Journal:
        if self._journal is None:
            raise RuntimeError("the watch is not open")
        return self._journal

    async def holds(self, tx: Transaction) -> bool:
        """Whether this very transaction is of a database that is as far as the file, and that nobody stops.

        Between two looks the connection may have come to another server, which lacks the end of what stood here.
        """
        if self._journal is None:
            return await store.holds(tx, None, 0)
        known = self._journal.known
        return await store.holds(tx, known.file_id, known.position)

    # --- confirming

    async def count(self, tx: Transaction, now: datetime) -> int | None:
        """In the transaction that notes confirms: one position more; raises Behind where the database fell back."""
        if self._journal is None:
            return None
        known = self._own.known
        position = await store.step(tx, known.file_id, known.position, now)
        if position is None:
            raise Behind
        return position

    @failpoint("restore.keep")
    async def keep(self, position: int | None, sent: Sequence[Sent]) -> None:
        """On disk before any confirm of these leaves; Unusable when it can't be, and then none may leave."""
        if position is not None:
            await self._add(Line(position=position, sent=list(sent)))

    async def _add(self, line: Line) -> None:
        assert self._folder is not None
        try:
            await self._run(self._own.add, line)
        except OSError as error:
            unusable = _unusable(self._folder / self._own.name, error)
            if not self.unwritable:
                log.error("the position file can't be written: nothing is sent", why=str(unusable))
            self.unwritable = str(unusable)
            raise unusable from error
        self.unwritable = ""


def _unusable(path: Path, error: OSError) -> Unusable:
    return Unusable(f"{path} can't be written ({error.strerror or type(error).__name__})")
