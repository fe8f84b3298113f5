"""What people did at this desk that the server may not know yet: drafts and submissions, with ids made before sending.

The file is apart from the cache because it is never rebuilt. States: draft (being typed), held (the undo window),
queued, sending (an answer may be lost), done, needs_attention (the server said no; a person must look).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from desktop.core.clock import parse_instant, wire_time
from desktop.core.store.database import Connection, Worker, connect, transaction

T = TypeVar("T")
FILE: Final = "outbox.db"


class EventState(StrEnum):
    """Where a pending event stands."""

    DRAFT = "draft"
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    NEEDS_ATTENTION = "needs_attention"


class EventKind(StrEnum):
    """What a pending event will do at the server."""

    PAYMENT = "payment"
    BATCH = "batch"
    BANK_CHANGE = "bank_change"
    FUNDING = "funding"


WAITING: Final = (EventState.HELD, EventState.QUEUED, EventState.SENDING)


class PendingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `body` and `progress` are JSON of the kind's own structs; `answer` is the last answer's."""

    id: str
    sequence: int
    kind: EventKind
    state: EventState
    user_id: str
    body: bytes
    progress: bytes
    answer: bytes
    created_at: str
    due_at: str
    attempts: int
    signature: str


_COLUMNS: Final = PendingEvent.__struct_fields__
_SELECT: Final = f"select {', '.join(_COLUMNS)} from pending_events"

# Each entry takes the file one schema further; entries are only ever added, so that a full outbox survives an update.
_MIGRATIONS: Final = (
    (
        """create table pending_events (
            id text primary key, sequence integer not null unique, kind text not null, state text not null,
            user_id text not null, body blob not null, progress blob not null default x'7b7d', answer blob not null
            default x'', created_at text not null, due_at text not null default '', attempts integer not null default 0,
            signature text not null) without rowid""",
        "create index pending_events_state on pending_events (state, sequence)",
        "create table documents (sha256 text primary key, name text not null, content blob not null) without rowid",
        "create table counter (value integer not null)",
        "insert into counter values (0)",
    ),
    (
        """create table marks (user_id text not null, subject text not null, at text not null, done integer not null,
            primary key (user_id, subject)) without rowid""",
    ),
)


