"""The database is what the files say: versions, then definitions; by its snapshot, and over rows of before."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from server.database import definitions
from server.database.embedded import program_folder
from server.database.migrations import prepare, upgrade
from server.database.snapshot import PLACE, schema_of
from tests.conftest import ROLE_SECRET, FreshDatabase
from tests.database.released import FOLDER, rows_in


@pytest.fixture(scope="module")
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        yield url


def test_the_schema_is_the_one_that_was_reviewed(database: str) -> None:
    """Look at what `python -m server.database.snapshot` changes in schema.sql, and commit it with what changed it."""
    assert schema_of(database) == PLACE.read_text("utf-8")


def test_every_body_names_what_is_there(database: str) -> None:
    """They are run without a look at their bodies, for they call each other in circles."""
    with psycopg.connect(database) as admin:
        for path in definitions.files():
            for role in definitions.owners(path):
                admin.execute(f"set local role {role};\n{path.read_text('utf-8')}".encode())
        admin.rollback()


def test_what_is_the_same_is_not_run_again(database: str) -> None:
    born = "select xmin::text from pg_proc where proname = 'guard_intent'"
    with psycopg.connect(database, autocommit=True) as admin:
        before = admin.execute(born).fetchone()
        upgrade(database, ROLE_SECRET)
        assert admin.execute(born).fetchone() == before


def test_what_is_no_longer_written_is_gone_and_what_was_bent_is_straight(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url:
        with psycopg.connect(url) as admin:
            admin.execute("grant update on sheaf.ledger_account to sheaf_api")
            admin.execute("grant execute on function sheaf.signature_stands to public")
            bent = "returns trigger language plpgsql as 'begin return new; end'"
            admin.execute(f"create or replace function sheaf.append_only() {bent}".encode())
            admin.execute("drop policy branch on sheaf.intent")
            admin.execute("insert into sheaf.lifecycle_edges values ('intent', 'failed', 'settled')")
            admin.execute("delete from sheaf.definitions")
        upgrade(url, ROLE_SECRET)
        assert schema_of(url) == PLACE.read_text("utf-8")
        with psycopg.connect(url) as admin:
            edges = admin.execute("select count(*) from sheaf.lifecycle_edges where source = 'failed'").fetchone()
        assert edges == (0,)


@pytest.mark.parametrize("dump", sorted(FOLDER.glob("*.dump")), ids=lambda path: path.stem)
def test_rows_of_every_released_version_live_on(empty_database: FreshDatabase, dump: str) -> None:
    """While version 0001 is not released, its dump is made anew with it: `python -m tests.database.released`."""
    with empty_database() as url:
        prepare(url, ROLE_SECRET)
        command = [
            str(program_folder() / "pg_restore"),
            f"--dbname={url}",
            "--no-comments",
            "--exit-on-error",
            "--clean",
        ]
        subprocess.run([*command, "--if-exists", str(dump)], check=True, capture_output=True)
        before = rows_in(url)
        upgrade(url, ROLE_SECRET)
        assert schema_of(url) == PLACE.read_text("utf-8")
        after = rows_in(url)
    assert before["intent"] > 30
    assert {table: after[table] for table in before} == before
