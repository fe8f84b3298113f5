"""The database's roles, and how each process reaches the database as its own."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote, urlsplit, urlunsplit

GROUP_ROLES = ("sheaf_owner", "sheaf_everywhere")
"""Roles nobody logs in as: the owner of all objects, and of the few functions that must see all branches."""

API, EXECUTOR, STATEMENTS, AUDITOR = "sheaf_api", "sheaf_executor", "sheaf_statements", "sheaf_auditor"
LOGIN_ROLES = (API, EXECUTOR, STATEMENTS, AUDITOR)


def role_password(secret: str, role: str) -> str:
    """A role's password, derived from the installation's secret so that there is one secret to keep."""
    return hmac.new(secret.encode(), f"sheaf-role:{role}".encode(), hashlib.sha256).hexdigest()


def role_url(url: str, role: str, secret: str) -> str:
    """The administrator's URL with another user: same host, port, database and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(role_password(secret, role))}@{host}"))


def driver_url(url: str) -> str:
    """The same URL in SQLAlchemy's spelling for psycopg 3."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)
