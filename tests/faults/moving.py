"""Servers that a database moves between, by the page's own commands, and desks that follow it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from server.cli import app
from server.context import Actor
from server.database import keys
from server.database.embedded import EmbeddedPostgres, program_folder
from server.database.migrations import upgrade
from server.database.transaction import Database
from server.sync import store
from server.sync.verbs import sync
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused
from shared.wire.records import SyncReply, SyncRequest
from tests.conftest import ROLE_SECRET
from tests.end_to_end.test_readme import OLDEST, PASSWORD, blocks
from tests.support.calls import call
from tests.support.world import VAULT_KEY, Company, found_now

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CODES = {"HQ": 0, "NSN": 1, "KKN": 2, "CRI": 3}
SEE = "select set_config('sheaf.branches', '{0,1,2,3}', true)"
GONE = Refused(RefusalCode.CURSOR_GONE, field="cursor")
FAR = 30_000
BURN = """
create temp table if not exists burnt (n int);
do $$ begin
  for n in 1..%s loop begin insert into burnt values (n); exception when others then null; end; end loop;
end $$
"""


@dataclass
class Server:
    """A PostgreSQL, and how its superuser and the page's administrator reach a database."""

    cluster: EmbeddedPostgres
    programs: Path
    superuser: str = ""
    databases: int = 0

    def make(self) -> str:
        """An empty database with the page's administrator, who is no superuser; their URL."""
        self.superuser = self.superuser or self.cluster.start()
        self.databases += 1
        name = f"sheaf{self.databases}"
        with psycopg.connect(self.superuser, autocommit=True) as admin:
            for statement in blocks("sql")[0].strip().splitlines():
                if self.databases > 1 and statement.startswith("create role"):
                    continue
                statement = statement.replace("...", PASSWORD).replace("database sheaf ", f"database {name} ")
                admin.execute(statement.encode())
        return f"postgresql://sheaf_admin:{PASSWORD}@{self.address}/{name}"

    @property
    def address(self) -> str:
        return self.superuser.partition("@")[2].rpartition("/")[0]

    def burn(self, numbers: int) -> None:
        """Use up so many transaction numbers."""
        with psycopg.connect(self.superuser, autocommit=True) as admin:
            admin.execute((BURN % numbers).encode())

    def next_number(self) -> int:
        with psycopg.connect(self.superuser) as admin:
            return int(str(admin.execute("select pg_current_xact_id()::text").fetchall()[0][0]))


def new_server(kind: str, stack: ExitStack) -> Server:
    """A server of version 15 or 18, for the life of the stack."""
    if kind == "15" and not (OLDEST / "initdb").exists():
        pytest.skip("PostgreSQL 15 is not here; as root: apt-get install postgresql-15")
    memory = Path("/dev/shm")
    place = Path(mkdtemp(prefix="sheaf-tests-", dir=memory if os.access(memory, os.W_OK | os.X_OK) else "/tmp"))
    cluster = EmbeddedPostgres(place, unsafe_for_tests=True, binaries=OLDEST if kind == "15" else None)
    stack.callback(cluster.destroy)
    return Server(cluster, OLDEST if kind == "15" else program_folder())


