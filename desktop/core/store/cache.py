"""The cache of server rows: pages of changes in, whole views out; it may be thrown away and pulled again."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from desktop.core.store import queries
from desktop.core.store.database import Connection, DatabaseError, Worker, connect, transaction
from desktop.core.store.entities import BY_NAME, ENTITIES, rows_of
from shared.wire.records import PolicyView, SyncReply

T = TypeVar("T")
SCHEMA: Final = 3
FILE: Final = "cache.db"
_PUT_BACK: Final = "put_back"

_MEMBER_SEARCH: Final = (
    "create virtual table members_fts using fts5 (code_key, name_key, tails, content='members', content_rowid='place',"
    " tokenize='trigram')",
    """create trigger members_added after insert on members begin
        insert into members_fts (rowid, code_key, name_key, tails)
            values (new.place, new.code_key, new.name_key, new.tails);
    end""",
    """create trigger members_changed after update on members begin
        insert into members_fts (members_fts, rowid, code_key, name_key, tails)
            values ('delete', old.place, old.code_key, old.name_key, old.tails);
        insert into members_fts (rowid, code_key, name_key, tails)
            values (new.place, new.code_key, new.name_key, new.tails);
    end""",
)

Changes = dict[str, set[str]]
"""Kind of row -> ids that a page really changed."""


class Cache:
    """One writer thread and one reader thread over one encrypted file."""

    def __init__(self, directory: Path, key: bytes) -> None:
        path = directory / FILE
        self._writer = Worker(lambda: _open_or_rebuild(path, key), "cache-writer")
        self._reader = Worker(lambda: connect(path, key, read_only=True), "cache-reader")
        self._newest_query = 0

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._reader.close()
        self._writer.close()

    async def apply(self, page: SyncReply) -> Changes:
        """Write a page and its cursor in one transaction; what was already here as new or newer stays."""
        return await self._writer.run(lambda connection: apply_page(connection, page))

    async def put(self, kind: str, views: Sequence[Any]) -> Changes:
        """Write rows that an answer brought, ahead of their page; the cursor stays."""
        return await self._writer.run(lambda connection: _put(connection, kind, views))

    async def rebuild(self, *, put_back: bool = False) -> None:
        """Forget everything, cursor included; the next pull brings it again. `put_back`: the server was."""
        await self._writer.run(_rebuild)
        if put_back:
            await self._writer.run(lambda connection: queries.set_meta(connection, _PUT_BACK, "1"))

    async def was_put_back(self) -> bool:
        """Whether the server was put back, and what it has forgotten was not looked for yet."""
        return bool(await self.read(lambda connection: queries.meta(connection, _PUT_BACK)))

    async def looked_for(self) -> None:
        """What it has forgotten is listed."""
        await self._writer.run(lambda connection: queries.set_meta(connection, _PUT_BACK, ""))

    async def go_by(self, policy: PolicyView) -> bool:
        """Keep what the company has set; False when the rows were judged by other settings, and are forgotten."""
        before = await self.read(queries.policy)
        stands = before is None or _judges(before) == _judges(policy)
        if not stands:
            await self.rebuild()
        if before != policy:
            text = msgspec.json.encode(policy).decode()
            await self._writer.run(lambda connection: queries.set_meta(connection, "policy", text))
        return stands

    async def keep_for(self, scope: str) -> None:
        """Make sure that the cache holds only what `scope` (branches and permissions) may see."""
        if await self.read(lambda connection: queries.meta(connection, "scope")) != scope:
            await self.rebuild()
            await self._writer.run(lambda connection: queries.set_meta(connection, "scope", scope))

    async def cursor(self) -> str:
        """Where the next pull begins; empty at first."""
        return await self.read(lambda connection: queries.meta(connection, "cursor"))

    async def pulled_at(self) -> str:
        """The server's time at the last page (ISO 8601), empty before the first."""
        return await self.read(lambda connection: queries.meta(connection, "pulled_at"))

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query of `store.queries` on the reading thread."""
        return await self._reader.run(query)

    async def ids(self, query: Callable[[Connection], array[int]]) -> array[int] | None:
        """Run a list's query of places; None when a newer one was asked for meanwhile, so its answer is not wanted."""
        self._newest_query += 1
        mine = self._newest_query
        found = await self._reader.run(lambda c: query(c) if mine == self._newest_query else None)
        return found if mine == self._newest_query else None

    async def page(self, kind: str, places: Sequence[int]) -> list[Any]:
        """Views by place, in the order asked."""
        return await self.read(lambda connection: queries.views_at(connection, kind, places))

    async def get(self, kind: str, row_id: str) -> Any | None:
        """One view by id."""
        return await self.read(lambda connection: queries.view(connection, kind, row_id))


def _judges(policy: PolicyView) -> tuple[int, int]:
    """What the verdicts rest on that the members' rows carry."""
    return policy.name_match_minimum, policy.check_seconds


def _open_or_rebuild(path: Path, key: bytes) -> Connection:
    """Open the cache; one that is damaged, foreign or of another schema is made anew, it holds nothing of its own."""
    try:
        connection = connect(path, key)
        if connection.execute("pragma user_version").fetchone()[0] == SCHEMA:
            return connection
        connection.close()
    except DatabaseError:
        pass
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    connection = connect(path, key)
    _rebuild(connection)
    return connection


def _rebuild(connection: Connection) -> None:
    """Drop and make everything but the scope, which a new pull does not change."""
    scope = _scope(connection)
    with transaction(connection):
        for table in ("members_fts", "meta", *(entity.name for entity in ENTITIES)):
            connection.execute(f"drop table if exists {table}")
        for entity in ENTITIES:
            for statement in entity.ddl:
                connection.execute(statement)
        connection.execute("create table meta (key text primary key, value text not null) without rowid")
        for statement in _MEMBER_SEARCH:
            connection.execute(statement)
        if scope:
            queries.set_meta(connection, "scope", scope)
        connection.execute(f"pragma user_version = {SCHEMA}")


def _scope(connection: Connection) -> str:
    known = connection.execute("select 1 from sqlite_master where name = 'meta'").fetchone()
    return queries.meta(connection, "scope") if known else ""


def apply_page(connection: Connection, page: SyncReply) -> Changes:
    """The page and its cursor, or neither."""
    with transaction(connection):
        changes = {entity.name: _upsert(connection, entity.name, views) for entity, views in rows_of(page)}
        queries.set_meta(connection, "cursor", page.cursor)
        queries.set_meta(connection, "pulled_at", page.server_time)
    return {kind: ids for kind, ids in changes.items() if ids}


def _put(connection: Connection, kind: str, views: Sequence[Any]) -> Changes:
    with transaction(connection):
        changed = _upsert(connection, kind, views)
    return {kind: changed} if changed else {}


def _upsert(connection: Connection, kind: str, views: Sequence[Any]) -> set[str]:
    entity = BY_NAME[kind]
    changed = set()
    for view in views:
        values = [read(view) for _, read in entity.columns.values()]
        done = connection.execute(
            entity.upsert, [str(view.id), view.version, entity.stamp(view), msgspec.json.encode(view), *values]
        )
        if done.rowcount > 0:
            changed.add(str(view.id))
    return changed