class Outbox:
    """The desk's only file of its own. Every write is on disk before its method returns."""

    def __init__(self, directory: Path, key: bytes, sign: Callable[[bytes], str]) -> None:
        self._sign = sign
        self._worker = Worker(lambda: _open(directory / FILE, key), "outbox")

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.close()

    async def save_draft(self, kind: EventKind, body: bytes, *, draft_id: str, user_id: str, now: datetime) -> None:
        """Keep what was typed so far, replacing what was kept before; anything past draft stays as it is."""
        await self._worker.run(lambda c: self._write(c, kind, body, draft_id, user_id, now, EventState.DRAFT, ""))

    async def submit(
        self, kind: EventKind, body: bytes, *, event_id: str, user_id: str, now: datetime, due: datetime
    ) -> None:
        """Put an event (or its draft) up for sending at `due`; until then `undo` takes it back."""
        due_at = wire_time(due)
        await self._worker.run(lambda c: self._write(c, kind, body, event_id, user_id, now, EventState.HELD, due_at))

    async def undo(self, event_id: str) -> bool:
        """Take a held event back to draft; False when it is no longer held."""
        return await self._move(event_id, (EventState.HELD,), EventState.DRAFT)

    async def retry(self, event_id: str) -> bool:
        """Queue an event again that the server had refused, unchanged, under the same id."""
        return await self._move(event_id, (EventState.NEEDS_ATTENTION,), EventState.QUEUED)

    async def discard(self, event_id: str) -> bool:
        """Forget a draft or a refused event; one that may have reached the server cannot be discarded."""
        removable = (EventState.DRAFT, EventState.HELD, EventState.NEEDS_ATTENTION)
        return await self._worker.run(lambda c: _delete(c, event_id, removable))

    async def release_due(self, now: datetime) -> None:
        """Queue what was held long enough."""
        await self._worker.run(
            lambda c: c.execute(
                "update pending_events set state = 'queued' where state = 'held' and due_at <= ?", [wire_time(now)]
            )
        )

    async def next_due(self, after: datetime) -> datetime | None:
        """When the next undo window ends, of those that end later than `after`."""
        at = wire_time(after)
        found = await self._worker.run(
            lambda c: c.execute(
                "select min(due_at) from pending_events where state = 'held' and due_at > ?", [at]
            ).fetchone()[0]
        )
        return parse_instant(found) if found else None

    async def claim(self, user_id: str, kinds: Sequence[EventKind] = tuple(EventKind)) -> PendingEvent | None:
        """The oldest event of these kinds to send for this person, now `sending`."""
        return await self._worker.run(lambda c: _claim(c, user_id, kinds))

    async def save_progress(self, event_id: str, progress: bytes) -> None:
        """Remember which steps the server has confirmed."""
        await self._set(event_id, progress=progress)

    async def put_back(self, event_id: str, answer: bytes) -> None:
        """No answer, or one that time will mend: send it again later with the same id."""
        await self._set(event_id, state=EventState.QUEUED, answer=answer)

    async def finish(self, event_id: str, state: EventState, answer: bytes) -> None:
        """The server's answer: done, or needs attention."""
        await self._set(event_id, state=state, answer=answer)

    async def lose(self, event_id: str, answer: bytes) -> None:
        """The server has forgotten what was done: a person must look, and sending it again begins anew."""
        await self._set(event_id, state=EventState.NEEDS_ATTENTION, answer=answer, progress=b"{}")

    async def events(self, states: Sequence[EventState] = ()) -> list[PendingEvent]:
        """Events in the order in which they were made; all of them when no state is named."""
        wanted = list(states) or list(EventState)
        return await self._worker.run(lambda c: _events(c, wanted))

    async def get(self, event_id: str) -> PendingEvent | None:
        """One event."""
        return await self._worker.run(lambda c: _get(c, event_id))

    async def counts(self) -> dict[EventState, int]:
        """State -> number of events."""
        return await self._worker.run(_counts)

    async def forget_done(self, before: datetime) -> None:
        """Remove what was done before an instant, and documents that no event names any more."""
        await self._worker.run(lambda c: _forget_done(c, wire_time(before)))

    async def mark(self, user_id: str, subjects: Sequence[str], *, done: bool, now: datetime) -> None:
        """Remember what a person has seen of the inbox, or has dealt with; dealt with stays dealt with."""
        rows = [[user_id, subject, wire_time(now), int(done)] for subject in subjects]
        await self._worker.run(
            lambda c: c.executemany(
                "insert into marks (user_id, subject, at, done) values (?, ?, ?, ?)"
                " on conflict (user_id, subject) do update set at = excluded.at, done = max(done, excluded.done)",
                rows,
            )
        )

    async def marks(self, user_id: str) -> dict[str, bool]:
        """Subject -> whether it was dealt with, of everything that this person has seen."""
        rows = await self._worker.run(
            lambda c: c.execute("select subject, done from marks where user_id = ?", [user_id]).fetchall()
        )
        return {str(subject): bool(done) for subject, done in rows}

    async def forget_marks(self, before: datetime) -> None:
        """Remove marks of what no inbox shows any more."""
        await self._worker.run(lambda c: c.execute("delete from marks where at < ?", [wire_time(before)]))

    async def keep_document(self, name: str, content: bytes) -> str:
        """Keep a scan until it is uploaded; its SHA-256 is its id, so the same scan twice is one."""
        sha256 = hashlib.sha256(content).hexdigest()
        await self._worker.run(
            lambda c: c.execute("insert or ignore into documents values (?, ?, ?)", [sha256, name, content])
        )
        return sha256

    async def document(self, sha256: str) -> tuple[str, bytes] | None:
        """A kept scan's name and bytes."""
        return await self._worker.run(
            lambda c: c.execute("select name, content from documents where sha256 = ?", [sha256]).fetchone()
        )

    def _write(
        self, c: Connection, kind: EventKind, body: bytes, event_id: str, user_id: str, now: datetime,
        state: EventState, due_at: str,
    ) -> None:  # fmt: skip
        with transaction(c):
            held = _get(c, event_id)
            if held is not None and held.state is not EventState.DRAFT:
                return  # a debounced save of the form may come after its submission
            sequence = held.sequence if held else _next_sequence(c)
            signature = self._sign(event_bytes(event_id, sequence, kind, body))
            c.execute(
                "insert into pending_events (id, sequence, kind, state, user_id, body, created_at, due_at, signature)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set state = excluded.state,"
                " body = excluded.body, due_at = excluded.due_at, signature = excluded.signature",
                [event_id, sequence, kind, state, user_id, body, wire_time(now), due_at, signature],
            )

    async def _move(self, event_id: str, allowed: Sequence[EventState], target: EventState) -> bool:
        marks = ",".join("?" * len(allowed))
        sql = f"update pending_events set state = ? where id = ? and state in ({marks})"
        return await self._worker.run(lambda c: bool(c.execute(sql, [target, event_id, *allowed]).rowcount > 0))

    async def _set(self, event_id: str, **values: Any) -> None:
        sql = f"update pending_events set {', '.join(f'{name} = ?' for name in values)} where id = ?"
        await self._worker.run(lambda c: c.execute(sql, [*values.values(), event_id]))


