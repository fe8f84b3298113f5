"""Someone in psql with a process's own password: statements as our roles, and the SQLSTATE each must end in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection, sql

from server.database.roles import API
from server.ledger.accounts import Purpose, account_id
from tests.ledger.till import write
from tests.payments.farm import Farm

FUNDING, TRANSIT = account_id("NSN", Purpose.FUNDING), account_id("NSN", Purpose.TRANSIT)
ELSEWHERE = account_id("KKN", Purpose.FUNDING)
DENIED, CHECK, FOREIGN_KEY, UNIQUE = "42501", "23514", "23503", "23505"


def run(connection: Connection[Any], statement: str, *parameters: object) -> None:
    """The statement and everything that waits for the transaction's end; all of it or nothing."""
    with connection.transaction():
        connection.execute(statement.encode(), parameters)
        connection.execute("set constraints all immediate")


def refused(connection: Connection[Any], code: str, statement: str, *parameters: object) -> None:
    """The statement ends in this SQLSTATE; nothing of it stays."""
    with pytest.raises(psycopg.Error) as caught:
        run(connection, statement, *parameters)
    assert caught.value.sqlstate == code, caught.value


def transfer_refused(
    connection: Connection[Any], code: str, kind: str, *legs: tuple[UUID, int, int], **more: UUID
) -> None:
    """The transfer ends in this SQLSTATE; nothing of it stays."""
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        write(connection, kind, *legs, **more)
    assert caught.value.sqlstate == code, caught.value


def succeeds_without(farm: Farm, drop: str, statement: str, *parameters: object) -> None:
    """The same attack of the API's role with the guard taken away: so the guard is what stops it. Rolled back."""
    with psycopg.connect(farm.url) as owner:
        owner.execute(drop.encode())
        owner.execute("set local sheaf.branches = '{1}'")
        owner.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(API)))
        for part in statement.split(";\n"):
            owner.execute(part.encode(), parameters)
        owner.execute("set constraints all immediate")
        owner.rollback()
