"""What every test may ask for: a real PostgreSQL of its own, and windows without a screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from server.database.embedded import EmbeddedPostgres, EmbeddedPostgresError

# Before anything imports Qt: no screen, one scale, so that pictures are the same everywhere.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1")

ROLE_SECRET = "role-secret-of-the-tests"
FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(autouse=True)
def every_refusal_is_declared() -> Iterator[None]:
    """Whatever a test is about: no verb that it calls here is refused with what the verb's row does not declare."""
    from server.http.undeclared import UNDECLARED

    before = UNDECLARED.copy()
    yield
    assert before == UNDECLARED


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Superuser URL of an embedded PostgreSQL that lives for the session (one for each worker under xdist).

    SHEAF_TEST_DATABASE_URL names another server instead, such as an older PostgreSQL; run it without `-n` then, or
    name a migrated database too (SHEAF_TEST_TEMPLATE, see fresh_database): any number of sessions may share those.
    """
    other = os.environ.get("SHEAF_TEST_DATABASE_URL")
    if other:
        yield other
        return
    # In memory where there is a place: a new database takes 10 ms there, and 250 ms on some disks.
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK | os.X_OK) else tmp_path_factory.getbasetemp()
    for leftover in place.glob("sheaf-tests-*/owner.lock"):
        # Of a session that was killed; one that still runs refuses.
        with suppress(EmbeddedPostgresError, OSError):
            EmbeddedPostgres(leftover.parent).destroy()
    cluster = EmbeddedPostgres(Path(mkdtemp(prefix="sheaf-tests-", dir=place)), unsafe_for_tests=True)
    try:
        yield cluster.start()
    finally:
        cluster.destroy()


@pytest.fixture(scope="session")
def empty_database(postgres_url: str) -> FreshDatabase:
    """`with empty_database() as url`: a database without a single table, dropped at the end of the block."""
    return _factory(postgres_url, template="template1", prefix="empty")


@pytest.fixture(scope="session")
def fresh_database(postgres_url: str) -> FreshDatabase:
    """`with fresh_database() as url`: a migrated database without rows, dropped at the end of the block.

    Migrations run once a session, into a template. Use this one for module-scoped fixtures and loops (hypothesis);
    a test that wants one database asks for `database_url`.

    SHEAF_TEST_TEMPLATE names a database of the server that is migrated already, which nobody may change or drop.
    """
    from server.database.migrations import upgrade

    shared = os.environ.get("SHEAF_TEST_TEMPLATE")
    if shared:
        return _factory(postgres_url, template=shared, prefix="fresh")
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS migrated")
        admin.execute("CREATE DATABASE migrated")
    upgrade(_url_of(postgres_url, "migrated"), ROLE_SECRET)
    return _factory(postgres_url, template="migrated", prefix="fresh")


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> Iterator[str]:
    """Superuser URL of a migrated database of this test's own."""
    with fresh_database() as url:
        yield url


def _factory(postgres_url: str, *, template: str, prefix: str) -> FreshDatabase:
    numbers = count(1)

    @contextmanager
    def make() -> Iterator[str]:
        # The process too: sessions that share a server each count from one, and a killed one leaves its own behind.
        name = f"{prefix}_{os.getpid()}_{next(numbers)}"
        identifiers = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**identifiers))
        try:
            yield _url_of(postgres_url, name)
        finally:
            with psycopg.connect(postgres_url, autocommit=True) as admin:
                # FORCE: a failed test may have left a connection open, and its own failure is the news.
                admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**identifiers))

    return make


def _url_of(postgres_url: str, database: str) -> str:
    part = conninfo_to_dict(postgres_url)
    return f"postgresql://{part['user']}:{part['password']}@{part['host']}:{part['port']}/{database}"
