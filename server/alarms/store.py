"""What was told: in the database, and beside it in a file for the time when the database itself is what is wrong."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Protocol
from uuid import UUID

import msgspec

from server.alarms.rules import Key, Plan, Standing
from server.database.transaction import Database, Row, Transaction
from server.health.finding import Text
from shared.health import Level

_FILE: Final = "alarms.json"
_LOCK: Final = "alarms.lock"

Known = dict[Key, Standing]


class Told(Protocol):
    """Where it stands what a way has told."""

    async def known(self, way: str) -> Known: ...
    async def save(self, way: str, plan: Plan) -> None:
        """Write down what is about to be told, before it is."""
        ...

    async def sent(self, way: str, after: Sequence[Standing], failure: str | None, now: datetime) -> None:
        """Write down how the telling went; `after` is what is known once it has arrived."""
        ...


class InDatabase:
    """Shared by all processes of an installation; `holder` is this one."""

    def __init__(self, database: Database, holder: UUID, process: str) -> None:
        self._database, self._holder, self._process = database, holder, process

    async def lead(self, ways: Sequence[str], now: datetime, until: datetime) -> bool:
        """Whether this process is the one that tells, now and until then; a way that is not set up goes."""
        async with self._database.transaction(()) as tx:
            count = await tx.execute(
                """
                insert into sheaf.alarm_sender as s (holder, process, until_at)
                values (%(holder)s, %(process)s, %(until)s)
                on conflict (only_one) do update set holder = excluded.holder, process = excluded.process,
                  until_at = excluded.until_at
                  where s.holder = excluded.holder or s.until_at < %(now)s or s.until_at > %(far)s
                """,
                holder=self._holder,
                process=self._process,
                until=until,
                now=now,
                # a clock that was wrong and was put right must not keep everybody silent
                far=until + (until - now),
            )
            if count:
                await tx.execute("delete from sheaf.alarm_way where way <> all(%(ways)s)", ways=list(ways))
                for way in ways:
                    await tx.execute(
                        """
                        insert into sheaf.alarm_way (way, beat_at) values (%(way)s, %(now)s)
                        on conflict (way) do update set beat_at = excluded.beat_at
                        """,
                        way=way,
                        now=now,
                    )
        return count == 1

    async def forget_ways(self, now: datetime) -> None:
        """Where nobody tells and nothing is set up, no way stands as one that fell silent."""
        async with self._database.transaction(()) as tx:
            await tx.execute(
                """
                delete from sheaf.alarm_way
                where not exists (select from sheaf.alarm_sender where until_at >= %(now)s)
                """,
                now=now,
            )

    async def leave(self) -> None:
        """Let another process go on at once."""
        async with self._database.transaction(()) as tx:
            await tx.execute("delete from sheaf.alarm_sender where holder = %(holder)s", holder=self._holder)

    async def known(self, way: str) -> Known:
        """What stands for a way."""
        async with self._database.transaction(()) as tx:
            rows = await tx.rows("select * from sheaf.alarm where way = %(way)s", way=way)
        return {(row["name"], row["subject"]): _standing(row) for row in rows}

    async def save(self, way: str, plan: Plan) -> None:
        """One transaction."""
        if not plan.keep and not plan.forget:
            return
        async with self._database.transaction(()) as tx:
            for name, subject in plan.forget:
                await tx.execute(
                    "delete from sheaf.alarm where way = %(way)s and name = %(name)s and subject = %(subject)s",
                    way=way,
                    name=name,
                    subject=subject,
                )
            for standing in plan.keep:
                await _put(tx, way, standing)

    async def sent(self, way: str, after: Sequence[Standing], failure: str | None, now: datetime) -> None:
        """One transaction, with how the way does."""
        async with self._database.transaction(()) as tx:
            await tx.execute(
                """
                update sheaf.alarm_way set failure = %(failure)s,
                  sent_at = case when %(failure)s = '' then %(now)s else sent_at end,
                  failing_since = case when %(failure)s <> '' then coalesce(failing_since, %(now)s) end
                where way = %(way)s
                """,
                way=way,
                failure=failure or "",
                now=now,
            )
            for standing in () if failure else after:
                await _put(tx, way, standing)


async def _put(tx: Transaction, way: str, one: Standing) -> None:
    await tx.execute(
        """
        insert into sheaf.alarm (way, name, subject, id, level, began_at, says_en, says_th, told, told_at, count,
          better_at, ended_at)
        select %(way)s, %(name)s, %(subject)s, %(id)s, %(level)s, %(began_at)s, %(says_en)s, %(says_th)s, %(told)s,
          %(told_at)s, %(count)s, %(better_at)s, %(ended_at)s
        where exists (select from sheaf.alarm_way w where w.way = %(way)s)
        on conflict (way, name, subject) do update set id = excluded.id, level = excluded.level,
          began_at = excluded.began_at, says_en = excluded.says_en, says_th = excluded.says_th, told = excluded.told,
          told_at = excluded.told_at, count = excluded.count, better_at = excluded.better_at,
          ended_at = excluded.ended_at
        """,
        way=way,
        says_en=one.says.en,
        says_th=one.says.th,
        **{name: getattr(one, name) for name in one.__struct_fields__ if name != "says"},
    )


def _standing(row: Row) -> Standing:
    return Standing(
        says=Text(row["says_en"], row["says_th"]),
        level=Level(row["level"]),
        told=None if row["told"] is None else Level(row["told"]),
        **{name: row[name] for name in Standing.__struct_fields__ if name not in ("says", "level", "told")},
    )


class InFile:
    """What the processes of one machine have told while the database was away: one of them at a time, by a lock on a
    file, which ends with its holder. Where the disk takes nothing it stands in memory, and may be told again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: IO[bytes] | None = None
        self._kept: dict[str, list[Standing]] = {}

    def is_empty(self) -> bool:
        """Whether nothing was told that is not over."""
        return not self._kept and not (self._folder / _FILE).exists()

    def take(self) -> bool:
        """Whether this process is the one that tells; true where no lock can be had at all."""
        if self._lock is not None:
            return True
        try:
            file = (self._folder / _LOCK).open("ab")
        except OSError:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock = file
        with suppress(OSError, msgspec.MsgspecError):
            self._kept = msgspec.json.decode((self._folder / _FILE).read_bytes(), type=dict[str, list[Standing]])
        return True

    def give_back(self) -> None:
        """Let another process be the one."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            self._kept = {}

    async def known(self, way: str) -> Known:
        """What stands for a way."""
        return {one.key: one for one in self._kept.get(way, ())}

    async def save(self, way: str, plan: Plan) -> None:
        """Before it is told."""
        known = await self.known(way)
        known.update({one.key: one for one in plan.keep})
        self._write(way, {key: one for key, one in known.items() if key not in plan.forget})

    async def sent(self, way: str, after: Sequence[Standing], failure: str | None, now: datetime) -> None:
        """What is over is not remembered here."""
        if failure is None:
            known = await self.known(way)
            known.update({one.key: one for one in after})
            self._write(way, {key: one for key, one in known.items() if one.ended_at is None})

    def _write(self, way: str, known: Mapping[Key, Standing]) -> None:
        self._kept[way] = list(known.values())
        self._kept = {name: told for name, told in self._kept.items() if told}
        file, new = self._folder / _FILE, self._folder / f"{_FILE}.new"
        with suppress(OSError):
            if not self._kept:
                file.unlink(missing_ok=True)
                return
            new.write_bytes(msgspec.json.encode(self._kept))
            os.replace(new, file)
