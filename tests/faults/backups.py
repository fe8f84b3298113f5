"""Installations to back up: a real PostgreSQL with a company that has paid, its archive, keys and settings file."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import dict_row
from typer.testing import CliRunner

from server.backup import shelf
from server.backup.settings import BackupSettings
from server.backup.shelf import Found
from server.backup.site import Site
from server.cli import app
from server.context import Vault
from server.database.embedded import EmbeddedPostgres
from server.database.keys import keep
from server.database.migrations import upgrade
from server.installation import Keys, toml_text
from server.pki import write_secret
from tests.conftest import ROLE_SECRET
from tests.support.books import Books
from tests.support.world import VAULT_KEY, found

OLDEST = Path("/usr/lib/postgresql/15/bin")
ROOT = Path(__file__).parents[2]
KINDS = ("18 dump", "18 base", "15 dump", "15 base")
PRICE = 48_250_00


def place() -> Path:
    """In memory where that is possible."""
    memory = Path("/dev/shm")
    return Path(mkdtemp(prefix="sheaf-tests-", dir=memory if os.access(memory, os.W_OK | os.X_OK) else "/tmp"))


@contextmanager
def server(kind: str, settings: dict[str, str] | None = None) -> Iterator[str]:
    """A PostgreSQL of version 15 or 18 with the page's administrator, who is no superuser; the superuser's URL."""
    cluster = EmbeddedPostgres(
        place(), unsafe_for_tests=True, settings=settings, binaries=OLDEST if kind == "15" else None
    )
    try:
        superuser = cluster.start()
        with psycopg.connect(superuser, autocommit=True) as admin:
            admin.execute("create role sheaf_admin login createrole bypassrls password 'pw'")
        yield superuser
    finally:
        cluster.destroy()


@dataclass
class Installation:
    """An operator's folder with a living database behind it."""

    folder: Path
    superuser: str
    name: str
    admin: bool
    """Whether it is reached by the page's administrator, who is no superuser."""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """As the settings name the database."""
        user, _, address = self.superuser.partition("@")
        return f"{'postgresql://sheaf_admin:pw' if self.admin else user}@{address.rpartition('/')[0]}/{self.name}"

    @property
    def backups(self) -> Path:
        """The folder of backups."""
        return self.folder / "backups"

    @property
    def site(self) -> Site:
        """As the commands see it."""
        return Site(
            url=self.url,
            role_secret=ROLE_SECRET,
            vault_key=VAULT_KEY,
            settings=msgspec.convert(self.settings, BackupSettings),
            folder=self.backups,
            archive=self.folder / "statements",
            keys_file=self.folder / "keys.json",
        )

    def make(self) -> None:
        """The database, empty, and the folder with settings and keys."""
        with psycopg.connect(self.superuser, autocommit=True) as admin:
            admin.execute(f"create database {self.name} owner sheaf_admin".encode())
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = Keys(role_secret=ROLE_SECRET, vault_key=VAULT_KEY)
        write_secret(self.folder / "keys.json", msgspec.json.encode(keys))
        self.write_settings()

    def write_settings(self) -> None:
        """The settings file anew."""
        sections = {"database": {"url": self.url}, "backup": self.settings}
        write_secret(self.folder / "sheaf.toml", toml_text(sections).encode())

    def run(self, *words: str) -> tuple[int, str]:
        """A command in this process: its exit code and what it said."""
        shown = CliRunner().invoke(app, [*words, "--config", str(self.folder / "sheaf.toml")], env={"COLUMNS": "250"})
        return shown.exit_code, shown.output

    def done(self, *words: str) -> str:
        """What a command said that must succeed."""
        status, said = self.run(*words)
        assert status == 0, said
        return said

    def refused(self, *words: str) -> str:
        """What a command said that must fail by a named cause."""
        status, said = self.run(*words)
        assert status == 1, said
        return said

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """A command in a process of its own."""
        command = [sys.executable, "-m", "server.cli", *words, "--config", str(self.folder / "sheaf.toml")]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def newest(self) -> Found:
        """The newest backup."""
        return shelf.choose(self.backups, Vault(VAULT_KEY), "", datetime.now(UTC))

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """Ask as the superuser."""
        url = f"{self.superuser.rpartition('/')[0]}/{self.name}"
        with psycopg.connect(url, row_factory=dict_row) as admin:
            return admin.execute(query.encode(), parameters).fetchall()

    def force(self, query: str, *parameters: object) -> None:
        """Change what no role may change, past every trigger."""
        url = f"{self.superuser.rpartition('/')[0]}/{self.name}"
        with psycopg.connect(url) as admin:
            admin.execute("set session_replication_role = replica")
            changed = admin.execute(query.encode(), parameters)
            assert changed.rowcount > 0, query


Get = Callable[[str], Installation]


def fill(installation: Installation) -> None:
    """A company that has paid 40 members, 35 of them reconciled or returned by two statements, and has documents."""
    upgrade(installation.url, ROLE_SECRET)
    asyncio.run(_live(installation))
    keep(installation.url, VAULT_KEY, ROLE_SECRET)
    vault = Vault(VAULT_KEY)
    installation.force(
        """insert into sheaf.process
           values ('executor', 'of then', gen_random_uuid(), 'lost', 1, '', now(), now(), now())"""
    )
    for number in range(3):
        content = f"document {number}".encode()
        installation.force(
            """insert into sheaf.deposit (id, branch_id, number, amount, received_on, payer, reference, reason,
                 duplicate_reason, document_sha256, state, maker_id, created_at, expires_at, changed_at)
               select %s, 0, %s, 100, now(), 'p', '', 'r', '', %s, 'rejected', id, now(), now(), now()
               from sheaf.app_user limit 1""",
            UUID(int=number),
            f"D-{number}",
            hashlib.sha256(content).hexdigest(),
        )
        installation.force(
            """insert into sheaf.deposit_document
                 (deposit_id, branch_id, sha256, name, media_type, size, content_cipher)
               values (%s, 0, %s, 'paper', 'application/pdf', %s, %s)""",
            UUID(int=number),
            hashlib.sha256(content).hexdigest(),
            len(content),
            vault.encrypt(content),
        )


async def _live(installation: Installation) -> None:
    books = Books(await found(f"{installation.superuser.rpartition('/')[0]}/{installation.name}"))
    references = books.pay(40)
    archive = installation.folder / "statements"
    archive.mkdir(mode=0o700, exist_ok=True)
    for some in (references[:20], references[20:35]):
        for reference in some:
            books.bank.book(reference, -PRICE)
        if some is not references[:20]:
            books.bank.book(references[0], PRICE, "return")
        files = books.bank.cut()
        for name, content in files.items():
            original = archive / f"{hashlib.sha256(content).hexdigest()[:16]}-{name}"
            original.write_bytes(content)
            original.chmod(0o400)
        assert not (await books.take(files)).problems
        await books.reconcile()
    await books.close()
