"""The PostgreSQL of a simulation: one server, a company made once, and a copy of it for each job."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from lab.simulation import company
from lab.simulation.calls import Turns
from lab.simulation.connections import Cabinet
from server.database.embedded import EmbeddedPostgres, EmbeddedPostgresError
from server.database.migrations import upgrade

SECRET = "simulation"
_COMPANY = "company"
_SETTINGS = {
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "deadlock_timeout": "1h",
    "jit": "off",
    "update_process_title": "off",
    "track_counts": "off",
}


def place() -> Path:
    """In memory where that is possible: nothing here outlives the command."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


@contextmanager
def ground() -> Iterator[str]:
    """The superuser's URL of a server that has the company as a template."""
    for leftover in place().glob("sheaf-simulation-*/owner.lock"):
        # Of a run that was killed; one that still runs refuses.
        with suppress(EmbeddedPostgresError, OSError):
            EmbeddedPostgres(leftover.parent).destroy()
    server = EmbeddedPostgres(
        Path(tempfile.mkdtemp(prefix="sheaf-simulation-", dir=place())), unsafe_for_tests=True, settings=_SETTINGS
    )
    try:
        url = server.start()
        _make(url, _COMPANY, "template1")
        upgrade(_of(url, _COMPANY), SECRET)
        company.build(_of(url, _COMPANY), SECRET)
        yield url
    finally:
        server.destroy()


@contextmanager
def copy(url: str, name: str) -> Iterator[Cabinet]:
    """A cabinet over a database of its own with the whole company in it."""
    with database(url, name) as own, psycopg.connect(own, autocommit=True) as monitor:
        cabinet = Cabinet(own, SECRET, Turns(monitor))
        try:
            yield cabinet
        finally:
            cabinet.close()


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """The superuser's URL of a database with the whole company in it."""
    _make(url, name, _COMPANY)
    try:
        yield _of(url, name)
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _make(url: str, name: str, template: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))


def _of(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
