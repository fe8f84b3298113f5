"""How many connections to PostgreSQL each kind of process holds at most, and whether the server gives them all."""

from __future__ import annotations

from typing import Final

import msgspec
import psycopg

API_POOL: Final = 10
EXECUTOR_POOL: Final = 16
STATEMENTS_POOL: Final = 4
COMMAND_POOL: Final = 2
HEALTH_POOL: Final = 3
ALARMS_POOL: Final = 1

HELD: Final = {
    "api_worker": API_POOL + 1 + HEALTH_POOL,  # and the one that hears of revocations
    "executor": EXECUTOR_POOL + 1 + ALARMS_POOL,  # and the one whose life is the executor's
    "statements_worker": STATEMENTS_POOL + 1 + ALARMS_POOL,  # and the one that holds its lock
    "command": COMMAND_POOL,
}
"""At most, by kind of process: what docs/operating.md tells in a table."""

_AT_ONCE: Final = {"executor": 2, "statements_worker": 2, "command": 3}
"""Two executors, for the next starts while the last one finishes; commands of a person, a backup and its proof."""

_ROOM = """
select current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true)::int, 0) as free,
       (select count(*) from pg_stat_activity
         where backend_type = 'client backend' and datname is distinct from current_database()) as others,
       (select count(*) from pg_stat_activity
         where application_name = 'sheaf executor liveness' and datname = current_database()) as executors,
       (select datconnlimit from pg_database where datname = current_database()) as database_limit
"""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What PostgreSQL gives and what is asked of it, in connections."""

    free: int
    """Those that are nobody's reserve, less what other databases of the server hold now."""
    needed: int

    @property
    def fits(self) -> bool:
        """Whether everybody gets theirs."""
        return self.needed <= self.free

    @property
    def missing(self) -> int:
        """How many are too few."""
        return max(0, self.needed - self.free)


_STARTING: Final = HEALTH_POOL + 2
"""What an API worker holds that takes no calls yet; when it takes them the one before it lets its own go."""


def needed(workers: int, executors: int = 0) -> int:
    """The most that an installation holds: `workers` of the API, those that a reload brings up, and executors."""
    counts = {**_AT_ONCE, "api_worker": workers, "executor": max(executors + 1, _AT_ONCE["executor"])}
    return sum(HELD[kind] * count for kind, count in counts.items()) + _STARTING * workers


def room(connection: psycopg.Connection[tuple[object, ...]], workers: int) -> Room:
    """What the server of this connection has for us; a limit of the database itself counts, too."""
    row = connection.execute(_ROOM).fetchone()
    assert row is not None
    free, others, executors, limit = (int(str(value)) for value in row)
    ours = free - others
    return Room(free=min(ours, limit) if limit >= 0 else ours, needed=needed(workers, executors))
