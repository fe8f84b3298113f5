"""A database as it was at some moment: what a restored backup is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

_numbers = count(1)


@contextmanager
def copied(url: str) -> Iterator[str]:
    """The superuser's URL of a copy of the database as it is now; nobody may be connected to it."""
    part = conninfo_to_dict(url)
    server = f"postgresql://{part['user']}:{part['password']}@{part['host']}:{part['port']}"
    name = f"copied_{os.getpid()}_{next(_numbers)}"
    names = {"name": sql.Identifier(name), "of": sql.Identifier(str(part["dbname"]))}
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {of}").format(**names))
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))
