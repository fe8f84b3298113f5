"""The current functions, triggers, policies and grants: each once, in the sql/ folder of its room.

`sheaf migrate` runs them all after the versions, whenever they are not those that it ran last. A version holds tables,
types, data and drops only; what is replaced here is not dropped there, but what goes for good is.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from psycopg import Connection

from server.database.roles import EVERYWHERE, OWNER, in_names_of
from shared.lifecycle import EDGES, INITIAL

_SERVER: Final = Path(__file__).parent.parent
_RESET, _GROUND = (_SERVER / "database" / "sql" / name for name in ("reset.sql", "ground.sql"))


def files() -> list[Path]:
    """All definitions in the order in which they run: ground, functions with their triggers, who may do what."""
    found = _SERVER.glob("*/sql/*.sql")
    return sorted(found, key=lambda path: (path != _RESET, path != _GROUND, path.name == "access.sql", path))


@cache
def digest() -> str:
    """What these definitions are known by in a database."""
    told = hashlib.sha256()
    for path in files():
        told.update(path.read_bytes())
    told.update(repr(_lifecycle()).encode())
    return told.hexdigest()


def bring(connection: Connection[tuple[object, ...]], role_secret: str, *, anew: bool) -> None:
    """Run all definitions as their owners, in the transaction that is open; nothing when they were the last to be run.

    `anew`: even then. What runs already goes on with the new ones from its next transaction.
    """
    last = connection.execute("select digest from sheaf.definitions order by number desc limit 1").fetchone()
    if last == (digest(),) and not anew:
        return
    # Rooms call each other in circles: a body is looked at when all are there (a test has them all looked at).
    connection.execute("set local check_function_bodies = off")
    for path in files():
        for role in owners(path):
            text = f"set local role {role};\n{path.read_text('utf-8')}"
            connection.execute(in_names_of(role_secret, text).encode())
    connection.execute(in_names_of(role_secret, f"set local role {OWNER}").encode())
    _bring_lifecycle(connection)
    connection.execute("delete from sheaf.definitions where digest = %s", [digest()])
    connection.execute("insert into sheaf.definitions (digest) values (%s)", [digest()])


def owners(path: Path) -> tuple[str, ...]:
    """The roles as which a file runs, and whose its functions are."""
    if path == _RESET:
        return OWNER, EVERYWHERE
    return (EVERYWHERE if path.name == "everywhere.sql" else OWNER,)


def _lifecycle() -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    edges = sorted((machine, source, target) for machine, some in EDGES.items() for source, target in some)
    return edges, sorted((machine, state) for machine, some in INITIAL.items() for state in some)


def _bring_lifecycle(connection: Connection[tuple[object, ...]]) -> None:
    """The legal edges and birth states are those of shared/lifecycle.py."""
    edges, initial = _lifecycle()
    with connection.cursor() as cursor:
        cursor.execute("delete from sheaf.lifecycle_edges")
        cursor.execute("delete from sheaf.lifecycle_initial")
        cursor.executemany("insert into sheaf.lifecycle_edges (machine, source, target) values (%s, %s, %s)", edges)
        cursor.executemany("insert into sheaf.lifecycle_initial (machine, state) values (%s, %s)", initial)
