"""Status knows how old the last backup and the last proof are, and that one failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from server.context import Services, Vault, system_clock
from server.database.roles import API, role_url
from server.database.transaction import Database
from server.health.backup_checks import CHECKS
from server.health.examine import examine
from server.health.finding import Ground
from shared.health import Level
from tests.conftest import ROLE_SECRET

NOW = system_clock()
BACKUP = """
    insert into sheaf.backup (id, branch_id, way, size, begun_at, finished_at, due_at, cause, problem)
    values (%s, 0, 'dump', 1, %s, %s, %s, %s, %s)
"""
PROOF = """
    insert into sheaf.backup_proof (id, branch_id, backup_id, at, due_at, seconds, cause, problem, entries, payments,
      documents, statements) values (gen_random_uuid(), 0, 'one', %s, %s, 1, %s, %s, 0, 0, 0, 0)
"""


def hours(count: int) -> datetime:
    """So long ago."""
    return NOW - timedelta(hours=count)


def taken(ago: int, problem: str = "") -> tuple[str, Any]:
    at = hours(ago)
    return BACKUP, (str(ago), at, at, at + timedelta(hours=26), "disk" if problem else "", problem)


def proved(ago: int, problem: str = "") -> tuple[str, Any]:
    at = hours(ago)
    return PROOF, (at, at + timedelta(days=8), "damaged" if problem else "", problem)


@pytest.mark.parametrize(
    ("founded", "known", "cases", "levels"),
    [
        (1, [], ("none_yet", "none_yet"), (Level.WARNS, Level.WARNS)),
        (30, [], ("none", "none"), (Level.BAD, Level.BAD)),
        (900, [taken(1), proved(1)], ("well", "well"), (Level.WELL, Level.WELL)),
        (900, [taken(25), proved(24 * 8 - 1)], ("well", "well"), (Level.WELL, Level.WELL)),
        (900, [taken(27), proved(24 * 8 + 1)], ("late", "late"), (Level.BAD, Level.BAD)),
        (900, [taken(20), taken(2, "full"), proved(1)], ("failed", "well"), (Level.BAD, Level.WELL)),
        (900, [taken(20, "full"), taken(2), proved(9, "x"), proved(1)], ("well", "well"), (Level.WELL, Level.WELL)),
        (900, [taken(2), proved(9), proved(1, "x")], ("well", "failed"), (Level.WELL, Level.BAD)),
        (900, [taken(2), proved(1, "x")], ("well", "failed"), (Level.WELL, Level.BAD)),
        (900, [taken(2)], ("well", "none"), (Level.WELL, Level.BAD)),
        # by a clock that was a year ahead: neither hides that nothing is done, nor that the last try failed
        (900, [taken(-9000), proved(-9000)], ("none", "none"), (Level.BAD, Level.BAD)),
        (
            900,
            [taken(27), taken(-9000), proved(24 * 8 + 1), proved(-9000)],
            ("late", "late"),
            (Level.BAD, Level.BAD),
        ),
        (
            900,
            [taken(20), taken(-9000), taken(2, "full"), proved(-9000), proved(3), proved(1, "x")],
            ("failed", "failed"),
            (Level.BAD, Level.BAD),
        ),
        (
            900,
            [taken(2), taken(-9000, "full"), proved(1), proved(-9000, "x")],
            ("well", "well"),
            (Level.WELL, Level.WELL),
        ),
    ],
)
async def test_age_and_failure_are_told(
    database_url: str, founded: int, known: list[tuple[str, Any]], cases: tuple[str, ...], levels: tuple[Level, ...]
) -> None:
    with psycopg.connect(database_url) as admin:
        admin.execute(
            "insert into sheaf.branch (id, code, name_th, name_en, created_at) values (0, 'HQ', 'ส', 'H', %s)",
            [hours(founded)],
        )
        for query, values in known:
            admin.execute(query.encode(), values)
    # as the API's role, which shows it to the administrator
    url = role_url(database_url, API, ROLE_SECRET)
    database = Database(url, Services(vault=Vault(bytes(32))), connections=2)
    found = await examine(Ground(database=database, now=NOW), CHECKS)
    await database.close()
    assert tuple(one.case for one in found) == cases
    assert tuple(one.level for one in found) == levels
