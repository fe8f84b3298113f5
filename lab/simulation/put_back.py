"""A copy of a simulated database, taken while people work and put back later, as a restored backup is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

Monitor = psycopg.Connection[Any]
_COUNT = frozenset({"audit_entry", "attempt", "feed_life"})
"""What every payment and every change of state writes, and the life that desks were told of; the others only say who
lives and looks."""
_MADE_ONCE = frozenset({"alembic_version", "lifecycle_edges", "lifecycle_initial"})


@dataclass(frozen=True)
class Backup:
    """All rows as they were committed, and how far the sequences had come."""

    tables: dict[str, bytes]
    sequences: dict[str, int]


def take(monitor: Monitor) -> Backup:
    """A copy of what is committed now: what is under way is not in it, as in any backup."""
    with monitor.transaction():
        monitor.execute("set transaction isolation level repeatable read")
        names = [
            str(name)
            for (name,) in monitor.execute(
                "select relname from pg_class where relnamespace = 'sheaf'::regnamespace and relkind = 'r' order by 1"
            )
        ]
        tables = {name: _out(monitor, name) for name in names if name not in _MADE_ONCE}
        sequences = {
            str(name): int(last)
            for name, last in monitor.execute(
                "select sequencename, coalesce(last_value, 1) from pg_sequences where schemaname = 'sheaf'"
            )
        }
    return Backup(tables, sequences)


def put_back(monitor: Monitor, backup: Backup) -> bool:
    """Make the database what it was; nobody else may be in a transaction. Whether anything that counts was lost."""
    changed = {name: rows for name, rows in backup.tables.items() if _out(monitor, name) != rows}
    with monitor.transaction():
        monitor.execute("set local session_replication_role = replica")
        for name in changed:
            monitor.execute(sql.SQL("delete from sheaf.{}").format(sql.Identifier(name)))
        for name, rows in changed.items():
            command = sql.SQL("copy sheaf.{} from stdin (format binary)").format(sql.Identifier(name))
            with monitor.cursor().copy(command) as copy:
                copy.write(rows)
        for name, last in backup.sequences.items():
            monitor.execute("select setval(%s::regclass, %s)", [f"sheaf.{name}", last])
    return not _COUNT.isdisjoint(changed)


def _out(monitor: Monitor, name: str) -> bytes:
    command = sql.SQL("copy sheaf.{} to stdout (format binary)").format(sql.Identifier(name))
    with monitor.cursor().copy(command) as copy:
        return b"".join(bytes(part) for part in copy)
