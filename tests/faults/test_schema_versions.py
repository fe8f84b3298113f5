"""Every process looks at the schema before it serves: an older one, an empty one, and newer ones of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from server.database.migrations import newest_version
from tests.conftest import FreshDatabase
from tests.faults.service import START_SECONDS, Service
from tests.support.world import found_now
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)
OURS = newest_version() or ""
NEWER = f"{int(OURS) + 1:04}"
OLDER = f"{int(OURS) - 1:04}"


@pytest.fixture
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_now(url)
        yield url


def _is(url: str, version: str, *, oldest_code: str = OURS) -> None:
    """Let the schema be of a version, and say which programs may work on it."""
    with psycopg.connect(url) as admin:
        admin.execute("update sheaf.alembic_version set version_num = %s", [version])
        body = f"returns text language sql immutable as $$ select '{oldest_code}' $$"
        admin.execute(f"create or replace function sheaf.oldest_code() {body}".encode())


def _refused(service: Service) -> str:
    """That it ended with 78, and what it said, once."""
    service.start(wait=False)
    assert service.process is not None
    assert service.process.wait(START_SECONDS) == 78
    (said,) = (line for line in service.log.read_text("utf-8").splitlines() if line.startswith("the database"))
    return said


@pytest.mark.parametrize(
    ("version", "oldest_code", "says"),
    [
        (OLDER, OURS, f"the database's schema is at version {OLDER}, this program needs {OURS}; run: sheaf migrate"),
        (NEWER, NEWER, f"programs before {NEWER} can't work on; this one is {OURS}: update the program"),
    ],
    ids=["older", "newer that old programs do not survive"],
)
def test_a_schema_that_does_not_fit_is_refused(
    database: str, tmp_path: Path, version: str, oldest_code: str, says: str
) -> None:
    _is(database, version, oldest_code=oldest_code)
    assert says in _refused(Service(tmp_path, database, workers=1))


def test_an_empty_database_is_refused(empty_database: FreshDatabase, database: str, tmp_path: Path) -> None:
    with empty_database() as url:  # the roles are the cluster's
        assert "empty or not open to this role" in _refused(Service(tmp_path, url, workers=1))


def test_a_newer_schema_that_only_adds_is_served_until_one_takes_away(database: str, tmp_path: Path) -> None:
    _is(database, NEWER)
    service = Service(tmp_path, database, workers=1)
    try:
        service.start()
        _is(database, NEWER, oldest_code=NEWER)
        wait_until(lambda: service.ask("/readyz") == 503 and service.ask("/api/v1/members") == 503, 20)
        _is(database, NEWER)
        wait_until(lambda: service.ask("/readyz") == 200 and service.ask("/api/v1/members") == 401, 20)
        assert service.end() == 0
    finally:
        service.kill()