def new_event_id() -> str:
    """An id for an event, which is its idempotency key too; stored before anything is sent."""
    return str(uuid.uuid4())


def event_bytes(event_id: str, sequence: int, kind: str, body: bytes) -> bytes:
    """What the device signs of an event, so that a counter cannot be filled or an event changed behind its back."""
    return f"sheaf-event-v1\n{event_id}\n{sequence}\n{kind}\n{hashlib.sha256(body).hexdigest()}\n".encode()


def _open(path: Path, key: bytes) -> Connection:
    connection = connect(path, key)
    with transaction(connection):
        version = connection.execute("pragma user_version").fetchone()[0]
        for statements in _MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"pragma user_version = {len(_MIGRATIONS)}")
        # A crash between sending and the answer: the same id goes out again and the server knows it.
        connection.execute("update pending_events set state = 'queued' where state = 'sending'")
    return connection


def _next_sequence(c: Connection) -> int:
    return int(c.execute("update counter set value = value + 1 returning value").fetchone()[0])


def _row(values: Sequence[Any]) -> PendingEvent:
    fields = dict(zip(_COLUMNS, values, strict=True))
    kind, state = EventKind(fields.pop("kind")), EventState(fields.pop("state"))
    return PendingEvent(kind=kind, state=state, **fields)


def _events(c: Connection, states: Sequence[EventState]) -> list[PendingEvent]:
    marks = ",".join("?" * len(states))
    return [_row(values) for values in c.execute(f"{_SELECT} where state in ({marks}) order by sequence", list(states))]


def _get(c: Connection, event_id: str) -> PendingEvent | None:
    values = c.execute(f"{_SELECT} where id = ?", [event_id]).fetchone()
    return _row(values) if values else None


def _claim(c: Connection, user_id: str, kinds: Sequence[EventKind]) -> PendingEvent | None:
    marks = ",".join("?" * len(kinds))
    with transaction(c):
        found = c.execute(
            f"select id from pending_events where state = 'queued' and user_id = ? and kind in ({marks})"
            " order by sequence limit 1",
            [user_id, *kinds],
        ).fetchone()
        if found is None:
            return None
        c.execute("update pending_events set state = 'sending', attempts = attempts + 1 where id = ?", [found[0]])
        return _get(c, found[0])


def _delete(c: Connection, event_id: str, states: Sequence[EventState]) -> bool:
    marks = ",".join("?" * len(states))
    sql = f"delete from pending_events where id = ? and state in ({marks})"
    return bool(c.execute(sql, [event_id, *states]).rowcount > 0)


def _counts(c: Connection) -> dict[EventState, int]:
    rows = c.execute("select state, count(*) from pending_events group by state")
    return {EventState(state): int(count) for state, count in rows}


def _forget_done(c: Connection, before: str) -> None:
    with transaction(c):
        c.execute("delete from pending_events where state = 'done' and created_at < ?", [before])
        c.execute(
            "delete from documents where not exists"
            " (select 1 from pending_events where instr(cast(body as text), documents.sha256) > 0)"
        )
