"""The mistakes that only a look at the world shows: certificates that ran out, a database that is away or behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from cryptography import x509

from server.database.migrations import newest_version
from server.database.roles import API, role_url
from server.settings import Problem, Sections

_SOON = timedelta(days=30)
_CONNECT_SECONDS = 5


def check_world(found: Sections, now: datetime) -> list[Problem]:
    """Everything wrong with certificates and database at `now` (aware UTC), as far as settings say where they are."""
    problems = []
    if found.bank is not None:
        problems += certificate_problems("bank.client_certificate", Path(found.bank.client_certificate), now)
    if found.database is not None:
        problems += database_problems(found.database.url, found.keys.role_secret if found.keys else None)
    return problems


def certificate_problems(place: str, file: Path, now: datetime) -> list[Problem]:
    """A certificate that can't be read, is not valid now, or won't be in 30 days."""
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        return [Problem(place, "is not a certificate in PEM form")]
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        return [Problem(place, f"is not valid before {begins:%Y-%m-%d %H:%M} UTC")]
    if now >= ends:
        return [Problem(place, f"ran out on {ends:%Y-%m-%d %H:%M} UTC; ask the bank for a new one")]
    if now + _SOON >= ends:
        return [Problem(place, f"runs out on {ends:%Y-%m-%d %H:%M} UTC; ask the bank for a new one now")]
    return []


def database_problems(url: str, role_secret: str | None) -> list[Problem]:
    """A database that can't be reached, or whose schema or roles aren't those of this version."""
    try:
        present = _version(url)
    except psycopg.Error as error:
        return [Problem("database.url", f"the database can't be reached: {_first_line(error)}")]
    wanted = newest_version()
    if present != wanted:
        found = "empty" if present is None else f"at version {present}"
        return [Problem("database.url", f"the schema is {found}, this program needs {wanted}; run: sheaf migrate")]
    if role_secret is None:
        return []
    try:
        psycopg.connect(role_url(url, API, role_secret), connect_timeout=_CONNECT_SECONDS).close()
    except psycopg.Error:
        return [Problem("keys.role_secret", "is not the one that the roles were made with; run: sheaf migrate")]
    return []


def _version(url: str) -> str | None:
    with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
        if connection.execute("select to_regclass('sheaf.alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("select version_num from sheaf.alembic_version").fetchone()
    return str(row[0]) if row else None


def _first_line(error: psycopg.Error) -> str:
    # PostgreSQL names host and user, never the password.
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