@dataclass
class Desk:
    """One desk: what it has, and where it goes on from; it does what `desktop.core.sync` does."""

    url: str
    company: Company
    cursor: str = ""
    rows: dict[str, tuple[int, str]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    began_anew: int = 0

    async def pull(self, limit: int = 37) -> None:
        """Until there is no more; from the beginning when the cursor is gone."""
        company = Company(self.url, self.company.clock, self.company.services, {})
        database: Database = company.database(connections=1)
        actor = Actor(name="desk", roles=frozenset({Role.CASHIER}), branch_codes=CODES)
        try:
            while True:
                page = await call(database, actor, sync, SyncRequest(cursor=self.cursor, limit=limit), NOW)
                if page == GONE:
                    assert self.cursor
                    self.cursor, self.rows, self.order, self.began_anew = "", {}, [], self.began_anew + 1
                    continue
                assert isinstance(page, SyncReply)
                for member in page.members:
                    self.rows[member.code] = (member.version, member.name)
                    self.order.append(member.code)
                self.cursor = page.cursor
                if not page.more:
                    return
        finally:
            await database.close()

    async def standing(self) -> store.Standing:
        """What the server would say of its cursor."""
        place = store.parse_cursor(self.cursor)
        assert place is not None
        company = Company(self.url, self.company.clock, self.company.services, {})
        database = company.database(connections=1)
        try:
            async with database.transaction(()) as tx:
                return (await store.look(tx, place)).standing
        finally:
            await database.close()


def add(connection: psycopg.Connection, company: Company, n: int) -> None:
    """One member in the connection's transaction."""
    connection.execute(SEE)
    connection.execute(
        """insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher, national_id_digest,
             national_id_last4, status, created_at, changed_at, code_key, name_key)
           values (%s, %s, %s, %s, %s, %s, %s, '0000', 'active', %s, %s, %s, %s)""",
        [UUID(int=n), 1 + n % 3, f"M{n}", f"n{n}", f"n{n}", company.services.vault.encrypt_text("0"), b"", NOW, NOW,
         f"M{n}", f"N{n}"],
    )  # fmt: skip


def add_each(url: str, company: Company, numbers: Sequence[int]) -> None:
    """Members, each in a transaction of its own."""
    with psycopg.connect(url) as connection:
        for n in numbers:
            add(connection, company, n)
            connection.commit()


def touch(url: str, n: int, name: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(SEE)
        connection.execute(
            "update sheaf.member set name = %s, version = version + 1 where id = %s", [name, UUID(int=n)]
        )


def there(url: str) -> dict[str, tuple[int, str]]:
    """What the database has."""
    with psycopg.connect(url) as connection:
        connection.execute(SEE)
        rows = connection.execute("select code, version, name from sheaf.member").fetchall()
    return {code: (version, name) for code, version, name in rows}


def counts(server: Server, url: str) -> dict[str, int]:
    """Rows of every table, as the superuser sees them."""
    with psycopg.connect(server.superuser.rpartition("/")[0] + "/" + url.rpartition("/")[2]) as admin:
        tables = admin.execute("select tablename from pg_tables where schemaname = 'sheaf' order by 1").fetchall()
        counted = {}
        for (table,) in tables:
            query = sql.SQL("select count(*) from sheaf.{}").format(sql.Identifier(table))
            counted[table] = int(admin.execute(query).fetchall()[0][0])
    return counted


def founded(server: Server) -> tuple[str, Company]:
    """A company whose numbers have come far, with members of which some changed again."""
    url = server.make()
    upgrade(url, ROLE_SECRET)
    company = found_now(url)
    keys.keep(url, VAULT_KEY, ROLE_SECRET)
    add_each(url, company, range(1, 41))
    server.burn(FAR)
    add_each(url, company, range(41, 81))
    for n in (3, 17, 60):
        touch(url, n, "changed on the old server")
    return url, company


def move(source: Server, old: str, target: Server, new: str, folder: Path) -> None:
    """The page's own commands."""
    (page,) = blocks("shell")
    folder.mkdir(parents=True, exist_ok=True)
    keys = folder / "keys.json"
    if not keys.exists():
        from base64 import b64encode

        keys.write_text(f'{{"role_secret": "{ROLE_SECRET}", "vault_key": "{b64encode(VAULT_KEY).decode()}"}}')
        keys.chmod(0o600)
    (folder / "sheaf.toml").write_text(f'[database]\nurl = "{new}"\n')
    (folder / "sheaf.toml").chmod(0o600)
    for line in page.splitlines():
        command = line.partition(" # ")[0].strip().replace("OLD_URL", f'"{old}"').replace("NEW_URL", f'"{new}"')
        if command.startswith("sheaf "):
            shown = CliRunner().invoke(app, command.split()[1:], env={"SHEAF_DATA": str(folder)})
            assert shown.exit_code == 0, (command, shown.output, shown.exception)
        elif command:
            programs = source.programs if command.startswith("pg_dump") else target.programs
            path = f"{programs}{os.pathsep}{os.environ['PATH']}"
            done = subprocess.run(
                ["bash", "-c", command], env={**os.environ, "PATH": path}, cwd=folder, capture_output=True, check=False
            )
            assert done.returncode == 0, (command, done.stderr.decode())
