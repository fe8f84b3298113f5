"""The mistakes that only a look at the world shows: certificates that ran out, a database that is away or behind."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from server.alarm_settings import AlarmSection
from server.connections import room
from server.database import keys
from server.database.away import why_away
from server.database.migrations import lacks_definitions, newest_version
from server.database.roles import API, role_url
from server.settings import ApiSection, KeysSection, Problem, Sections

_SOON = timedelta(days=30)
_CONNECT_SECONDS = 5


def check_world(found: Sections, now: datetime) -> list[Problem]:
    """Everything wrong with certificates and database at `now` (aware UTC), as far as settings say where they are."""
    problems = []
    if found.bank is not None:
        problems += certificate_problems("bank.client_certificate", Path(found.bank.client_certificate), now)
        problems += _of_another_key(Path(found.bank.client_certificate), Path(found.bank.client_key))
        if found.bank.authority_file:
            problems += certificate_problems("bank.authority_file", Path(found.bank.authority_file), now)
    if found.alarm is not None:
        problems += alarm_problems(found.alarm)
    if found.database is not None:
        url = found.database.url
        problems += database_problems(url, found.keys.role_secret if found.keys else None)
        if found.keys is not None:
            problems += key_problems(url, found.keys)
        problems += connection_problems(url, found.api.workers if found.api else ApiSection().workers)
    return problems


def alarm_problems(alarm: AlarmSection) -> list[Problem]:
    """Alarms that would reach nobody; whether they do is tried by `sheaf alarm test`."""
    problems = []
    if bool(alarm.mail_host) != bool(alarm.mail_to):
        missing, given = ("mail_to", "mail_host") if alarm.mail_host else ("mail_host", "mail_to")
        problems.append(Problem(f"alarm.{missing}", f"is missing; alarm.{given} alone sends no mail"))
    if alarm.mail_password and not alarm.mail_user:
        problems.append(Problem("alarm.mail_user", "is missing; the password is for nobody"))
    if alarm.mail_user and alarm.mail_tls == "none" and alarm.mail_host not in ("localhost", "127.0.0.1", "::1"):
        problems.append(Problem("alarm.mail_tls", "is none: the password would go over the network for all to read"))
    bad = [one for one in alarm.mail_to if "@" not in one or any(sign in one for sign in "\r\n")]
    problems += [Problem("alarm.mail_to", "names somebody without an @") for _ in bad[:1]]
    if alarm.command and shutil.which(alarm.command[0]) is None:
        problems.append(Problem("alarm.command", f"{alarm.command[0]} is no program; name its whole path"))
    return problems


def certificate_problems(place: str, file: Path, now: datetime) -> list[Problem]:
    """A certificate that can't be read or is not valid now; one that won't be in 30 days is a warning until that day.

    Of a chain in one file all count: it is worth nothing from the day on that the first of them ends.
    """
    try:
        chain = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return [Problem(place, "is not a certificate in PEM form")]
    begins = max(each.not_valid_before_utc for each in chain)
    ends = min(each.not_valid_after_utc for each in chain)
    if now < begins:
        return [Problem(place, f"is not valid before {begins:%Y-%m-%d %H:%M} UTC")]
    if now >= ends:
        return [Problem(place, f"ran out on {ends:%Y-%m-%d %H:%M} UTC; ask the bank for a new one")]
    if now + _SOON >= ends:
        days = (ends - now).days
        left = f"in {days} days, on" if days else "today, on"
        text = f"runs out {left} {ends:%Y-%m-%d %H:%M} UTC; ask the bank for a new one now"
        return [Problem(place, text, warning=True)]
    return []


def _of_another_key(certificate: Path, key: Path) -> list[Problem]:
    """A key that is not the certificate's: the bank would end every connection."""
    try:
        public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
        own = serialization.load_pem_private_key(key.read_bytes(), password=None).public_key()
    except (OSError, ValueError, TypeError):
        return []  # told by the check of the file itself
    same = public == own
    return [] if same else [Problem("bank.client_key", "is not the key of bank.client_certificate")]


def connection_problems(url: str, workers: int) -> list[Problem]:
    """A warning when PostgreSQL can't give all processes their connections at once: then calls wait and are refused."""
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
            found = room(connection, workers)
    except psycopg.Error:
        return []  # told by the check of the database itself
    if found.fits:
        return []
    text = (
        f"PostgreSQL has {found.free} connections for us; {workers} API workers, executors and all others hold "
        f"up to {found.needed}: raise max_connections by {found.missing} or take fewer workers in [api]"
    )
    return [Problem("database.url", text, warning=True)]


def database_problems(url: str, role_secret: str | None) -> list[Problem]:
    """A database that can't be reached, or whose schema or roles aren't those of this version."""
    try:
        present = _version(url)
    except psycopg.Error as error:
        told = _first_line(error)
        return [Problem("database.url", f"the database can't be reached: {told}", away=why_away(told))]
    wanted = newest_version()
    if present != wanted:
        found = "empty" if present is None else f"at version {present}"
        return [Problem("database.url", f"the schema is {found}, this program needs {wanted}; run: sheaf migrate")]
    if lacks_definitions(url):
        return [Problem("database.url", "the database's functions are not those of this program; run: sheaf migrate")]
    if role_secret is None:
        return []
    try:
        psycopg.connect(role_url(url, API, role_secret), connect_timeout=_CONNECT_SECONDS).close()
    except psycopg.Error:
        text = "is not the one that the roles were made with; put the right keys.json back, or run: sheaf migrate"
        return [Problem("keys.role_secret", text)]
    return []


def key_problems(url: str, own: KeysSection) -> list[Problem]:
    """Keys with which the database was not written."""
    try:
        refused = keys.examine(url, own.vault_key, own.role_secret)
    except psycopg.Error:
        return []  # told by the check of the database itself
    return [Problem(one.place, one.text) for one in refused]


def _version(url: str) -> str | None:
    with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
        if connection.execute("select to_regclass('sheaf.alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("select version_num from sheaf.alembic_version").fetchone()
    return str(row[0]) if row else None


def _first_line(error: psycopg.Error) -> str:
    # PostgreSQL names host and user, never the password.
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
