"""Brings a database to the present schema: roles, Alembic's versions, definitions; with lock and statement timeouts."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, create_engine

from server.database import definitions
from server.database.migrations.scripts import ROLE_SECRET
from server.database.roles import (
    EVERYWHERE,
    GROUP_ROLES,
    LOGIN_ROLES,
    OWNER,
    driver_url,
    in_names_of,
    role_name,
    role_password,
)

_HERE = Path(__file__).parent


def upgrade(url: str, role_secret: str, version: str = "head") -> None:
    """Create the roles and bring the schema to a version, the newest by default; safe to run again and by two at once.

    `url` is an administrator's (superuser, or CREATEROLE and owner of the database); `role_secret` is what the roles'
    passwords are derived from. Raises on a database that can't be reached or a lock that isn't given within 5 s.
    """
    _make_roles(url, role_secret)
    engine = create_engine(driver_url(url))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("select pg_advisory_xact_lock(7235443)")
            connection.exec_driver_sql("set local lock_timeout = '5s'; set local statement_timeout = '300s'")
            connection.exec_driver_sql(in_names_of(role_secret, "set local role sheaf_owner"))
            connection.info[ROLE_SECRET] = role_secret
            before = _version_in(connection)
            command.upgrade(_config(connection), version)
            driver = cast("psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection)
            definitions.bring(driver, role_secret, anew=_version_in(connection) != before)
    finally:
        engine.dispose()


def lacks_definitions(url: str) -> bool:
    """Whether this code's definitions were never run in a database that is at its version."""
    with psycopg.connect(url) as connection:
        known = connection.execute("select from sheaf.definitions where digest = %s", [definitions.digest()])
        return known.fetchone() is None


def _version_in(connection: Connection) -> str | None:
    if connection.exec_driver_sql("select to_regclass('sheaf.alembic_version')").scalar() is None:
        return None
    return connection.exec_driver_sql("select version_num from sheaf.alembic_version").scalar()


def newest_version() -> str | None:
    """The schema version that this code expects."""
    return ScriptDirectory(str(_HERE)).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def prepare(url: str, role_secret: str) -> None:
    """Make an empty database ready for `pg_restore --schema=sheaf`: roles with their passwords, schemas, the extension.

    Safe to run again; `url` and `role_secret` as for `upgrade`.
    """
    _make_roles(url, role_secret)
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("set local role {}").format(_named(role_secret, OWNER)))
        connection.execute("create schema if not exists sheaf_extensions")
        connection.execute("create extension if not exists btree_gist with schema sheaf_extensions")


def _named(role_secret: str, role: str) -> sql.Identifier:
    return sql.Identifier(role_name(role_secret, role))


def _make_roles(url: str, role_secret: str) -> None:
    with psycopg.connect(url) as connection:
        # Several processes may bring one database up at once.
        connection.execute("select pg_advisory_xact_lock(7235442)")
        present = {row[0] for row in connection.execute("select rolname from pg_roles").fetchall()}
        for role in GROUP_ROLES:
            name = _named(role_secret, role)
            if role_name(role_secret, role) not in present:
                connection.execute(sql.SQL("create role {} nologin").format(name))
            connection.execute(sql.SQL("grant {} to current_user").format(name))
        for login in LOGIN_ROLES:
            name = _named(role_secret, login)
            if role_name(role_secret, login) not in present:
                connection.execute(sql.SQL("create role {} login").format(name))
            password = sql.Literal(role_password(role_secret, login))
            connection.execute(sql.SQL("alter role {} password {}").format(name, password))
        owner, everywhere = _named(role_secret, OWNER), _named(role_secret, EVERYWHERE)
        _let_see_sessions(connection, everywhere)
        connection.execute(sql.SQL("create schema if not exists sheaf authorization {}").format(owner))
        database = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("grant create on database {} to {}").format(database, owner))
        connection.execute(sql.SQL("grant usage, create on schema sheaf to {}").format(everywhere))
        for login in LOGIN_ROLES:
            connection.execute(sql.SQL("grant usage on schema sheaf to {}").format(_named(role_secret, login)))


def _let_see_sessions(connection: psycopg.Connection[tuple[object, ...]], everywhere: sql.Identifier) -> None:
    """Let the functions that see all branches see all sessions, where the server allows: status counts them."""
    try:
        with connection.transaction():
            connection.execute(sql.SQL("grant pg_read_all_stats to {}").format(everywhere))
    except psycopg.errors.InsufficientPrivilege:
        return  # not this administrator's to give: status then says that it can't see them
