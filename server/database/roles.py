"""The database's roles, and how each process reaches the database as its own.

Roles belong to the whole server, and so several installations on one PostgreSQL need names of their own. Their names
stand where their secret does: a secret of the form `sheaf_1a2b3c:...` has roles `sheaf_1a2b3c_api` and so on, any other
has `sheaf_api` and so on. All SQL is written with the latter; `in_names_of` puts an installation's own in their place.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg import Connection

OWNER, EVERYWHERE = "sheaf_owner", "sheaf_everywhere"
GROUP_ROLES = (OWNER, EVERYWHERE)
"""Roles nobody logs in as: the owner of all objects, and of the few functions that must see all branches."""

API, EXECUTOR, STATEMENTS, AUDITOR = "sheaf_api", "sheaf_executor", "sheaf_statements", "sheaf_auditor"
LOGIN_ROLES = (API, EXECUTOR, STATEMENTS, AUDITOR)

_OWN_NAMES = re.compile("(sheaf_[0-9a-f]{6}):")
_NAMES = re.compile(r"\b(?:{})\b".format("|".join((*GROUP_ROLES, *LOGIN_ROLES))))


def new_role_secret(*, own_names: bool) -> str:
    """A secret for an installation; with names of its own where those of another are on the server."""
    return (f"sheaf_{secrets.token_hex(3)}:" if own_names else "") + secrets.token_hex(32)


def role_name(secret: str, role: str) -> str:
    """What a role is called in the installation with this secret."""
    own = _OWN_NAMES.match(secret)
    return own[1] + role.removeprefix("sheaf") if own else role


def in_names_of(secret: str, text: str) -> str:
    """SQL with an installation's own names of the roles."""
    return _NAMES.sub(lambda found: role_name(secret, found[0]), text)


def role_password(secret: str, role: str) -> str:
    """A role's password, derived from the installation's secret so that there is one secret to keep."""
    return hmac.new(secret.encode(), f"sheaf-role:{role}".encode(), hashlib.sha256).hexdigest()


def role_url(url: str, role: str, secret: str) -> str:
    """The administrator's URL with another user: same host, port, database and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = quote(role_name(secret, role))
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(role_password(secret, role))}@{host}"))


def driver_url(url: str) -> str:
    """The same URL in SQLAlchemy's spelling for psycopg 3."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)


def used_elsewhere(connection: Connection[Any], secret: str) -> bool:
    """Whether another database of this server depends on roles of these names."""
    row = connection.execute(
        """
        select exists (
          select from pg_shdepend d join pg_roles r on r.oid = d.refobjid
          where d.refclassid = 'pg_authid'::regclass and r.rolname = any(%s)
            and d.dbid not in (0, (select oid from pg_database where datname = current_database())))
        """,
        [[role_name(secret, role) for role in (*GROUP_ROLES, *LOGIN_ROLES)]],
    ).fetchone()
    return bool(row and row[0])
