"""Dumps of released schema versions with rows in them: `python -m tests.database.released` makes the newest one's."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from server.database.embedded import program_folder
from server.database.migrations import newest_version

FOLDER = Path(__file__).with_name("released")


def rows_in(url: str) -> dict[str, int]:
    """How many rows each table has, but those that are written by a migration."""
    with psycopg.connect(url) as admin:
        tables = admin.execute(
            """select relname from pg_class where relnamespace = 'sheaf'::regnamespace and relkind = 'r'
               and relname not in ('alembic_version', 'definitions', 'lifecycle_edges', 'lifecycle_initial')"""
        ).fetchall()
        counts = {}
        for (table,) in tables:
            counted = admin.execute(sql.SQL("select count(*) from sheaf.{}").format(sql.Identifier(table))).fetchone()
            counts[str(table)] = counted[0] if counted else 0
    return counts


def main() -> None:
    """A company that has paid, reconciled and kept documents, dumped."""
    from tests.faults.backups import Installation, fill, server

    FOLDER.mkdir(exist_ok=True)
    with server("18") as superuser, tempfile.TemporaryDirectory() as place:
        installation = Installation(Path(place), superuser, "released", admin=False)
        installation.make()
        fill(installation)
        url = f"{superuser.rpartition('/')[0]}/released"
        command = [
            str(program_folder() / "pg_dump"),
            "--format=custom",
            "--compress=9",
            "--schema=sheaf",
            f"--dbname={url}",
        ]
        subprocess.run([*command, f"--file={FOLDER / f'{newest_version()}.dump'}"], check=True)


if __name__ == "__main__":
    main()
